//! Row 12, the report and its photos.

use super::{REPORT, deed, investigated};
use crate::branch::{scene, step};

#[tokio::test(flavor = "multi_thread")]
async fn the_holder_alone_starts_and_says_how_the_enterprise_was_reached() {
    let scene = scene().await;
    let path = scene.path("/start");
    let early = scene.clerk.browser.get(&path).await;
    early.expect(409).says("待接单");
    scene.accept().await;
    let other = scene.second_clerk.browser.get(&path).await;
    other.expect(409).says("钱云诚");
    scene.approver.browser.get(&path).await.expect(409);
    let browser = &scene.clerk.browser;
    let form = browser.get(&path).await.expect(200);
    step(browser, &form, &path, &[("contact_note", " ")], "")
        .await
        .expect(422)
        .says("请输入联系记录");
    let note = [("contact_note", "电话联系，明日走访。")];
    step(browser, &form, &path, &note, "")
        .await
        .expect(200)
        .says("要开始尽调吗");
    assert_eq!(scene.stage().await, "accepted", "nothing is done yet");
    for _ in 0..2 {
        step(browser, &form, &path, &note, "confirm")
            .await
            .expect(303);
    }
    assert_eq!(scene.stage().await, "due_diligence");
    let events = "select count(*) from application_events where kind = 'start_due_diligence'";
    assert_eq!(scene.count(events).await, 1);
    let seen = browser.get(&scene.path("")).await.expect(200);
    seen.says("电话联系，明日走访。");
    let own = format!("/enterprise/applications/{}", scene.application);
    let text = scene.owner.browser.get(&own).await.expect(200).text();
    assert!(text.contains("开始尽调") && !text.contains("明日走访"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_written_report_is_kept_and_says_what_is_missing() {
    let scene = investigated().await;
    let answer = scene.report(&REPORT[..3]).await.expect(303);
    assert!(answer.location().ends_with("/diligence"));
    let path = scene.path("/diligence");
    let browser = &scene.clerk.browser;
    let page = browser.get(&path).await.expect(200);
    assert_eq!(page.input("place").as_deref(), Some("盐山县庆云镇厂区"));
    page.says(
        "提交审批前还需填写：经营情况、财务与负债、担保与抵质押、风险提示、首贷户核实、尽调结论",
    );
    scene.report(&REPORT).await.expect(303);
    browser.get(&path).await.expect(200).says("报告已填写完整");
    scene
        .approver
        .browser
        .get(&scene.path(""))
        .await
        .expect(200)
        .says("厂房抵押，权属清晰。");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_refuses_what_cannot_be_and_what_another_page_saved_since() {
    let scene = investigated().await;
    for (field, value, words) in [
        ("visited_on", "2026-11-26", "走访日期不能晚于今天"),
        ("visited_on", "昨天", "日期格式不正确"),
        ("risks", &"险".repeat(1001), "风险提示最多 1000 个字"),
    ] {
        scene
            .report(&[(field, value)])
            .await
            .expect(422)
            .says(words);
    }
    let stale = scene.clerk.browser.get(&scene.path("/diligence")).await;
    scene.report(&REPORT).await.expect(303);
    let late = scene.report_from(&stale, &[("place", "另一处")]).await;
    let late = late.expect(422).says("已在其他页面保存");
    assert_eq!(late.input("place").as_deref(), Some("另一处"), "it is kept");
    let kept = "select count(*) from due_diligence_reports where place = '盐山县庆云镇厂区'";
    assert_eq!(scene.count(kept).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_are_private_marked_and_leave_the_report_only_by_the_holders_hand() {
    let scene = investigated().await;
    let page = scene.path("/diligence");
    let door = scene.path("/diligence/photos");
    let browser = &scene.clerk.browser;
    let csrf = browser.get(&page).await.expect(200).csrf();
    let fields = [("_csrf", csrf.as_str()), ("caption", "厂区大门")];
    let bad = ("photo", "x.jpg", b"<svg onload=alert(1)>".to_vec());
    browser
        .upload(&door, &fields, &[bad])
        .await
        .expect(422)
        .says("照片说明");
    let card = media::sample_card("大门", &["厂区".into()]).expect("drawn");
    let jpeg = card.jpeg;
    let good = ("photo", "x.jpg", jpeg.clone());
    browser.upload(&door, &fields, &[good]).await.expect(303);
    let photo: uuid::Uuid = sqlx::query_scalar("select id from due_diligence_photos")
        .fetch_one(&scene.world.owner)
        .await
        .expect("the photo is there");
    let shown = scene.path(&format!("/diligence/photos/{photo}"));
    let seen = scene
        .approver
        .browser
        .get(&shown)
        .await
        .expect(200)
        .says("厂区大门");
    let text = seen.text();
    let src = text
        .split('"')
        .find(|part| part.contains("/file?until="))
        .expect("a picture")
        .replace("&amp;", "&");
    let picture = scene.approver.browser.get(&src).await.expect(200);
    assert!(
        picture.body.len() > 1_000 && picture.body != jpeg,
        "it is marked"
    );
    // The link is this viewer's alone.
    scene.clerk.browser.get(&src).await.expect(404);
    let stranger = scene.world.branch(scene.bank, "狮城商业银行新华支行").await;
    let stranger = scene.world.staff(stranger, "方致远", &["bm", "ba"]).await;
    stranger.browser.get(&shown).await.expect(404);
    let away = format!("{shown}/remove");
    let colleague = scene
        .second_clerk
        .browser
        .get("/branch/account")
        .await
        .csrf();
    scene
        .second_clerk
        .browser
        .post(&away, &[("_csrf", &colleague)])
        .await
        .expect(409)
        .says("钱云诚");
    browser.post(&away, &[("_csrf", &csrf)]).await.expect(303);
    browser.get(&shown).await.expect(404);
    let logged = "select count(*) from audit_entries where action = 'application.open_photo'";
    assert_eq!(scene.count(logged).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_writes_a_report_outside_the_investigation() {
    let scene = investigated().await;
    let path = scene.path("/diligence");
    let other = scene.second_clerk.browser.get(&path).await;
    other.expect(409).says("钱云诚");
    let form = scene.clerk.browser.get(&path).await.expect(200);
    let fields = [("templates", "bank_statement"), ("note", "请补充流水")];
    deed(&scene.clerk.browser, &scene.path("/supplement"), &fields)
        .await
        .expect(303);
    scene.report_from(&form, &REPORT).await.expect(409);
    scene
        .clerk
        .browser
        .get(&path)
        .await
        .expect(409)
        .says("退回补充");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_credit_report_says_of_earlier_loans_stands_with_the_request() {
    let scene = investigated().await;
    scene.report(&REPORT).await.expect(303);
    let first = "select count(*) from financing_applications where first_loan";
    assert_eq!(scene.count(first).await, 1);
    let mut known = REPORT;
    known[7] = ("first_loan", "no");
    scene.report(&known).await.expect(303);
    let known = "select count(*) from financing_applications where not first_loan";
    assert_eq!(scene.count(known).await, 1);
    scene
        .clerk
        .browser
        .get(&scene.path(""))
        .await
        .expect(200)
        .says("首贷户核实");
}
