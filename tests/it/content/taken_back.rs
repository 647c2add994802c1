//! 撤回提交: whoever wrote a text takes it back out of the review and writes on.

use super::{NEWS, press, scene, with};

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_takes_a_text_out_of_the_review_as_long_as_nobody_has_settled_it() {
    let scene = scene().await;
    let id = scene.drafted("news", &NEWS).await;
    let page = format!("/operator/content/{id}");
    let back = format!("{page}/take-back");
    let (own, other) = (&scene.writer.browser, &scene.checker.browser);
    own.get(&back).await.expect(409).says("无需撤回");
    scene.submit(id).await;
    own.get(&page).await.expect(200).says(&back);
    // A second person sends it back, and takes nothing back.
    let seen = other.get(&page).await.expect(200);
    assert!(!seen.text().contains(&back));
    other
        .get(&back)
        .await
        .expect(409)
        .says("只有编写人可以撤回");
    scene.supervisor.browser.get(&back).await.expect(403);
    let publish = format!("{page}/publish");
    let opened = other.get(&publish).await.expect(200);
    let revision = opened.input("revision").expect("a revision");
    let form = own.get(&back).await.expect(200).says("暂不撤回");
    let shown = form.input("revision").expect("a revision");
    let fields = [
        ("revision", shown.as_str()),
        ("withdraw_reason", "标题要改"),
    ];
    // A double click takes it back once.
    for _ in 0..2 {
        let done = own.submit_from(&form, &back, &fields).await.expect(303);
        assert_eq!(done.location(), page);
    }
    // Whoever had the page open lets nothing through.
    other
        .submit_from(&opened, &publish, &[("revision", &revision)])
        .await
        .expect(409)
        .says("尚未提交复核");
    let title = [("title", "平台新增三家金融机构")];
    press(own, &format!("{page}/edit"), &with(&NEWS, &title))
        .await
        .expect(303);
    scene.submit(id).await;
    other
        .submit_from(
            &opened,
            &publish,
            &[("_key", "another-key-0123456"), ("revision", &revision)],
        )
        .await
        .expect(409)
        .says("宋知远已修改这份内容");
    scene.publish(id).await;
    own.get(&back).await.expect(409).says("无需撤回");
    let noted = "select count(*) from audit_entries where action = 'content.take_back' and outcome = 'ok' and detail ->> 'reason' = '标题要改'";
    assert_eq!(scene.count(noted).await, 1);
}
