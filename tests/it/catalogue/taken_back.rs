//! 撤回提交: the bank takes a draft back out of the city's review and writes on.

use super::{press, scene};

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_takes_a_draft_back_from_the_city_as_long_as_nobody_has_settled_it() {
    let scene = scene().await;
    let id = scene.submitted().await;
    let (own, review) = (
        format!("/hq/products/{id}"),
        format!("/operator/products/{id}"),
    );
    let back = format!("{own}/take-back");
    let ha = &scene.ha.browser;
    ha.get(&own).await.expect(200).says(&back);
    let publish = format!("{review}/publish");
    let opened = scene.op.browser.get(&publish).await.expect(200);
    let revision = opened.input("revision").expect("a revision");
    // The city sends it back or lets it through, and takes nothing back.
    scene.op.browser.get(&back).await.expect(404);
    let long = "长".repeat(201);
    press(ha, &back, &[("withdraw_reason", long.as_str())])
        .await
        .expect(422)
        .says("撤回原因最多 200 个字");
    let form = ha.get(&back).await.expect(200).says("暂不撤回");
    let seen = form.input("revision").expect("a revision");
    let fields = [("revision", seen.as_str()), ("withdraw_reason", "利率要改")];
    // A double click takes it back once.
    for _ in 0..2 {
        let done = ha.submit_from(&form, &back, &fields).await.expect(303);
        assert_eq!(done.location(), own);
    }
    ha.get(&format!("{own}/edit")).await.expect(200);
    ha.get(&back).await.expect(409).says("无需撤回");
    // Whoever had the page open lets nothing through; what the bank writes is not the city's to read.
    scene
        .op
        .browser
        .submit_from(&opened, &publish, &[("revision", &revision)])
        .await
        .expect(409)
        .says("已被机构收回");
    scene.op.browser.get(&review).await.expect(404);
    // What was to be told about it is told no more.
    let workers = yijianrong::workers::Workers::new(&scene.world.parts);
    while workers.deliver_once().await.expect("it runs") > 0 {}
    let told = "select count(*) from messages where title = '新的产品待审核'";
    assert_eq!(scene.count(told).await, 0);
    // It is put before the city anew, and what was let through is not taken back.
    press(ha, &format!("{own}/submit"), &[]).await.expect(303);
    press(&scene.op.browser, &publish, &[]).await.expect(303);
    ha.submit_from(&form, &back, &[("_key", "another-key-0123456"), fields[0]])
        .await
        .expect(409)
        .says("无需撤回");
    let noted = "select count(*) from audit_entries where action = 'product.take_back' and outcome = 'ok' and detail ->> 'reason' = '利率要改'";
    assert_eq!(scene.count(noted).await, 1);
}
