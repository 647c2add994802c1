//! 账号安全: password, phone, sessions, records (A-27, S-14, S-41).

use journeys::{Browser, EnterpriseFixture, PASSWORD, World};
use time::Duration;

use super::{GOOD, PHONE, ask_code, newest_code, sign_in};

const NEW_PHONE: &str = "13700005678";

pub(super) async fn enterprise(world: &World) -> EnterpriseFixture {
    world
        .new_enterprise(world.cangzhou.id, "沧州市岚峰机械有限公司", PHONE)
        .await
}

/// Proves the phone; lands on `next`.
pub(super) async fn prove(world: &World, browser: &Browser, next: &str) {
    let page = format!("/enterprise/account/verify?next={next}");
    let sent = ask_code(browser, &page, &[("next", next)])
        .await
        .expect(200)
        .says("139****1234");
    let code = newest_code(world).await;
    let done = browser
        .submit_from(
            &sent,
            "/enterprise/account/verify",
            &[("sms_code", &code), ("next", next)],
        )
        .await
        .expect(303);
    assert_eq!(done.location(), next);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_wants_a_fresh_proof_and_ends_the_other_sessions() {
    let world = World::new().await;
    let owner = enterprise(&world).await;
    let elsewhere = world.browser();
    sign_in(&elsewhere, "/login", PHONE, PASSWORD)
        .await
        .expect(303);
    let path = "/enterprise/account/password";
    let first = owner.browser.get(path).await.expect(303);
    assert_eq!(
        first.location(),
        "/enterprise/account/verify?next=/enterprise/account/password"
    );
    // Posting past the page does not help.
    let account = owner.browser.get("/enterprise/account").await;
    let fields = [
        ("current_password", PASSWORD),
        ("password", GOOD),
        ("password_again", GOOD),
    ];
    let past = owner.browser.submit_from(&account, path, &fields).await;
    assert!(past.location().contains("/verify"));
    prove(&world, &owner.browser, path).await;
    let form = owner.browser.get(path).await.expect(200);
    owner
        .browser
        .submit_from(
            &form,
            path,
            &[fields[1], fields[2], ("current_password", "no")],
        )
        .await
        .expect(422)
        .says("当前密码不正确");
    owner
        .browser
        .submit_from(&form, path, &fields)
        .await
        .expect(303);
    owner
        .browser
        .get("/enterprise/account")
        .await
        .expect(200)
        .says("密码已修改");
    elsewhere.get("/enterprise/account").await.expect(303);
    sign_in(&world.browser(), "/login", PHONE, GOOD)
        .await
        .expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_is_fresh_for_five_minutes_and_changes_the_session_id() {
    let world = World::new().await;
    let owner = enterprise(&world).await;
    let before = owner.browser.get("/enterprise/account").await.csrf();
    let path = "/enterprise/account/password";
    prove(&world, &owner.browser, path).await;
    let after = owner.browser.get(path).await.expect(200).csrf();
    assert_ne!(before, after);
    world.clock.advance(Duration::seconds(301));
    owner.browser.get(path).await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_phone_proves_itself_and_signs_in_afterwards() {
    let world = World::new().await;
    let owner = enterprise(&world).await;
    let path = "/enterprise/account/phone";
    prove(&world, &owner.browser, path).await;
    let sent = ask_code(&owner.browser, path, &[("phone", NEW_PHONE)])
        .await
        .expect(200)
        .says("137****5678");
    let code = newest_code(&world).await;
    owner
        .browser
        .submit_from(&sent, path, &[("phone", PHONE), ("sms_code", &code)])
        .await
        .expect(422)
        .says("新手机号与当前手机号相同");
    owner
        .browser
        .submit_from(&sent, path, &[("phone", NEW_PHONE), ("sms_code", &code)])
        .await
        .expect(303);
    owner
        .browser
        .get("/enterprise/account")
        .await
        .expect(200)
        .says("137****5678");
    sign_in(&world.browser(), "/login", NEW_PHONE, PASSWORD)
        .await
        .expect(303);
    sign_in(&world.browser(), "/login", PHONE, PASSWORD)
        .await
        .expect(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_somebody_else_has_is_told_after_its_proof() {
    let world = World::new().await;
    let owner = enterprise(&world).await;
    world
        .new_enterprise(world.cangzhou.id, "沧州市渤沃宸化工有限公司", NEW_PHONE)
        .await;
    let path = "/enterprise/account/phone";
    prove(&world, &owner.browser, path).await;
    let sent = ask_code(&owner.browser, path, &[("phone", NEW_PHONE)])
        .await
        .expect(200);
    let code = newest_code(&world).await;
    owner
        .browser
        .submit_from(&sent, path, &[("phone", NEW_PHONE), ("sms_code", &code)])
        .await
        .expect(422)
        .says("该手机号已注册");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_and_ended_one_by_one_or_all_but_this() {
    let world = World::new().await;
    let owner = enterprise(&world).await;
    let (second, third) = (world.browser(), world.browser());
    for browser in [&second, &third] {
        sign_in(browser, "/login", PHONE, PASSWORD)
            .await
            .expect(303);
    }
    let page = owner
        .browser
        .get("/enterprise/account")
        .await
        .expect(200)
        .says("当前设备：")
        .says("登录成功");
    let text = page.text();
    let other = text
        .split("<li class=\"session\">")
        .skip(1)
        .find(|line| !line.contains("当前设备："))
        .expect("another session");
    let action = other
        .split("action=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("a form");
    owner
        .browser
        .submit_from(&page, action, &[])
        .await
        .expect(303);
    let alive = [
        second.get("/enterprise/account").await.status.as_u16(),
        third.get("/enterprise/account").await.status.as_u16(),
    ];
    assert_eq!(alive.iter().filter(|s| **s == 200).count(), 1, "{alive:?}");
    owner
        .browser
        .submit_from(&page, "/enterprise/account/sessions/end-others", &[])
        .await
        .expect(303);
    second.get("/enterprise/account").await.expect(303);
    third.get("/enterprise/account").await.expect(303);
    owner
        .browser
        .get("/enterprise/account")
        .await
        .expect(200)
        .says("其他设备上的登录已全部退出");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_ends_the_session_of_somebody_else() {
    let world = World::new().await;
    let owner = enterprise(&world).await;
    let sibling = world
        .new_enterprise(world.cangzhou.id, "沧州市渤沃宸化工有限公司", NEW_PHONE)
        .await;
    let theirs: uuid::Uuid =
        sqlx::query_scalar("select public_id from sessions where user_id = $1")
            .bind(sibling.user.0)
            .fetch_one(&world.owner)
            .await
            .expect("a session");
    let page = owner.browser.get("/enterprise/account").await;
    owner
        .browser
        .submit_from(
            &page,
            &format!("/enterprise/account/sessions/{theirs}/end"),
            &[],
        )
        .await
        .expect(404);
    sibling.browser.get("/enterprise/account").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_after_half_an_hour_of_nothing() {
    let world = World::new().await;
    let owner = enterprise(&world).await;
    world.clock.advance(Duration::minutes(29));
    owner.browser.get("/enterprise/account").await.expect(200);
    world.clock.advance(Duration::minutes(30));
    owner.browser.get("/enterprise/account").await.expect(303);
}
