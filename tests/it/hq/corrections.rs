//! 更正误操作 (row 24): two people, two working days.

use super::{scene, step};

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_is_corrected_by_two_people_of_headquarters_and_both_stand_in_the_log() {
    let scene = scene().await;
    scene.refuse().await;
    let ask = scene.path("/correct");
    let fields = [("correction_reason", "经办人点错按钮，应为退回补充。")];
    // Only an administrator asks.
    scene
        .admin
        .browser
        .get(&scene.path(""))
        .await
        .expect(200)
        .says("更正误操作");
    scene.hq_approver.browser.get(&ask).await.expect(403);
    let own = scene.hq_approver.browser.get("/hq").await.expect(200);
    let all = [
        ("version", "3"),
        ("_action", "confirm"),
        ("_key", "0123456789abcdef0123"),
        fields[0],
    ];
    scene
        .hq_approver
        .browser
        .submit_from(&own, &ask, &all)
        .await
        .expect(403);
    scene.matter(&scene.admin, &ask, &fields).await.expect(303);
    assert_eq!(scene.stage().await, "rejected", "one person is not enough");
    scene.deliver().await;
    assert!(
        scene
            .titles(scene.bank, false)
            .await
            .contains(&"更正申请待复核".to_owned())
    );
    scene.second_admin.browser.get(&ask).await.expect(409);
    let id = scene
        .one("select id::text from correction_requests where application_id = $1")
        .await;
    let path = format!("/hq/corrections/{id}");
    scene
        .admin
        .browser
        .get(&path)
        .await
        .expect(409)
        .says("须由本机构另一位人员复核");
    scene.stranger.browser.get(&path).await.expect(404);
    scene.clerk.browser.get(&path).await.expect(404);
    // Whoever asked cannot confirm by hand either.
    let form = scene.hq_approver.browser.get(&path).await.expect(200);
    let version = form.input("version").expect("a version");
    let own = scene.admin.browser.get("/hq/appeals").await.expect(200);
    let all = [
        ("version", version.as_str()),
        ("verdict", "accept"),
        ("_action", "confirm"),
        ("_key", "0123456789abcdef0123"),
    ];
    scene
        .admin
        .browser
        .submit_from(&own, &path, &all)
        .await
        .expect(409);
    assert_eq!(scene.stage().await, "rejected");
    scene
        .matter(&scene.hq_approver, &path, &[("verdict", "accept")])
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "in_approval");
    let log = "select actor_name || note from application_events where application_id = $1 and kind = 'correct_mistake'";
    let log = scene.one(log).await;
    assert!(log.contains("梁承宇") && log.contains("温如岚"), "{log}");
    let page = scene
        .owner
        .browser
        .get(&format!("/enterprise/applications/{}", scene.application))
        .await
        .expect(200)
        .says("更正误操作");
    let text = page.text();
    assert!(!text.contains("点错按钮") && !text.contains("温如岚"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_too_refuses_a_correction_by_one_person() {
    let scene = scene().await;
    scene.refuse().await;
    let fields = [("correction_reason", "点错按钮。")];
    scene
        .matter(&scene.admin, &scene.path("/correct"), &fields)
        .await
        .expect(303);
    let alone = sqlx::query("update correction_requests set status = 'confirmed', settled_by = asked_by where application_id = $1")
        .bind(scene.application.0)
        .execute(&scene.world.owner)
        .await;
    assert!(alone.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_two_working_days_a_mistake_stays_and_a_refused_intake_goes_back_to_its_branch() {
    let scene = scene().await;
    scene.refuse().await;
    let ask = scene.path("/correct");
    let form = scene.admin.browser.get(&ask).await.expect(200);
    scene
        .arrange(
            "update financing_applications set decided_at = $2 - interval '9 days' where id = $1",
        )
        .await;
    let late = scene.admin.browser.get(&ask).await.expect(409);
    late.says("已超过 2 个工作日");
    let fields = [("correction_reason", "点错按钮。")];
    step(&scene.admin.browser, &form, &ask, &fields, "confirm")
        .await
        .expect(409)
        .says("已超过 2 个工作日");
    assert!(
        !scene
            .admin
            .browser
            .get(&scene.path(""))
            .await
            .expect(200)
            .text()
            .contains("更正误操作")
    );
    // The other mistake: refused intake.
    scene
        .arrange(
            "update financing_applications set stage = 'refused_intake', ever_accepted = false, decided_at = $2 where id = $1",
        )
        .await;
    scene.matter(&scene.admin, &ask, &fields).await.expect(303);
    let id = scene
        .one("select id::text from correction_requests where application_id = $1")
        .await;
    let path = format!("/hq/corrections/{id}");
    let second = &scene.second_admin;
    scene
        .matter(second, &path, &[("verdict", "accept")])
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "submitted");
    let holder = "select handler_tenant_id::text from financing_applications where id = $1";
    assert_eq!(scene.one(holder).await, scene.canal.0.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_that_the_second_person_does_not_share_changes_nothing() {
    let scene = scene().await;
    scene.refuse().await;
    let fields = [("correction_reason", "点错按钮。")];
    scene
        .matter(&scene.admin, &scene.path("/correct"), &fields)
        .await
        .expect(303);
    let id = scene
        .one("select id::text from correction_requests where application_id = $1")
        .await;
    let path = format!("/hq/corrections/{id}");
    scene
        .matter(&scene.second_admin, &path, &[("verdict", "decline")])
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "rejected");
    scene
        .hq_approver
        .browser
        .get(&path)
        .await
        .expect(409)
        .says("苏启明");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_that_waited_too_long_can_only_be_declined() {
    let scene = scene().await;
    scene.refuse().await;
    let fields = [("correction_reason", "点错按钮。")];
    scene
        .matter(&scene.admin, &scene.path("/correct"), &fields)
        .await
        .expect(303);
    let id = scene
        .one("select id::text from correction_requests where application_id = $1")
        .await;
    let path = format!("/hq/corrections/{id}");
    let second = &scene.second_admin;
    let form = second.browser.get(&path).await.expect(200);
    assert!(form.text().contains("value=\"accept\""));
    scene
        .arrange(
            "update financing_applications set decided_at = $2 - interval '9 days' where id = $1",
        )
        .await;
    let late = second.browser.get(&path).await.expect(200);
    let late = late.says("只能答复不同意");
    assert!(!late.text().contains("value=\"accept\""));
    step(
        &second.browser,
        &form,
        &path,
        &[("verdict", "accept")],
        "confirm",
    )
    .await
    .expect(409)
    .says("已超过 2 个工作日");
    scene
        .matter(second, &path, &[("verdict", "decline")])
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "rejected");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asked_for_a_correction_takes_it_back_as_long_as_nobody_has_settled_it() {
    let scene = scene().await;
    scene.refuse().await;
    let ask = scene.path("/correct");
    let fields = [("correction_reason", "点错按钮。")];
    scene.matter(&scene.admin, &ask, &fields).await.expect(303);
    let id = scene
        .one("select id::text from correction_requests where application_id = $1")
        .await;
    let path = format!("/hq/corrections/{id}");
    let back = format!("{path}/withdraw");
    let list = scene.admin.browser.get("/hq/appeals").await;
    list.expect(200).says(&back);
    // Another one settles it or leaves it, but does not take it back.
    let second = &scene.second_admin.browser;
    let seen = second.get("/hq/appeals").await.expect(200);
    assert!(!seen.text().contains(&back));
    second
        .get(&back)
        .await
        .expect(409)
        .says("只有提出人可以撤回");
    scene.stranger.browser.get(&back).await.expect(404);
    let opened = second.get(&path).await.expect(200);
    let first = &scene.admin.browser;
    let form = first.get(&back).await.expect(200);
    let long = "长".repeat(201);
    let too_long = [("withdraw_reason", long.as_str())];
    step(first, &form, &back, &too_long, "confirm")
        .await
        .expect(422)
        .says("撤回原因最多 200 个字");
    let why = [("withdraw_reason", "原审核无误")];
    // A double click takes it back once.
    for _ in 0..2 {
        step(first, &form, &back, &why, "confirm").await.expect(303);
    }
    let yes = [("verdict", "accept")];
    step(second, &opened, &path, &yes, "confirm")
        .await
        .expect(409)
        .says("已由梁承宇撤回");
    assert_eq!(scene.stage().await, "rejected");
    let kept =
        "select status || ' ' || withdrawal from correction_requests where application_id = $1";
    assert_eq!(scene.one(kept).await, "withdrawn 原审核无误");
    let noted = "select count(*)::text from audit_entries e, financing_applications a
                 where a.id = $1 and e.action = 'application.withdraw_correction' and e.outcome = 'ok'";
    assert_eq!(scene.one(noted).await, "1");
    // It may be asked for again.
    scene.matter(&scene.admin, &ask, &fields).await.expect(303);
}
