//! 机构考评 (O3): figures from the rollups, two people, a published month that never changes, and an institution's own.

use journeys::{Answer, Browser, StaffFixture};
use time::{Duration, macros::datetime};

use crate::clocks::scene::{Scene, scene};

const PAGE: &str = "/operator/appraisal?month=2026-11";

struct Case {
    scene: Scene,
    first: StaffFixture,
    second: StaffFixture,
    administrator: StaffFixture,
}

/// A month that is over: one request accepted in time and granted, one complaint.
async fn case() -> Case {
    let scene = scene().await;
    let world = &scene.world;
    let city = world.cangzhou.id;
    scene.accepted().await;
    scene
        .run("update financing_applications set stage = 'approved', decided_at = accepted_at")
        .await;
    let about = format!("node:{}", scene.branch);
    let form = "/enterprise/complaints/new";
    let fields = [
        ("about", about.as_str()),
        ("kind", "slow"),
        ("complaint_body", "太慢"),
    ];
    let owner = &scene.enterprise.browser;
    owner.submit(form, form, &fields).await.expect(303);
    scene.workers().count_once().await.expect("it counts");
    let (first, second) = (
        world.staff(city, "宋知远", &["op"]).await,
        world.staff(city, "路遥知", &["op"]).await,
    );
    let administrator = world.staff(scene.bank, "梁承宇", &["ha"]).await;
    world.clock.set(datetime!(2026-12-02 10:00 +8));
    Case {
        scene,
        first,
        second,
        administrator,
    }
}

async fn press(browser: &Browser, deed: &str) -> Answer {
    let path = format!("/operator/appraisal/2026-11/{deed}");
    browser.submit(&path, &path, &[]).await
}

impl Case {
    /// Put forward by one, published by the other; both with sessions of now.
    async fn published(&self) -> (Browser, Browser) {
        let first = self.scene.fresh(&self.first).await;
        let second = self.scene.fresh(&self.second).await;
        press(&first, "submit").await.expect(303);
        second.prove().await;
        press(&second, "publish").await.expect(303);
        (first, second)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_is_put_forward_by_one_and_published_by_another_with_a_fresh_proof() {
    let case = case().await;
    let first = case.scene.fresh(&case.first).await;
    let second = case.scene.fresh(&case.second).await;
    // 30 of 30, 20 of 20, 8 of 10: nothing to say about draws and ratings.
    first
        .get(PAGE)
        .await
        .expect(200)
        .says("96.7")
        .says("100.0%")
        .says("1 / 1")
        .says("1 件")
        .says("count=accepted_in_time")
        .says("计分办法");
    let early = "/operator/appraisal/2026-12/submit";
    first.get(early).await.expect(409).says("还没有结束");
    press(&first, "submit").await.expect(303);
    // A sign-in is a proof for five minutes.
    case.scene.world.clock.advance(Duration::minutes(6));
    first.prove().await;
    let own = "/operator/appraisal/2026-11/publish";
    first.get(own).await.expect(409);
    let to_prove = second.get(own).await.expect(303);
    assert!(to_prove.location().starts_with("/staff/prove"));
    let theirs = case.scene.fresh(&case.administrator).await;
    let own_page = "/hq/appraisal?month=2026-11";
    theirs.get(own_page).await.expect(200).says("还没有发布");
    second.prove().await;
    press(&second, "publish").await.expect(303);
    second.get(PAGE).await.expect(200).says("已发布");
    let gone = "/operator/appraisal/2026-11/withdraw";
    second.get(gone).await.expect(409);
    let page = theirs.get("/hq/appraisal").await.expect(200);
    let page = page.says("96.7").says("狮城商业银行");
    assert!(
        !page.text().contains("/operator/"),
        "the rows are the city's"
    );
    let deeds = "select count(distinct action) from audit_entries where action like 'appraisal.%' and outcome = 'ok'";
    assert_eq!(case.scene.count(deeds).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_complaints_opens_exactly_those_of_the_month_and_the_institution() {
    let case = case().await;
    // One more is filed after the month, and counts for the next one.
    case.scene
        .run(
            "insert into complaints (id, tenant_id, enterprise_id, enterprise_name, complaint_no, kind, body, about_id,
               about_name, bank_id, bank_name, status, filed_by, filed_at, clock_from)
             select gen_random_uuid(), tenant_id, enterprise_id, enterprise_name, complaint_no || '9', kind, '又一次', about_id,
               about_name, bank_id, bank_name, 'filed', filed_by, '2026-12-01 00:00+08', '2026-12-01 00:00+08' from complaints",
        )
        .await;
    let first = case.scene.fresh(&case.first).await;
    let page = first.get(PAGE).await.expect(200).says("1 件");
    let bank = case.scene.bank;
    let rows = format!("/operator/complaints?list=all&month=2026-11&bank={bank}");
    page.says(&format!("bank={bank}"));
    for asked in [rows.clone(), rows.replace("2026-11", "2026-12")] {
        let list = first.get(&asked).await.expect(200).text();
        let of_the_menu = list.matches("href=\"/operator/complaints/totals").count();
        let found = list.matches("href=\"/operator/complaints/").count() - of_the_menu;
        assert_eq!(found, 1, "one of each month: {asked}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_published_month_never_changes_whatever_happens_after() {
    let case = case().await;
    let (first, _) = case.published().await;
    case.scene
        .run("update financing_applications set overdue = true")
        .await;
    case.scene.workers().count_once().await.expect("it counts");
    first.get(PAGE).await.expect(200).says("96.7");
    for sql in [
        "update appraisal_scores set score_tenths = 1000",
        "delete from appraisal_scores",
        "update appraisals set published_name = '别人'",
        "delete from appraisals",
    ] {
        let refused = sqlx::query(sql).execute(&case.scene.world.owner).await;
        assert!(refused.is_err(), "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_institution_reads_its_own_and_nobody_elses() {
    let case = case().await;
    let world = &case.scene.world;
    let other = world.bank("沧海惠民银行").await;
    let stranger = world.staff(other, "梁承泽", &["ha"]).await;
    case.published().await;
    let theirs = case.scene.fresh(&stranger).await;
    let page = theirs.get("/hq/appraisal").await.expect(200);
    let page = page.says("沧海惠民银行").says("不评分");
    assert!(!page.text().contains("狮城商业银行"));
    theirs.get("/operator/appraisal").await.expect(404);
    let clerk = case.scene.fresh(&case.scene.clerk).await;
    clerk.get("/hq/appraisal").await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_put_forward_is_taken_back_and_counted_again() {
    let case = case().await;
    let first = case.scene.fresh(&case.first).await;
    press(&first, "submit").await.expect(303);
    case.scene
        .run("update financing_applications set overdue = true")
        .await;
    case.scene.workers().count_once().await.expect("it counts");
    first.get(PAGE).await.expect(200).says("96.7");
    press(&first, "withdraw").await.expect(303);
    // 0 of 30, 20 of 20, 8 of 10.
    first.get(PAGE).await.expect(200).says("46.7");
    press(&first, "submit").await.expect(303);
}
