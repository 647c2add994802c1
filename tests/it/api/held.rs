//! 待核身 without the person in front of a screen: whose check counts, what goes on, what is a draft again, and who is told.

use journeys::PASSWORD;
use serde_json::json;
use time::Duration;
use yijianrong::workers::Workers;

use super::{
    Phone,
    apply::{KEY, Scene, ready},
};

const DRAFTS: &str = "/enterprise/applications/drafts";
const GIVEN_BACK: &str = "待核身的融资需求已退回草稿";

/// Nobody is verified, and one request waits.
async fn waiting() -> (Scene, String) {
    let scene = ready().await;
    scene.verified(None).await;
    let draft = scene.held("300", KEY).await;
    (scene, draft)
}

/// An operator's phone in place of the owner's, and the operator.
async fn by_an_operator() -> (Scene, domain::ids::UserId) {
    let mut scene = ready().await;
    scene.verified(None).await;
    let phone = "19900002038";
    let member = scene.world.member(&scene.enterprise, "时嘉宁", phone, "eu");
    let member = member.await;
    scene.phone = Phone::new(&scene.world);
    scene.phone.sign_in(phone, PASSWORD).await.expect(200);
    (scene, member)
}

impl Scene {
    async fn held(&self, amount: &str, key: &str) -> String {
        let (draft, version) = self.draft(amount).await;
        let held = self.apply(&self.phone, &draft, version, key).await;
        assert_eq!(held.expect(200)["state"], "pending_face");
        draft
    }

    async fn tick(&self) {
        let workers = Workers::new(&self.world.parts);
        workers.tick_once().await.expect("a round");
    }

    async fn passes(&self) {
        let now = self.world.parts.clock.now();
        self.verified(Some(now)).await;
    }

    async fn told(&self) -> Vec<(String, String)> {
        sqlx::query_as("select title, body from messages where title = $1")
            .bind(GIVEN_BACK)
            .fetch_all(&self.world.owner)
            .await
            .expect("messages")
    }

    async fn run(&self, sql: &'static str) {
        let ran = sqlx::raw_sql(sql).execute(&self.world.owner).await;
        ran.expect("the statement runs");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_request_goes_on_once_the_owner_has_passed() {
    let (scene, member) = by_an_operator().await;
    let draft = scene.held("300", KEY).await;
    scene.tick().await;
    assert_eq!(scene.stage(&draft).await.0, "pending_face");
    scene.passes().await;
    scene.tick().await;
    assert_eq!(scene.stage(&draft).await.0, "submitted");
    let givers: Vec<uuid::Uuid> =
        sqlx::query_scalar("select user_id from consents where application_id = $1::uuid")
            .bind(&draft)
            .fetch_all(&scene.world.owner)
            .await
            .expect("consents");
    assert!(!givers.is_empty() && givers.iter().all(|one| *one == member.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_submit_no_more_finds_a_draft_and_a_message() {
    let (scene, _) = by_an_operator().await;
    let draft = scene.held("300", KEY).await;
    scene
        .run("update users set roles = '{ev}' where roles = '{eu}'")
        .await;
    scene.passes().await;
    scene.tick().await;
    assert_eq!(scene.stage(&draft).await.0, "draft");
    let told = scene.told().await;
    assert!(
        told.len() == 1 && told[0].1.contains("提交人已不能提交"),
        "{told:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_that_nobody_confirmed_is_a_draft_again_and_the_reason_is_told() {
    let (scene, first) = waiting().await;
    scene.world.clock.advance(Duration::minutes(1));
    let second = scene.held("200", "the-second-request-0123").await;
    scene.passes().await;
    scene.tick().await;
    assert_eq!(scene.stage(&first).await.0, "submitted");
    assert_eq!(scene.stage(&second).await.0, "draft");
    let told = scene.told().await;
    assert!(
        told.len() == 1 && told[0].1.contains("已有办理中"),
        "{told:?}"
    );
    scene.tick().await;
    assert_eq!(scene.told().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_somebody_holds_locked_is_tried_again() {
    let (scene, draft) = waiting().await;
    scene.passes().await;
    let mut busy = scene.world.owner.begin().await.expect("a transaction");
    sqlx::query("select from financing_applications where id = $1::uuid for update")
        .bind(&draft)
        .execute(&mut *busy)
        .await
        .expect("it is locked");
    scene.tick().await;
    busy.rollback().await.expect("it is free");
    assert_eq!(scene.stage(&draft).await.0, "pending_face");
    scene.tick().await;
    assert_eq!(scene.stage(&draft).await.0, "submitted");
    assert_eq!(scene.told().await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_keeps_no_other_waiting() {
    let (scene, first) = waiting().await;
    scene.world.clock.advance(Duration::minutes(1));
    let second = scene.held("200", "the-second-request-0123").await;
    scene
        .run(
            "create function planted() returns trigger language plpgsql as $$ begin raise exception 'planted'; end $$;
             create trigger planted before update on financing_applications for each row
               when (old.amount_cents = 300000000 and new.stage = 'submitted') execute function planted()",
        )
        .await;
    scene.passes().await;
    scene.tick().await;
    assert_eq!(scene.stage(&first).await.0, "pending_face");
    assert_eq!(scene.stage(&second).await.0, "submitted");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_day_without_a_check_it_is_a_draft_again_and_the_enterprise_is_told() {
    let (scene, draft) = waiting().await;
    scene.world.clock.advance(Duration::hours(23));
    scene.tick().await;
    assert_eq!(scene.stage(&draft).await.0, "pending_face");
    scene.world.clock.advance(Duration::hours(1));
    scene.tick().await;
    assert_eq!(scene.stage(&draft).await.0, "draft");
    let told = scene.told().await;
    assert!(told.len() == 1 && told[0].1.contains("24 小时"), "{told:?}");
    let form = format!("/api/v1/products/{}/application-form", scene.product);
    let mut phone = scene.phone.clone();
    phone.renew().await.expect(200);
    let form = phone.get(&form).await.expect(200);
    assert_eq!(form["typed"]["amount"], json!("300"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_drafts_shows_what_waits_and_gives_it_back() {
    let (scene, draft) = waiting().await;
    let browser = &scene.enterprise.browser;
    let page = browser.get(DRAFTS).await.expect(200);
    let page = page.says("待核身").says("草稿（1）");
    assert!(page.text().contains("/enterprise/face"));
    let leave = format!("{DRAFTS}/{draft}/leave");
    assert!(page.text().contains(&leave));
    let back = browser.submit(&leave, &leave, &[]).await.expect(303);
    assert_eq!(back.location(), DRAFTS);
    assert_eq!(scene.stage(&draft).await.0, "draft");
    browser.get(DRAFTS).await.expect(200).says("继续填写");
    browser.get(&leave).await.expect(404);
}
