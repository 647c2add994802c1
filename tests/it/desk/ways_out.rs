//! Rows 8, 16, 17 and 23: given back, handed over, moved with the enterprise's word, asked again; and the crowd at the queue.

use journeys::{Browser, World};
use uuid::Uuid;

use super::{deed, investigated};
use crate::branch::{Scene, scene, step};

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_declined_with_the_citys_reasons_and_goes_to_headquarters() {
    let scene = scene().await;
    let path = scene.path("/decline");
    scene.approver.browser.get(&path).await.expect(409);
    let browser = &scene.clerk.browser;
    let form = browser.get(&path).await.expect(200);
    for (fields, words) in [
        (vec![("decline_note", "人手不足")], "请至少选择一项拒单原因"),
        (
            vec![("intake_reasons", "invented"), ("decline_note", "人手不足")],
            "请至少选择一项拒单原因",
        ),
        (
            vec![("intake_reasons", "no_capacity"), ("decline_note", " ")],
            "请输入拒单说明",
        ),
    ] {
        step(browser, &form, &path, &fields, "confirm")
            .await
            .expect(422)
            .says(words);
    }
    let fields = [
        ("intake_reasons", "no_capacity"),
        ("decline_note", "年末人手不足。"),
    ];
    step(browser, &form, &path, &fields, "")
        .await
        .expect(200)
        .says("本支行近期受理能力不足");
    assert_eq!(scene.stage().await, "submitted", "nothing is done yet");
    step(browser, &form, &path, &fields, "confirm")
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "returned_to_hq");
    browser
        .get(&scene.path(""))
        .await
        .expect(200)
        .says("年末人手不足。");
    scene
        .clerk
        .browser
        .get(&scene.path("/accept"))
        .await
        .expect(409);
    let text = scene
        .owner
        .browser
        .get(&scene.own(""))
        .await
        .expect(200)
        .text();
    assert!(!text.contains("年末人手不足"), "it stays inside");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_holder_or_the_head_hands_over_to_a_colleague_of_the_same_branch() {
    let scene = investigated().await;
    let path = scene.path("/hand-over");
    let head = scene.world.staff(scene.branch, "林述", &["bh"]).await;
    let away = scene.world.branch(scene.bank, "狮城商业银行新华支行").await;
    let away = scene.world.staff(away, "方致远", &["bm"]).await;
    scene
        .second_clerk
        .browser
        .get(&path)
        .await
        .expect(409)
        .says("钱云诚");
    let browser = &scene.clerk.browser;
    let form = browser.get(&path).await.expect(200);
    let text = form.text();
    assert!(text.contains("时嘉宁") && text.contains("林述"));
    assert!(!text.contains("方致远") && !text.contains("邬志航"));
    for (to, reason, words) in [
        (String::new(), "休假", "请选择新的经办人"),
        (away.user.to_string(), "休假", "请选择新的经办人"),
        (scene.approver.user.to_string(), "休假", "请选择新的经办人"),
        (scene.second_clerk.user.to_string(), "", "请输入转办原因"),
    ] {
        let fields = [("to", to.as_str()), ("hand_reason", reason)];
        step(browser, &form, &path, &fields, "confirm")
            .await
            .expect(422)
            .says(words);
    }
    let to = scene.second_clerk.user.to_string();
    let fields = [("to", to.as_str()), ("hand_reason", "休假，请接手。")];
    step(browser, &form, &path, &fields, "confirm")
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "due_diligence");
    browser.get(&path).await.expect(409).says("时嘉宁");
    scene
        .second_clerk
        .browser
        .get(&scene.path("/diligence"))
        .await
        .expect(200);
    let own = scene.owner.browser.get(&scene.own("")).await.expect(200);
    let text = own.says("时嘉宁").text();
    assert!(!text.contains("休假"), "the reason stays inside");
    let back = scene.clerk.user.to_string();
    let fields = [("to", back.as_str()), ("hand_reason", "调整分工")];
    deed(&head.browser, &path, &fields).await.expect(303);
    browser.get(&scene.path("/diligence")).await.expect(200);
}

