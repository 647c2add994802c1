//! 跳转核验 at a real provider's stand-in: out, back, and what the provider's bad day does to a request for a loan.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use outbound::testing::tc3_signed;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};
use yijianrong::workers::Workers;

use super::{
    counter::work_off,
    face::{agree, shoot, verified, withdraw},
    *,
};

const HOST: &str = "faceid.tencentcloudapi.com";
const PAGE: &str = "https://open.weixin.qq.com/face";

/// What the provider would say of the last check that was begun.
#[derive(Clone)]
struct Faceid {
    text: Arc<Mutex<Value>>,
    begun: Arc<Mutex<Value>>,
    asked: Arc<AtomicUsize>,
}

impl Respond for Faceid {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let body: Value = serde_json::from_slice(&request.body).expect("JSON");
        let good = |response: Value| {
            let text = json!({ "Response": response }).to_string();
            ResponseTemplate::new(200).set_body_raw(text, "application/json")
        };
        if request.headers["x-tc-action"] == "DetectAuth" {
            *self.begun.try_lock().expect("one at a time") = body;
            return good(json!({ "Url": PAGE, "BizToken": "CE661F1A", "RequestId": "r" }));
        }
        self.asked.fetch_add(1, Ordering::SeqCst);
        let text = self.text.try_lock().expect("one at a time").clone();
        if text == json!("garbage") {
            return ResponseTemplate::new(200).set_body_raw("<html>", "text/html");
        }
        good(json!({ "Text": text, "RequestId": "r" }))
    }
}

impl Faceid {
    async fn says(&self, code: i64) {
        let begun = self.begun.lock().await.clone();
        *self.text.lock().await = json!({ "ErrCode": code, "IdCard": begun["IdCard"], "Name": begun["Name"],
            "Extra": begun["Extra"], "Sim": "95.51" });
    }

    /// Our return door, as the provider was given it.
    async fn way_back(&self) -> String {
        let begun = self.begun.lock().await;
        let url = begun["RedirectUrl"].as_str().expect("an address");
        let path = url.find("/enterprise").expect("a path of ours");
        url[path..].to_owned()
    }
}

pub(super) fn section(kind: &str, base: &str, files: &std::path::Path) -> Value {
    let secret = |name: &str, text: &str| {
        let path = files.join(name);
        std::fs::write(&path, text).expect("written");
        format!("file:{}", path.display())
    };
    json!({ "kind": "tencent", "provider_name": "腾讯云", "mode": kind, "rule_id": "1", "base_url": base,
        "secret_id": secret("id", "AKIDEXAMPLE"), "secret_key": secret("key", "SecretKeyExample") })
}

