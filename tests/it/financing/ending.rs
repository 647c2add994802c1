//! How a request ends before a bank decided: withdrawn, expired, its consent taken back, its draft forgotten.

use application::ports::sessions::SessionKind;
use time::Duration;
use uuid::Uuid;

use super::scene;

#[tokio::test(flavor = "multi_thread")]
async fn withdrawing_and_accepting_at_once_have_one_winner() {
    let scene = scene().await;
    let id = scene.submitted().await;
    let clerk = scene.world.staff(scene.branch, "钱云诚", &["bm"]).await;
    let browser = &scene.enterprise.browser;
    let own = format!("/enterprise/applications/{id}/withdraw");
    let theirs = format!("/branch/applications/{id}/accept");
    let (ours, accept) = (
        browser.get(&own).await.expect(200),
        clerk.browser.get(&theirs).await.expect(200),
    );
    let (withdrawn, accepted) = tokio::join!(
        browser.submit_from(&ours, &own, &[("withdraw_reason", "资金计划调整")]),
        clerk.browser.submit_from(&accept, &theirs, &[]),
    );
    // Withdrawing is allowed after an acceptance too, so both may happen, but never an acceptance after a withdrawal.
    assert!(!withdrawn.status.is_server_error() && !accepted.status.is_server_error());
    let events: Vec<String> = sqlx::query_scalar("select kind from application_events where application_id = $1 and kind in ('accept', 'withdraw') order by seq")
        .bind(id.0)
        .fetch_all(&scene.world.owner)
        .await
        .expect("they are there");
    assert!(
        matches!(
            events.iter().map(String::as_str).collect::<Vec<_>>()[..],
            ["withdraw" | "accept"] | ["accept", "withdraw"]
        ),
        "{events:?}"
    );
    let last = scene.stage(id).await;
    assert_eq!(
        last == "withdrawn",
        events.last().is_some_and(|e| e == "withdraw")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_request_ends_its_consents_and_tells_the_branch() {
    let scene = scene().await;
    let id = scene.submitted().await;
    let own = format!("/enterprise/applications/{id}/withdraw");
    let browser = &scene.enterprise.browser;
    browser
        .submit(&own, &own, &[("withdraw_reason", &"长".repeat(201))])
        .await
        .expect(422)
        .says("撤回原因最多 200 个字，目前 201 个字");
    browser
        .submit(&own, &own, &[("withdraw_reason", "")])
        .await
        .expect(303);
    assert_eq!(scene.stage(id).await, "withdrawn");
    assert_eq!(scene.count("select count(*) from consents where application_id is not null and withdrawn_at is null").await, 0);
    scene.workers().deliver_once().await.expect("it runs");
    assert_eq!(
        scene
            .count(
                "select count(*) from messages where enterprise_id is null and title like '%撤回%'"
            )
            .await,
        1
    );
    browser
        .get(&format!("/enterprise/applications/{id}"))
        .await
        .expect(200)
        .says("未接单")
        .says("已撤回")
        .says("再次申请");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_nobody_accepts_is_told_of_and_expires() {
    let scene = scene().await;
    let id = scene.submitted().await;
    let workers = scene.workers();
    scene.world.clock.advance(Duration::days(20));
    assert!(
        workers.tick_once().await.expect("it runs") > 1,
        "told, and taken from the branch"
    );
    assert_eq!(scene.stage(id).await, "returned_to_hq");
    assert_eq!(workers.tick_once().await.expect("it runs"), 0, "told once");
    assert_eq!(
        scene
            .count("select count(*) from messages where title like '%接单'")
            .await,
        3
    );
    scene.world.clock.advance(Duration::days(10));
    assert_eq!(workers.tick_once().await.expect("it runs"), 1);
    assert_eq!(scene.stage(id).await, "expired");
    workers.deliver_once().await.expect("it runs");
    assert_eq!(
        scene
            .count("select count(*) from outbox where done_at is null")
            .await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_consent_tells_the_branch_and_only_the_owner_may() {
    let scene = scene().await;
    scene.submitted().await;
    let browser = &scene.enterprise.browser;
    browser
        .get("/enterprise/consents")
        .await
        .expect(200)
        .says("狮城商业银行运河支行")
        .says("版本 2026.2");
    let consent: Uuid =
        sqlx::query_scalar("select id from consents where application_id is not null limit 1")
            .fetch_one(&scene.world.owner)
            .await
            .expect("it is there");
    let page = format!("/enterprise/consents/{consent}/withdraw");
    browser.submit(&page, &page, &[]).await.expect(303);
    scene.workers().deliver_once().await.expect("it runs");
    assert_eq!(scene.count("select count(*) from messages where enterprise_id is null and title = '企业已撤回授权'").await, 1);
    let sibling = scene
        .world
        .ready_enterprise("沧州市渤沃宸化工新材料有限公司", "19900002074")
        .await;
    sibling.browser.get(&page).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_nobody_touched_for_ninety_days_goes_and_nothing_else_does() {
    let scene = scene().await;
    let sent = scene.submitted().await;
    scene.ready_to_confirm(&scene.enterprise.browser).await;
    let drafts = "select count(*) from financing_applications where stage = 'draft'";
    let workers = scene.workers();
    workers.sweep_once().await.expect("it runs");
    assert_eq!(scene.count(drafts).await, 1);
    scene
        .run("update financing_applications set updated_at = '2026-01-01', created_at = '2026-01-01'")
        .await;
    workers.sweep_once().await.expect("it runs");
    assert_eq!(scene.count(drafts).await, 0);
    assert_eq!(scene.stage(sent).await, "submitted");
    let kept = "select count(*) from sms_codes";
    scene.world.clock.advance(Duration::days(2));
    workers.sweep_once().await.expect("it runs");
    assert_eq!(scene.count(kept).await, 0);
}

impl super::Scene {
    /// Takes back every consent given for a request, as its owner does it.
    async fn withdraw_consents(&self) {
        let consents: Vec<Uuid> = sqlx::query_scalar(
            "select id from consents where application_id is not null and withdrawn_at is null",
        )
        .fetch_all(&self.world.owner)
        .await
        .expect("they are there");
        for consent in consents {
            let page = format!("/enterprise/consents/{consent}/withdraw");
            let browser = &self.enterprise.browser;
            browser.submit(&page, &page, &[]).await.expect(303);
        }
    }
}

const TICKS: [(&str, &str); 2] = [("agree_register", "1"), ("agree_enterprise_credit", "1")];

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_is_granted_anew_opens_the_dossier_again_and_tells_the_branch() {
    let scene = scene().await;
    let id = scene.submitted().await;
    let clerk = scene.world.staff(scene.branch, "钱云诚", &["bm"]).await;
    let theirs = format!("/branch/applications/{id}/full");
    clerk.browser.get(&theirs).await.expect(200);
    scene.withdraw_consents().await;
    clerk.browser.get(&theirs).await.expect(409);
    let own = format!("/enterprise/applications/{id}");
    let page = format!("{own}/consents");
    // Another browser, which has opened no text yet.
    let browser = scene
        .world
        .signed_in(
            scene.enterprise.user,
            SessionKind::Enterprise,
            journeys::CANGZHOU_HOST,
        )
        .await;
    browser.get(&own).await.expect(200).says(&page);
    browser
        .get("/enterprise/consents")
        .await
        .expect(200)
        .says(&page);
    browser
        .submit(&page, &page, &TICKS)
        .await
        .expect(422)
        .says("请先打开");
    scene.read_texts(&browser).await;
    browser
        .submit(&page, &page, &TICKS[..1])
        .await
        .expect(422)
        .says("请阅读并勾选同意");
    clerk.browser.get(&theirs).await.expect(409);
    let done = browser.submit(&page, &page, &TICKS).await.expect(303);
    assert_eq!(done.location(), own);
    clerk.browser.get(&theirs).await.expect(200);
    let noted = "select count(*) from consents where application_id is not null and withdrawn_at is null and channel = 'web'
                 and ip <> '' and purpose = 'apply' and recipient = '狮城商业银行运河支行' and length(body_hash) = 32";
    assert_eq!(scene.count(noted).await, 2);
    let before = "select count(*) from consents where application_id is not null and withdrawn_at is not null";
    assert_eq!(scene.count(before).await, 2, "what was withdrawn stays so");
    let logged = "select count(*) from audit_entries where action = 'consent.renew'";
    assert_eq!(scene.count(logged).await, 2);
    scene.workers().deliver_once().await.expect("it runs");
    let told =
        "select count(*) from messages where enterprise_id is null and title = '企业已重新授权'";
    assert_eq!(scene.count(told).await, 1);
    // Nothing is left to be granted, and what was granted may be withdrawn like any other.
    let back = browser.get(&page).await.expect(303);
    assert_eq!(back.location(), own);
    scene.withdraw_consents().await;
    clerk.browser.get(&theirs).await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_consent_of_two_granted_anew_opens_nothing() {
    let scene = scene().await;
    let id = scene.submitted().await;
    let clerk = scene.world.staff(scene.branch, "钱云诚", &["bm"]).await;
    scene.withdraw_consents().await;
    // Behind the page's back: the page itself asks for both.
    scene
        .run(
            "insert into consents (id, tenant_id, enterprise_id, user_id, agreement_code, agreement_version, agreement_title,
               body_hash, purpose, application_id, channel, granted_at)
             select gen_random_uuid(), tenant_id, enterprise_id, user_id, agreement_code, agreement_version, agreement_title,
               body_hash, purpose, application_id, channel, granted_at + interval '1 minute'
             from consents where application_id is not null and agreement_code = 'register'",
        )
        .await;
    let theirs = format!("/branch/applications/{id}/full");
    clerk.browser.get(&theirs).await.expect(409);
    // An older one that was never withdrawn does not count for a newer one that was.
    scene
        .run("update consents set granted_at = granted_at - interval '1 day' where withdrawn_at is null and application_id is not null")
        .await;
    scene
        .run("delete from consents where agreement_code <> 'register' and application_id is not null")
        .await;
    clerk.browser.get(&theirs).await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_is_granted_anew_by_the_owner_alone_and_only_while_the_request_is_under_way() {
    let scene = scene().await;
    let id = scene.submitted().await;
    scene.withdraw_consents().await;
    let page = format!("/enterprise/applications/{id}/consents");
    let sibling = scene
        .world
        .ready_enterprise("沧州市渤沃宸化工新材料有限公司", "19900002074")
        .await;
    sibling.browser.get(&page).await.expect(404);
    let clerk = scene
        .world
        .member(&scene.enterprise, "和宏屹", "19900002075", "eu")
        .await;
    let clerk = scene
        .world
        .signed_in(clerk, SessionKind::Enterprise, journeys::CANGZHOU_HOST)
        .await;
    clerk.get(&page).await.expect(403);
    clerk
        .get(&format!("/enterprise/applications/{id}"))
        .await
        .expect(200)
        .says("请由企业管理员重新授权");
    let browser = &scene.enterprise.browser;
    let form = browser.get(&page).await.expect(200);
    let own = format!("/enterprise/applications/{id}/withdraw");
    browser
        .submit(&own, &own, &[("withdraw_reason", "")])
        .await
        .expect(303);
    browser.submit_from(&form, &page, &TICKS).await.expect(303);
    let granted =
        "select count(*) from consents where application_id is not null and withdrawn_at is null";
    assert_eq!(scene.count(granted).await, 0);
}
