//! A bad day 供应商故障: the messages' provider keeps silent, the face provider gives no clear answer, nobody reads licences; and
//! the whole main job is done by the other ways.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering::SeqCst},
};

use domain::ids::{ProductId, TenantId};
use journeys::StaffFixture;
use outbound::testing::acs3_signed;
use serde_json::{Value, json};
use time::Duration;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};
use yijianrong::workers::Workers;

use super::{
    face::{agree, shoot},
    hosted::section,
    *,
};
use crate::account::{ask_code, open_agreements, registration};

const PHONE: &str = "13900001234";

/// Sends what it is asked to. On a bad day it answers nobody; the messages whose template is in `TAKEN` go out all the same.
#[derive(Clone, Default)]
struct Messages {
    back: Arc<AtomicBool>,
    went_out: Arc<Mutex<Vec<(String, String)>>>,
}

const TAKEN: &str = "SMS_accepted";

impl Respond for Messages {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let query = |name: &str| {
            let found = request.url.query_pairs().find(|(key, _)| key == name);
            found
                .map(|(_, value)| value.into_owned())
                .unwrap_or_default()
        };
        let (back, mut went_out) = (self.back.load(SeqCst), self.went_out.lock().expect("kept"));
        let answer = if request.headers["x-acs-action"] == "SendSms" {
            if back || query("TemplateCode") == TAKEN {
                went_out.push((query("OutId"), query("TemplateCode")));
            }
            json!({ "Code": "OK", "BizId": format!("9^{}", went_out.len()) })
        } else {
            let known = went_out
                .iter()
                .map(|(id, _)| json!({ "OutId": id, "SendStatus": 3 }));
            let list: Vec<Value> = known.collect();
            json!({ "Code": "OK", "TotalCount": list.len().to_string(), "SmsSendDetailDTOs": { "SmsSendDetailDTO": list } })
        };
        let answer =
            ResponseTemplate::new(200).set_body_raw(answer.to_string(), "application/json");
        if back {
            answer
        } else {
            answer.set_delay(std::time::Duration::from_secs(1))
        }
    }
}

struct Day {
    world: World,
    messages: Messages,
    aliyun: MockServer,
    /// The fallback for what somebody waits for.
    huawei: MockServer,
    _others: [MockServer; 2],
    branch: TenantId,
    product: ProductId,
    clerk: StaffFixture,
    approver: StaffFixture,
}

async fn broken() -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(502))
        .mount(&server)
        .await;
    server
}

