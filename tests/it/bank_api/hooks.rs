//! Events: told signed, told again when nobody took them, given up in sight of people.

use super::{Machine, act, headquarters, json, mac};
use crate::branch::{Scene, scene};
use journeys::StaffFixture;
use serde_json::Value;
use time::Duration;
use uuid::Uuid;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};
use yijianrong::workers::Workers;

const HOOK: &str = "/hq/keys/webhook";

async fn answering(bank: &MockServer, status: u16) {
    bank.reset().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(status))
        .mount(bank)
        .await;
}

/// Sets the address; answers the secret that the page shows once.
async fn set(admin: &StaffFixture, url: &str) -> String {
    let page = admin
        .browser
        .submit(HOOK, HOOK, &[("hook_url", url)])
        .await
        .expect(200)
        .says("推送地址已设置");
    let text = page.text();
    let secret = text.split("data-copy=\"").nth(1).expect("a secret");
    secret.split('"').next().expect("its end").to_owned()
}

async fn press(admin: &StaffFixture, path: &str, action: &str) -> journeys::Answer {
    let once = Uuid::new_v4().simple().to_string();
    let fields = [("_action", action), ("_key", once.as_str())];
    admin.browser.submit(HOOK, path, &fields).await
}

async fn tell(scene: &Scene) -> usize {
    let workers = Workers::new(&scene.world.parts);
    while workers.deliver_once().await.expect("it delivers") > 0 {}
    workers.tell_once().await.expect("it tells")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_told_signed_and_names_no_person() {
    let scene = scene().await;
    let (admin, _) = headquarters(&scene.world, scene.bank).await;
    let bank = MockServer::start().await;
    answering(&bank, 204).await;
    let secret = set(&admin, &format!("{}/events", bank.uri())).await;
    scene.accept().await;
    assert_eq!(tell(&scene).await, 1);
    assert_eq!(tell(&scene).await, 0, "told once");
    let calls = bank.received_requests().await.expect("they are kept");
    assert_eq!(calls.len(), 1);
    let call = &calls[0];
    assert_eq!(call.url.path(), "/events");
    let head = |name: &str| call.headers[name].to_str().expect("plain").to_owned();
    assert_eq!(head("x-yjr-event"), "application.accepted");
    let body = String::from_utf8(call.body.clone()).expect("text");
    let signed = format!(
        "{}\n{}\n{body}",
        head("x-yjr-timestamp"),
        head("x-yjr-delivery")
    );
    assert_eq!(
        head("x-yjr-signature"),
        format!("v1={}", mac(&secret, &signed))
    );
    let event: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(event["type"], "application.accepted");
    assert_eq!(event["id"], head("x-yjr-delivery").as_str());
    assert_eq!(event["application"]["id"], scene.application.to_string());
    assert_eq!(event["application"]["stage"], "accepted");
    assert!(!body.contains("钱云诚") && !body.contains(&scene.owner.name));
    let page = admin.browser.get(HOOK).await.expect(200);
    page.says("application.accepted")
        .says("已送达")
        .says("返回 204");
    let other = scene.world.bank("沧海惠民银行").await;
    let (stranger, _) = headquarters(&scene.world, other).await;
    let theirs = stranger.browser.get(HOOK).await.expect(200);
    assert!(!theirs.text().contains("application.accepted"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_takes_is_tried_again_given_up_and_sent_again_by_hand() {
    let scene = scene().await;
    let (admin, _) = headquarters(&scene.world, scene.bank).await;
    let bank = MockServer::start().await;
    answering(&bank, 500).await;
    set(&admin, &format!("{}/events", bank.uri())).await;
    press(&admin, HOOK, "ping").await.expect(303);
    assert_eq!(tell(&scene).await, 1);
    assert_eq!(tell(&scene).await, 0, "it waits before it tries again");
    for _ in 1..10 {
        scene.world.clock.advance(Duration::hours(2));
        assert_eq!(tell(&scene).await, 1);
    }
    scene.world.clock.advance(Duration::hours(2));
    assert_eq!(tell(&scene).await, 0, "ten tries, then people look");
    // The session ended with the hours that went by.
    let admin = scene.world.staff(scene.bank, "苏启明", &["ha"]).await;
    let page = admin.browser.get(HOOK).await.expect(200);
    page.clone()
        .says("推送失败")
        .says("10 次")
        .says("返回 500")
        .says("webhook.test");
    answering(&bank, 200).await;
    let id: Uuid = sqlx::query_scalar("select id from webhook_deliveries")
        .fetch_one(&scene.world.owner)
        .await
        .expect("one delivery");
    press(&admin, &format!("{HOOK}/{id}"), "").await.expect(303);
    assert_eq!(tell(&scene).await, 1);
    admin.browser.get(HOOK).await.expect(200).says("已送达");
    press(&admin, &format!("{HOOK}/{id}"), "").await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_inside_is_refused_and_a_stopped_one_is_silent() {
    let scene = scene().await;
    let (admin, _) = headquarters(&scene.world, scene.bank).await;
    for (url, words) in [
        ("", "请填写推送地址"),
        ("http://hooks.bank.example/", "应以 https:// 开头"),
        ("https://10.0.0.8/", "不能是 IP 地址或内网名称"),
        ("https://169.254.169.254/latest", "不能是 IP 地址或内网名称"),
        ("https://hooks.bank.example:22/", "443 或 8443"),
    ] {
        let page = admin.browser.submit(HOOK, HOOK, &[("hook_url", url)]).await;
        page.expect(422).says(words);
    }
    let bank = MockServer::start().await;
    answering(&bank, 200).await;
    set(&admin, &format!("{}/events", bank.uri())).await;
    press(&admin, HOOK, "stop").await.expect(303);
    press(&admin, HOOK, "stop").await.expect(409);
    press(&admin, HOOK, "ping").await.expect(409);
    scene.accept().await;
    assert_eq!(tell(&scene).await, 0);
    assert!(
        bank.received_requests()
            .await
            .expect("they are kept")
            .is_empty()
    );
    let log: i64 =
        sqlx::query_scalar("select count(*) from audit_entries where action like 'webhook.%'")
            .fetch_one(&scene.world.owner)
            .await
            .expect("the log");
    assert_eq!(log, 2);
    let machine: Machine = super::new_key(&scene.world, &admin, "sandbox").await;
    act(&admin, &machine.key, "enable").await.expect(409);
    let list = machine.get("/bank/v1/applications", &[]).await;
    assert_eq!(
        json(&list.expect(200))["items"].as_array().map(Vec::len),
        Some(6)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_that_does_not_answer_delays_no_other_and_hears_everything_later() {
    let scene = scene().await;
    let world = &scene.world;
    let (slow, _) = headquarters(world, scene.bank).await;
    // It takes the connection and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = silent.local_addr().expect("its address");
    set(&slow, &format!("http://{address}/events")).await;
    let (quick, _) = headquarters(world, world.bank("沧海惠民银行").await).await;
    let bank = MockServer::start().await;
    let heard = Mock::given(any())
        .respond_with(ResponseTemplate::new(204))
        .expect(1)
        .mount_as_scoped(&bank)
        .await;
    set(&quick, &format!("{}/events", bank.uri())).await;
    for _ in 0..3 {
        press(&slow, HOOK, "ping").await.expect(303);
    }
    // The silent one has waited longer: it has the first turn.
    world.clock.advance(Duration::seconds(1));
    press(&quick, HOOK, "ping").await.expect(303);
    let workers = Workers::new(&world.parts);
    let round = tokio::spawn(async move { workers.tell_once().await });
    heard.wait_until_satisfied().await;
    // Three of the silent bank were due before: the other one heard of its event while the first of them was still waited for.
    let failed = "select count(*) from webhook_deliveries where last_error <> ''";
    assert_eq!(scene.count(failed).await, 0);
    // The process dies while it waits for the slow one: nothing is lost.
    round.abort();
    assert!(round.await.is_err());
    drop(heard);
    answering(&bank, 204).await;
    set(&slow, &format!("{}/events", bank.uri())).await;
    world.clock.advance(Duration::minutes(3));
    // What was heard and not yet noted is told once more.
    assert!((3..=4).contains(&tell(&scene).await));
    let owed = "select count(*) from webhook_deliveries where done_at is null";
    assert_eq!(scene.count(owed).await, 0);
}
