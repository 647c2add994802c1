//! The call to a bank 推送: one POST to addresses that were checked and are pinned, so that no second look at the name and no
//! redirect leads anywhere else.

use std::{
    collections::BTreeMap,
    fmt,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use application::ports::webhooks::{Call, CallError, HookCaller};
use async_trait::async_trait;
use futures::StreamExt as _;
use outbound::{Breaker, Manners};
use reqwest::{Url, header, redirect::Policy};

use crate::address::Allowed;

const CONNECT: Duration = Duration::from_secs(2);
const WHOLE: Duration = Duration::from_secs(8);
/// What is read of an answer before it is dropped; nothing in it matters.
const ANSWER_MOST: usize = 16 * 1024;

/// Calls banks.
#[derive(Clone)]
pub struct Caller {
    allowed: Allowed,
    /// One for every address that was called: banks are few, and each has one.
    breakers: Arc<Mutex<BTreeMap<String, Arc<Breaker>>>>,
}

impl fmt::Debug for Caller {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Caller({:?})", self.allowed)
    }
}

impl Caller {
    /// The public internet only.
    pub fn new() -> Self {
        Self::with(Allowed::Public)
    }

    /// Reaches this very machine too: for demonstrations and tests. No setting leads here.
    pub fn with_loopback() -> Self {
        Self::with(Allowed::AndLoopback)
    }

    fn with(allowed: Allowed) -> Self {
        // The same provider for every client of this process; a second time changes nothing.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        Self {
            allowed,
            breakers: Arc::default(),
        }
    }

    fn breaker(&self, url: &str) -> Arc<Breaker> {
        let mut known = self.breakers.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Breaker::new(&Manners::default()));
        known.entry(url.to_owned()).or_insert_with(new).clone()
    }

    /// Every address behind the name, all of them allowed, or none.
    async fn addresses(&self, url: &Url) -> Result<Vec<SocketAddr>, CallError> {
        let host = url.host_str().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = url.port_or_known_default().unwrap_or(443);
        let found = tokio::time::timeout(CONNECT, tokio::net::lookup_host((host, port)))
            .await
            .map_err(|_| CallError::Unreachable("the name was not found in time".to_owned()))?
            .map_err(|_| CallError::Unreachable("the name was not found".to_owned()))?;
        let addresses: Vec<SocketAddr> = found.collect();
        if addresses.is_empty() {
            return Err(CallError::Unreachable("the name was not found".to_owned()));
        }
        // One private address among public ones is how such names are made: then none is called.
        if addresses.iter().all(|a| self.allowed.admits(a.ip())) {
            Ok(addresses)
        } else {
            Err(CallError::NotAllowed("hook.not_public"))
        }
    }
}

impl Default for Caller {
    fn default() -> Self {
        Self::new()
    }
}

fn unreachable(error: &reqwest::Error) -> CallError {
    let why = if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "the connection was refused"
    } else {
        "the answer could not be read"
    };
    CallError::Unreachable(why.to_owned())
}

#[async_trait]
impl HookCaller for Caller {
    fn admits(&self, url: &str) -> Result<String, &'static str> {
        self.allowed.form(url).map(|url| url.to_string())
    }

    fn rests(&self, url: &str) -> bool {
        !self.breaker(url).lets_through()
    }

    async fn call(&self, call: &Call) -> Result<u16, CallError> {
        let outcome = self.ask(call).await;
        // An answer is one, whatever it says: only silence holds anybody up.
        let silent = matches!(outcome, Err(CallError::Unreachable(_)));
        self.breaker(&call.url).hear(!silent);
        outcome
    }
}

