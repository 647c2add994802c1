//! 资料授权 ends with its application, once nothing may follow it any more (B6).

use time::macros::datetime;

use super::scene::scene;

const STAND: &str =
    "select count(*) from consents where application_id is not null and withdrawn_at is null";

#[tokio::test(flavor = "multi_thread")]
async fn consents_end_with_a_refusal_when_nothing_may_follow_it_and_the_enterprise_reads_why() {
    let scene = scene().await;
    scene.accepted().await;
    let granted = scene.count(STAND).await;
    assert!(granted > 0);
    scene
        .run("update financing_applications set stage = 'rejected', due_at = null, decided_at = '2026-11-25 09:30:00+08', reason_codes = '{policy}'")
        .await;
    // Five working days with a weekend in between.
    scene.world.clock.set(datetime!(2026-12-02 09:29 +8));
    scene.tick().await;
    assert_eq!(
        scene.count(STAND).await,
        granted,
        "复议 may still be asked for"
    );
    scene.world.clock.set(datetime!(2026-12-02 09:31 +8));
    // An answer that is owed keeps them.
    scene
        .run("insert into reconsiderations (tenant_id, application_id, facts, asked_by, asked_name, asked_at)
              select tenant_id, id, '新增订单。', created_by, '顾屹舟', '2026-12-01 09:00:00+08' from financing_applications")
        .await;
    scene.tick().await;
    assert_eq!(scene.count(STAND).await, granted);
    scene
        .run("update reconsiderations set status = 'declined', settled_at = '2026-12-02 09:31:00+08'")
        .await;
    scene.tick().await;
    scene.tick().await;
    assert_eq!(scene.count(STAND).await, 0);
    let ended = "select count(*) from consents where ended_with_application and withdrawn_at = '2026-12-02 09:31:00+08'";
    assert_eq!(scene.count(ended).await, granted);
    scene
        .fresh_owner()
        .await
        .get("/enterprise/consents")
        .await
        .expect(200)
        .says("已结束")
        .says("申请已办结，2026-12-02 09:31 起不再使用");
}

#[tokio::test(flavor = "multi_thread")]
async fn consents_end_at_once_with_a_loan_that_is_repaid_and_stand_while_it_runs() {
    let scene = scene().await;
    scene.accepted().await;
    let granted = scene.count(STAND).await;
    scene
        .run("update financing_applications set stage = 'disbursed', due_at = null, approved_amount_cents = amount_cents, decided_at = submitted_at")
        .await;
    scene.tick().await;
    assert_eq!(scene.count(STAND).await, granted);
    scene
        .run("update financing_applications set stage = 'settled'")
        .await;
    scene.tick().await;
    assert_eq!(scene.count(STAND).await, 0);
}
