//! 转派 and 改派 (rows 7, 9 and 10): to another branch, once, with a reason.

use super::{scene, step};

#[tokio::test(flavor = "multi_thread")]
async fn headquarters_sends_a_waiting_request_elsewhere_and_the_old_branch_loses_it_in_that_moment()
{
    let scene = scene().await;
    let xinhua = scene.xinhua.0.to_string();
    // The old branch has its acceptance form open.
    let accept = scene.path("/accept");
    let left_open = scene.clerk.browser.get(&accept).await.expect(200);
    let form = scene
        .admin
        .browser
        .get(&scene.path("/dispatch"))
        .await
        .expect(200)
        .says("沧海惠民银行新华支行")
        .says("待接单 0 笔");
    assert!(!form.text().contains("青县支行"), "it does not carry it");
    let fields = [
        ("branch", xinhua.as_str()),
        ("move_reason", "企业在新华区，就近办理。"),
    ];
    let path = scene.path("/dispatch");
    step(&scene.admin.browser, &form, &path, &fields, "")
        .await
        .expect(200)
        .says("要将这笔融资需求转派给所选支行吗");
    assert_eq!(scene.stage().await, "submitted");
    for _ in 0..2 {
        step(&scene.admin.browser, &form, &path, &fields, "confirm")
            .await
            .expect(303);
    }
    let moves = "select (moves || ' ' || (handler_tenant_id is not null))::text from financing_applications where id = $1";
    assert_eq!(
        scene.one(moves).await,
        "1 true",
        "pressed twice, moved once"
    );
    // 404 at once, list empty, and the form that was open is told.
    scene.clerk.browser.get(&scene.path("")).await.expect(404);
    scene
        .clerk
        .browser
        .submit_from(&left_open, &accept, &[("_action", "confirm")])
        .await
        .expect(404)
        .says("可能已转派给其他支行");
    let list = scene.clerk.browser.get("/branch/queue").await.expect(200);
    assert!(!list.text().contains("瀚岳澜"));
    scene
        .xinhua_clerk
        .browser
        .get(&scene.path(""))
        .await
        .expect(200)
        .says("就近办理");
    scene.deliver().await;
    assert_eq!(scene.titles(scene.canal, false).await, ["融资需求已转派"]);
    assert_eq!(
        scene.titles(scene.xinhua, false).await,
        ["新的融资需求待接单"]
    );
    scene
        .owner
        .browser
        .get(&format!("/enterprise/applications/{}", scene.application))
        .await
        .expect(200)
        .says("就近办理")
        .says("新华支行");
    assert!(
        scene
            .titles(scene.world.cangzhou.id, true)
            .await
            .contains(&"受理支行已变更".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_is_refused_without_reason_to_a_branch_that_does_not_carry_it_and_the_third_time() {
    let scene = scene().await;
    let (path, browser) = (scene.path("/dispatch"), &scene.admin.browser);
    let form = browser.get(&path).await.expect(200);
    let (xinhua, without) = (scene.xinhua.0.to_string(), scene.without.0.to_string());
    let nowhere = uuid::Uuid::new_v4().to_string();
    for (branch, reason, words) in [
        ("", "就近办理", "请选择支行"),
        (xinhua.as_str(), "  ", "请输入转派原因"),
        (without.as_str(), "就近办理", "该支行不办理此金融产品"),
        (nowhere.as_str(), "就近办理", "没有找到该支行"),
    ] {
        for action in ["", "confirm"] {
            let fields = [("branch", branch), ("move_reason", reason)];
            step(browser, &form, &path, &fields, action)
                .await
                .expect(422)
                .says(words);
        }
    }
    // Where it is already is no place to send it.
    let canal = scene.canal.0.to_string();
    let fields = [("branch", canal.as_str()), ("move_reason", "就近办理")];
    step(browser, &form, &path, &fields, "confirm")
        .await
        .expect(409)
        .says("该融资需求已由您选择的支行");
    for branch in [&xinhua, &canal] {
        let fields = [("branch", branch.as_str()), ("move_reason", "就近办理")];
        scene
            .deed(&scene.admin, "/dispatch", &fields)
            .await
            .expect(303);
    }
    browser
        .get(&path)
        .await
        .expect(409)
        .says("已改派两次，不能再次改派");
    let fields = [("branch", xinhua.as_str()), ("move_reason", "就近办理")];
    step(browser, &form, &path, &fields, "confirm")
        .await
        .expect(409);
    assert_eq!(
        scene
            .one("select moves::text from financing_applications where id = $1")
            .await,
        "2"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_administrators_dispatch_at_once_and_the_second_reads_what_the_first_did() {
    let scene = scene().await;
    let path = scene.path("/dispatch");
    let xinhua = scene.xinhua.0.to_string();
    let fields = [("branch", xinhua.as_str()), ("move_reason", "就近办理")];
    let first = scene.admin.browser.get(&path).await.expect(200);
    let second = scene.second_admin.browser.get(&path).await.expect(200);
    step(&scene.admin.browser, &first, &path, &fields, "confirm")
        .await
        .expect(303);
    step(
        &scene.second_admin.browser,
        &second,
        &path,
        &fields,
        "confirm",
    )
    .await
    .expect(409)
    .says("梁承宇")
    .says("转派");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_of_the_own_headquarters_dispatch() {
    let scene = scene().await;
    let xinhua = scene.xinhua.0.to_string();
    let fields = [("branch", xinhua.as_str()), ("move_reason", "就近办理")];
    let form = scene
        .admin
        .browser
        .get(&scene.path("/dispatch"))
        .await
        .expect(200);
    let version = form.input("version").expect("a version");
    // The same bank's approver looks but does not dispatch; another bank's headquarters knows nothing of it.
    for (who, status) in [
        (&scene.hq_approver, 403),
        (&scene.clerk, 404),
        (&scene.stranger, 404),
    ] {
        let own = who.browser.get("/branch/account").await.expect(200);
        for deed in ["/dispatch", "/move", "/confirm-decline"] {
            let all = [
                ("version", version.as_str()),
                ("_action", "confirm"),
                ("_key", "0123456789abcdef0123"),
                fields[0],
                fields[1],
            ];
            let answer = who.browser.submit_from(&own, &scene.path(deed), &all).await;
            assert_eq!(answer.status.as_u16(), status, "{deed}");
        }
    }
    scene
        .stranger
        .browser
        .get(&scene.path("/dispatch"))
        .await
        .expect(404);
    scene
        .stranger
        .browser
        .get(&scene.path(""))
        .await
        .expect(404);
    assert_eq!(
        scene
            .one("select moves::text from financing_applications where id = $1")
            .await,
        "0"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_head_of_a_branch_dispatches_within_its_own_sub_branches_and_no_further() {
    let scene = scene().await;
    let world = &scene.world;
    let outlet = world
        .branch(scene.bank, "沧海惠民银行运河支行小王庄营业部")
        .await;
    sqlx::query("update tenants set parent_id = $2 where id = $1")
        .bind(outlet.0)
        .bind(scene.canal.0)
        .execute(&world.owner)
        .await
        .expect("it lies below");
    sqlx::query("insert into product_branches (product_id, branch_id, tenant_id, city_id) select id, $2, tenant_id, city_id from products where id = $1")
        .bind(scene.product.0)
        .bind(outlet.0)
        .execute(&world.owner)
        .await
        .expect("it carries it");
    let head = world.staff(scene.canal, "曹明远", &["bh"]).await;
    let form = head
        .browser
        .get(&scene.path("/dispatch"))
        .await
        .expect(200)
        .says("小王庄营业部");
    assert!(!form.text().contains("新华支行"), "not its own");
    let path = scene.path("/dispatch");
    let xinhua = scene.xinhua.0.to_string();
    let fields = [("branch", xinhua.as_str()), ("move_reason", "就近办理")];
    step(&head.browser, &form, &path, &fields, "confirm")
        .await
        .expect(422)
        .says("没有找到该支行");
    let outlet_id = outlet.0.to_string();
    let fields = [("branch", outlet_id.as_str()), ("move_reason", "就近办理")];
    scene.deed(&head, "/dispatch", &fields).await.expect(303);
    // The clerk of the parent branch keeps seeing it, as reach goes down; the neighbour never does.
    scene
        .xinhua_clerk
        .browser
        .get(&scene.path(""))
        .await
        .expect(404);
    head.browser
        .get(&scene.path(""))
        .await
        .expect(200)
        .says("小王庄营业部");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_branch_gave_back_is_sent_on_or_refused_by_headquarters() {
    let scene = scene().await;
    scene.give_back().await;
    scene
        .hq_approver
        .browser
        .get("/hq/dispatch")
        .await
        .expect(200)
        .says("企业不在本支行服务区域");
    let foreign = scene
        .stranger
        .browser
        .get("/hq/dispatch")
        .await
        .expect(200)
        .says("现在没有等待改派的融资需求");
    assert!(!foreign.text().contains("瀚岳澜"));
    let xinhua = scene.xinhua.0.to_string();
    let fields = [("branch", xinhua.as_str()), ("move_reason", "就近办理")];
    scene
        .deed(&scene.admin, "/dispatch", &fields)
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "submitted");
    scene.clerk.browser.get(&scene.path("")).await.expect(404);
    // The second branch gives it back as well, and now nobody takes it.
    scene.give_back().await;
    let path = scene.path("/confirm-decline");
    let form = scene.admin.browser.get(&path).await.expect(200);
    step(&scene.admin.browser, &form, &path, &[], "confirm")
        .await
        .expect(422)
        .says("请至少选择一项拒单原因")
        .says("请输入拒单说明");
    let code = scene.world.cangzhou.rejection_reasons[0].code.clone();
    let fields = [
        ("reasons", code.as_str()),
        ("refusal_note", "本机构暂不受理该行业，建议改选其他机构。"),
    ];
    scene
        .deed(&scene.admin, "/confirm-decline", &fields)
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "refused_intake");
    scene
        .owner
        .browser
        .get(&format!("/enterprise/applications/{}", scene.application))
        .await
        .expect(200)
        .says("未接单")
        .says("建议改选其他机构");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_that_gave_it_back_is_not_sent_it_again_but_one_that_was_only_late_may_be() {
    let scene = scene().await;
    let (path, browser) = (scene.path("/dispatch"), &scene.admin.browser);
    let canal = scene.canal.0.to_string();
    scene.give_back().await;
    let form = browser.get(&path).await.expect(200);
    let text = form.text();
    assert!(!text.contains(&canal), "the branch that said no is offered");
    assert!(text.contains(&scene.xinhua.0.to_string()));
    let marked = "href=\"/hq/dispatch\" class=\"is-current\" aria-current=\"page\"";
    assert!(text.contains(marked), "the menu stands at 待改派");
    let fields = [("branch", canal.as_str()), ("move_reason", "就近办理")];
    for action in ["", "confirm"] {
        step(browser, &form, &path, &fields, action)
            .await
            .expect(422)
            .says("该支行已拒单，请选择其他支行");
    }
    assert_eq!(scene.stage().await, "returned_to_hq");
    // The other branch takes it, and lets the time run out.
    let xinhua = scene.xinhua.0.to_string();
    let fields = [("branch", xinhua.as_str()), ("move_reason", "就近办理")];
    scene
        .deed(&scene.admin, "/dispatch", &fields)
        .await
        .expect(303);
    scene.came_back("intake_timeout", "", "").await;
    let form = browser.get(&path).await.expect(200);
    let form = form.says("超时未接单").says("此前超时未接单");
    // Who said no before it does not come into question again.
    assert!(!form.text().contains(&canal), "the first one is offered");
    let back = [("branch", canal.as_str()), ("move_reason", "就近办理")];
    step(browser, &form, &path, &back, "confirm")
        .await
        .expect(422)
        .says("该支行已拒单，请选择其他支行");
    scene
        .deed(&scene.admin, "/dispatch", &fields)
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "submitted");
}