/// A system whose cities compare faces at the stand-in; only requests with a right signature are answered.
async fn system(mode: &str) -> (World, MockServer, Faceid) {
    let provider = MockServer::start().await;
    let faceid = Faceid {
        text: Arc::new(Mutex::new(Value::Null)),
        begun: Arc::default(),
        asked: Arc::default(),
    };
    Mock::given(tc3_signed("AKIDEXAMPLE", "SecretKeyExample", HOST))
        .respond_with(faceid.clone())
        .mount(&provider)
        .await;
    let files = std::env::temp_dir().join(format!("yjr-hosted-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir_all(&files).expect("a folder");
    let section = section(mode, &provider.uri(), &files);
    let world = World::with(|city| {
        city.plugs.insert("face".to_owned(), section.clone());
    })
    .await;
    (world, provider, faceid)
}

/// The person signs in once more: half an hour ends what was signed in before.
async fn again(world: &World, enterprise: &EnterpriseFixture) -> Browser {
    let kind = application::ports::sessions::SessionKind::Enterprise;
    world
        .signed_in(enterprise.user, kind, "cangzhou.localhost")
        .await
}

async fn leave(browser: &Browser) -> Answer {
    browser
        .submit(
            "/enterprise/face",
            "/enterprise/face/leave?next=/enterprise/apply/7",
            &[],
        )
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_person_leaves_comes_back_and_only_what_our_server_hears_counts() {
    let (world, _provider, faceid) = system("hosted").await;
    let enterprise = complete(&world, "13900001001").await;
    let browser = &enterprise.browser;
    agree(browser).await;
    browser
        .get("/enterprise/face")
        .await
        .expect(200)
        .says("腾讯云")
        .says("开始核验");
    leave(browser).await.expect(303);
    browser
        .get("/enterprise/face")
        .await
        .expect(200)
        .says(&format!("href=\"{PAGE}\""));
    browser
        .get("/enterprise/face/leave/qr.svg")
        .await
        .expect(200)
        .says("<svg");
    let back = faceid.way_back().await;
    // Looking at the return door changes nothing, whatever the provider's page appended to it.
    let lie = format!("{back}?BizToken=CE661F1A&result=0&passed=true");
    let page = browser.get(&lie).await.expect(200).says("查看核验结果");
    world
        .browser()
        .get(&lie)
        .await
        .expect(200)
        .says("请回到开始办理的");
    assert_eq!(faceid.asked.load(Ordering::SeqCst), 0);
    // Not through yet: nothing is lost, and nobody is verified.
    browser.submit_from(&page, &back, &[]).await.expect(303);
    browser
        .get("/enterprise/face")
        .await
        .expect(200)
        .says("核验还没有完成");
    assert!(!verified(&world, &enterprise).await);
    faceid.says(0).await;
    let done = browser.submit_from(&page, &back, &[]).await.expect(303);
    assert_eq!(
        done.location(),
        "/enterprise/face/result?next=/enterprise/apply/7"
    );
    assert!(verified(&world, &enterprise).await);
    let (score, charged): (Option<f64>, bool) =
        sqlx::query_as("select score::float8, charged from face_checks where status = 'passed'")
            .fetch_one(&world.owner)
            .await
            .expect("a check");
    assert_eq!((score, charged), (Some(95.51), true));
    browser
        .get("/enterprise/face/leave/qr.svg")
        .await
        .expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_a_foreign_and_an_old_return_change_nothing() {
    let (world, _provider, faceid) = system("hosted").await;
    let enterprise = complete(&world, "13900001001").await;
    let sibling = world
        .new_enterprise(world.cangzhou.id, "沧州市邻居商贸有限公司", "13900001002")
        .await;
    let browser = &enterprise.browser;
    agree(browser).await;
    leave(browser).await.expect(303);
    let old = faceid.way_back().await;
    let page = browser.get(&old).await.expect(200);
    leave(browser).await.expect(303);
    let new = faceid.way_back().await;
    assert_ne!(old, new, "a new check took the old one's place");
    faceid.says(0).await;
    let (id, sign) = new.rsplit_once('.').expect("an id and a sign");
    for forged in [
        format!("{id}.{}x", &sign[1..]),
        id.to_owned(),
        format!(
            "/enterprise/face/back/{}.{sign}",
            uuid::Uuid::nil().simple()
        ),
    ] {
        browser.get(&forged).await.expect(404);
        browser.submit_from(&page, &forged, &[]).await.expect(404);
    }
    browser.submit_from(&page, &old, &[]).await.expect(404);
    sibling.browser.get(&new).await.expect(404);
    let csrf = sibling.browser.get("/enterprise/face").await.csrf();
    sibling
        .browser
        .post(&new, &[("_csrf", &csrf)])
        .await
        .expect(404);
    assert!(!verified(&world, &enterprise).await);
    browser.submit_from(&page, &new, &[]).await.expect(303);
    assert!(verified(&world, &enterprise).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_that_is_owed_is_asked_for_by_the_worker_and_the_person_is_told() {
    let (world, _provider, faceid) = system("hosted").await;
    let enterprise = complete(&world, "13900001001").await;
    agree(&enterprise.browser).await;
    leave(&enterprise.browser).await.expect(303);
    let workers = Workers::new(&world.parts);
    assert_eq!(workers.faces_once().await.expect("a round"), 0, "too early");
    *faceid.text.lock().await = json!("garbage");
    world.clock.advance(time::Duration::minutes(2));
    assert_eq!(workers.faces_once().await.expect("a round"), 0);
    assert_eq!(faceid.asked.load(Ordering::SeqCst), 1);
    assert_eq!(workers.faces_once().await.expect("a round"), 0);
    assert_eq!(faceid.asked.load(Ordering::SeqCst), 1, "not again at once");
    faceid.says(0).await;
    world.clock.advance(time::Duration::minutes(5));
    assert_eq!(workers.faces_once().await.expect("a round"), 1);
    assert!(verified(&world, &enterprise).await);
    work_off(&world).await;
    let told: i64 = sqlx::query_scalar(
        "select count(*) from messages where title = 'notice.face_passed.title'",
    )
    .fetch_one(&world.owner)
    .await
    .expect("a count");
    assert_eq!(told, 1);
    assert_eq!(workers.faces_once().await.expect("a round"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_ended_without_a_verdict_is_told_by_what_ended_it() {
    let (world, _provider, faceid) = system("hosted").await;
    let enterprise = complete(&world, "13900001001").await;
    agree(&enterprise.browser).await;
    leave(&enterprise.browser).await.expect(303);
    // Their engine failed.
    faceid.says(2001).await;
    world.clock.advance(time::Duration::minutes(6));
    let workers = Workers::new(&world.parts);
    assert_eq!(workers.faces_once().await.expect("a round"), 1);
    work_off(&world).await;
    let titles: Vec<String> =
        sqlx::query_scalar("select title from messages where title like 'notice.face%'")
            .fetch_all(&world.owner)
            .await
            .expect("messages");
    assert_eq!(titles, ["notice.face_system.title"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_nobody_finishes_ends_and_counts_for_nothing() {
    let (world, _provider, _faceid) = system("hosted").await;
    let enterprise = complete(&world, "13900001001").await;
    agree(&enterprise.browser).await;
    leave(&enterprise.browser).await.expect(303);
    world.clock.advance(time::Duration::hours(4));
    let workers = Workers::new(&world.parts);
    assert_eq!(workers.faces_once().await.expect("a round"), 1);
    let (status, reason): (String, String) =
        sqlx::query_as("select status, reason_code from face_checks")
            .fetch_one(&world.owner)
            .await
            .expect("a check");
    assert_eq!((&*status, &*reason), ("cancelled", "face.left_early"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_costs_money_without_success_ends_the_day_before_the_provider_does() {
    let (world, _provider, faceid) = system("hosted").await;
    let enterprise = complete(&world, "13900001001").await;
    let browser = &enterprise.browser;
    agree(browser).await;
    for _ in 0..3 {
        leave(browser).await.expect(303);
        faceid.says(2016).await;
        let back = faceid.way_back().await;
        browser.submit(&back, &back, &[]).await.expect(303);
    }
    browser
        .get("/enterprise/face")
        .await
        .expect(200)
        .says("今日人脸核验次数已用完")
        .says("/enterprise/face/manual");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_failed_leaves_the_way_to_the_provider_open() {
    let (world, _provider, faceid) = system("hosted").await;
    let enterprise = complete(&world, "13900001001").await;
    let browser = &enterprise.browser;
    browser
        .get("/enterprise/face")
        .await
        .expect(200)
        .says("照片和影像不经过平台");
    agree(browser).await;
    leave(browser).await.expect(303);
    let back = faceid.way_back().await;
    *faceid.text.lock().await = json!("garbage");
    let told = browser.submit(&back, &back, &[]).await.expect(303);
    assert!(told.location().starts_with("/enterprise/face?next="));
    browser
        .get("/enterprise/face")
        .await
        .expect(200)
        .says("仍没有给出明确结果")
        .says(&format!("href=\"{PAGE}\""));
    // Whoever closed the page meanwhile finds the way again, and begins anew when nobody can tell any more.
    leave(browser).await.expect(303);
    assert_eq!(count(&world, "select count(*) from face_checks").await, 1);
    world.clock.advance(time::Duration::minutes(31));
    let browser = &again(&world, &enterprise).await;
    leave(browser).await.expect(303);
    assert_eq!(count(&world, "select count(*) from face_checks").await, 2);
    faceid.says(0).await;
    let back = faceid.way_back().await;
    browser.submit(&back, &back, &[]).await.expect(303);
    assert!(verified(&world, &enterprise).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_after_the_end_says_how_it_ended() {
    let (world, _provider, faceid) = system("hosted").await;
    let enterprise = complete(&world, "13900001001").await;
    let browser = &enterprise.browser;
    agree(browser).await;
    leave(browser).await.expect(303);
    let back = faceid.way_back().await;
    let page = browser.get(&back).await.expect(200);
    faceid.says(2016).await;
    world.clock.advance(time::Duration::minutes(2));
    let workers = Workers::new(&world.parts);
    assert_eq!(workers.faces_once().await.expect("a round"), 1);
    browser.submit_from(&page, &back, &[]).await.expect(303);
    browser
        .get("/enterprise/face")
        .await
        .expect(200)
        .says("照片与身份证照片不一致");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_consent_stops_the_check_that_is_under_way() {
    let (world, _provider, faceid) = system("hosted").await;
    let enterprise = complete(&world, "13900001001").await;
    let browser = &enterprise.browser;
    agree(browser).await;
    leave(browser).await.expect(303);
    faceid.says(0).await;
    let back = faceid.way_back().await;
    let page = browser.get(&back).await.expect(200);
    withdraw(&world, browser, "face").await;
    browser.submit_from(&page, &back, &[]).await.expect(303);
    browser
        .get("/enterprise/face")
        .await
        .expect(200)
        .says("本次核验已停止");
    world.clock.advance(time::Duration::hours(1));
    let workers = Workers::new(&world.parts);
    assert_eq!(workers.faces_once().await.expect("a round"), 0);
    assert_eq!(
        faceid.asked.load(Ordering::SeqCst),
        0,
        "nobody asks any more"
    );
    assert!(!verified(&world, &enterprise).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_ended_unclear_may_have_cost_money_and_counts_as_such() {
    let (world, provider, _faceid) = system("photo").await;
    provider.reset().await;
    Mock::given(wiremock::matchers::any())
        .respond_with(ResponseTemplate::new(502))
        .mount(&provider)
        .await;
    let enterprise = complete(&world, "13900001001").await;
    agree(&enterprise.browser).await;
    let workers = Workers::new(&world.parts);
    for _ in 0..3 {
        let browser = again(&world, &enterprise).await;
        shoot(&browser, "pass").await.expect(303);
        world.clock.advance(time::Duration::minutes(31));
        assert_eq!(workers.faces_once().await.expect("a round"), 1);
    }
    again(&world, &enterprise)
        .await
        .get("/enterprise/face")
        .await
        .expect(200)
        .says("今日人脸核验次数已用完")
        .says("/enterprise/face/manual");
}

async fn count(world: &World, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql)
        .fetch_one(&world.owner)
        .await
        .expect("a count")
}
