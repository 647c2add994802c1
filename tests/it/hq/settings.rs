//! 审批设置: proposed by one, confirmed by another.

use super::scene;

#[tokio::test(flavor = "multi_thread")]
async fn approval_settings_are_proposed_by_one_and_stand_once_another_confirmed() {
    let scene = scene().await;
    let path = "/hq/settings";
    let fields = [("step1", "ba"), ("step2", "hp"), ("single_step", "30")];
    let admin = &scene.admin.browser;
    admin
        .get(path)
        .await
        .expect(200)
        .says("现按平台的默认设置办理");
    // HP confirms but does not propose; a branch and another bank have nothing to do with it.
    let page = scene.hq_approver.browser.get(path).await.expect(200);
    assert!(!page.text().contains("step1"));
    let own = scene.hq_approver.browser.get("/hq").await.expect(200);
    let forced = [("_key", "0123456789abcdef0123"), fields[0]];
    scene
        .hq_approver
        .browser
        .submit_from(&own, path, &forced)
        .await
        .expect(403);
    scene.clerk.browser.get(path).await.expect(404);
    admin
        .submit(path, path, &[("step1", "hp"), ("step2", "ba")])
        .await
        .expect(422)
        .says("总行审批人之后不能再由支行审批人审批");
    admin.submit(path, path, &fields).await.expect(303);
    let workers = yijianrong::workers::Workers::new(&scene.world.parts);
    while workers.deliver_once().await.expect("it runs") > 0 {}
    let others = scene.second_admin.browser.get("/branch/messages").await;
    others
        .expect(200)
        .says("审批设置修改待复核")
        .says("请由提出人以外的人员复核");
    let set = "select count(*)::text from bank_settings where tenant_id = (select bank_id from financing_applications where id = $1)";
    assert_eq!(scene.one(set).await, "0", "it waits for a second person");
    // Nobody confirms what they proposed; nobody proposes a second change meanwhile.
    let change = scene
        .one("select c.id::text from bank_settings_changes c, financing_applications a where a.id = $1")
        .await;
    let mine = admin
        .get(path)
        .await
        .expect(200)
        .says("须由提出人以外的人员复核");
    let confirm = [
        ("_action", "confirm"),
        ("_key", "0123456789abcdef0123"),
        ("change", change.as_str()),
    ];
    admin
        .submit_from(&mine, path, &confirm)
        .await
        .expect(409)
        .says("须由本机构另一位人员复核");
    let other = scene.second_admin.browser.get(path).await.expect(200);
    assert!(!other.text().contains("step1"));
    for _ in 0..2 {
        scene
            .second_admin
            .browser
            .submit_from(
                &other,
                path,
                &[("_action", "confirm"), ("change", change.as_str())],
            )
            .await
            .expect(303);
    }
    let now = "select approval_steps::text || ' ' || single_step_up_to_cents || ' ' || version from bank_settings
               where tenant_id = (select bank_id from financing_applications where id = $1)";
    assert_eq!(scene.one(now).await, "{ba,hp} 30000000 1");
    while workers.deliver_once().await.expect("it runs") > 0 {}
    let told = admin.get("/branch/messages").await.expect(200);
    told.says("审批设置修改已生效").says("苏启明");
    let foreign = scene.stranger.browser.get("/branch/messages").await;
    assert!(!foreign.expect(200).text().contains("审批设置修改"));
    scene
        .hq_approver
        .browser
        .get(path)
        .await
        .expect(200)
        .says("支行审批人，再由总行审批人")
        .says("苏启明")
        .says("已生效");
    let foreign = scene.stranger.browser.get(path).await.expect(200);
    assert!(!foreign.text().contains("苏启明"));
    // What was settled is never rewritten, and one person alone is refused by the database as well.
    for sql in [
        "update bank_settings_changes set approval_steps = '{hp}'",
        "update bank_settings_changes set status = 'open'",
        "insert into bank_settings_changes (id, tenant_id, approval_steps, asked_by, asked_name, asked_at, status, settled_by)
         select gen_random_uuid(), tenant_id, approval_steps, asked_by, asked_name, asked_at, 'confirmed', asked_by from bank_settings_changes",
    ] {
        assert!(sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&scene.world.owner).await.is_err(), "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_proposed_settings_takes_them_back_as_long_as_nobody_has_settled_them() {
    let scene = scene().await;
    let path = "/hq/settings";
    let (first, second) = (&scene.admin.browser, &scene.second_admin.browser);
    let typed = [("step1", "ba"), ("step2", "hp"), ("single_step", "30")];
    first.submit(path, path, &typed).await.expect(303);
    // The other one settles it or leaves it, but does not take it back.
    let seen = second.get(path).await.expect(200);
    assert!(!seen.text().contains("撤回变更</button>"));
    let change = seen.input("change").expect("a change waits");
    let change = ("change", change.as_str());
    let withdraw = ("_action", "withdraw");
    second
        .submit_from(&seen, path, &[change, withdraw])
        .await
        .expect(409)
        .says("只有提出人可以撤回");
    let own = first.get(path).await.expect(200).says("撤回变更</button>");
    let long = "长".repeat(201);
    let too_long = [change, withdraw, ("withdraw_reason", long.as_str())];
    first
        .submit(path, path, &too_long)
        .await
        .expect(422)
        .says("撤回原因最多 200 个字");
    let why = ("withdraw_reason", "限额填错");
    // A double click takes it back once.
    for _ in 0..2 {
        first
            .submit_from(&own, path, &[change, withdraw, why])
            .await
            .expect(303);
    }
    let after = second.get(path).await.expect(200);
    let after = after.says("已撤回").says("撤回原因：限额填错");
    after.says("提出变更</button>");
    // What was open in another window does nothing any more, and the bank decides as before.
    second
        .submit(path, path, &[change, ("_action", "confirm")])
        .await
        .expect(409)
        .says("已由梁承宇撤回");
    let set = "select count(*)::text from bank_settings where tenant_id = (select bank_id from financing_applications where id = $1)";
    assert_eq!(scene.one(set).await, "0");
    // The settings are free for another proposal, and one that was settled is not taken back.
    first.submit(path, path, &typed).await.expect(303);
    let own = first.get(path).await.expect(200);
    let change = own.input("change").expect("a change waits");
    let change = ("change", change.as_str());
    second
        .submit(path, path, &[change, ("_action", "decline")])
        .await
        .expect(303);
    first
        .submit_from(&own, path, &[change, withdraw])
        .await
        .expect(409)
        .says("该变更已经处理");
    let noted = "select string_agg(e.detail ->> 'reason', ',') from audit_entries e, financing_applications a
                 where a.id = $1 and e.action = 'settings.withdraw' and e.outcome = 'ok'";
    assert_eq!(scene.one(noted).await, "限额填错");
    let by_another = "update bank_settings_changes set status = 'withdrawn', settled_at = now(),
       settled_by = (select id from users where id <> asked_by limit 1)";
    assert!(
        sqlx::query(by_another)
            .execute(&scene.world.owner)
            .await
            .is_err()
    );
}
