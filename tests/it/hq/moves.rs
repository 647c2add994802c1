//! 跨支行转派 (row 17): only after the enterprise agreed.

use super::{scene, step};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_branch_accepted_moves_only_after_the_enterprise_agreed() {
    let scene = scene().await;
    scene.accept().await;
    let path = scene.path("/move");
    let xinhua = scene.xinhua.0.to_string();
    let fields = [
        ("branch", xinhua.as_str()),
        ("move_reason", "客户经理调离。"),
    ];
    scene
        .admin
        .browser
        .get(&scene.path("/dispatch"))
        .await
        .expect(409);
    scene.deed(&scene.admin, "/move", &fields).await.expect(303);
    // Asked once only; nothing has moved, and it is not completed before the answer.
    let page = scene
        .second_admin
        .browser
        .get(&path)
        .await
        .expect(200)
        .says("等待企业答复");
    let browser = &scene.second_admin.browser;
    step(browser, &page, &path, &fields, "confirm")
        .await
        .expect(409)
        .says("已向企业征询转派");
    let again = browser.get(&path).await.expect(200);
    step(browser, &again, &path, &[], "complete")
        .await
        .expect(409)
        .says("企业尚未同意转派");
    assert_eq!(scene.stage().await, "accepted");
    scene.clerk.browser.get(&scene.path("")).await.expect(200);
    scene.deliver().await;
    assert!(
        scene
            .titles(scene.world.cangzhou.id, true)
            .await
            .contains(&"请确认是否更换受理支行".to_owned())
    );
    scene
        .arrange("update move_requests set status = 'agreed', answered_at = $2 where application_id = $1")
        .await;
    scene
        .admin
        .browser
        .get("/hq/dispatch")
        .await
        .expect(200)
        .says("企业已同意");
    let page = browser.get(&path).await.expect(200).says("完成转派");
    for _ in 0..2 {
        step(browser, &page, &path, &[], "complete")
            .await
            .expect(303);
    }
    assert_eq!(scene.stage().await, "submitted");
    scene.clerk.browser.get(&scene.path("")).await.expect(404);
    scene
        .xinhua_clerk
        .browser
        .get(&scene.path(""))
        .await
        .expect(200)
        .says("尚未接单");
    let done = "select status from move_requests where application_id = $1";
    assert_eq!(scene.one(done).await, "done");
    scene.deliver().await;
    assert!(
        scene
            .titles(scene.canal, false)
            .await
            .contains(&"融资需求已转派".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn not_even_by_sql_does_the_bank_say_yes_for_the_enterprise() {
    let scene = scene().await;
    scene.accept().await;
    let xinhua = scene.xinhua.0.to_string();
    let fields = [
        ("branch", xinhua.as_str()),
        ("move_reason", "客户经理调离。"),
    ];
    scene.deed(&scene.admin, "/move", &fields).await.expect(303);
    let settings = format!(
        "begin; set local role tenant_rw; select set_config('app.tenant_id', '{0}', true), set_config('app.city_id', '{1}', true),
         set_config('app.reach', '{0},{2}', true);",
        scene.bank, scene.world.cangzhou.id, scene.canal
    );
    for (status, goes) in [("agreed", false), ("declined", false), ("cancelled", true)] {
        let mut connection = scene.world.owner.acquire().await.expect("a connection");
        // AssertSqlSafe: ids of this test and fixed words.
        let sql = format!("{settings} update move_requests set status = '{status}'; rollback;");
        let done = sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(&mut *connection)
            .await;
        assert_eq!(done.is_ok(), goes, "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_called_off_and_a_branch_cannot_ask_one() {
    let scene = scene().await;
    scene.accept().await;
    let path = scene.path("/move");
    let xinhua = scene.xinhua.0.to_string();
    let fields = [
        ("branch", xinhua.as_str()),
        ("move_reason", "客户经理调离。"),
    ];
    scene.deed(&scene.admin, "/move", &fields).await.expect(303);
    let browser = &scene.admin.browser;
    let page = browser.get(&path).await.expect(200);
    step(browser, &page, &path, &[], "cancel").await.expect(303);
    assert_eq!(scene.stage().await, "accepted");
    // It may be asked anew, and the form says what became of the first question.
    browser
        .get(&path)
        .await
        .expect(200)
        .says("已取消")
        .says("转至支行");
    let head = scene.world.staff(scene.canal, "曹明远", &["bh"]).await;
    let own = head.browser.get("/branch/account").await.expect(200);
    let all = [
        ("version", "3"),
        ("_action", "confirm"),
        ("_key", "0123456789abcdef0123"),
        fields[0],
        fields[1],
    ];
    head.browser
        .submit_from(&own, &path, &all)
        .await
        .expect(404);
}
