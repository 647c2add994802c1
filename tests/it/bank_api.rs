//! The bank's own system: keys by two people, signed requests, loans reported once, a sandbox, and events that are told.

mod hooks;
mod keys;
mod loans;
mod sandbox;
mod signature;

use hmac::{Hmac, Mac as _};
use journeys::{Answer, Browser, CANGZHOU_HOST, StaffFixture, World};
use reqwest::Method;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// A bank's system, written from the documentation alone.
#[derive(Clone)]
pub(crate) struct Machine {
    browser: Browser,
    pub(crate) key: String,
    pub(crate) secret: String,
    host: String,
    now: i64,
}

/// What a request may get wrong.
#[derive(Clone, Default)]
pub(crate) struct Twist {
    pub(crate) timestamp: Option<i64>,
    pub(crate) nonce: Option<String>,
    pub(crate) sent_path: Option<String>,
    pub(crate) sent_body: Option<String>,
    pub(crate) sandbox_error: &'static str,
}

pub(crate) fn mac(secret: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
    mac.update(text.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(b).to_string()
            }
            _ => format!("%{b:02X}"),
        })
        .collect()
}

impl Machine {
    fn new(world: &World, key: String, secret: String) -> Self {
        Self {
            browser: world.browser(),
            key,
            secret,
            host: format!("{CANGZHOU_HOST}:{}", world.address.port()),
            now: world.parts.clock.now().unix_timestamp(),
        }
    }

    /// The key and secret that the page shows once.
    pub(crate) fn shown(world: &World, page: &Answer) -> Self {
        let text = page.text();
        let secret = text.split("data-copy=\"").nth(1).expect("a secret");
        let secret = secret.split('"').next().expect("its end").to_owned();
        let key = text.split("密钥编号").nth(1).expect("a key");
        let key = key
            .split(['<', '>'])
            .find(|part| Uuid::try_parse(part).is_ok())
            .expect("its id")
            .to_owned();
        Self::new(world, key, secret)
    }

    pub(crate) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Answer {
        self.ask(Method::GET, path, query, "", "", &Twist::default())
            .await
    }

    pub(crate) async fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        let body = body.to_string();
        self.ask(Method::POST, path, &[], key, &body, &Twist::default())
            .await
    }

    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        key: &str,
        body: &str,
        twist: &Twist,
    ) -> Answer {
        let mut pairs: Vec<String> = query
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        let sent = pairs.join("&");
        pairs.sort();
        let timestamp = twist.timestamp.unwrap_or(self.now).to_string();
        let nonce = twist
            .nonce
            .clone()
            .unwrap_or_else(|| Uuid::new_v4().simple().to_string());
        let text = [
            "YJR1-HMAC-SHA256",
            method.as_str(),
            &self.host,
            path,
            &pairs.join("&"),
            &timestamp,
            &nonce,
            key,
            &hex::encode(Sha256::digest(body)),
        ]
        .join("\n");
        let authorization = format!(
            "YJR1-HMAC-SHA256 Credential={}, Signature={}",
            self.key,
            mac(&self.secret, &text)
        );
        let path = twist.sent_path.as_deref().unwrap_or(path);
        let address = if sent.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{sent}")
        };
        let mut request = self
            .browser
            .raw(method.clone(), &address)
            .header("authorization", authorization)
            .header("x-yjr-timestamp", timestamp)
            .header("x-yjr-nonce", nonce);
        if !twist.sandbox_error.is_empty() {
            request = request.header("x-yjr-sandbox-error", twist.sandbox_error);
        }
        if method == Method::POST {
            let body = twist.sent_body.clone().unwrap_or_else(|| body.to_owned());
            request = request
                .header("content-type", "application/json")
                .header("idempotency-key", key)
                .body(body);
        }
        self.browser.answer(request).await
    }
}

/// The JSON of an answer.
pub(crate) fn json(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).expect("an answer is JSON")
}

/// A refusal: its status and its code, told as a problem with a sentence.
#[track_caller]
pub(crate) fn problem(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    let body = json(answer);
    assert_eq!(body["code"], code, "{body}");
    assert_eq!(body["status"], status);
    let detail = body["detail"].as_str().expect("a sentence");
    assert!(detail.ends_with('。') || detail.contains('：'), "{detail}");
    assert!(!detail.contains('{'), "{detail}");
    assert_eq!(
        body["request_id"].as_str().map(str::len),
        Some(32),
        "{body}"
    );
}

/// Headquarters makes a key of this kind and hands it to its system.
pub(crate) async fn new_key(world: &World, admin: &StaffFixture, kind: &str) -> Machine {
    let fields = [("key_name", "信贷系统"), ("kind", kind)];
    let page = admin
        .browser
        .submit("/hq/keys/new", "/hq/keys/new", &fields)
        .await
        .expect(200)
        .says("密钥已创建");
    Machine::shown(world, &page)
}

/// A live key that somebody else has switched on.
pub(crate) async fn live_key(
    world: &World,
    admin: &StaffFixture,
    second: &StaffFixture,
) -> Machine {
    let machine = new_key(world, admin, "live").await;
    act(second, &machine.key, "enable").await.expect(303);
    machine
}

pub(crate) async fn act(person: &StaffFixture, key: &str, action: &str) -> Answer {
    let path = format!("/hq/keys/{key}");
    let once = Uuid::new_v4().simple().to_string();
    // 停用 asks once more; this is the second click.
    let fields = match action {
        "revoke" => vec![
            ("_action", "confirm"),
            ("deed", action),
            ("_key", once.as_str()),
        ],
        _ => vec![("_action", action), ("_key", once.as_str())],
    };
    person.browser.submit("/hq/keys", &path, &fields).await
}

/// Two people of a headquarters, freshly proved.
pub(crate) async fn headquarters(
    world: &World,
    bank: domain::ids::TenantId,
) -> (StaffFixture, StaffFixture) {
    let admin = world.staff(bank, "梁承宇", &["ha"]).await;
    let second = world.staff(bank, "温如岚", &["hp"]).await;
    admin.browser.prove().await;
    second.browser.prove().await;
    (admin, second)
}