async fn day() -> Day {
    let (aliyun, huawei) = (MockServer::start().await, MockServer::start().await);
    let others = [broken().await, broken().await];
    let messages = Messages::default();
    Mock::given(acs3_signed(
        "AKIDEXAMPLE",
        "SecretKeyExample",
        "dysmsapi.aliyuncs.com",
    ))
    .respond_with(messages.clone())
    .mount(&aliyun)
    .await;
    let taken = json!({ "code": "000000", "result": [{ "smsMsgId": "h1", "status": "000000" }] });
    Mock::given(any())
        .respond_with(
            ResponseTemplate::new(200).set_body_raw(taken.to_string(), "application/json"),
        )
        .mount(&huawei)
        .await;
    let files = std::env::temp_dir().join(format!("yjr-bad-day-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir_all(&files).expect("a folder");
    let face = section("photo", &others[0].uri(), &files);
    let (id, key) = (face["secret_id"].clone(), face["secret_key"].clone());
    let mut templates = json!({});
    for code in sms::texts::codes() {
        templates[code] =
            json!({ "id": format!("SMS_{code}"), "params": sms::texts::blanks(code) });
    }
    let sms = json!({ "kind": "aliyun", "signature": "一键融平台", "base_url": aliyun.uri(),
        "access_key_id": id, "access_key_secret": key, "templates": templates,
        "fallback": { "kind": "huawei", "from": "8824110605000", "base_url": huawei.uri(),
            "app_key": id, "app_secret": key, "templates": templates } });
    let readers = json!({ "kind": "tencent", "provider_name": "腾讯云", "base_url": others[1].uri(),
        "secret_id": id, "secret_key": key });
    let world = World::with(|city| {
        for (name, section) in [("sms", &sms), ("face", &face), ("recognition", &readers)] {
            city.plugs.insert(name.to_owned(), section.clone());
        }
    })
    .await;
    let bank = world.bank("沧海惠民银行").await;
    let branch = world.branch(bank, "沧海惠民银行运河支行").await;
    Day {
        product: world.product(bank, "惠民抵押贷", &[branch]).await,
        clerk: world.staff(branch, "周经办", &["bm"]).await,
        approver: world.staff(branch, "邬志航", &["ba"]).await,
        world,
        messages,
        aliyun,
        huawei,
        _others: others,
        branch,
    }
}

impl Day {
    /// The code of the newest message that the fallback sent; it leaves after the page has answered.
    async fn code(&self, nth: usize) -> String {
        let arrived = async {
            loop {
                let sent = self.huawei.received_requests().await.expect("kept");
                if let Some(one) = sent.get(nth) {
                    let fields = one
                        .url
                        .join(&format!("?{}", String::from_utf8_lossy(&one.body)));
                    let fields = fields.expect("a form");
                    let params = fields
                        .query_pairs()
                        .find(|(name, _)| name == "templateParas");
                    let params: Vec<String> =
                        serde_json::from_str(&params.expect("blanks").1).expect("a list");
                    let six = |text: &String| text.len() == 6 && text.parse::<u32>().is_ok();
                    return params.into_iter().find(six).expect("a code");
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(10), arrived)
            .await
            .expect("the fallback sends")
    }

    async fn registered(&self) -> Browser {
        let browser = self.world.browser();
        browser.get("/register").await.expect(200);
        open_agreements(&browser).await;
        let form = ask_code(&browser, "/register", &[("phone", PHONE)]).await;
        let form = form.expect(200);
        let code = self.code(0).await;
        browser
            .submit_from(&form, "/register", &registration(PHONE, &code))
            .await
            .expect(303);
        browser
    }

    async fn completed(&self, browser: &Browser) {
        put_all(browser).await;
        let page = browser.get("/enterprise/profile?edit=1").await.expect(200);
        let (csrf, version) = (page.csrf(), page.input("version").expect("a version"));
        let ask = [
            ("_csrf", csrf.as_str()),
            ("_action", "read_photos"),
            ("version", &version),
        ];
        browser
            .upload("/enterprise/profile", &ask, &[])
            .await
            .expect(503)
            .says("照片已上传，识别没有结果。请手工填写");
        self.world.clock.advance(Duration::minutes(2));
        ask_code(browser, "/enterprise/profile?edit=1", &[])
            .await
            .expect(200);
        let code = self.code(1).await;
        let page = browser.get("/enterprise/profile?edit=1").await.expect(200);
        let version = page.input("version").expect("a version");
        let mut fields = filled();
        fields.extend([("version", version.as_str()), ("sms_code", &code)]);
        browser
            .submit_from(&page, "/enterprise/profile", &fields)
            .await
            .expect(303);
    }

    /// The face is not compared; the branch sees the person and the licence.
    async fn verified(&self, browser: &Browser) {
        agree(browser).await;
        shoot(browser, "pass").await.expect(303);
        let page = browser.get("/enterprise/face").await.expect(200);
        page.says("结果待确认").says("/enterprise/face/manual");
        let verified = "select count(*) from users where face_verified_at is not null";
        assert_eq!(self.count(verified).await, 0, "unclear is no success");
        let (door, branch) = ("/enterprise/face/manual", self.branch.to_string());
        let asked = browser.submit(door, door, &[("branch", &branch)]).await;
        asked.expect(303);
        let check = "select id::text from face_checks where status = 'manual_requested'";
        let counter = format!("/branch/counter/{}", self.text(check).await);
        let seen = [
            ("_action", "pass"),
            ("legal_id", LEGAL_ID),
            ("seen_person", "1"),
            ("seen_licence", "1"),
        ];
        let passed = self.clerk.browser.submit(&counter, &counter, &seen).await;
        passed.expect(303);
        self.deliver().await;
        assert_eq!(self.count(verified).await, 1);
    }

    async fn applied(&self, browser: &Browser) {
        for agreement in self.world.cangzhou.ticked_on("apply") {
            let text = format!("/agreements/{}", agreement.code);
            browser.get(&text).await.expect(200);
        }
        let (form, branch) = (
            format!("/enterprise/apply/{}", self.product),
            self.branch.to_string(),
        );
        let fields = [
            ("amount", "250.5"),
            ("term", "3"),
            ("rate", "3.75"),
            ("branch", branch.as_str()),
            ("agree_register", "1"),
            ("agree_enterprise_credit", "1"),
        ];
        let away = browser.submit(&form, &form, &fields).await.expect(303);
        assert!(away.location().starts_with("/enterprise/face?next="));
        self.verified(browser).await;
        let kept = browser.get(&form).await.expect(200);
        assert_eq!(
            kept.input("amount").as_deref(),
            Some("250.5"),
            "nothing is lost"
        );
        let saved = browser.submit(&form, &form, &fields).await.expect(303);
        let check = browser.get(saved.location()).await.expect(200);
        let (draft, version) = (check.input("draft"), check.input("version"));
        let own = [
            ("draft", draft.expect("a draft")),
            ("version", version.expect("a version")),
        ];
        let own = own.each_ref().map(|(name, value)| (*name, value.as_str()));
        browser
            .submit_from(&check, &format!("{form}/submit"), &own)
            .await
            .expect(303);
    }

    /// 接单 and 审核通过.
    async fn decided(&self) {
        let id = "select id::text from financing_applications where stage = 'submitted'";
        let page = format!("/branch/applications/{}", self.text(id).await);
        let accept = format!("{page}/accept");
        let confirm = [("_action", "confirm")];
        let clerk = &self.clerk.browser;
        clerk.submit(&accept, &accept, &confirm).await.expect(303);
        self.deliver().await;
        let (approve, browser) = (format!("{page}/approve"), &self.approver.browser);
        browser.prove().await;
        let form = browser.get(&approve).await.expect(200);
        let version = form.input("version").expect("a version");
        let fields = [
            ("version", version.as_str()),
            ("_action", "confirm"),
            ("approved_amount", "200"),
            ("approved_rate", "3.75"),
            ("approved_term", "3"),
            ("valid_until", "2027-03-31"),
            ("opinion", "经营正常，同意办理。"),
        ];
        let approved = browser.submit_from(&form, &approve, &fields).await;
        approved.expect(303);
        let stage = "select count(*) from financing_applications where stage = 'approved'";
        assert_eq!(self.count(stage).await, 1);
    }

    async fn deliver(&self) {
        let workers = Workers::new(&self.world.parts);
        workers.deliver_once().await.expect("it runs");
    }

    async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql)
            .fetch_one(&self.world.owner)
            .await
            .expect("a count")
    }

    async fn text(&self, sql: &'static str) -> String {
        sqlx::query_scalar(sql)
            .fetch_one(&self.world.owner)
            .await
            .expect("one")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_bad_day_the_whole_main_job_is_done_and_afterwards_everything_is_told_once() {
    let day = day().await;
    let browser = day.registered().await;
    day.completed(&browser).await;
    day.applied(&browser).await;
    day.deliver().await;
    day.decided().await;
    day.deliver().await;
    day.world.clock.advance(Duration::seconds(30));
    day.deliver().await;
    let waiting = "select count(*) from outbox where done_at is null and parked_at is null";
    let notices = day.count(waiting).await;
    assert!(notices >= 3, "the branch's, 已接单 and 审核通过: {notices}");
    let messages = browser.get("/enterprise/messages").await.expect(200);
    messages.says("接单").says("审核通过");

    day.messages.back.store(true, SeqCst);
    for _ in 0..4 {
        day.world.clock.advance(Duration::minutes(1));
        day.deliver().await;
    }
    assert_eq!(
        day.count("select count(*) from outbox where done_at is null")
            .await,
        0
    );
    let mut told = day.messages.went_out.lock().expect("kept").clone();
    assert_eq!(
        told.len(),
        usize::try_from(notices).expect("few"),
        "each once: {told:?}"
    );
    told.sort();
    told.dedup_by(|a, b| a.0 == b.0);
    assert_eq!(
        told.len(),
        usize::try_from(notices).expect("few"),
        "nothing twice: {told:?}"
    );
    let by_fallback = day.huawei.received_requests().await.expect("kept").len();
    assert_eq!(by_fallback, 2, "the two codes, and no notice");
    assert!(
        !day.aliyun
            .received_requests()
            .await
            .expect("kept")
            .is_empty()
    );
    // The unclear comparison ends by itself and counts for nothing.
    day.world.clock.advance(Duration::minutes(31));
    let workers = Workers::new(&day.world.parts);
    workers.faces_once().await.expect("a round");
    let open = "select count(*) from face_checks where status in ('started', 'unclear', 'failed')";
    assert_eq!(day.count(open).await, 0);
}
