//! 审核通过 and 审核不通过 in one step: who may, what is checked, and what was done meanwhile.

use super::{APPROVAL, scene, step, with};

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_is_checked_then_stands_beside_what_was_asked() {
    let scene = scene().await;
    scene.accept().await;
    let path = scene.path("/approve");
    let browser = &scene.approver.browser;
    browser.prove().await;
    let form = browser.get(&path).await.expect(200);
    step(browser, &form, &path, &APPROVAL, "")
        .await
        .expect(200)
        .says("要通过这笔融资需求吗")
        .says("经营正常，同意办理。");
    assert_eq!(scene.stage().await, "accepted", "nothing is done yet");
    let back = step(browser, &form, &path, &APPROVAL, "edit")
        .await
        .expect(200);
    assert_eq!(back.input("approved_amount").as_deref(), Some("8"));
    for _ in 0..2 {
        step(browser, &form, &path, &APPROVAL, "confirm")
            .await
            .expect(303);
    }
    assert_eq!(scene.stage().await, "approved");
    let events = "select count(*) from application_events where kind = 'approve'";
    assert_eq!(scene.count(events).await, 1);
    let page = browser.get(&scene.path("")).await.expect(200);
    page.says("8.00 万元")
        .says("2027-03-31")
        .says("经营正常，同意办理。")
        .says("审核通过");
    scene
        .owner
        .browser
        .get(&format!("/enterprise/applications/{}", scene.application))
        .await
        .expect(200)
        .says("经营正常，同意办理。");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_of_an_approval_is_refused_in_its_own_words_and_what_was_typed_stays() {
    let scene = scene().await;
    scene.accept().await;
    let path = scene.path("/approve");
    let browser = &scene.approver.browser;
    browser.prove().await;
    let form = browser.get(&path).await.expect(200);
    let long = "长".repeat(501);
    let cases = [
        ("approved_amount", "", "请输入金额"),
        ("approved_amount", "abc", "金额应为数字"),
        ("approved_amount", "1.234", "金额最多 2 位小数"),
        ("approved_amount", "0.5", "金额应在 1–500 万元之间"),
        ("approved_amount", "501", "金额应在 1–500 万元之间"),
        ("approved_amount", "-3", "金额不能为负数"),
        ("approved_rate", "", "请输入利率"),
        ("approved_rate", "三", "利率应为数字"),
        ("approved_rate", "3.755", "利率最多 2 位小数"),
        ("approved_rate", "24.01", "利率应不超过 24%"),
        ("approved_term", "", "请输入期限"),
        ("approved_term", "1.5", "期限应为整数"),
        ("approved_term", "11", "期限应在 1–10 年之间"),
        ("valid_until", "", "请输入额度有效期"),
        ("valid_until", "2027/03/31", "额度有效期格式不正确"),
        ("valid_until", "2027-02-30", "额度有效期格式不正确"),
        ("valid_until", "2026-11-25", "额度有效期应晚于今天"),
        ("valid_until", "2099-01-01", "额度有效期最长 3 年"),
        ("opinion", " ", "请输入审核意见"),
        ("opinion", long.as_str(), "审核意见最多 500 个字"),
        ("opinion", "好\u{202e}的", "审核意见包含无法识别的字符"),
    ];
    for (field, value, words) in cases {
        for action in ["", "confirm"] {
            let answer = step(
                browser,
                &form,
                &path,
                &with(&APPROVAL, field, value),
                action,
            )
            .await;
            let text = answer.text();
            let shown = answer.expect(422).says(words);
            assert!(text.contains("role=\"alert\""), "{field}: a summary");
            if field != "opinion" {
                assert_eq!(
                    shown.input(field).as_deref(),
                    Some(value),
                    "{field} is kept"
                );
            }
        }
    }
    assert_eq!(scene.stage().await, "accepted");
    let hostile = "<script>alert(1)</script>\"'\\ 😀";
    let check = step(
        browser,
        &form,
        &path,
        &with(&APPROVAL, "opinion", hostile),
        "",
    )
    .await
    .expect(200);
    assert!(!check.text().contains("<script>alert"), "it is escaped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_needs_a_reason_of_the_city_and_a_text() {
    let scene = scene().await;
    scene.accept().await;
    let path = scene.path("/reject");
    let browser = &scene.approver.browser;
    browser.prove().await;
    let form = browser.get(&path).await.expect(200);
    for (fields, words) in [
        (vec![("opinion", "不足")], "请至少选择一项不通过原因"),
        (
            vec![("reasons", "invented"), ("opinion", "不足")],
            "请至少选择一项不通过原因",
        ),
        (
            vec![("reasons", "collateral"), ("opinion", "")],
            "请输入审核意见",
        ),
        (
            vec![
                ("reasons", "collateral"),
                ("reasons", "enterprise_declined"),
                ("opinion", "不足"),
            ],
            "请单独选择该项",
        ),
    ] {
        step(browser, &form, &path, &fields, "confirm")
            .await
            .expect(422)
            .says(words);
    }
    let fields = [
        ("reasons", "collateral"),
        ("reasons", "over_indebted"),
        ("opinion", "抵押物价值不足。"),
    ];
    step(browser, &form, &path, &fields, "")
        .await
        .expect(200)
        .says("担保不足、负债过高");
    step(browser, &form, &path, &fields, "confirm")
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "rejected");
    browser
        .get(&scene.path(""))
        .await
        .expect(200)
        .says("担保不足、负债过高")
        .says("抵押物价值不足。");
}

#[tokio::test(flavor = "multi_thread")]
async fn managers_do_not_decide_and_approvers_do_not_accept() {
    let scene = scene().await;
    let key = [("_key", "0123456789abcdef0123"), ("_action", "confirm")];
    let page = scene.path("");
    let refused = scene
        .approver
        .browser
        .submit(&page, &scene.path("/accept"), &key)
        .await;
    refused.expect(403);
    scene.accept().await;
    for verb in ["/approve", "/reject"] {
        let refused = scene
            .clerk
            .browser
            .submit(&page, &scene.path(verb), &key)
            .await;
        refused.expect(403);
    }
    assert_eq!(scene.stage().await, "accepted");
    let logged =
        "select count(*) from audit_entries where action = 'refused' and outcome = 'denied'";
    assert_eq!(scene.count(logged).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn above_the_citys_limit_nobody_decides_in_one_step() {
    let scene = scene().await;
    scene.accept().await;
    sqlx::query("update financing_applications set amount_cents = 600100000000")
        .execute(&scene.world.owner)
        .await
        .expect("it is a big one");
    let browser = &scene.approver.browser;
    browser
        .get(&scene.path(""))
        .await
        .expect(200)
        .says("需经审批流程审核");
    browser.get(&scene.path("/reject")).await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_opened_before_somebody_else_acted_tells_what_was_done_and_by_whom() {
    let scene = scene().await;
    scene.accept().await;
    scene.approver.browser.prove().await;
    let approve = scene.path("/approve");
    let form = scene.approver.browser.get(&approve).await.expect(200);
    let supplement = scene.path("/supplement");
    let other = scene.clerk.browser.get(&supplement).await.expect(200);
    let fields = [("templates", "bank_statement"), ("note", "请补充。")];
    step(
        &scene.clerk.browser,
        &other,
        &supplement,
        &fields,
        "confirm",
    )
    .await
    .expect(303);
    for action in ["", "confirm"] {
        step(&scene.approver.browser, &form, &approve, &APPROVAL, action)
            .await
            .expect(409)
            .says("钱云诚")
            .says("退回补充");
    }
    assert_eq!(scene.stage().await, "need_supplement");
}
