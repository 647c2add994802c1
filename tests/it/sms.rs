//! 短信: a city with a real provider behind a stand-in, on its good and its bad days.

use application::{outbox::QuietHours, ports::clock::Clock as _};
use journeys::{EnterpriseFixture, StaffFixture, World};
use outbound::testing;
use serde_json::{Value, json};
use time::{Duration, macros::datetime};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::header};
use yijianrong::workers::Workers;

const HOST: &str = "dysmsapi.aliyuncs.com";

struct Scene {
    world: World,
    provider: MockServer,
    enterprise: EnterpriseFixture,
    clerk: StaffFixture,
    operator: StaffFixture,
    application: domain::ids::FinancingApplicationId,
}

/// A secret in a file of this test.
fn secret(text: &str) -> String {
    let path = std::env::temp_dir().join(format!("yjr-it-sms-{}", uuid::Uuid::new_v4()));
    std::fs::write(&path, text).expect("written");
    format!("file:{}", path.display())
}

fn templates() -> Value {
    let mut all = json!({});
    for code in sms::texts::codes() {
        all[code] = json!({ "id": format!("SMS_{code}"), "params": sms::texts::blanks(code) });
    }
    all
}

async fn scene(change: impl Fn(&mut application::city::City)) -> Scene {
    let aliyun = MockServer::start().await;
    let section = json!({
        "kind": "aliyun", "signature": "一键融平台", "base_url": aliyun.uri(), "templates": templates(),
        "access_key_id": secret("LTAIEXAMPLE"), "access_key_secret": secret("ALISECRET"), "receipt_key": secret("RECEIPTKEY0123456789"),
    });
    scene_at(aliyun, section, change).await
}

async fn scene_at(
    provider: MockServer,
    section: Value,
    change: impl Fn(&mut application::city::City),
) -> Scene {
    let world = World::with(|city| {
        city.plugs.insert("sms".to_owned(), section.clone());
        change(city);
    })
    .await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let product = world.product(bank, "惠民抵押贷", &[branch]).await;
    let enterprise = world
        .ready_enterprise("沧州渤海机械厂", "13800138000")
        .await;
    let application = world
        .submitted_application(&enterprise, bank, branch, product)
        .await;
    let clerk = world.staff(branch, "钱云诚", &["bm"]).await;
    let operator = world.staff(world.cangzhou.id, "宋知远", &["op"]).await;
    Scene {
        world,
        provider,
        enterprise,
        clerk,
        operator,
        application,
    }
}

fn says(body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body.to_string(), "application/json;charset=utf-8")
}

fn taken() -> ResponseTemplate {
    says(&json!({ "Code": "OK", "Message": "OK", "BizId": "900^1", "RequestId": "r" }))
}

fn action(name: &str) -> wiremock::MockBuilder {
    Mock::given(testing::acs3_signed("LTAIEXAMPLE", "ALISECRET", HOST))
        .and(header("x-acs-action", name))
}

fn details(list: &[Value]) -> ResponseTemplate {
    says(&json!({ "Code": "OK", "TotalCount": list.len().to_string(),
                  "SmsSendDetailDTOs": { "SmsSendDetailDTO": list } }))
}

impl Scene {
    async fn accept(&self) {
        let page = format!("/branch/applications/{}/accept", self.application);
        let accepted = self.clerk.browser.submit(&page, &page, &[]).await;
        accepted.expect(303);
    }

    async fn deliver(&self) {
        Workers::new(&self.world.parts)
            .deliver_once()
            .await
            .expect("it runs");
    }

    async fn notice(&self, template: &str, to: uuid::Uuid) {
        sqlx::query(
            "insert into outbox (id, tenant_id, topic, payload, created_at, next_at) values ($1, $2, 'application.sms', $3, $4, $4)",
        )
        .bind(self.world.parts.clock.new_id())
        .bind(self.world.cangzhou.id.0)
        .bind(json!({ "application": self.application.0, "template": template, "to": to }))
        .bind(self.world.clock.now())
        .execute(&self.world.owner)
        .await
        .expect("it is due");
    }

