//! 到期提醒: seven days and one day before principal is due, and once it is past, both sides are told once; and the lists of what runs.

use std::sync::Arc;

use application::city::{Cities, City};
use domain::ids::{FinancingApplicationId, TenantId};
use time::{OffsetDateTime, macros::datetime};
use yijianrong::workers::Workers;

use super::scene::{Scene, scene};

impl Scene {
    async fn lent(&self) -> FinancingApplicationId {
        let id = self.accepted().await;
        self.lend(id).await;
        id
    }

    async fn lend(&self, id: FinancingApplicationId) {
        sqlx::query(
            "update financing_applications set stage = 'disbursed', ever_accepted = true,
               accepted_at = coalesce(accepted_at, submitted_at), decided_at = coalesce(accepted_at, submitted_at), due_at = null, draws = 2,
               approved_amount_cents = 300000000, drawn_cents = 300000000 where id = $1",
        )
        .bind(id.0)
        .execute(&self.world.owner)
        .await
        .expect("it is lent");
        for (number, cents, due_on) in [
            (1, 100_000_000_i64, "2026-12-03"),
            (2, 200_000_000, "2027-11-25"),
        ] {
            sqlx::query(
                "insert into disbursements (id, tenant_id, application_id, number, amount_cents, rate, drawn_on, due_on, contract_no,
                   source, at)
                 select gen_random_uuid(), tenant_id, id, $2, $3, 375, '2026-11-25', $4::date, 'HT-' || $2, 'form', now()
                 from financing_applications where id = $1",
            )
            .bind(id.0)
            .bind(number)
            .bind(cents)
            .bind(due_on)
            .execute(&self.world.owner)
            .await
            .expect("it is drawn");
        }
    }

    /// Two rounds of the hour at this moment; what the enterprise and the branch were told of due days since the beginning.
    async fn told_at(&self, moment: OffsetDateTime) -> [usize; 2] {
        self.world.clock.set(moment);
        for _ in 0..2 {
            self.workers().hourly_once().await.expect("it runs");
        }
        self.deliver().await;
        let city = self.world.cangzhou.id;
        let of = |titles: Vec<String>| titles.iter().filter(|t| t.contains("到期")).count();
        [
            of(self.titles(city, true).await),
            of(self.titles(self.branch, false).await),
        ]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_due_day_is_told_a_week_and_a_day_before_and_once_it_is_past_until_it_is_repaid() {
    let scene = scene().await;
    let id = scene.lent().await;
    assert_eq!(scene.told_at(datetime!(2026-11-25 10:00 +8)).await, [0, 0]);
    assert_eq!(scene.told_at(datetime!(2026-11-26 10:00 +8)).await, [1, 1]);
    assert_eq!(scene.told_at(datetime!(2026-11-30 10:00 +8)).await, [1, 1]);
    let sms = |texts: &[String]| {
        texts
            .iter()
            .filter(|t| t.contains("1,000,000.00 元"))
            .count()
    };
    assert_eq!(sms(&scene.texts().await), 1, "the enterprise's phone alone");
    assert_eq!(scene.told_at(datetime!(2026-12-02 10:00 +8)).await, [2, 2]);
    assert_eq!(sms(&scene.texts().await), 3, "and the holder's");
    assert_eq!(scene.told_at(datetime!(2026-12-04 10:00 +8)).await, [3, 3]);
    assert_eq!(scene.told_at(datetime!(2026-12-09 10:00 +8)).await, [3, 3]);
    // Both sides find it, the longest due first.
    let owner = scene.fresh_owner().await;
    let own = owner.get("/enterprise/loans").await.expect(200);
    own.says("已到期 6 天")
        .says("2026-12-03")
        .says(&format!("/enterprise/applications/{id}/loan"));
    owner
        .get("/enterprise")
        .await
        .expect(200)
        .says("1 笔已过到期日");
    let clerk = scene.fresh(&scene.clerk).await;
    let book = clerk.get("/branch/loans").await.expect(200);
    book.says("已到期 6 天").says("100.00").says("300.00");
    let repaid = "insert into repayments (id, tenant_id, application_id, principal_cents, paid_on, balance_cents, source, at)
         select gen_random_uuid(), tenant_id, id, 100000000, '2026-12-09', 200000000, 'form', now() from financing_applications";
    scene.run(repaid).await;
    // What comes next is the second draw, far away.
    let book = clerk.get("/branch/loans").await.expect(200);
    let text = book.says("2027-11-25").text();
    assert!(!text.contains("已到期 6 天"));
    assert_eq!(scene.told_at(datetime!(2026-12-10 10:00 +8)).await, [3, 3]);
    // Beyond the last page the list begins anew, instead of telling that there is none.
    let clerk = scene.fresh(&scene.clerk).await;
    let owner = scene.fresh_owner().await;
    let beyond = clerk.get("/branch/loans?page=9").await.expect(303);
    assert_eq!(beyond.location(), "/branch/loans");
    let beyond = owner.get("/enterprise/loans?page=9").await.expect(303);
    assert_eq!(beyond.location(), "/enterprise/loans");
    // Another branch of the bank has no loan of its own; headquarters sees all.
    let alone = scene.world.branch(scene.bank, "狮城商业银行新华支行").await;
    let other = scene.world.staff(alone, "时嘉宁", &["bm"]).await;
    let empty = scene.fresh(&other).await.get("/branch/loans").await;
    empty.expect(200).says("现在没有在贷融资");
    let admin = scene.world.staff(scene.bank, "梁承宇", &["ha"]).await;
    let all = scene.fresh(&admin).await.get("/branch/loans").await;
    all.expect(200).says("2027-11-25");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draw_to_confirm_is_found_however_many_requests_came_after_it() {
    let scene = scene().await;
    let id = scene.lent().await;
    let world = &scene.world;
    for _ in 0..12 {
        let later = world
            .submitted_application(&scene.enterprise, scene.bank, scene.branch, scene.product)
            .await;
        sqlx::query("update financing_applications set stage = 'approved', ever_accepted = true, submitted_at = submitted_at + interval '1 hour' where id = $1")
            .bind(later.0)
            .execute(&world.owner)
            .await
            .expect("it is approved");
    }
    let home = scene.fresh_owner().await.get("/enterprise").await;
    home.expect(200)
        .says("有放款待您确认")
        .says(&format!("/enterprise/applications/{id}/loan"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loan_of_which_nobody_can_be_told_keeps_no_other_from_being_told_of() {
    let scene = scene().await;
    scene.lent().await;
    let world = &scene.world;
    let later = world
        .submitted_application(&scene.enterprise, scene.bank, scene.branch, scene.product)
        .await;
    scene.lend(later).await;
    sqlx::raw_sql(
        "create function planted() returns trigger language plpgsql as $$ begin
           if new.dedupe_key like 'loan-due:%:' || (select min(id::text) from financing_applications) || ':%'
           then raise exception 'planted'; end if;
           return new; end $$;
         create trigger planted before insert on messages for each row execute function planted()",
    )
    .execute(&world.owner)
    .await
    .expect("it is planted");
    world.clock.set(datetime!(2026-11-26 10:00 +8));
    for _ in 0..2 {
        let hour = scene.workers().hourly_once().await;
        hour.expect_err("the failure is told");
        let told = "select count(*) from messages where dedupe_key like 'loan-due:%'";
        assert_eq!(scene.count(told).await, 2, "of the other loan, both sides");
    }
}

/// Cities of which one, looked at first, breaks whoever asks for it.
struct Breaking {
    cities: Arc<dyn Cities>,
    broken: TenantId,
}

impl Cities for Breaking {
    fn by_host(&self, host: &str) -> Option<Arc<City>> {
        self.cities.by_host(host)
    }

    fn by_id(&self, id: TenantId) -> Option<Arc<City>> {
        assert_ne!(id, self.broken, "planted");
        self.cities.by_id(id)
    }

    fn all(&self) -> Vec<Arc<City>> {
        let mut all = self.cities.all();
        all.sort_by_key(|city| city.id != self.broken);
        all
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_city_whose_hour_breaks_takes_it_from_no_other() {
    let scene = scene().await;
    scene.lent().await;
    scene.world.clock.set(datetime!(2026-11-26 10:00 +8));
    let mut parts = scene.world.parts.clone();
    parts.cities = Arc::new(Breaking {
        cities: parts.cities.clone(),
        broken: scene.world.other.id,
    });
    let hour = Workers::new(&parts).hourly_once().await;
    let error = hour.expect_err("it is told").to_string();
    assert!(error.contains("panicked"), "{error}");
    let told = "select count(*) from messages where dedupe_key like 'loan-due:%'";
    assert_eq!(scene.count(told).await, 2);
}
