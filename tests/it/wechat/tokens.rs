use application::ports::wechat::MiniProgram;
use application::ports::{
    plugs::Plugs as _,
    wechat::{SafetyVerdict, WechatError},
};
use journeys::World;
use serde_json::json;
use std::sync::Arc;
use wiremock::{
    Mock,
    matchers::{path, query_param},
};
use yijianrong::wire;

use super::{Platform, json_text};

const CHECK: &str = "/wxa/msg_sec_check";
const TOKEN: &str = "/cgi-bin/stable_token";

/// Another process of the same installation: nothing but the database is shared.
async fn process(world: &World) -> Arc<MiniProgram> {
    let parts = &world.parts;
    let table = wire::wechat::table(
        parts.cities.clone(),
        parts.door.clone(),
        parts.clock.clone(),
        parts.sealer.clone(),
        parts.outbound.clone(),
    );
    table.of(world.cangzhou.id).await.expect("it is built")
}

async fn ask(process: &MiniProgram) -> Result<SafetyVerdict, WechatError> {
    process.safety.text("o-1", "您好").await
}

async fn issues(platform: &Platform, token: &str) {
    platform
        .answers(TOKEN, &json!({ "access_token": token, "expires_in": 7200 }))
        .await;
}

async fn answers(platform: &Platform, token: &str, errcode: i64) {
    let body = json!({ "errcode": errcode, "result": { "suggest": "pass" } });
    Mock::given(path(CHECK))
        .and(query_param("access_token", token))
        .respond_with(json_text(&body))
        .mount(&platform.server)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_at_once_fetch_one_token_and_it_lies_sealed() {
    let platform = Platform::new().await;
    let world = platform.world().await;
    issues(&platform, "TOKEN-1").await;
    answers(&platform, "TOKEN-1", 0).await;
    let (one, other) = (process(&world).await, process(&world).await);
    let asked = tokio::join!(ask(&one), ask(&other), ask(&one), ask(&other));
    for verdict in [asked.0, asked.1, asked.2, asked.3] {
        assert_eq!(verdict, Ok(SafetyVerdict::Pass));
    }
    assert_eq!(platform.asked(TOKEN).await, 1);
    let (sealed, leased): (Vec<u8>, bool) =
        sqlx::query_as("select token_sealed, lease_until is not null from wechat_tokens")
            .fetch_one(&world.owner)
            .await
            .expect("it is kept");
    assert!(!String::from_utf8_lossy(&sealed).contains("TOKEN-1"));
    assert!(!leased, "the lease ended with the answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_no_good_is_replaced_once_for_every_process() {
    let platform = Platform::new().await;
    let world = platform.world().await;
    issues(&platform, "TOKEN-1").await;
    answers(&platform, "TOKEN-1", 0).await;
    let (one, other) = (process(&world).await, process(&world).await);
    ask(&one).await.expect("the first token");
    ask(&other).await.expect("the first token");
    platform.server.reset().await;
    issues(&platform, "TOKEN-2").await;
    answers(&platform, "TOKEN-1", 42_001).await;
    answers(&platform, "TOKEN-2", 0).await;
    assert_eq!(ask(&one).await, Ok(SafetyVerdict::Pass));
    assert_eq!(ask(&other).await, Ok(SafetyVerdict::Pass));
    assert_eq!(platform.asked(TOKEN).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_cities_never_start_with_the_same_app() {
    let world = World::new().await;
    let cities = world.parts.cities.clone();
    wire::wechat::check_app_ids(&*cities).expect("they differ");
    let mut same: Vec<application::city::City> =
        cities.all().iter().map(|city| (**city).clone()).collect();
    for city in &mut same {
        city.plugs.insert(
            "wechat".to_owned(),
            json!({ "kind": "demo", "app_id": "wx0000000000000001" }),
        );
    }
    let same = tenants::catalog::Directory::new(same).expect("hosts differ");
    let error = wire::wechat::check_app_ids(&same).expect_err("the same app");
    assert!(error.to_string().contains("is already"), "{error}");
}
