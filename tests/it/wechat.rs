//! The mini-program 小程序: one token for all processes, messages for those who granted them, codes that are drawn once.

#[path = "wechat/codes.rs"]
mod codes;
#[path = "wechat/content.rs"]
mod content;
#[path = "wechat/messages.rs"]
mod messages;
#[path = "wechat/people.rs"]
mod people;
#[path = "wechat/tokens.rs"]
mod tokens;

use std::sync::Arc;

use application::{
    access::{Actor, Origin},
    mini::MiniRoom,
    once::Once,
    ports::sessions::SessionKind,
    sessions::SignedIn,
};
use domain::tenant::{Role, TenantKind};
use journeys::{EnterpriseFixture, World};
use serde_json::{Value, json};
use uuid::Uuid;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};
use yijianrong::wire::wechat::uses;

const APP: &str = "wx0000000000000001";

fn room(world: &World) -> MiniRoom {
    uses(&world.parts)
}

/// The owner of an enterprise, as a request of the mini-program acts.
fn owner(world: &World, who: &EnterpriseFixture) -> Actor {
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
        session: Uuid::nil(),
        from: Origin::default(),
    }
}

/// The same, freshly proved.
pub(crate) fn proved(actor: &Actor) -> SignedIn {
    SignedIn {
        actor: actor.clone(),
        kind: SessionKind::Device,
        idle_seconds: 7_200,
        freshly_proved: true,
        unread: 0,
        device: None,
    }
}

/// Binds. What the person is told of it is not what these journeys are about.
async fn bind(world: &World, actor: &Actor, code: &str) {
    let bound = room(world).bind(&proved(actor), code).await;
    bound.expect("bound");
    sqlx::query("delete from outbox where topic like 'account.%'")
        .execute(&world.owner)
        .await
        .expect("taken away");
}

fn once(key: &str) -> Once {
    Once {
        key: format!("0123456789abcdef{key}"),
        body_hash: [0; 32],
    }
}

/// The platform on this machine, and the file that holds the app's secret.
struct Platform {
    server: MockServer,
    secret: std::path::PathBuf,
}

impl Drop for Platform {
    fn drop(&mut self) {
        std::fs::remove_file(&self.secret).ok();
    }
}

impl Platform {
    async fn new() -> Self {
        let secret = std::env::temp_dir().join(format!("yjr-wechat-{}", Uuid::new_v4()));
        std::fs::write(&secret, "the secret").expect("written");
        Self {
            server: MockServer::start().await,
            secret,
        }
    }

    /// The first city has a mini-program there, the second has none.
    async fn world(&self) -> World {
        self.world_with(|_| {}).await
    }

    async fn world_with(&self, change: impl Fn(&mut application::city::City)) -> World {
        let template = |id: &str| {
            json!({ "id": id, "page": "pages/records/records",
                    "fields": { "thing1": "note", "character_string2": "no" } })
        };
        let section = json!({
            "kind": "wechat", "app_id": APP, "base_url": self.server.uri(),
            "secret": format!("file:{}", self.secret.display()),
            "templates": { "approved": template("tmpl-approved"), "disbursed": template("tmpl-disbursed") },
        });
        World::with(|city| {
            let own = if city.slug == "cangzhou" {
                section.clone()
            } else {
                json!({ "kind": "none" })
            };
            city.plugs.insert("wechat".to_owned(), own);
            change(city);
        })
        .await
    }

    async fn answers(&self, at: &str, body: &Value) {
        Mock::given(path(at))
            .respond_with(json_text(body))
            .mount(&self.server)
            .await;
    }

    async fn asked(&self, at: &str) -> usize {
        let requests = self.server.received_requests().await.expect("kept");
        requests.iter().filter(|r| r.url.path() == at).count()
    }
}

fn json_text(body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body.to_string(), "text/plain")
}
