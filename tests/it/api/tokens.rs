//! Token pairs: registration, sign-in, renewal, a stolen token, and 账号安全 on both sides.

use journeys::{EnterpriseFixture, PASSWORD, World};
use serde_json::{Value, json};

use super::{Phone, phone};

const NEW_PHONE: &str = "13900001234";
const GOOD: &str = "Kuaile#2037x";

async fn scene() -> (World, EnterpriseFixture, Phone) {
    let world = World::new().await;
    let enterprise = world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    let mut phone = Phone::new(&world);
    phone.sign_in(&enterprise.phone, PASSWORD).await.expect(200);
    (world, enterprise, phone)
}

/// The three texts, opened on this phone and ticked.
pub(crate) async fn ticks(phone: &Phone, screen: &str) -> Value {
    let city = phone.get("/api/v1/city").await.expect(200);
    let mut ticks = Vec::new();
    for one in city["agreements"].as_array().expect("agreements") {
        let on = one["ticked_on"].as_array().expect("screens");
        if on.iter().any(|name| name == screen) {
            let code = one["code"].as_str().expect("a code");
            let text = phone.get(&format!("/api/v1/agreements/{code}")).await;
            let text = text.expect(200);
            ticks.push(json!({ "code": code, "receipt": text["receipt"], "ticked": true }));
        }
    }
    Value::Array(ticks)
}

