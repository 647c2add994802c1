//! 审核 by the city: let through or sent back, by one operator, who never writes.

use super::{FORM, once_heard, press, scene};

#[tokio::test(flavor = "multi_thread")]
async fn a_product_is_shown_once_the_city_lets_it_through_and_both_sides_are_told() {
    let scene = scene().await;
    let id = scene.submitted().await;
    let public = format!("/market/{id}");
    scene.world.browser().get(&public).await.expect(404);
    let review = format!("/operator/products/{id}");
    let page = scene.op.browser.get(&review).await.expect(200);
    page.says("园区设备贷").says("评估费：由机构承担");
    press(&scene.op.browser, &format!("{review}/return"), &[])
        .await
        .expect(422)
        .says("请填写退回原因");
    press(
        &scene.op.browser,
        &format!("{review}/return"),
        &[("review_note", "请写明评估费由谁承担。")],
    )
    .await
    .expect(303);
    let own = format!("/hq/products/{id}");
    let page = scene.ha.browser.get(&own).await.expect(200);
    page.says("请写明评估费由谁承担。").says("已退回");
    let to = format!("{own}/submit");
    press(&scene.ha.browser, &to, &[]).await.expect(303);
    press(&scene.op.browser, &format!("{review}/publish"), &[])
        .await
        .expect(303);
    let page = once_heard(&scene.world.browser(), &public, |a| a.status == 200).await;
    let kept = scene.op.browser.get(&review).await.expect(200);
    kept.says("宋知远于").says("已发布");
    let again = format!("{review}/publish");
    scene.op.browser.get(&again).await.expect(409);
    page.says("园区设备贷")
        .says("注册资本不少于 100 万元")
        .says("企业成立满 2 年")
        .says("评估费");
    let told =
        "select count(*) from outbox where topic in ('product.submitted', 'product.settled')";
    assert_eq!(scene.count(told).await, 4);
    let logged = "select count(*) from audit_entries where action in ('product.submit', 'product.return', 'product.publish')";
    assert_eq!(scene.count(logged).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn published_limits_of_the_amount_are_reviewed_and_kept_with_the_version() {
    let scene = scene().await;
    let write = async |revenue: &'static str, tax: &'static str, action| {
        let mut fields = FORM.to_vec();
        fields.extend([("bound_revenue", revenue), ("bound_tax", tax)]);
        scene.write("/hq/products/new", &fields, action).await
    };
    let told = write("0", "五倍", "save").await.expect(422);
    told.says("营业收入的比例应大于 0")
        .says("纳税额的倍数应为数字")
        .says("value=\"五倍\"");
    let saved = write("30", "5.5", "submit").await.expect(303);
    let to = saved.location().to_owned();
    press(&scene.ha.browser, &to, &[]).await.expect(303);
    let id: uuid::Uuid = to
        .split('/')
        .nth(3)
        .and_then(|id| id.parse().ok())
        .expect("the address names the product");
    let review = format!("/operator/products/{id}");
    let page = scene.op.browser.get(&review).await.expect(200);
    page.says("不超过上一年度营业收入的 30%")
        .says("不超过上一年度纳税额的 5.5 倍");
    let publish = format!("{review}/publish");
    press(&scene.op.browser, &publish, &[]).await.expect(303);
    let public = format!("/market/{id}");
    let page = once_heard(&scene.world.browser(), &public, |a| a.status == 200).await;
    page.says("不超过上一年度营业收入的 30%，且不超过上一年度纳税额的 5.5 倍");
    let kept: (i32, i32) = sqlx::query_as(
        "select (terms ->> 'revenue_percent')::int, (terms ->> 'tax_times')::int from product_versions where product_id = $1",
    )
    .bind(id)
    .fetch_one(&scene.world.owner)
    .await
    .expect("the version is kept");
    assert_eq!(kept, (3_000, 550));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_operators_the_second_is_told_that_the_draft_is_settled() {
    let scene = scene().await;
    let id = scene.submitted().await;
    let city = scene.world.cangzhou.id;
    let second = scene.world.staff(city, "卫之行", &["op"]).await;
    let path = format!("/operator/products/{id}");
    let publish = format!("{path}/publish");
    let form = second.browser.get(&publish).await.expect(200);
    let revision = form.input("revision").unwrap_or_default();
    let note = [("review_note", "请补充申请条件。")];
    press(&scene.op.browser, &format!("{path}/return"), &note)
        .await
        .expect(303);
    second
        .browser
        .submit_from(&form, &publish, &[("revision", &revision)])
        .await
        .expect(409)
        .says("这份修改稿已经审核");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_lets_through_or_sends_back_but_never_writes() {
    let scene = scene().await;
    let id = scene.submitted().await;
    let csrf = scene
        .op
        .browser
        .get(&format!("/operator/products/{id}/publish"))
        .await
        .csrf();
    let fields = [
        ("_csrf", csrf.as_str()),
        ("_key", "0123456789abcdef0123"),
        ("revision", "1"),
        ("product_name", "运营改的名字"),
        ("off_reason", "运营下架"),
    ];
    for path in ["/edit", "/submit", "/off"] {
        let path = format!("/hq/products/{id}{path}");
        let answer = scene.op.browser.post(&path, &fields).await;
        assert!(
            [403, 404].contains(&answer.status.as_u16()),
            "{path}: {}",
            answer.status
        );
    }
    // Not by hand either: the database keeps the words of a draft for its bank.
    let operator = application::access::Guard::job(
        scene.world.cangzhou.id,
        std::sync::Arc::from([scene.world.cangzhou.id, scene.bank, scene.branch]),
    );
    let mut work = scene
        .world
        .parts
        .pg
        .open(&operator)
        .await
        .expect("it opens");
    let edited = sqlx::query("update product_drafts set name = '运营改的名字', status = 'returned' where product_id = $1")
        .bind(id.0)
        .execute(work.connection())
        .await;
    assert!(edited.is_err(), "a draft is written by its bank alone");
    let supervisor = scene
        .world
        .staff(scene.world.cangzhou.id, "季明远", &["os"])
        .await;
    let path = format!("/operator/products/{id}/publish");
    supervisor.browser.get(&path).await.expect(404);
    // And the bank does not let its own product through.
    scene.ha.browser.get(&path).await.expect(404);
}
