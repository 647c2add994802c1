//! From a running loan to its renewal or to another due day, on both sides (W18, B11).

use application::ports::sessions::SessionKind;
use domain::{calendar::local_date, ids::FinancingApplicationId};
use journeys::{Browser, StaffFixture};
use time::{Date, Duration};

use super::{Scene, id_of, scene};
use crate::desk::deed;

/// 300 万元 asked for, 100 万元 drawn and confirmed, held by a clerk.
struct Lent {
    scene: Scene,
    clerk: StaffFixture,
    loan: FinancingApplicationId,
    number: String,
    draw: String,
}

impl Lent {
    /// Due in so many days.
    async fn due_in(days: i64) -> Self {
        let scene = scene().await;
        let clerk = scene.world.staff(scene.branch, "钱云诚", &["bm"]).await;
        let loan = scene.submitted().await;
        let lent = Self {
            number: scene.number_of(loan).await,
            draw: String::new(),
            scene,
            clerk,
            loan,
        };
        sqlx::query(
            "update financing_applications set stage = 'disbursed', ever_accepted = true, accepted_at = submitted_at,
               decided_at = submitted_at, due_at = null, draws = 1, approved_amount_cents = 100000000, drawn_cents = 100000000,
               holder_user_id = $2, holder_name = '钱云诚' where id = $1",
        )
        .bind(loan.0)
        .bind(lent.clerk.user.0)
        .execute(&lent.scene.world.owner)
        .await
        .expect("it is lent");
        let draw: String = sqlx::query_scalar(
            "insert into disbursements (id, tenant_id, application_id, number, amount_cents, rate, drawn_on, due_on, contract_no,
               source, at, confirmed_at)
             select gen_random_uuid(), tenant_id, id, 1, 100000000, 375, '2026-11-25', $2::date, 'HT-1', 'form', now(), now()
             from financing_applications where id = $1 returning id::text",
        )
        .bind(loan.0)
        .bind(lent.today() + Duration::days(days))
        .fetch_one(&lent.scene.world.owner)
        .await
        .expect("it is drawn");
        Self { draw, ..lent }
    }

    fn today(&self) -> Date {
        local_date(self.scene.world.parts.clock.now())
    }

    fn owner(&self) -> &Browser {
        &self.scene.enterprise.browser
    }

    fn own(&self, rest: &str) -> String {
        format!("/enterprise/applications/{}{rest}", self.loan)
    }

    fn held(&self, rest: &str) -> String {
        format!("/branch/applications/{}{rest}", self.loan)
    }

    /// What is said after 申请续贷 led back to the loan.
    async fn refused(&self, words: &str) {
        let renew = self.owner().get(&self.own("/renew")).await.expect(303);
        assert_eq!(renew.location(), self.own("/loan"));
        self.owner().follow(renew).await.expect(200).says(words);
    }

    async fn due_day(&self) -> Date {
        sqlx::query_scalar("select due_on from disbursements")
            .fetch_one(&self.scene.world.owner)
            .await
            .expect("a day")
    }

    async fn deliver(&self) {
        let workers = self.scene.workers();
        while workers.deliver_once().await.expect("it runs") > 0 {}
    }

    async fn told(&self, title: &str) -> i64 {
        self.deliver().await;
        sqlx::query_scalar("select count(*) from messages where title = $1")
            .bind(title)
            .fetch_one(&self.scene.world.owner)
            .await
            .expect("it counts")
    }

    /// Asks for another day, as typed.
    async fn ask(&self, wanted: Date) -> journeys::Answer {
        let wanted = wanted.to_string();
        let fields = [
            ("draw", self.draw.as_str()),
            ("wanted_on", wanted.as_str()),
            ("deferral_reason", "下游货款推迟支付。"),
        ];
        let page = self.own("/defer");
        self.owner().submit(&page, &page, &fields).await
    }
}

impl Scene {
    async fn number_of(&self, id: FinancingApplicationId) -> String {
        sqlx::query_scalar("select application_no from financing_applications where id = $1")
            .bind(id.0)
            .fetch_one(&self.world.owner)
            .await
            .expect("it has a number")
    }

