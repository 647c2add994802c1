//! 退回补充: by the holder, three rounds at most.

use super::{scene, step};

#[tokio::test(flavor = "multi_thread")]
async fn the_holder_sends_back_a_list_and_nobody_else_does() {
    let scene = scene().await;
    scene.accept().await;
    let path = scene.path("/supplement");
    let other = scene.second_clerk.browser.get(&path).await;
    other.expect(409).says("钱云诚");
    let browser = &scene.clerk.browser;
    let form = browser.get(&path).await.expect(200);
    for (fields, words) in [
        (vec![("note", "请补充")], "请至少选择或填写一项"),
        (
            vec![("templates", "bank_statement"), ("note", "")],
            "请输入补充说明",
        ),
        (
            vec![("own", "字"), ("note", "请补充")],
            "每项补充内容应为 2–60 个字",
        ),
    ] {
        step(browser, &form, &path, &fields, "")
            .await
            .expect(422)
            .says(words);
    }
    let fields = [
        ("templates", "bank_statement"),
        ("own", "最近一次审计报告\r\n\r\n厂房租赁合同"),
        ("note", "请按清单补充。"),
    ];
    step(browser, &form, &path, &fields, "")
        .await
        .expect(200)
        .says("厂房租赁合同");
    step(browser, &form, &path, &fields, "confirm")
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "need_supplement");
    assert_eq!(
        scene.count("select count(*) from supplement_items").await,
        3
    );
    browser
        .get(&scene.path(""))
        .await
        .expect(200)
        .says("第 1 次退回补充")
        .says("等待企业补充");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fourth_round_of_supplements_is_refused() {
    let scene = scene().await;
    scene.accept().await;
    sqlx::query("update financing_applications set supplement_rounds = 3")
        .execute(&scene.world.owner)
        .await
        .expect("three rounds are over");
    scene
        .clerk
        .browser
        .get(&scene.path("/supplement"))
        .await
        .expect(409)
        .says("补充材料已满三次");
}
