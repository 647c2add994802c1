//! 微信人脸核验 in the mini-program: it asks about the person whom the mini-program knows, and their openid lies sealed.

use std::sync::Arc;

use application::{
    access::{Actor, Origin},
    identity::{FaceOutcome, Leave},
};
use domain::tenant::{Role, TenantKind};
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};
use yijianrong::wire;

use super::{
    face::{agree, verified},
    *,
};
use crate::wechat::proved;

const OPENID: &str = "o-openid-1";
const BEGIN: &str = "/cityservice/face/identify/getverifyid";
const QUERY: &str = "/cityservice/face/identify/queryverifyinfo";

async fn platform() -> (World, MockServer) {
    let server = MockServer::start().await;
    for (at, body) in [
        (
            "/sns/jscode2session",
            json!({ "openid": OPENID, "session_key": "k" }),
        ),
        (
            "/cgi-bin/stable_token",
            json!({ "access_token": "t", "expires_in": 7200 }),
        ),
        (BEGIN, json!({ "errcode": 0, "verify_id": "v-1" })),
        (QUERY, json!({ "errcode": 0, "verify_ret": 10000 })),
    ] {
        let answer = ResponseTemplate::new(200).set_body_raw(body.to_string(), "application/json");
        Mock::given(path(at))
            .respond_with(answer)
            .mount(&server)
            .await;
    }
    let secret = std::env::temp_dir().join(format!("yjr-mini-{}", uuid::Uuid::new_v4()));
    std::fs::write(&secret, "the secret").expect("written");
    let base = server.uri();
    let world = World::with(|city| {
        let own = city.slug == "cangzhou";
        let app = json!({ "kind": "wechat", "app_id": "wx0000000000000001", "base_url": base,
            "secret": format!("file:{}", secret.display()) });
        let app = if own { app } else { json!({ "kind": "none" }) };
        city.plugs.insert("wechat".to_owned(), app);
        if own {
            let face = json!({ "kind": "wechat", "provider_name": "微信", "base_url": base });
            city.plugs.insert("face".to_owned(), face);
        }
    })
    .await;
    (world, server)
}

fn on_the_phone(world: &World, who: &EnterpriseFixture) -> Actor {
    let city = world.cangzhou.id;
    Actor {
        user: who.user,
        name: "顾屹舟".into(),
        tenant: city,
        tenant_kind: TenantKind::City,
        tenant_name: "某市".into(),
        city,
        reach: Arc::from([city]),
        enterprise: Some(who.id),
        roles: vec![Role::EnterpriseOwner],
        session: uuid::Uuid::nil(),
        from: Origin {
            channel: "mini_program",
            ..Origin::default()
        },
    }
}

/// What the provider was told, call by call.
async fn told(server: &MockServer, at: &str) -> Vec<Value> {
    let requests = server.received_requests().await.expect("kept");
    let calls = requests.iter().filter(|r| r.url.path() == at);
    calls
        .map(|r| serde_json::from_slice(&r.body).expect("JSON"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn wechat_is_told_whom_the_mini_program_knows_and_the_openid_stands_nowhere_in_the_plain() {
    let (world, server) = platform().await;
    let enterprise = complete(&world, "13900001001").await;
    agree(&enterprise.browser).await;
    let actor = on_the_phone(&world, &enterprise);
    let identity = wire::profile::identity(&world.parts);
    let unbound = identity.leave(&actor, Leave::default()).await;
    assert_eq!(unbound.expect_err("nobody").code, "wechat.not_bound");
    assert!(told(&server, BEGIN).await.is_empty());
    let room = wire::wechat::uses(&world.parts);
    room.bind(&proved(&actor), "code").await.expect("bound");
    let away = identity.leave(&actor, Leave::default()).await;
    assert!(matches!(away, Ok(FaceOutcome::Away { token, .. }) if token == "v-1"));
    assert_eq!(told(&server, BEGIN).await[0]["openid"], OPENID);
    let kept: String = sqlx::query_scalar("select face_checks::text from face_checks")
        .fetch_one(&world.owner)
        .await
        .expect("a check");
    assert!(kept.contains("v-1") && !kept.contains(OPENID));
    let outcome = identity.ask_again(&actor).await;
    assert_eq!(outcome.expect("an answer"), FaceOutcome::Passed);
    assert_eq!(told(&server, QUERY).await[0]["openid"], OPENID);
    assert!(verified(&world, &enterprise).await);
}