fn registration(code: &str, agreements: &Value) -> Value {
    json!({
        "company_name": "沧州市岚峰机械有限公司", "legal_representative": "张三丰",
        "region": ["130000", "130900", "130903", "130903001"], "phone": NEW_PHONE, "sms_code": code,
        "password": GOOD, "password_again": GOOD, "agreements": agreements,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_registers_once_its_texts_were_opened_on_it_and_is_signed_in() {
    let world = World::new().await;
    let mut phone = Phone::new(&world);
    let code = phone.code(&world, "register", NEW_PHONE).await;
    let other = Phone::new(&world);
    let read_elsewhere = ticks(&other, "register").await;
    let refused = phone
        .post(
            "/api/v1/registrations",
            &registration(&code, &read_elsewhere),
        )
        .await;
    refused.wrong("agree_register", "agreement.not_opened");
    let ticks = ticks(&phone, "register").await;
    let registered = phone
        .post("/api/v1/registrations", &registration(&code, &ticks))
        .await
        .expect(201);
    phone.keep(&registered);
    let me = phone.get("/api/v1/me").await.expect(200);
    assert_eq!(me["enterprise_name"], "沧州市岚峰机械有限公司");
    assert_eq!(me["profile_complete"], false);
    assert!(me["missing"].as_array().expect("a list").len() > 5);
    let channel: String = sqlx::query_scalar("select channel from enterprises where name = $1")
        .bind("沧州市岚峰机械有限公司")
        .fetch_one(&world.owner)
        .await
        .expect("the enterprise");
    assert_eq!(channel, "mini_program");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_signs_in_once() {
    let (world, enterprise, _) = scene().await;
    let phone = Phone::new(&world);
    let code = phone.code(&world, "sign_in", &enterprise.phone).await;
    let ask = json!({ "phone": enterprise.phone, "sms_code": code });
    phone.post("/api/v1/tokens/sms", &ask).await.expect(200);
    let again = phone.post("/api/v1/tokens/sms", &ask).await;
    again.wrong("sms_code", "sms_code.used");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_pair_works_and_the_old_access_token_does_not() {
    let (_world, _, mut phone) = scene().await;
    let old = phone.clone();
    phone.renew().await.expect(200);
    assert_ne!(old.access, phone.access);
    assert_ne!(old.refresh, phone.refresh);
    phone.get("/api/v1/me").await.expect(200);
    old.get("/api/v1/me").await.refused(401, "signed_out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_that_comes_twice_ends_everything_of_its_device() {
    let (world, enterprise, mut phone) = scene().await;
    let mut other = Phone::new(&world);
    other.sign_in(&enterprise.phone, PASSWORD).await.expect(200);
    // Stolen with everything that the phone holds, its name included.
    let mut thief = phone.clone();
    thief.renew().await.expect(200);
    phone.renew().await.refused(401, "token.copied");
    thief.get("/api/v1/me").await.refused(401, "signed_out");
    thief.renew().await.refused(401, "token.over");
    other.get("/api/v1/me").await.expect(200);
    let seen = other.get("/api/v1/account").await.expect(200);
    let records = seen["sign_ins"].as_array().expect("records");
    assert!(records.iter().any(|one| one["outcome"] == "blocked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_renewals_at_once_are_one_too_many() {
    let (_world, _, phone) = scene().await;
    let (mut one, mut two) = (phone.clone(), phone.clone());
    let (first, second) = tokio::join!(one.renew(), two.renew());
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_on_another_device_is_a_stolen_one() {
    let (world, _, phone) = scene().await;
    let mut thief = Phone::new(&world);
    thief.refresh = phone.refresh.clone();
    thief.renew().await.refused(401, "token.copied");
    phone.get("/api/v1/me").await.refused(401, "signed_out");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_open_nothing_in_another_city_on_another_device_or_in_a_browser() {
    let (world, enterprise, phone) = scene().await;
    let mut elsewhere = Phone::elsewhere(&world);
    elsewhere.device = phone.device.clone();
    elsewhere.access = phone.access.clone();
    elsewhere.get("/api/v1/me").await.refused(401, "signed_out");
    let mut stolen = Phone::new(&world);
    stolen.access = phone.access.clone();
    stolen.get("/api/v1/me").await.refused(401, "signed_out");
    let browser = world.browser().with_cookie("sid", &phone.access);
    let page = browser.get("/enterprise").await.expect(303);
    assert!(page.location().starts_with("/login"));
    let with_cookie = enterprise.browser.get("/api/v1/me").await;
    assert_eq!(with_cookie.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_is_nothing_in_another_city_and_its_log_hears_of_nobody() {
    let (world, _, mut phone) = scene().await;
    let mut elsewhere = Phone::elsewhere(&world);
    elsewhere.refresh.clone_from(&phone.refresh);
    elsewhere.renew().await.refused(401, "token.over");
    elsewhere.device.clone_from(&phone.device);
    elsewhere.renew().await.refused(401, "token.over");
    let entries: i64 =
        sqlx::query_scalar("select count(*) from audit_entries where tenant_id = $1")
            .bind(world.other.id.0)
            .fetch_one(&world.owner)
            .await
            .expect("a count");
    assert_eq!(entries, 0);
    phone.renew().await.expect(200);
    phone.get("/api/v1/me").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_ends_on_the_page_and_its_tokens_with_it() {
    let (_world, enterprise, mut phone) = scene().await;
    let page = enterprise.browser.get("/enterprise/account").await;
    let page = page.expect(200).says("小程序，");
    let id = page
        .text()
        .split("/enterprise/account/devices/")
        .nth(1)
        .and_then(|rest| rest.split('/').next().map(str::to_owned))
        .expect("a device");
    let path = format!("/enterprise/account/devices/{id}/end");
    let browser = &enterprise.browser;
    browser.submit_from(&page, &path, &[]).await.expect(303);
    phone.get("/api/v1/me").await.refused(401, "signed_out");
    phone.renew().await.refused(401, "token.over");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fourth_device_takes_the_place_of_the_oldest() {
    let (world, enterprise, first) = scene().await;
    let mut later = Vec::new();
    for _ in 0..3 {
        world.clock.advance(time::Duration::minutes(1));
        let mut phone = Phone::new(&world);
        phone.sign_in(&enterprise.phone, PASSWORD).await.expect(200);
        later.push(phone);
    }
    first.get("/api/v1/me").await.refused(401, "signed_out");
    for phone in later {
        phone.get("/api/v1/me").await.expect(200);
    }
    enterprise.browser.get("/enterprise").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_lives_two_hours_and_a_device_thirty_days() {
    let (world, _, mut phone) = scene().await;
    world.clock.advance(time::Duration::minutes(121));
    phone.get("/api/v1/me").await.refused(401, "signed_out");
    phone.renew().await.expect(200);
    phone.get("/api/v1/me").await.expect(200);
    world.clock.advance(time::Duration::days(31));
    phone.renew().await.refused(401, "token.over");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_wants_a_fresh_proof_and_ends_every_other_device() {
    let (world, enterprise, mut phone) = scene().await;
    let mut other = Phone::new(&world);
    other.sign_in(&enterprise.phone, PASSWORD).await.expect(200);
    let change = json!({ "current_password": PASSWORD, "password": GOOD, "password_again": GOOD });
    let path = "/api/v1/account/password";
    phone.put(path, &change).await.refused(403, "proof_needed");
    let before = phone::messages(&world).await;
    let captcha = phone.captcha("proof").await;
    let asked = phone
        .post(
            "/api/v1/account/proof-codes",
            &json!({ "captcha": captcha }),
        )
        .await;
    asked.expect(200);
    let code = phone::newest(&world, before).await;
    let proved = phone
        .post("/api/v1/account/proofs", &json!({ "sms_code": code }))
        .await
        .expect(200);
    let before = phone.clone();
    phone.keep(&proved);
    before.get("/api/v1/me").await.refused(401, "signed_out");
    phone.put(path, &change).await.expect(204);
    phone.get("/api/v1/me").await.expect(200);
    other.get("/api/v1/me").await.refused(401, "signed_out");
    other.renew().await.refused(401, "token.over");
    phone.renew().await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_refresh_token_too() {
    let (_world, _, mut phone) = scene().await;
    phone.delete("/api/v1/tokens/current").await.expect(204);
    phone.get("/api/v1/me").await.refused(401, "signed_out");
    phone.renew().await.refused(401, "token.over");
}

const APP: &str = "wx0000000000000001";
const OTHER_APP: &str = "wx0000000000000002";

#[tokio::test(flavor = "multi_thread")]
async fn a_bound_wechat_signs_in_and_no_other_citys_app_does() {
    let (world, enterprise, phone) = scene().await;
    let login = |app: &str, code: &str| json!({ "app_id": app, "code": code });
    let mut fresh = Phone::new(&world);
    let path = "/api/v1/tokens/wechat";
    let unbound = fresh.post(path, &login(APP, "demo-gu")).await.expect(200);
    assert_eq!(
        (&unbound["state"], &unbound["tokens"]),
        (&json!("unbound"), &Value::Null)
    );
    let bound = phone
        .post("/api/v1/account/wechat", &login(APP, "demo-gu"))
        .await;
    bound.expect(204);
    let signed = fresh.post(path, &login(APP, "demo-gu")).await.expect(200);
    fresh.keep(&signed["tokens"]);
    let me = fresh.get("/api/v1/me").await.expect(200);
    assert_eq!(me["enterprise_name"], enterprise.name.as_str());
    // The app of another city, at this city's door and at its own.
    let other = Phone::new(&world)
        .post(path, &login(OTHER_APP, "demo-gu"))
        .await;
    other.refused(422, "wechat.other_app");
    let elsewhere = Phone::elsewhere(&world);
    let own = elsewhere.post(path, &login(APP, "demo-gu")).await;
    own.refused(422, "wechat.other_app");
    let stranger = elsewhere.post(path, &login(OTHER_APP, "demo-gu")).await;
    assert_eq!(stranger.expect(200)["state"], "unbound");
    phone.delete("/api/v1/account/wechat").await.expect(204);
    let gone = Phone::new(&world).post(path, &login(APP, "demo-gu")).await;
    assert_eq!(gone.expect(200)["state"], "unbound");
}

/// Proves the phone by a message, and goes on with the token that comes of it.
async fn prove(world: &World, phone: &mut Phone) {
    let before = phone::messages(world).await;
    let captcha = phone.captcha("proof").await;
    let ask = json!({ "captcha": captcha });
    let asked = phone.post("/api/v1/account/proof-codes", &ask).await;
    asked.expect(200);
    let code = json!({ "sms_code": phone::newest(world, before).await });
    let proved = phone.post("/api/v1/account/proofs", &code).await;
    phone.keep(&proved.expect(200));
}

async fn bind(phone: &Phone) -> phone::Told {
    let login = json!({ "app_id": APP, "code": "demo-gu" });
    phone.post("/api/v1/account/wechat", &login).await
}

async fn bindings(world: &World) -> i64 {
    sqlx::query_scalar("select count(*) from wechat_accounts")
        .fetch_one(&world.owner)
        .await
        .expect("they are counted")
}

#[tokio::test(flavor = "multi_thread")]
async fn wechat_is_bound_right_after_signing_in_or_with_a_fresh_proof() {
    let (world, _, mut phone) = scene().await;
    world.clock.advance(time::Duration::minutes(6));
    bind(&phone).await.refused(403, "proof_needed");
    // Another token is no proof: whoever copied one could have it renewed.
    phone.renew().await.expect(200);
    bind(&phone).await.refused(403, "proof_needed");
    assert_eq!(bindings(&world).await, 0);
    prove(&world, &mut phone).await;
    bind(&phone).await.expect(204);
    assert_eq!(bindings(&world).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_puts_others_out_ends_the_binding_too() {
    let (world, enterprise, mut phone) = scene().await;
    let minute = time::Duration::seconds(61);
    bind(&phone).await.expect(204);
    phone.act("/api/v1/account/sign-outs").await.expect(200);
    assert_eq!(bindings(&world).await, 0, "signed out everywhere else");

    bind(&phone).await.expect(204);
    prove(&world, &mut phone).await;
    let change = json!({ "current_password": PASSWORD, "password": GOOD, "password_again": GOOD });
    let changed = phone.put("/api/v1/account/password", &change).await;
    changed.expect(204);
    assert_eq!(bindings(&world).await, 0, "another password");

    bind(&phone).await.expect(204);
    world.clock.advance(minute);
    let mut fresh = Phone::new(&world);
    let code = fresh.code(&world, "recover", &enterprise.phone).await;
    let again = "Anquan#2038y";
    let reset = json!({
        "phone": enterprise.phone, "sms_code": code, "password": again, "password_again": again,
    });
    let path = "/api/v1/password-resets";
    fresh.post(path, &reset).await.expect(204);
    assert_eq!(bindings(&world).await, 0, "a password set anew");

    fresh.sign_in(&enterprise.phone, again).await.expect(200);
    bind(&fresh).await.expect(204);
    world.clock.advance(minute);
    prove(&world, &mut fresh).await;
    let before = phone::messages(&world).await;
    let captcha = fresh.captcha("new_phone").await;
    let ask = json!({ "phone": NEW_PHONE, "captcha": captcha });
    let asked = fresh.post("/api/v1/account/phone-codes", &ask).await;
    asked.expect(200);
    let code = phone::newest(&world, before).await;
    let change = json!({ "phone": NEW_PHONE, "sms_code": code });
    let changed = fresh.put("/api/v1/account/phone", &change).await;
    changed.expect(204);
    assert_eq!(bindings(&world).await, 0, "another phone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_on_allow_counts_once() {
    let (_world, _, phone) = scene().await;
    let login = json!({ "app_id": APP, "code": "demo-gu" });
    phone
        .post("/api/v1/account/wechat", &login)
        .await
        .expect(204);
    let offers = phone.get("/api/v1/subscriptions").await.expect(200);
    let first = offers["items"][0]["template_id"].clone();
    let grant = json!({ "template_ids": [first] });
    for _ in 0..2 {
        let path = "/api/v1/subscriptions";
        let told = phone.keyed(path, &grant, "the-tap-of-a-thumb").await;
        told.expect(204);
    }
    let offers = phone.get("/api/v1/subscriptions").await.expect(200);
    assert_eq!(offers["items"][0]["left"], 1);
    let landing = phone.get("/api/v1/scenes/r").await.expect(200);
    assert_eq!(landing["kind"], "register");
}