impl Caller {
    async fn ask(&self, call: &Call) -> Result<u16, CallError> {
        let url = self.allowed.form(&call.url);
        let url = url.map_err(CallError::NotAllowed)?;
        let addresses = self.addresses(&url).await?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .pool_max_idle_per_host(0)
            .resolve_to_addrs(&host, &addresses)
            .build()
            .map_err(|error| unreachable(&error))?;
        let answer = client
            .post(url)
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .header(header::USER_AGENT, "Yijianrong-Webhook/1")
            .header("X-Yjr-Event", &call.event)
            .header("X-Yjr-Delivery", call.id.to_string())
            .header("X-Yjr-Timestamp", call.timestamp.to_string())
            .header("X-Yjr-Signature", format!("v1={}", call.signature))
            .body(call.body.clone())
            .send()
            .await
            .map_err(|error| unreachable(&error))?;
        let status = answer.status().as_u16();
        let mut read = 0;
        let mut stream = answer.bytes_stream();
        while let Some(Ok(piece)) = stream.next().await {
            read += piece.len();
            if read > ANSWER_MOST {
                break;
            }
        }
        Ok(status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wiremock::{
        Mock, MockServer, ResponseTemplate,
        matchers::{body_string, header as has, method, path},
    };

    fn call(url: String) -> Call {
        Call {
            url,
            id: uuid::Uuid::nil(),
            event: "application.accepted".to_owned(),
            timestamp: 1_764_034_200,
            signature: "ab".repeat(32),
            body: "{}".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_call_carries_its_signature_and_hears_the_status() {
        let bank = MockServer::start().await;
        Mock::given(method("POST"))
            .and(path("/hook"))
            .and(has("x-yjr-event", "application.accepted"))
            .and(has("x-yjr-timestamp", "1764034200"))
            .and(has(
                "x-yjr-signature",
                format!("v1={}", "ab".repeat(32)).as_str(),
            ))
            .and(body_string("{}"))
            .respond_with(ResponseTemplate::new(204))
            .expect(1)
            .mount(&bank)
            .await;
        let caller = Caller::with_loopback();
        let hook = format!("{}/hook", bank.uri());
        assert_eq!(caller.call(&call(hook)).await, Ok(204));
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_and_never_followed() {
        let bank = MockServer::start().await;
        Mock::given(path("/hook"))
            .respond_with(ResponseTemplate::new(302).insert_header("location", "/secret"))
            .mount(&bank)
            .await;
        Mock::given(path("/secret"))
            .respond_with(ResponseTemplate::new(200))
            .expect(0)
            .mount(&bank)
            .await;
        let hook = format!("{}/hook", bank.uri());
        assert_eq!(Caller::with_loopback().call(&call(hook)).await, Ok(302));
    }

    #[tokio::test]
    async fn a_flood_of_an_answer_is_not_read_to_its_end() {
        let bank = MockServer::start().await;
        Mock::given(path("/hook"))
            .respond_with(ResponseTemplate::new(200).set_body_bytes(vec![b'x'; 4 * 1024 * 1024]))
            .mount(&bank)
            .await;
        let hook = format!("{}/hook", bank.uri());
        assert_eq!(Caller::with_loopback().call(&call(hook)).await, Ok(200));
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_called() {
        let bank = MockServer::start().await;
        Mock::given(method("POST"))
            .respond_with(ResponseTemplate::new(200))
            .expect(0)
            .mount(&bank)
            .await;
        let caller = Caller::new();
        let own = call(format!("{}/hook", bank.uri()));
        assert!(matches!(
            caller.call(&own).await,
            Err(CallError::NotAllowed(_))
        ));
        // The form is fine, what the name leads to is not.
        let url = Url::parse("https://localhost:8443/").expect("an address");
        let found = caller.addresses(&url).await;
        assert_eq!(found, Err(CallError::NotAllowed("hook.not_public")));
    }

    #[tokio::test]
    async fn an_address_that_is_silent_five_times_rests_and_no_other_with_it() {
        let closed = {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
            listener.local_addr().expect("its address")
        };
        let caller = Caller::with_loopback();
        let url = format!("http://{closed}/hook");
        for _ in 0..5 {
            assert!(!caller.rests(&url));
            let answer = caller.call(&call(url.clone())).await;
            assert!(matches!(answer, Err(CallError::Unreachable(_))));
        }
        assert!(caller.rests(&url));
        assert!(!caller.rests("https://hooks.bank.example/events"));
    }

    #[tokio::test]
    async fn an_address_that_answers_no_does_not_rest() {
        let bank = MockServer::start().await;
        Mock::given(path("/hook"))
            .respond_with(ResponseTemplate::new(500))
            .mount(&bank)
            .await;
        let caller = Caller::with_loopback();
        let url = format!("{}/hook", bank.uri());
        for _ in 0..30 {
            assert_eq!(caller.call(&call(url.clone())).await, Ok(500));
        }
        assert!(!caller.rests(&url));
    }

    #[tokio::test]
    async fn nobody_there_is_told_as_unreachable() {
        let closed = {
            let bank = MockServer::start().await;
            bank.uri()
        };
        let answer = Caller::with_loopback().call(&call(closed)).await;
        assert!(matches!(answer, Ok(404) | Err(CallError::Unreachable(_))));
    }
}