    /// How often the provider was asked to send.
    async fn sends(&self) -> usize {
        let requests = self.provider.received_requests().await.expect("kept");
        let sends = requests.iter().filter(|r| {
            r.headers
                .get("x-acs-action")
                .is_some_and(|a| a == "SendSms")
        });
        sends.count()
    }

    async fn states(&self) -> Vec<String> {
        sqlx::query_scalar("select state from sms_tries order by at, id")
            .fetch_all(&self.world.owner)
            .await
            .expect("it reads")
    }

    async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql)
            .fetch_one(&self.world.owner)
            .await
            .expect("it counts")
    }

    async fn open_notices(&self) -> i64 {
        self.count("select count(*) from outbox where done_at is null")
            .await
    }

    async fn the_message(&self) -> String {
        sqlx::query_scalar("select message_id::text from sms_tries limit 1")
            .fetch_one(&self.world.owner)
            .await
            .expect("one was tried")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_provider_is_silent_nothing_is_lost_and_afterwards_it_goes_out_once() {
    let scene = scene(|_| {}).await;
    let silent = action("SendSms")
        .respond_with(taken().set_delay(std::time::Duration::from_secs(1)))
        .mount_as_scoped(&scene.provider)
        .await;
    scene.accept().await;
    scene.deliver().await;
    assert_eq!(scene.states().await, ["unclear"]);
    assert_eq!(scene.open_notices().await, 1, "the message is kept");
    // The enterprise was told in the site all the same.
    scene
        .enterprise
        .browser
        .get("/enterprise/messages")
        .await
        .expect(200)
        .says("接单");
    drop(silent);
    // It is back, and knows nothing of ours.
    action("QuerySendDetails")
        .respond_with(details(&[]))
        .mount(&scene.provider)
        .await;
    action("SendSms")
        .respond_with(taken())
        .mount(&scene.provider)
        .await;
    scene.world.clock.advance(Duration::minutes(2));
    scene.deliver().await;
    scene.deliver().await;
    assert_eq!(scene.states().await, ["unreachable", "accepted"]);
    assert_eq!(scene.open_notices().await, 0);
    assert_eq!(scene.sends().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_provider_took_in_silence_is_not_sent_a_second_time() {
    let scene = scene(|_| {}).await;
    action("SendSms")
        .respond_with(taken().set_delay(std::time::Duration::from_secs(1)))
        .mount(&scene.provider)
        .await;
    scene.accept().await;
    scene.deliver().await;
    let ours = scene.the_message().await;
    let detail = json!({ "OutId": ours, "SendStatus": 3, "PhoneNum": "13800138000" });
    action("QuerySendDetails")
        .respond_with(details(&[detail]))
        .mount(&scene.provider)
        .await;
    scene.world.clock.advance(Duration::minutes(2));
    scene.deliver().await;
    assert_eq!(scene.states().await, ["accepted"]);
    assert_eq!(scene.open_notices().await, 0);
    assert_eq!(scene.sends().await, 1, "once is enough");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_two_hours_parks_nothing_and_sends_nothing_twice() {
    let scene = scene(|_| {}).await;
    let down = Mock::given(testing::acs3_signed("LTAIEXAMPLE", "ALISECRET", HOST))
        .respond_with(ResponseTemplate::new(502))
        .mount_as_scoped(&scene.provider)
        .await;
    let people = [scene.enterprise.user.0, scene.clerk.user.0];
    for (template, to) in [
        ("accepted", people[0]),
        ("disbursed", people[0]),
        ("new_request", people[1]),
    ] {
        scene.notice(template, to).await;
    }
    for _ in 0..24 {
        scene.deliver().await;
        scene.world.clock.advance(Duration::minutes(5));
    }
    let parked = "select count(*) from outbox where parked_at is not null or tries > 0";
    assert_eq!(scene.count(parked).await, 0, "waiting is no failure");
    let before = scene.sends().await;
    drop(down);
    action("QuerySendDetails")
        .respond_with(details(&[]))
        .mount(&scene.provider)
        .await;
    action("SendSms")
        .respond_with(taken())
        .mount(&scene.provider)
        .await;
    for _ in 0..3 {
        scene.world.clock.advance(Duration::hours(1));
        scene.deliver().await;
    }
    assert_eq!(scene.open_notices().await, 0);
    assert_eq!(scene.sends().await - before, 3, "each once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_stays_away_for_two_days_leaves_its_notices_to_people() {
    let scene = scene(|_| {}).await;
    action("SendSms")
        .respond_with(says(&json!({ "Code": "Throttling.User", "Message": "m" })))
        .mount(&scene.provider)
        .await;
    scene.notice("accepted", scene.enterprise.user.0).await;
    let parked = "select count(*) from outbox where parked_at is not null";
    for hour in 0..50 {
        scene.deliver().await;
        scene.world.clock.advance(Duration::hours(1));
        if hour < 47 {
            assert_eq!(scene.count(parked).await, 0, "after {hour} hours");
        }
    }
    assert_eq!(scene.count(parked).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_takes_too_long_and_tells_nothing_gets_a_notice_twice_and_then_people_decide()
 {
    let huawei = MockServer::start().await;
    let section = json!({
        "kind": "huawei", "from": "8824110605000", "base_url": huawei.uri(), "templates": templates(),
        "app_key": secret("APPKEY"), "app_secret": secret("HWSECRET"),
    });
    let scene = scene_at(huawei, section, |_| {}).await;
    let good = json!({ "code": "000000", "result": [{ "smsMsgId": "h1", "status": "000000" }] });
    let slow = Mock::given(wiremock::matchers::any())
        .respond_with(says(&good).set_delay(std::time::Duration::from_secs(1)))
        .mount_as_scoped(&scene.provider)
        .await;
    scene.notice("accepted", scene.enterprise.user.0).await;
    for _ in 0..48 {
        scene.deliver().await;
        scene.world.clock.advance(Duration::hours(1));
    }
    assert_eq!(scene.states().await, ["unclear", "unclear"]);
    drop(slow);
    // Whoever has asked the recipient may have it sent once more.
    Mock::given(wiremock::matchers::any())
        .respond_with(says(&good))
        .mount(&scene.provider)
        .await;
    let city = scene.world.cangzhou.id;
    let operator = scene.world.staff(city, "宋知远", &["op"]).await;
    let list = operator.browser.get("/operator/deliveries").await;
    let list = list.expect(200).says("重新投递前请先向收件人确认");
    let parked: uuid::Uuid =
        sqlx::query_scalar("select id from outbox where parked_at is not null")
            .fetch_one(&scene.world.owner)
            .await
            .expect("one is parked");
    let again = format!("/operator/deliveries/{parked}/again");
    let fields = [("_key", "0123456789abcdef0123")];
    let pressed = operator.browser.submit_from(&list, &again, &fields);
    pressed.await.expect(303);
    scene.deliver().await;
    assert_eq!(
        scene.states().await,
        ["unclear", "unclear", "accepted"],
        "it went out"
    );
    assert_eq!(scene.open_notices().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nights_do_not_count_as_time_without_the_provider() {
    let scene = scene(|city| city.sms_quiet = QuietHours::new(21, 8)).await;
    action("SendSms")
        .respond_with(says(&json!({ "Code": "Throttling.User", "Message": "m" })))
        .mount(&scene.provider)
        .await;
    scene.world.clock.set(datetime!(2026-11-26 09:00 +8));
    scene.notice("accepted", scene.enterprise.user.0).await;
    let parked = "select count(*) from outbox where parked_at is not null";
    for hour in 0..120 {
        scene.deliver().await;
        scene.world.clock.advance(Duration::hours(1));
        if hour < 60 {
            assert_eq!(scene.count(parked).await, 0, "after {hour} hours");
        }
    }
    assert_eq!(scene.count(parked).await, 1, "after two days of waking");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_of_the_night_waits_for_the_morning() {
    let scene = scene(|city| city.sms_quiet = QuietHours::new(21, 8)).await;
    action("SendSms")
        .respond_with(taken())
        .mount(&scene.provider)
        .await;
    scene.accept().await;
    scene.world.clock.set(datetime!(2026-11-25 23:10 +8));
    scene.deliver().await;
    assert_eq!(scene.sends().await, 0);
    scene.world.clock.set(datetime!(2026-11-26 07:59 +8));
    scene.deliver().await;
    assert_eq!(scene.sends().await, 0);
    scene.world.clock.set(datetime!(2026-11-26 08:00 +8));
    scene.deliver().await;
    assert_eq!(scene.sends().await, 1);
    assert_eq!(scene.open_notices().await, 0);
    let tries = "select coalesce(max(tries), 0)::bigint from outbox";
    assert_eq!(scene.count(tries).await, 0, "waiting is no failure");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_noted_once_at_the_door_that_only_the_provider_knows() {
    let scene = scene(|_| {}).await;
    action("SendSms")
        .respond_with(taken())
        .mount(&scene.provider)
        .await;
    scene.accept().await;
    scene.deliver().await;
    let log = "/operator/deliveries/log";
    let page = scene.operator.browser.get(log).await.expect(200);
    let page = page.says("138****8000").says("阿里云").says("服务商已接收");
    assert!(!page.text().contains("13800138000"), "masked on the page");
    let push = |success: bool| {
        json!([{ "phone_number": "13800138000", "success": success, "err_code": if success { "DELIVERED" } else { "LATE" },
                 "biz_id": "900^1", "out_id": "", "sms_size": "1" }])
    };
    let outside = scene.world.browser();
    let knock = |path: &'static str, body: Value| {
        let request = outside.raw(reqwest::Method::POST, path).json(&body);
        outside.answer(request)
    };
    let door = "/hooks/sms/aliyun/RECEIPTKEY0123456789";
    for wrong in [
        "/hooks/sms/aliyun/WRONG",
        "/hooks/sms/tencent/RECEIPTKEY0123456789",
    ] {
        knock(wrong, push(true)).await.expect(404);
    }
    assert_eq!(scene.states().await, ["accepted"]);
    let heard = knock(door, push(true)).await.expect(200);
    assert_eq!(heard.text(), r#"{"code":0,"msg":"OK"}"#);
    knock(door, push(false)).await.expect(200);
    knock(door, json!({ "biz_id": 1 })).await.expect(400);
    assert_eq!(scene.states().await, ["delivered"], "the first one counts");
    // Another city's door does not reach this city's messages.
    sqlx::query("update sms_tries set state = 'accepted'")
        .execute(&scene.world.owner)
        .await
        .expect("as before");
    let elsewhere = scene.world.browser_elsewhere();
    let request = elsewhere.raw(reqwest::Method::POST, door).json(&push(true));
    elsewhere.answer(request).await.expect(200);
    assert_eq!(scene.states().await, ["accepted"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_by_our_id_is_for_the_try_that_may_be_out() {
    let scene = scene(|_| {}).await;
    let message = uuid::Uuid::new_v4();
    for (state, minutes) in [("unclear", 5), ("refused", 2)] {
        sqlx::query(
            "insert into sms_tries (id, tenant_id, message_id, template, phone_masked, provider, state, at)
             values (gen_random_uuid(), $1, $2, 'accepted', '138****8000', 'aliyun', $3, $4)",
        )
        .bind(scene.world.cangzhou.id.0)
        .bind(message)
        .bind(state)
        .bind(scene.world.clock.now() - Duration::minutes(minutes))
        .execute(&scene.world.owner)
        .await
        .expect("tried");
    }
    let receipt = json!([{ "phone_number": "13800138000", "success": true, "err_code": "DELIVERED",
        "biz_id": "900^7", "out_id": message.to_string() }]);
    let outside = scene.world.browser();
    let door = "/hooks/sms/aliyun/RECEIPTKEY0123456789";
    let request = outside.raw(reqwest::Method::POST, door).json(&receipt);
    outside.answer(request).await.expect(200);
    assert_eq!(scene.states().await, ["delivered", "refused"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_read_what_a_provider_wants_in_plain_words_and_hear_of_it_once_a_day() {
    let scene = scene(|_| {}).await;
    action("SendSms")
        .respond_with(says(
            &json!({ "Code": "isv.AMOUNT_NOT_ENOUGH", "Message": "余额" }),
        ))
        .mount(&scene.provider)
        .await;
    scene.accept().await;
    scene.deliver().await;
    let workers = Workers::new(&scene.world.parts);
    for _ in 0..2 {
        workers.tick_once().await.expect("it runs");
    }
    let alarms = "select count(*) from messages where title = '短信服务商需要处理'";
    assert_eq!(scene.count(alarms).await, 1);
    let browser = &scene.operator.browser;
    browser
        .get("/operator/deliveries/log?state=refused")
        .await
        .expect(200)
        .says("服务商拒绝")
        .says("账户欠费、停用或未开通该服务");
    for (query, there) in [
        ("template=accepted", true),
        ("template=code", false),
        ("from=2020-01-01&template=accepted", true),
        ("to=2020-01-01", false),
    ] {
        let log = format!("/operator/deliveries/log?{query}");
        let page = browser.get(&log).await.expect(200).text();
        assert_eq!(page.contains("没有这样的短信记录"), !there, "{query}");
    }
    let month = browser
        .get("/operator/deliveries/log/month")
        .await
        .expect(200);
    month.says("短信：已接单").says("合计");
    browser
        .get("/operator/deliveries")
        .await
        .expect(200)
        .says("短信：已接单");
    let page = browser
        .get("/operator/providers")
        .await
        .expect(200)
        .says("阿里云")
        .says("通过")
        .says("未检查")
        .says("账户欠费、停用或未开通该服务");
    action("QuerySendDetails")
        .respond_with(says(
            &json!({ "Code": "SignatureDoesNotMatch", "Message": "m" }),
        ))
        .mount(&scene.provider)
        .await;
    browser
        .submit_from(&page, "/operator/providers/check", &[])
        .await
        .expect(200)
        .says("密钥不正确或已失效");
    let supervisor = scene
        .world
        .staff(scene.world.cangzhou.id, "祁望川", &["os"])
        .await;
    let page = supervisor
        .browser
        .get("/operator/providers")
        .await
        .expect(200);
    supervisor
        .browser
        .submit_from(
            &page,
            "/operator/providers/check",
            &[("_key", "0123456789abcdef0123")],
        )
        .await
        .expect(403);
    for path in ["/operator/providers", "/operator/deliveries/log"] {
        scene.clerk.browser.get(path).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_that_runs_out_is_told_and_holds_notices_back() {
    let scene = scene(|city| city.sms_daily_budget = 5).await;
    action("SendSms")
        .respond_with(taken())
        .mount(&scene.provider)
        .await;
    let used = |n: i32| {
        sqlx::query(
            "insert into sms_tries (id, tenant_id, message_id, template, phone_masked, provider, state, at)
             select gen_random_uuid(), $1, gen_random_uuid(), 'code', '138****0001', 'aliyun', 'accepted', $2 from generate_series(1, $3)",
        )
        .bind(scene.world.cangzhou.id.0)
        .bind(scene.world.clock.now())
        .bind(n)
        .execute(&scene.world.owner)
    };
    let workers = Workers::new(&scene.world.parts);
    used(4).await.expect("sent");
    workers.tick_once().await.expect("it runs");
    let soon = "select count(*) from messages where title = '今日短信用量已过八成'";
    let over = "select count(*) from messages where title = '今日短信已达上限'";
    assert_eq!((scene.count(soon).await, scene.count(over).await), (1, 0));
    used(1).await.expect("sent");
    workers.tick_once().await.expect("it runs");
    workers.tick_once().await.expect("it runs");
    assert_eq!((scene.count(soon).await, scene.count(over).await), (1, 1));
    scene.accept().await;
    scene.deliver().await;
    assert_eq!(scene.sends().await, 0, "it waits");
    scene.world.clock.advance(Duration::hours(25));
    scene.deliver().await;
    assert_eq!(scene.sends().await, 1);
}
