//! 复议 (row 23): taken up or answered by the approver of headquarters.

use super::{scene, step};

#[tokio::test(flavor = "multi_thread")]
async fn the_approver_of_headquarters_takes_up_an_appeal_and_the_approval_starts_anew() {
    let scene = scene().await;
    scene.refuse().await;
    scene.appeal().await;
    scene.steps(&["ba", "hp"]).await;
    scene
        .hq_approver
        .browser
        .get("/hq")
        .await
        .expect(200)
        .says("复议申请");
    scene
        .hq_approver
        .browser
        .get("/hq/appeals")
        .await
        .expect(200)
        .says("新签订单");
    sqlx::query(
        "insert into application_files (tenant_id, application_id, file_id, kind, label, object_key, media_type, round, added_at)
         select tenant_id, id, gen_random_uuid(), 'reconsideration', '复议材料 1', 'none', 'image/jpeg', 0, now()
         from financing_applications where id = $1",
    )
    .bind(scene.application.0)
    .execute(&scene.world.owner)
    .await
    .expect("the material is there");
    let path = format!("/hq/appeals/{}", scene.application);
    // The administrator reads it but does not settle it; another bank does not know of it; nor does the branch settle it.
    scene.admin.browser.get(&path).await.expect(409);
    scene.stranger.browser.get(&path).await.expect(404);
    scene.clerk.browser.get(&path).await.expect(404);
    let form = scene
        .hq_approver
        .browser
        .get(&path)
        .await
        .expect(200)
        .says("流水不足")
        .says("查看材料")
        .says("支行审批人，再由总行审批人");
    let browser = &scene.hq_approver.browser;
    step(browser, &form, &path, &[], "confirm")
        .await
        .expect(422)
        .says("请选择处理意见");
    step(browser, &form, &path, &[("verdict", "decline")], "confirm")
        .await
        .expect(422)
        .says("不受理时请填写答复");
    scene
        .matter(&scene.hq_approver, &path, &[("verdict", "accept")])
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "in_approval");
    let steps = "select (approval -> 'steps')::text || reconsidered::text from financing_applications where id = $1";
    assert_eq!(scene.one(steps).await, "[\"ba\", \"hp\"]true");
    let facts =
        "select note from application_events where application_id = $1 and kind = 'reconsider'";
    assert!(scene.one(facts).await.contains("新签订单"));
    let settled =
        "select status || ' ' || settled_name from reconsiderations where application_id = $1";
    assert_eq!(scene.one(settled).await, "accepted 温如岚");
    // Once settled, a form left open is told by whom.
    step(browser, &form, &path, &[("verdict", "accept")], "confirm")
        .await
        .expect(409);
    // The enterprise reads that it goes on, and not what is proposed among the bank's people.
    let page = scene
        .owner
        .browser
        .get(&format!("/enterprise/applications/{}", scene.application))
        .await
        .expect(200)
        .says("复议");
    assert!(!page.text().contains("拟批准"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_that_is_not_taken_up_is_answered_and_nothing_moves() {
    let scene = scene().await;
    scene.refuse().await;
    scene.appeal().await;
    let path = format!("/hq/appeals/{}", scene.application);
    let fields = [
        ("verdict", "decline"),
        ("appeal_note", "新订单尚未履约，请履约后再申请。"),
    ];
    scene
        .matter(&scene.hq_approver, &path, &fields)
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "rejected");
    scene.deliver().await;
    assert!(
        scene
            .titles(scene.world.cangzhou.id, true)
            .await
            .contains(&"复议申请未被受理".to_owned())
    );
    let note = "select note from reconsiderations where application_id = $1";
    assert!(scene.one(note).await.contains("尚未履约"));
    scene.hq_approver.browser.get(&path).await.expect(409);
    scene
        .hq_approver
        .browser
        .get("/hq/appeals")
        .await
        .expect(200)
        .says("现在没有待处理的复议申请");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_standing_consent_no_appeal_is_taken_up() {
    let scene = scene().await;
    scene.refuse().await;
    scene.appeal().await;
    sqlx::query("update consents set withdrawn_at = now()")
        .execute(&scene.world.owner)
        .await
        .expect("it is withdrawn");
    let path = format!("/hq/appeals/{}", scene.application);
    let form = scene.hq_approver.browser.get(&path).await.expect(200);
    step(
        &scene.hq_approver.browser,
        &form,
        &path,
        &[("verdict", "accept")],
        "confirm",
    )
    .await
    .expect(409)
    .says("企业已撤回为本次申请作出的授权");
    assert_eq!(scene.stage().await, "rejected");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_renewal_whose_place_another_one_took_is_only_answered() {
    let scene = scene().await;
    scene.refuse().await;
    scene.appeal().await;
    let other = scene.another(scene.canal).await;
    sqlx::query("update financing_applications set renews_id = $1 where id = any($2)")
        .bind(uuid::Uuid::new_v4())
        .bind(vec![scene.application.0, other.0])
        .execute(&scene.world.owner)
        .await
        .expect("both renew one loan");
    let path = format!("/hq/appeals/{}", scene.application);
    let taken_up = scene
        .matter(&scene.hq_approver, &path, &[("verdict", "accept")])
        .await;
    taken_up.expect(409).says("另行提交续贷申请");
    assert_eq!(scene.stage().await, "rejected");
    let fields = [
        ("verdict", "decline"),
        ("appeal_note", "请以新的申请为准。"),
    ];
    let answered = scene.matter(&scene.hq_approver, &path, &fields).await;
    answered.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_that_the_program_of_before_asks_for_anew_counts_from_its_moment() {
    let scene = scene().await;
    scene.refuse().await;
    let since = "select coalesce(decision_since = updated_at, false)::text from financing_applications where id = $1";
    assert_eq!(scene.one(since).await, "false");
    let told =
        "update financing_applications set stage = 'in_approval', updated_at = $2 where id = $1";
    scene.arrange(told).await;
    assert_eq!(scene.one(since).await, "true");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_reads_of_an_appeal_and_is_led_to_what_opens() {
    let scene = scene().await;
    scene.refuse().await;
    scene.appeal().await;
    let (settle, own) = (
        format!("/hq/appeals/{}", scene.application),
        scene.path("\""),
    );
    let list = scene.admin.browser.get("/hq/appeals").await.expect(200);
    let text = list.says("复议申请由总行审批人处理").text();
    assert!(!text.contains(&settle) && text.contains(&own), "{text}");
    let list = scene.hq_approver.browser.get("/hq/appeals").await;
    let text = list.expect(200).text();
    assert!(text.contains(&settle) && !text.contains("由总行审批人处理"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asked_for_a_correction_is_not_led_to_confirm_it() {
    let scene = scene().await;
    scene.refuse().await;
    let ask = scene.path("/correct");
    let fields = [("correction_reason", "点错按钮。")];
    scene.matter(&scene.admin, &ask, &fields).await.expect(303);
    let own = scene.admin.browser.get("/hq/appeals").await.expect(200);
    let own = own.says("您提出的，由另一位人员复核").text();
    let led: Vec<&str> = own.split("/hq/corrections/").skip(1).collect();
    let back = led.iter().filter(|href| href.contains("/withdraw\""));
    assert_eq!((led.len(), back.count()), (1, 1), "{own}");
    let second = scene.second_admin.browser.get("/hq/appeals").await;
    assert!(second.expect(200).text().contains("/hq/corrections/"));
}