async fn refused() -> Scene {
    let scene = investigated().await;
    scene.propose().await;
    let fields = [
        ("reasons", "collateral"),
        ("sign_opinion", "抵押物价值不足。"),
    ];
    deed(&scene.approver.browser, &scene.path("/veto"), &fields)
        .await
        .expect(303);
    scene
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_reconsidered_once_and_in_time_when_there_are_new_facts() {
    let scene = refused().await;
    let path = scene.own("/reconsider");
    let owner = &scene.owner.browser;
    owner.get(&scene.own("")).await.expect(200).says("申请复议");
    let form = owner.get(&path).await.expect(200).says("抵押物价值不足。");
    owner
        .submit_from(&form, &path, &[("facts", " ")])
        .await
        .expect(422)
        .says("请输入新情况说明");
    for _ in 0..2 {
        owner
            .submit_from(&form, &path, &[("facts", "新增设备抵押 20 万元。")])
            .await
            .expect(303);
    }
    assert_eq!(
        scene.count("select count(*) from reconsiderations").await,
        1
    );
    owner
        .get(&scene.own(""))
        .await
        .expect(200)
        .says("等待机构总部答复");
    let again = owner.get(&path).await.expect(303);
    owner.follow(again).await.says("已经复议过");
    assert_eq!(scene.stage().await, "rejected", "headquarters decides");
}

#[tokio::test(flavor = "multi_thread")]
async fn new_material_comes_along_with_a_reconsideration_all_of_it_or_none() {
    let scene = refused().await;
    let path = scene.own("/reconsider");
    let owner = &scene.owner.browser;
    let form = owner.get(&path).await.expect(200).says("新材料 5");
    let (csrf, key) = (form.csrf(), form.input("_key").expect("a key"));
    let fields = [
        ("_csrf", csrf.as_str()),
        ("_key", key.as_str()),
        ("facts", "新增设备抵押 20 万元。"),
    ];
    let page = media::sample_card("新签订单", &[]).expect("it is drawn");
    let order = ("material_1", "a.jpg", page.jpeg.clone());
    let liar = ("material_2", "b.pdf", b"no paper at all".to_vec());
    let refused = owner.upload(&path, &fields, &[order.clone(), liar]).await;
    refused
        .expect(422)
        .says("新增设备抵押 20 万元。")
        .says("已选择的文件没有保存，请重新选择。");
    let kept = "select count(*) from enterprise_files where kind = 'reconsideration' and replaced_at is null";
    let given = "select count(*) from application_files where kind = 'reconsideration' and label = '复议材料 1'";
    assert_eq!((scene.count(kept).await, scene.count(given).await), (0, 0));
    // Too many files within the hour: what was typed stays, too.
    let bucket = format!("upload:{}:{}", scene.world.cangzhou.id, scene.owner.user);
    sqlx::query(
        "insert into rate_counters (bucket, window_start, hits) values ($1, $2, 60)
         on conflict (bucket, window_start) do update set hits = excluded.hits",
    )
    .bind(&bucket)
    .bind(scene.world.parts.clock.now())
    .execute(&scene.world.owner)
    .await
    .expect("they are counted");
    let often = owner
        .upload(&path, &fields, std::slice::from_ref(&order))
        .await;
    often
        .expect(429)
        .says("一小时内上传次数过多")
        .says("新增设备抵押 20 万元。")
        .says("已选择的文件没有保存，请重新选择。");
    sqlx::query("delete from rate_counters where bucket = $1")
        .bind(&bucket)
        .execute(&scene.world.owner)
        .await
        .expect("an hour is over");
    let asked = owner.upload(&path, &fields, &[order]).await;
    asked.expect(303);
    assert_eq!((scene.count(kept).await, scene.count(given).await), (1, 1));
    owner
        .get(&scene.own(""))
        .await
        .expect(200)
        .says("申请复议时提交");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_five_working_days_nothing_is_reconsidered() {
    let scene = refused().await;
    let path = scene.own("/reconsider");
    let owner = &scene.owner.browser;
    let form = owner.get(&path).await.expect(200);
    sqlx::query("update financing_applications set decided_at = decided_at - interval '8 days'")
        .execute(&scene.world.owner)
        .await
        .expect("days go by");
    let late = owner
        .submit_from(&form, &path, &[("facts", "新增订单。")])
        .await;
    owner.follow(late.expect(303)).await.says("已超过办理期限");
    assert_eq!(
        scene.count("select count(*) from reconsiderations").await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_enterprise_answers_a_move_once() {
    let scene = investigated().await;
    let path = scene.own("/move");
    let owner = &scene.owner.browser;
    owner.get(&path).await.expect(303);
    let to = scene.world.branch(scene.bank, "狮城商业银行新华支行").await;
    sqlx::query(
        "insert into move_requests (id, tenant_id, application_id, to_branch_id, to_branch_name, reason, asked_by, asked_name, asked_at)
         values ($1, $2, $3, $4, '狮城商业银行新华支行', '企业迁至新华区', $5, '梁承宇', now())",
    )
    .bind(Uuid::new_v4())
    .bind(scene.world.cangzhou.id.0)
    .bind(scene.application.0)
    .bind(to.0)
    .bind(scene.clerk.user.0)
    .execute(&scene.world.owner)
    .await
    .expect("it is asked");
    owner.get(&scene.own("")).await.expect(200).says("答复");
    let form = owner.get(&path).await.expect(200).says("企业迁至新华区");
    owner
        .submit_from(&form, &path, &[("move_note", "可以")])
        .await
        .expect(422)
        .says("请选择是否同意");
    for _ in 0..2 {
        let fields = [("agreed", "yes"), ("move_note", "可以")];
        owner.submit_from(&form, &path, &fields).await.expect(303);
    }
    let agreed =
        "select count(*) from move_requests where status = 'agreed' and answer_note = '可以'";
    assert_eq!(scene.count(agreed).await, 1);
    let told = "select count(*) from outbox where topic = 'move.answered'";
    assert_eq!(scene.count(told).await, 1);
    owner.get(&path).await.expect(303);
    assert_eq!(
        scene.stage().await,
        "due_diligence",
        "headquarters completes it"
    );
}

/// Presses 接单 on some orders, one after the other; answers how many it won.
async fn press(browser: Browser, orders: Vec<Uuid>) -> usize {
    let csrf = browser.get("/branch/account").await.csrf();
    let mut won = 0;
    for order in orders {
        let key = Uuid::new_v4().simple().to_string();
        let fields = [
            ("_csrf", csrf.as_str()),
            ("_key", key.as_str()),
            ("_action", "confirm"),
        ];
        let answer = browser
            .post(&format!("/branch/applications/{order}/accept"), &fields)
            .await;
        match answer.status.as_u16() {
            303 => won += 1,
            status => assert_eq!(status, 409, "{}", answer.text()),
        }
    }
    won
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_officers_at_once_on_a_hundred_orders_are_one_winner_each() {
    let scene = scene().await;
    let mut orders = vec![scene.application.0];
    while orders.len() < 100 {
        let world = &scene.world;
        let order = world
            .submitted_application(&scene.owner, scene.bank, scene.branch, scene.product)
            .await;
        orders.push(order.0);
    }
    let mut crowd = Vec::new();
    for officer in 0..50_usize {
        let name = format!("经办{officer}");
        let staff = scene.world.staff(scene.branch, &name, &["bm"]).await;
        // Every order is pressed by two officers.
        let mine = (0..4).map(|n| orders[(officer * 2 + n) % 100]).collect();
        crowd.push(press(staff.browser, mine));
    }
    let won: usize = futures::future::join_all(crowd).await.into_iter().sum();
    assert_eq!(won, 100);
    for (sql, what) in [
        (
            "select count(*) from financing_applications where stage = 'accepted'",
            "accepted",
        ),
        (
            "select count(*) from application_events where kind = 'accept'",
            "events",
        ),
        (
            "select count(*) from outbox where payload->>'verb' = 'accept'",
            "notices",
        ),
    ] {
        assert_eq!(scene.count(sql).await, 100, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_again_finds_the_one_before_and_a_branch_only_what_is_its_own() {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let other = world.branch(bank, "狮城商业银行新华支行").await;
    let product = world.product(bank, "惠民抵押贷", &[branch, other]).await;
    let owner = world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    let first = world
        .submitted_application(&owner, bank, other, product)
        .await;
    let second = world
        .submitted_application(&owner, bank, branch, product)
        .await;
    sqlx::query("update financing_applications set previous_application_id = $1 where id = $2")
        .bind(first.0)
        .bind(second.0)
        .execute(&world.owner)
        .await
        .expect("one follows the other");
    for (id, word, other) in [(first, "再次申请", second), (second, "上一笔申请", first)] {
        let page = format!("/enterprise/applications/{id}");
        let page = owner.browser.get(&page).await.expect(200).says(word);
        assert!(page.text().contains(&other.to_string()), "{word}");
    }
    let page = format!("/branch/applications/{second}");
    let clerk = world.staff(branch, "钱云诚", &["bm"]).await;
    let seen = clerk.browser.get(&page).await.expect(200).text();
    assert!(
        !seen.contains("上一笔申请"),
        "another branch's is not told of"
    );
    sqlx::query("update financing_applications set handler_tenant_id = $1 where id = $2")
        .bind(branch.0)
        .bind(first.0)
        .execute(&world.owner)
        .await
        .expect("it is the branch's own");
    clerk
        .browser
        .get(&page)
        .await
        .expect(200)
        .says("上一笔申请");
}
