//! 人脸核验 by camera and by phone.

use super::*;

/// Opens and accepts the consent text on its own screen.
pub(super) async fn agree(browser: &Browser) {
    browser.get("/agreements/face").await.expect(200);
    browser
        .submit(
            "/enterprise/face",
            "/enterprise/face/consent",
            &[("agree_face", "1")],
        )
        .await
        .expect(303);
}

async fn take(browser: &Browser, path: &str, page: &str, outcome: &str) -> Answer {
    let csrf = browser.get(page).await.csrf();
    browser
        .upload(
            path,
            &[("_csrf", &csrf), ("demo_outcome", outcome)],
            &[("photo", "me.jpg", jpeg())],
        )
        .await
}

pub(super) async fn shoot(browser: &Browser, outcome: &str) -> Answer {
    take(
        browser,
        "/enterprise/face/photo?next=/enterprise/apply/7",
        "/enterprise/face",
        outcome,
    )
    .await
}

pub(super) async fn verified(world: &World, enterprise: &EnterpriseFixture) -> bool {
    sqlx::query_scalar("select face_verified_at is not null from users where id = $1")
        .bind(enterprise.user.0)
        .fetch_one(&world.owner)
        .await
        .expect("the row")
}

/// 撤回授权 of the newest consent to a text.
pub(super) async fn withdraw(world: &World, browser: &Browser, code: &str) {
    let consent: uuid::Uuid = sqlx::query_scalar(
        "select id from consents where agreement_code = $1 order by granted_at desc limit 1",
    )
    .bind(code)
    .fetch_one(&world.owner)
    .await
    .expect("a consent");
    let page = format!("/enterprise/consents/{consent}/withdraw");
    browser.submit(&page, &page, &[]).await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_consent_has_its_own_screen_and_must_be_opened_and_ticked() {
    let world = World::new().await;
    let enterprise = complete(&world, "13900001001").await;
    let browser = &enterprise.browser;
    browser
        .get("/enterprise/face")
        .await
        .expect(200)
        .says("由谁处理")
        .says("保存多久")
        .says("人工核验")
        .says("演示核验服务");
    let consent = |fields: &'static [(&'static str, &'static str)]| {
        browser.submit("/enterprise/face", "/enterprise/face/consent", fields)
    };
    consent(&[]).await.expect(422).says("请阅读并勾选同意");
    consent(&[("agree_face", "1")])
        .await
        .expect(422)
        .says("请先打开");
    // Without consent no photo is taken, whatever is posted.
    shoot(browser, "pass").await.expect(303);
    assert!(!verified(&world, &enterprise).await);
    agree(browser).await;
    let rows: i64 = sqlx::query_scalar(
        "select count(*) from consents where user_id = $1 and agreement_code = 'face' and purpose = 'face_check'",
    )
    .bind(enterprise.user.0)
    .fetch_one(&world.owner)
    .await
    .expect("a count");
    assert_eq!(rows, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passed_check_says_registered_and_leads_back_to_the_draft() {
    let world = World::new().await;
    let enterprise = complete(&world, "13900001001").await;
    agree(&enterprise.browser).await;
    let passed = shoot(&enterprise.browser, "pass").await.expect(303);
    enterprise
        .browser
        .get(passed.location())
        .await
        .expect(200)
        .says("注册成功")
        .says("href=\"/enterprise/apply/7\"");
    assert!(verified(&world, &enterprise).await);
    let kept: i64 = sqlx::query_scalar("select count(*) from enterprise_files where kind not in ('licence', 'id_front', 'id_back')")
        .fetch_one(&world.owner)
        .await
        .expect("a count");
    assert_eq!(kept, 0, "the face is kept nowhere");
    enterprise
        .browser
        .get("/enterprise/face")
        .await
        .expect(200)
        .says("核验记录");
}

#[tokio::test(flavor = "multi_thread")]
async fn five_refusals_end_the_day_and_the_manual_way_stays() {
    let world = World::new().await;
    let enterprise = complete(&world, "13900001001").await;
    agree(&enterprise.browser).await;
    for left in (0..5).rev() {
        shoot(&enterprise.browser, "fail").await.expect(303);
        let page = enterprise.browser.get("/enterprise/face").await.expect(200);
        if left > 0 {
            let _ = page.says(&format!("今日还可以尝试 {left} 次"));
        } else {
            let _ = page
                .says("今日人脸核验次数已用完")
                .says("/enterprise/face/manual");
        }
    }
    shoot(&enterprise.browser, "pass").await.expect(303);
    assert!(
        !verified(&world, &enterprise).await,
        "the sixth is not made"
    );
    world.clock.advance(time::Duration::hours(15));
    let again = world
        .signed_in(
            enterprise.user,
            application::ports::sessions::SessionKind::Enterprise,
            "cangzhou.localhost",
        )
        .await;
    shoot(&again, "pass").await.expect(303);
    assert!(verified(&world, &enterprise).await, "the next day is new");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unclear_answer_is_no_success_and_is_settled_by_asking_again() {
    let world = World::new().await;
    let enterprise = complete(&world, "13900001001").await;
    agree(&enterprise.browser).await;
    shoot(&enterprise.browser, "unclear").await.expect(303);
    let page = enterprise
        .browser
        .get("/enterprise/face")
        .await
        .expect(200)
        .says("结果待确认");
    assert!(!verified(&world, &enterprise).await);
    let answer = enterprise
        .browser
        .submit_from(&page, "/enterprise/face/again", &[])
        .await
        .expect(303);
    assert!(answer.location().starts_with("/enterprise/face/result"));
    assert!(verified(&world, &enterprise).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_that_is_none_is_refused_and_counts_for_nothing() {
    let world = World::new().await;
    let enterprise = complete(&world, "13900001001").await;
    agree(&enterprise.browser).await;
    let csrf = enterprise.browser.get("/enterprise/face").await.csrf();
    enterprise
        .browser
        .upload(
            "/enterprise/face/photo",
            &[("_csrf", &csrf)],
            &[("photo", "me.jpg", b"<svg/>".to_vec())],
        )
        .await
        .expect(303);
    enterprise
        .browser
        .get("/enterprise/face")
        .await
        .says("不是 JPG 或 PNG 图片")
        .says("今日还可以尝试 5 次");
}

/// Draws a code on the desktop; the id of the hand-over and the path of its link.
async fn hand_over(browser: &Browser) -> (String, String) {
    let made = browser
        .submit(
            "/enterprise/face/phone?next=/enterprise/apply/7",
            "/enterprise/face/handover?next=/enterprise/apply/7",
            &[],
        )
        .await
        .expect(303);
    let page = browser.get(made.location()).await.expect(200);
    let text = page.text();
    let link = text
        .split("/m/")
        .nth(1)
        .expect("the demonstration prints the link")
        .split('"')
        .next()
        .expect("a token")
        .to_owned();
    let id = made
        .location()
        .rsplit('/')
        .next()
        .expect("an id")
        .to_owned();
    (id, format!("/m/{link}"))
}

async fn state(browser: &Browser, id: &str) -> serde_json::Value {
    let answer = browser
        .get(&format!("/enterprise/face/handover/{id}"))
        .await
        .expect(200);
    serde_json::from_str(&answer.text()).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_goes_on_with_what_the_desktop_began() {
    let world = World::new().await;
    let enterprise = complete(&world, "13900001001").await;
    agree(&enterprise.browser).await;
    let (id, link) = hand_over(&enterprise.browser).await;
    enterprise
        .browser
        .get(&format!("/enterprise/face/handover/{id}/qr.svg"))
        .await
        .expect(200)
        .says("<svg");
    assert_eq!(state(&enterprise.browser, &id).await["state"], "waiting");
    let phone = world.browser();
    phone.get(&link).await.expect(200).says("开始核验");
    assert_eq!(
        state(&enterprise.browser, &id).await["state"],
        "waiting",
        "looking changes nothing"
    );
    phone.submit(&link, &link, &[]).await.expect(303);
    assert_eq!(state(&enterprise.browser, &id).await["state"], "opened");
    let photo = format!("{link}/photo");
    take(&phone, &photo, &link, "fail").await.expect(303);
    assert_eq!(state(&enterprise.browser, &id).await["state"], "opened");
    take(&phone, &photo, &link, "pass").await.expect(303);
    phone.get(&link).await.expect(200).says("注册成功");
    let done = state(&enterprise.browser, &id).await;
    assert_eq!(done["state"], "done");
    assert_eq!(
        done["next"],
        "/enterprise/face/result?next=/enterprise/apply/7"
    );
    assert!(verified(&world, &enterprise).await);
    let channel: String =
        sqlx::query_scalar("select channel from face_checks where status = 'passed'")
            .fetch_one(&world.owner)
            .await
            .expect("a check");
    assert_eq!(channel, "phone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_serves_one_browser_once_and_ten_minutes() {
    let world = World::new().await;
    let enterprise = complete(&world, "13900001001").await;
    agree(&enterprise.browser).await;
    let (first, old) = hand_over(&enterprise.browser).await;
    let (_, link) = hand_over(&enterprise.browser).await;
    let (phone, thief) = (world.browser(), world.browser());
    phone.get(&old).await.expect(404).says("链接已失效");
    assert_eq!(state(&enterprise.browser, &first).await["state"], "expired");
    phone.get(&link).await.expect(200);
    let thief_page = thief.get(&link).await.expect(200);
    phone.submit(&link, &link, &[]).await.expect(303);
    thief.get(&link).await.expect(404);
    thief.submit_from(&thief_page, &link, &[]).await.expect(404);
    let csrf = thief_page.csrf();
    thief
        .upload(
            &format!("{link}/photo"),
            &[("_csrf", &csrf)],
            &[("photo", "me.jpg", jpeg())],
        )
        .await
        .expect(404);
    // The same link under another city's name is nobody's.
    world.browser_elsewhere().get(&link).await.expect(404);
    let photo = format!("{link}/photo");
    take(&phone, &photo, &link, "pass").await.expect(303);
    let page = phone.get(&link).await.expect(200);
    phone
        .upload(
            &photo,
            &[("_csrf", &page.csrf())],
            &[("photo", "me.jpg", jpeg())],
        )
        .await
        .expect(404);
    world.clock.advance(time::Duration::minutes(11));
    phone.get(&link).await.expect(404).says("链接已失效");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_enterprise_sees_nothing_of_a_hand_over() {
    let world = World::new().await;
    let enterprise = complete(&world, "13900001001").await;
    let sibling = world
        .new_enterprise(world.cangzhou.id, "沧州市邻居商贸有限公司", "13900001002")
        .await;
    agree(&enterprise.browser).await;
    let (id, _) = hand_over(&enterprise.browser).await;
    for path in [
        format!("/enterprise/face/handover/{id}"),
        format!("/enterprise/face/handover/{id}/qr.svg"),
        format!("/enterprise/face/phone/{id}"),
    ] {
        sibling.browser.get(&path).await.expect(404);
    }
}
