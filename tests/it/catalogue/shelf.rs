//! A published product: a new version beside it, and 下架 while an enterprise applies.

use journeys::Answer;

use super::{changed, once_heard, press, scene};

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_stands_beside_the_published_version_and_an_application_keeps_its_own() {
    let scene = scene().await;
    let id = scene.published().await;
    let owner = scene
        .world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    let application = scene
        .world
        .submitted_application(&owner, scene.bank, scene.branch, id)
        .await;
    let edit = format!("/hq/products/{id}/edit");
    let to = scene
        .write(&edit, &changed("amount_max", "80"), "submit")
        .await;
    let to = to.expect(303).location().to_owned();
    let public = format!("/market/{id}");
    let visitor = scene.world.browser();
    visitor
        .get(&public)
        .await
        .expect(200)
        .says("10.00 - 300.00");
    press(&scene.ha.browser, &to, &[]).await.expect(303);
    let review = format!("/operator/products/{id}");
    let page = scene.op.browser.get(&review).await.expect(200);
    page.says("与已发布内容的差别")
        .says("10–300 万元")
        .says("10–80 万元");
    press(&scene.op.browser, &format!("{review}/publish"), &[])
        .await
        .expect(303);
    once_heard(&visitor, &public, |a| a.text().contains("10.00 - 80.00")).await;
    let kept: Vec<(i32, i64)> = sqlx::query_as(
        "select version, (terms->>'amount_max_cents')::bigint from product_versions where product_id = $1 order by 1",
    )
    .bind(id.0)
    .fetch_all(&scene.world.owner)
    .await
    .expect("the versions are kept");
    assert_eq!(kept, [(1, 300_000_000), (2, 80_000_000)]);
    // The approver is held to the version that was applied for, not to the one of today.
    let clerk = scene.world.staff(scene.branch, "钱云诚", &["bm"]).await;
    let approver = scene.world.staff(scene.branch, "邬志航", &["ba"]).await;
    let path = format!("/branch/applications/{application}");
    let accept = format!("{path}/accept");
    let accepted = clerk
        .browser
        .submit(&accept, &accept, &[("_action", "confirm")]);
    accepted.await.expect(303);
    approver.browser.prove().await;
    let form = approver.browser.get(&format!("{path}/approve")).await;
    form.expect(200).says("产品额度 10–300 万元");
    let rewritten = sqlx::query("update product_versions set terms = '{}' where product_id = $1")
        .bind(id.0)
        .execute(&scene.world.owner)
        .await;
    assert!(rewritten.is_err(), "a published version is never rewritten");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_taken_off_the_shelf_while_an_enterprise_applies_cannot_be_applied_for() {
    let scene = scene().await;
    let id = scene.published().await;
    let owner = scene
        .world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    let apply = format!("/enterprise/apply/{id}");
    let form = owner.browser.get(&apply).await.expect(200);
    let off = format!("/hq/products/{id}/off");
    press(&scene.ha.browser, &off, &[])
        .await
        .expect(422)
        .says("请填写下架原因");
    press(&scene.ha.browser, &off, &[("off_reason", "额度已用完")])
        .await
        .expect(303);
    let branch = scene.branch.to_string();
    let typed = [
        ("branch", branch.as_str()),
        ("amount", "50"),
        ("term", "2"),
        ("rate", "3.8"),
    ];
    let answer = owner.browser.submit_from(&form, &apply, &typed).await;
    assert!(answer.status.is_client_error(), "{}", answer.text());
    assert_eq!(
        scene
            .count("select count(*) from financing_applications where stage = 'submitted'")
            .await,
        0
    );
    let public = format!("/market/{id}");
    // Whoever kept the address is told, and shown what is like it.
    let carriers = [scene.branch];
    let like = scene.world.product(scene.bank, "狮城经营贷", &carriers);
    let like = like.await;
    let is_told = |a: &Answer| a.status == 410 && a.text().contains("狮城经营贷");
    let gone = once_heard(&scene.world.browser(), &public, is_told).await;
    gone.says("该产品已下架")
        .says(&format!("href=\"/market/{like}\""))
        .says("狮城商业银行");
    let never = format!("/market/{}", uuid::Uuid::new_v4());
    scene.world.browser().get(&never).await.expect(404);
    let page = scene.ha.browser.get(&format!("/hq/products/{id}")).await;
    page.expect(200).says("额度已用完").says("已下架");
    scene
        .ha
        .browser
        .get(&off)
        .await
        .expect(409)
        .says("产品不在展示中");
}
