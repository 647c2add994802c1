//! A phone with the mini-program, written from the document alone.

use application::ports::demo_inbox::DemoInbox as _;
use journeys::{Answer, Browser, World};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::contract;
use crate::account::solve;

/// One device and what it keeps.
#[derive(Clone)]
pub(crate) struct Phone {
    browser: Browser,
    pub(crate) device: String,
    pub(crate) access: String,
    pub(crate) refresh: String,
}

/// What came back, held against the document already.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) answer: Answer,
}

impl Told {
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// Refused with this code.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> Value {
        let body = self.expect(status);
        assert_eq!(body["code"], code, "{body}");
        body
    }

    /// Refused with this code at this field.
    #[track_caller]
    pub(crate) fn wrong(self, field: &str, code: &str) {
        let body = self.expect(422);
        let errors = body["errors"].as_array().expect("errors");
        assert!(
            errors
                .iter()
                .any(|one| one["field"] == field && one["code"] == code),
            "{body}"
        );
    }
}

impl Phone {
    pub(crate) fn new(world: &World) -> Self {
        Self::at(world.browser())
    }

    /// A phone whose mini-program belongs to the other city.
    pub(crate) fn elsewhere(world: &World) -> Self {
        Self::at(world.browser_elsewhere())
    }

    fn at(browser: Browser) -> Self {
        Self {
            browser,
            device: Uuid::new_v4().simple().to_string(),
            access: String::new(),
            refresh: String::new(),
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self
            .browser
            .raw(method, path)
            .header("x-device-id", &self.device);
        if self.access.is_empty() {
            request
        } else {
            request.header("authorization", format!("Bearer {}", self.access))
        }
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        request: reqwest::RequestBuilder,
    ) -> Told {
        let answer = self.browser.answer(request).await;
        let kind = answer
            .headers
            .get("content-type")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let status = answer.status.as_u16();
        contract::check(method, path, status, kind, &answer.body);
        Told {
            status,
            body: serde_json::from_slice(&answer.body).unwrap_or_default(),
            answer,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Told {
        self.send("GET", path, self.request(Method::GET, path))
            .await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Told {
        self.ask(Method::POST, path, body, "").await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Told {
        self.ask(Method::PUT, path, body, "").await
    }

    pub(crate) async fn delete(&self, path: &str) -> Told {
        let request = self.request(Method::DELETE, path);
        self.send("DELETE", path, request).await
    }

    /// Without a body.
    pub(crate) async fn act(&self, path: &str) -> Told {
        self.send("POST", path, self.request(Method::POST, path))
            .await
    }

    /// Under an idempotency key.
    pub(crate) async fn keyed(&self, path: &str, body: &Value, key: &str) -> Told {
        self.ask(Method::POST, path, body, key).await
    }

    /// A replacement under an idempotency key.
    pub(crate) async fn put_keyed(&self, path: &str, body: &Value, key: &str) -> Told {
        self.ask(Method::PUT, path, body, key).await
    }

    async fn ask(&self, method: Method, path: &str, body: &Value, key: &str) -> Told {
        let mut request = self.request(method.clone(), path).json(body);
        if !key.is_empty() {
            request = request.header("idempotency-key", key);
        }
        self.send(method.as_str(), path, request).await
    }

    /// The answer to a captcha in words.
    pub(crate) async fn captcha(&self, purpose: &str) -> String {
        let path = if self.access.is_empty() {
            "/api/v1/captchas"
        } else {
            "/api/v1/account/captchas"
        };
        let ask = json!({ "purpose": purpose, "way": "words" });
        let asked = self.post(path, &ask).await.expect(200);
        solve(asked["question"].as_str().expect("a question"))
    }

    /// Signs in by password and keeps the tokens.
    pub(crate) async fn sign_in(&mut self, account: &str, password: &str) -> Told {
        let captcha = self.captcha("password").await;
        let ask = json!({ "account": account, "password": password, "captcha": captcha });
        let told = self.post("/api/v1/tokens/password", &ask).await;
        self.keep(&told.body);
        told
    }

    /// Takes the tokens of an answer, if there are any.
    pub(crate) fn keep(&mut self, body: &Value) {
        if let Some(access) = body["access_token"].as_str() {
            self.access = access.to_owned();
        }
        if let Some(refresh) = body["refresh_token"].as_str() {
            self.refresh = refresh.to_owned();
        }
    }

    /// Renews the tokens with whatever refresh token it keeps.
    pub(crate) async fn renew(&mut self) -> Told {
        let ask = json!({ "refresh_token": self.refresh });
        let told = self.post("/api/v1/tokens/refresh", &ask).await;
        self.keep(&told.body);
        told
    }

    /// Asks for a code by message and reads it in the demonstration's inbox.
    pub(crate) async fn code(&self, world: &World, purpose: &str, phone: &str) -> String {
        let before = inbox(world).await.len();
        let captcha = self.captcha(purpose).await;
        let ask = json!({ "purpose": purpose, "phone": phone, "captcha": captcha });
        self.post("/api/v1/sms-codes", &ask).await.expect(200);
        newest(world, before).await
    }
}

async fn inbox(world: &World) -> Vec<String> {
    let all = world.parts.door.latest(world.cangzhou.id, 100).await;
    let all = all.expect("the inbox opens");
    all.into_iter().map(|sms| sms.text).collect()
}

/// The code of the message that came after there were so many; some leave after the answer.
pub(crate) async fn newest(world: &World, before: usize) -> String {
    let arrived = async {
        loop {
            let all = inbox(world).await;
            if all.len() > before {
                break all.into_iter().next().unwrap_or_default();
            }
            tokio::task::yield_now().await;
        }
    };
    let text = tokio::time::timeout(std::time::Duration::from_secs(10), arrived)
        .await
        .expect("a message");
    text.chars()
        .skip_while(|sign| !sign.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .collect()
}

/// How many messages there are.
pub(crate) async fn messages(world: &World) -> usize {
    inbox(world).await.len()
}
