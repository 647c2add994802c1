use domain::{ids::ProductId, scene::Scene};
use journeys::Browser;
use uuid::Uuid;
use yijianrong::workers::Workers;

async fn deliver(world: &journeys::World) {
    Workers::new(&world.parts)
        .deliver_once()
        .await
        .expect("it runs");
}

async fn ask_for(browser: &Browser, scene: &Scene) {
    let path = format!("/staff/posters/{}", scene.text());
    let page = browser.get(&path).await.expect(200).says("生成小程序码");
    browser.submit_from(&page, &path, &[]).await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_prints_its_own_code_which_is_drawn_once_and_shown_to_everybody() {
    let scene = crate::branch::scene().await;
    let world = &scene.world;
    let code = Scene::Branch(scene.branch);
    let address = format!("/q/{}/code", code.text());
    let clerk = &scene.clerk.browser;
    let list = clerk.get("/staff/posters").await.expect(200);
    list.says("狮城商业银行运河支行").says("惠民抵押贷");
    world.browser().get(&address).await.expect(404);
    ask_for(clerk, &code).await;
    ask_for(clerk, &code).await;
    deliver(world).await;
    let path = format!("/staff/posters/{}", code.text());
    clerk
        .get(&path)
        .await
        .expect(200)
        .says("微信扫一扫，在线提交融资申请")
        .says("运河区惠民路 1 号");
    let picture = world.browser().get(&address).await.expect(200);
    assert_eq!(picture.headers["content-type"], "image/png");
    assert!(picture.body.starts_with(b"\x89PNG"));
    let kept: i64 = sqlx::query_scalar("select count(*) from wechat_codes")
        .fetch_one(&world.owner)
        .await
        .expect("counted");
    assert_eq!(kept, 1, "asked for twice, drawn once");
    world.browser_elsewhere().get(&address).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_prints_what_is_anothers_and_what_is_scanned_leads_on() {
    let scene = crate::branch::scene().await;
    let world = &scene.world;
    let own = Scene::Branch(scene.branch);
    let other_bank = world.bank("沧海惠民银行").await;
    let other = world.branch(other_bank, "沧海惠民银行运河支行").await;
    let stranger = world.staff(other, "时嘉宁", &["bm"]).await;
    let path = |code: &Scene| format!("/staff/posters/{}", code.text());
    stranger.browser.get(&path(&own)).await.expect(404);
    let product = Scene::Product(scene.product);
    stranger.browser.get(&path(&product)).await.expect(404);
    let head = world.staff(scene.bank, "梁承宇", &["ha"]).await;
    let operator = world.staff(world.cangzhou.id, "宋知远", &["op"]).await;
    for code in [&own, &product, &Scene::Register] {
        head.browser.get(&path(code)).await.expect(200);
        operator.browser.get(&path(code)).await.expect(200);
    }
    let visitor = world.browser();
    for (code, there) in [
        (Scene::Register, "/register?from=qr".to_owned()),
        (own, format!("/institutions/{}", scene.bank)),
        (product, format!("/market/{}", scene.product)),
    ] {
        let answer = visitor
            .get(&format!("/q/{}", code.text()))
            .await
            .expect(303);
        assert_eq!(answer.location(), there);
    }
    let gone = Scene::Product(ProductId(Uuid::new_v4()));
    for text in [gone.text(), "zzz".to_owned()] {
        visitor.get(&format!("/q/{text}")).await.expect(404);
        operator
            .browser
            .get(&format!("/staff/posters/{text}"))
            .await
            .expect(404);
    }
    world
        .browser_elsewhere()
        .get(&format!("/q/{}", own.text()))
        .await
        .expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_portal_names_the_mini_program_and_shows_its_code_once_there_is_one() {
    let scene = crate::branch::scene().await;
    let world = &scene.world;
    let named = format!("微信搜索“{}”", world.cangzhou.mini_program_name);
    let operator = world.staff(world.cangzhou.id, "宋知远", &["op"]).await;
    let before = operator.browser.get("/about").await.expect(200);
    let before = before.says(&named).text();
    assert!(!before.contains("/q/r/code"), "nothing is drawn yet");
    ask_for(&operator.browser, &Scene::Register).await;
    deliver(world).await;
    for page in ["/", "/about"] {
        let page = operator.browser.get(page).await.expect(200);
        page.says(&named).says("src=\"/q/r/code\"");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_scanned_a_branchs_code_finds_it_chosen_and_the_request_says_where_it_came_from() {
    let scene = crate::clocks::scene::scene().await;
    let code = Scene::Branch(scene.branch);
    let browser = &scene.enterprise.browser;
    let page = format!("/enterprise/apply/{}", scene.product);
    let chosen = format!("value=\"{}\" selected", scene.branch);
    let before = browser.get(&page).await.expect(200).text();
    assert!(!before.contains(&chosen), "nobody is led anywhere unasked");
    browser
        .get(&format!("/q/{}", code.text()))
        .await
        .expect(303);
    browser.get(&page).await.expect(200).says(&chosen);
    let branch = scene.branch.to_string();
    let fields = [
        ("amount", "300"),
        ("term", "3"),
        ("rate", "3.75"),
        ("branch", branch.as_str()),
    ];
    browser.submit(&page, &page, &fields).await;
    let kept: Vec<String> = sqlx::query_scalar("select scene from financing_applications")
        .fetch_all(&scene.world.owner)
        .await
        .expect("they are read");
    assert_eq!(kept, [code.text()]);
    // What was never one of our codes is not kept.
    let visitor = scene.world.browser();
    let refused = visitor.get("/q/b%22x").await.expect(404);
    assert!(
        refused
            .headers
            .get("set-cookie")
            .is_none_or(|cookie| { !cookie.to_str().unwrap_or_default().starts_with("scene") })
    );
}