    /// 补充材料 of the first request, one young enough to be taken over and one too old.
    async fn supplemented(&self, loan: FinancingApplicationId) {
        for (days, label) in [(10, "近期流水"), (400, "旧流水")] {
            sqlx::query(
                "insert into application_files (tenant_id, application_id, file_id, kind, label, object_key, media_type, round, added_at)
                 select tenant_id, id, $2::uuid, 'supplement', $3::text, 'none', 'image/jpeg', 1, $4::timestamptz from financing_applications where id = $1",
            )
            .bind(loan.0)
            .bind(uuid::Uuid::new_v4())
            .bind(label)
            .bind(self.world.parts.clock.now() - Duration::days(days))
            .execute(&self.world.owner)
            .await
            .expect("it was handed in");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loan_that_comes_due_is_asked_to_be_renewed_and_accepted_with_the_link_on_both_sides() {
    let lent = Lent::due_in(25).await;
    let (scene, owner) = (&lent.scene, lent.owner());
    scene.supplemented(lent.loan).await;
    let loan = owner.get(&lent.own("/loan")).await.expect(200);
    loan.says("申请续贷").says(&lent.own("/renew"));
    let way = owner.get(&lent.own("/renew")).await.expect(303);
    let form = format!("{}?renews={}", scene.form(), lent.loan);
    assert_eq!(way.location(), form);
    let page = owner.get(&form).await.expect(200);
    let page = page.says(&format!("原申请编号 {}", lent.number));
    // What is owed, and not what was asked for then.
    assert_eq!(page.input("amount").as_deref(), Some("100"));
    assert_eq!(page.input("term").as_deref(), Some("3"));
    let loan = lent.loan.to_string();
    assert_eq!(page.input("renews"), Some(loan.clone()));
    let branch = scene.branch.to_string();
    let mut typed = vec![
        ("amount", "100"),
        ("term", "3"),
        ("rate", "3.75"),
        ("branch", branch.as_str()),
        ("renews", loan.as_str()),
    ];
    // The texts of the first request are not agreed to for this one.
    let save = scene.form();
    let again = owner.submit_from(&page, &save, &typed).await.expect(422);
    again.says("草稿中已填写的内容");
    scene.read_texts(owner).await;
    typed.extend([("agree_register", "1"), ("agree_enterprise_credit", "1")]);
    owner.submit_from(&page, &save, &typed).await.expect(303);
    let check = owner.get(&scene.check()).await.expect(200);
    let done = scene.confirm(owner, &check).await.expect(303);
    let renewal = id_of(done.location());
    let number = scene.number_of(renewal).await;
    assert_ne!(number, lent.number, "it has a number of its own");

    let own = format!("/enterprise/applications/{renewal}");
    let own = owner.get(&own).await;
    own.expect(200)
        .says("原申请编号")
        .says(&lent.number)
        .says("续贷");
    let loan = owner
        .get(&lent.own("/loan"))
        .await
        .expect(200)
        .says(&number);
    assert!(!loan.text().contains(&lent.own("/renew")));
    lent.refused(&format!("已有续贷申请 {number}")).await;
    let taken: Vec<String> = sqlx::query_scalar(
        "select label from application_files where application_id = $1 and kind = 'supplement'",
    )
    .bind(renewal.0)
    .fetch_all(&scene.world.owner)
    .await
    .expect("they are read");
    assert_eq!(taken, ["近期流水（沿用原申请材料）"]);
    let texts = scene.world.cangzhou.ticked_on("apply").len();
    let granted: i64 =
        sqlx::query_scalar("select count(*) from consents where application_id = $1")
            .bind(renewal.0)
            .fetch_one(&scene.world.owner)
            .await
            .expect("it counts");
    assert_eq!(granted, i64::try_from(texts).expect("a few"));

    // The branch has it in a queue of its own, among others that renew nothing.
    let ordinary = scene
        .world
        .submitted_application(&scene.enterprise, scene.bank, scene.branch, scene.product)
        .await;
    let ordinary = scene.number_of(ordinary).await;
    let clerk = &lent.clerk.browser;
    for list in ["/branch/queue", "/branch/applications"] {
        let all = clerk.get(list).await.expect(200).says(&number);
        assert!(all.text().contains(&ordinary));
        let only = clerk.get(&format!("{list}?renewals=1")).await.expect(200);
        let only = only.says(&number).says("续贷 ·");
        assert!(!only.text().contains(&ordinary), "{list}");
    }
    let held = format!("/branch/applications/{renewal}");
    let page = clerk.get(&held).await.expect(200);
    page.says("原申请编号")
        .says(&lent.number)
        .says(&lent.held(""));
    let page = clerk.get(&lent.held("")).await.expect(200);
    page.says("续贷申请").says(&number);
    let accept = format!("{held}/accept");
    let confirm = [("_action", "confirm")];
    clerk.submit(&accept, &accept, &confirm).await.expect(303);
    assert_eq!(scene.stage(renewal).await, "accepted");
    // The database holds the one place too.
    let second =
        sqlx::query("update financing_applications set renews_id = $1 where application_no = $2")
            .bind(lent.loan.0)
            .bind(&ordinary)
            .execute(&scene.world.owner)
            .await;
    assert!(second.is_err(), "a second one for the same loan");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loan_that_is_far_from_due_or_a_strangers_is_not_renewed() {
    let lent = Lent::due_in(61).await;
    let opens = lent.today() + Duration::days(1);
    let loan = lent.owner().get(&lent.own("/loan")).await.expect(200);
    let loan = loan.says(&format!("{opens} 起，可以申请续贷"));
    assert!(!loan.text().contains(&lent.own("/renew")));
    lent.refused("未到续贷时间").await;
    let form = format!("{}?renews={}", lent.scene.form(), lent.loan);
    lent.owner()
        .get(&form)
        .await
        .expect(409)
        .says("未到续贷时间");
    let world = &lent.scene.world;
    let stranger = world.ready_enterprise("沧州市渤沃宸化工新材料有限公司", "19900002074");
    let stranger = stranger.await.browser;
    for path in [form.clone(), lent.own("/renew"), lent.own("/defer")] {
        stranger.get(&path).await.expect(404);
    }
    world.clock.advance(Duration::days(1));
    let host = "cangzhou.localhost";
    let later = world.signed_in(lent.scene.enterprise.user, SessionKind::Enterprise, host);
    let way = later.await.get(&lent.own("/renew")).await.expect(303);
    assert_eq!(way.location(), form, "sixty days are sixty days");
    // A branch that no longer carries the product offers what else it has.
    let (bank, branch) = (lent.scene.bank, lent.scene.branch);
    let other = world.product(bank, "园区信用贷", &[branch]).await;
    sqlx::query("update products set status = 'off_shelf' where id = $1")
        .bind(lent.scene.product.0)
        .execute(&world.owner)
        .await
        .expect("it is off the shelf");
    let later = world.signed_in(lent.scene.enterprise.user, SessionKind::Enterprise, host);
    let page = later.await.get(&lent.own("/renew")).await.expect(200);
    page.says(&format!("/enterprise/apply/{other}?renews={}", lent.loan));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enterprise_hears_once_at_each_step_that_it_may_ask_for_a_renewal_and_its_branch_does_not()
 {
    let lent = Lent::due_in(61).await;
    let workers = lent.scene.workers();
    let mut left = 61;
    for (days, heard) in [(61, 0), (60, 1), (59, 1), (30, 2), (16, 2), (15, 3), (8, 3)] {
        lent.scene.world.clock.advance(Duration::days(left - days));
        left = days;
        for _ in 0..2 {
            workers.hourly_once().await.expect("it runs");
        }
        let told = lent.told("贷款可以申请续贷").await;
        assert_eq!(told, heard, "{days} days before");
    }
    let leads = "select count(*) from messages where title = '贷款可以申请续贷' and enterprise_id is not null
       and link like '/enterprise/applications/%/renew'";
    assert_eq!(lent.scene.count(leads).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_invites_once_at_each_step_and_the_enterprise_is_led_to_the_form() {
    let lent = Lent::due_in(25).await;
    let world = &lent.scene.world;
    let (list, invite) = (
        "/branch/loans/due",
        format!("/branch/loans/{}/invite", lent.loan),
    );
    let clerk = &lent.clerk.browser;
    let near = clerk.get("/branch/loans/due?within=15").await.expect(200);
    assert!(!near.text().contains(&lent.number), "not within 15 days");
    // Whoever does not hold it finds it without the button; another branch does not find it.
    let key = [("_key", "0123456789abcdef0123")];
    let colleague = world.staff(lent.scene.branch, "时嘉宁", &["bm"]).await;
    let colleague = colleague.browser;
    let page = colleague.get(list).await.expect(200).says(&lent.number);
    assert!(!page.text().contains(&invite));
    colleague.submit(list, &invite, &key).await.expect(409);
    let elsewhere = world.branch(lent.scene.bank, "狮城商业银行新华支行");
    let elsewhere = world
        .staff(elsewhere.await, "米嘉禾", &["bm"])
        .await
        .browser;
    let page = elsewhere.get(list).await.expect(200);
    assert!(!page.text().contains(&lent.number));
    elsewhere.submit(list, &invite, &key).await.expect(404);
    // Nothing of it goes on while it is held.
    lent.scene
        .run("update financing_applications set frozen = true")
        .await;
    let page = clerk.get(list).await.expect(200).says("已冻结");
    assert!(!page.text().contains(&invite));
    lent.scene
        .run("update financing_applications set frozen = false")
        .await;
    let [page, again] = [clerk.get(list).await, clerk.get(list).await];
    let page = page
        .expect(200)
        .says(&lent.number)
        .says("25 天后到期")
        .says("邀请续贷");
    clerk.submit_from(&page, &invite, &[]).await.expect(303);
    clerk
        .submit_from(&again, &invite, &[])
        .await
        .expect(409)
        .says("30 天内到期的续贷邀请已经发出");
    let page = clerk
        .get(list)
        .await
        .expect(200)
        .says("已邀请")
        .says("钱云诚");
    assert!(!page.text().contains(&invite));
    assert_eq!(lent.told("受理支行邀请您续贷").await, 1);
    let leads = "select count(*) from messages where enterprise_id is not null and link like '/enterprise/applications/%/renew'";
    assert_eq!(lent.scene.count(leads).await, 1);
    let sms = "select count(*) from demo_inbox where text like '%邀请您续贷%1,000,000.00 元%'";
    assert_eq!(lent.scene.count(sms).await, 1);
    // The next step is one more word.
    world.clock.advance(Duration::days(12));
    let host = "cangzhou.localhost";
    let clerk = world
        .signed_in(lent.clerk.user, SessionKind::Staff, host)
        .await;
    let page = clerk.get(list).await.expect(200).says("13 天后到期");
    clerk.submit_from(&page, &invite, &[]).await.expect(303);
    assert_eq!(lent.told("受理支行邀请您续贷").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agreed_deferral_takes_two_people_and_moves_the_day_and_what_reminds_of_it() {
    let lent = Lent::due_in(20).await;
    let world = &lent.scene.world;
    let due = lent.due_day().await;
    let (wanted, new) = (due + Duration::days(30), due + Duration::days(20));
    lent.ask(due).await.expect(422).says("新的到期日期应晚于");
    lent.ask(due + Duration::days(367))
        .await
        .expect(422)
        .says("应不晚于");
    lent.ask(wanted).await.expect(303);
    let second = lent.owner().get(&lent.own("/defer")).await.expect(303);
    let page = lent.owner().follow(second).await.expect(200);
    page.says("已有一项延期申请在办理").says("待支行答复");
    assert_eq!(lent.told("企业申请延期还款").await, 1);

    let (answer, check) = (lent.held("/answer-deferral"), lent.held("/check-deferral"));
    let clerk = &lent.clerk.browser;
    clerk
        .get(&lent.held(""))
        .await
        .expect(200)
        .says("企业申请延期还款，请答复");
    let colleague = world.staff(lent.scene.branch, "时嘉宁", &["bm"]).await;
    colleague.browser.get(&answer).await.expect(403);
    let day = new.to_string();
    let fields = [("verdict", "accept"), ("new_due_on", day.as_str())];
    deed(clerk, &answer, &fields).await.expect(303);
    assert_eq!(lent.due_day().await, due, "one person is not enough");
    clerk
        .get(&check)
        .await
        .expect(409)
        .says("须由另一位人员复核");
    let page = lent.owner().get(&lent.own("/loan")).await.expect(200);
    let page = page.says("待支行答复");
    assert!(
        !page.text().contains(&day),
        "it is the bank's own until it is agreed"
    );
    let approver = world.staff(lent.scene.branch, "邬志航", &["ba"]).await;
    deed(&approver.browser, &check, &[("verdict", "accept")])
        .await
        .expect(303);
    assert_eq!(lent.due_day().await, new);
    let still = "select count(*) from disbursements where confirmed_at is not null";
    assert_eq!(
        lent.scene.count(still).await,
        1,
        "nothing is to be confirmed anew"
    );
    let page = lent.owner().get(&lent.own("/loan")).await.expect(200);
    page.says("已同意延期").says(&day);
    let page = clerk.get(&lent.held("")).await.expect(200);
    page.says("已同意延期").says("邬志航");
    assert_eq!(lent.told("支行同意延期").await, 1);
    assert_eq!(lent.told("延期已生效").await, 1);

    // A week before the old day nobody is told; a week before the new one both are.
    let workers = lent.scene.workers();
    for (before, told) in [(due, 0), (new, 2)] {
        let moment = before - Duration::days(6);
        world
            .clock
            .set(moment.midnight().assume_offset(domain::calendar::SHANGHAI) + Duration::hours(10));
        workers.hourly_once().await.expect("it runs");
        let near = lent.told("贷款即将到期").await + lent.told("在贷融资即将到期").await;
        assert_eq!(near, told, "{before}");
    }
    let forged = "select has_table_privilege('tenant_rw', 'loan_deferrals', 'insert')::int::bigint";
    assert_eq!(lent.scene.count(forged).await, 0, "only an enterprise asks");
    for alone in [
        "update disbursements set due_on = due_on + 30",
        "update loan_deferrals set checked_by = answered_by",
        "update disbursements set amount_cents = 1, due_on = due_on",
    ] {
        let done = sqlx::query(alone).execute(&world.owner).await;
        assert!(done.is_err(), "{alone}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deferral_is_declined_with_a_reason_or_taken_back_and_the_day_stays() {
    let lent = Lent::due_in(20).await;
    let due = lent.due_day().await;
    lent.ask(due + Duration::days(30)).await.expect(303);
    let answer = lent.held("/answer-deferral");
    let clerk = &lent.clerk.browser;
    deed(clerk, &answer, &[("verdict", "decline")])
        .await
        .expect(422)
        .says("请写明原因");
    let fields = [
        ("verdict", "decline"),
        ("deferral_answer", "抵押登记将到期，不能延期。"),
    ];
    deed(clerk, &answer, &fields).await.expect(303);
    let page = lent.owner().get(&lent.own("/loan")).await.expect(200);
    page.says("未同意延期").says("抵押登记将到期，不能延期。");
    assert_eq!(lent.told("支行未同意延期").await, 1);
    clerk
        .get(&answer)
        .await
        .expect(409)
        .says("没有等待处理的延期申请");
    // Another one may be asked for, and taken back as long as nobody has answered.
    lent.ask(due + Duration::days(40)).await.expect(303);
    let (page, back) = (lent.own("/loan"), lent.own("/defer/withdraw"));
    lent.owner().submit(&page, &back, &[]).await.expect(303);
    let page = lent.owner().get(&page).await.expect(200);
    page.says("企业已撤回");
    assert_eq!(lent.due_day().await, due);
    let open = "select count(*) from loan_deferrals where status = 'open'";
    assert_eq!(lent.scene.count(open).await, 0);
}
