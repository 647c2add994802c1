//! 找回密码.

use journeys::{PASSWORD, World};

use super::{GOOD, PHONE, ask_code, messages, newest_code, sign_in};

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_set_anew_and_every_session_ends() {
    let world = World::new().await;
    let enterprise = world
        .new_enterprise(world.cangzhou.id, "沧州市岚峰机械有限公司", PHONE)
        .await;
    enterprise
        .browser
        .get("/enterprise/account")
        .await
        .expect(200);
    let browser = world.browser();
    let page = ask_code(&browser, "/forgot", &[("phone", PHONE)])
        .await
        .expect(200);
    let code = newest_code(&world).await;
    let mut fields = vec![
        ("phone", PHONE),
        ("sms_code", code.as_str()),
        ("password", "short"),
        ("password_again", "short"),
    ];
    browser
        .submit_from(&page, "/forgot", &fields)
        .await
        .expect(422)
        .says("密码长度应为 8–20 位");
    fields[2].1 = GOOD;
    fields[3].1 = GOOD;
    let done = browser
        .submit_from(&page, "/forgot", &fields)
        .await
        .expect(303);
    assert_eq!(done.location(), "/login");
    // Sent twice: nothing happens twice.
    browser
        .submit_from(&page, "/forgot", &fields)
        .await
        .expect(303);
    enterprise
        .browser
        .get("/enterprise/account")
        .await
        .expect(303);
    sign_in(&world.browser(), "/login", PHONE, PASSWORD)
        .await
        .expect(422);
    sign_in(&world.browser(), "/login", PHONE, GOOD)
        .await
        .expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_nobody_has_gets_the_same_words_and_no_message() {
    let world = World::new().await;
    ask_code(&world.browser(), "/forgot", &[("phone", PHONE)])
        .await
        .expect(200)
        .says("验证码已发送至 139****1234");
    assert_eq!(messages(&world).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_recover_at_their_own_door() {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    world.staff(branch, "钱云诚", &["bm"]).await;
    world
        .browser()
        .get("/staff/forgot")
        .await
        .expect(200)
        .says("找回密码");
}
