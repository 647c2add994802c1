//! Line 专线: one request and its answer. It never retries (the worker does) and never logs what is said.

use std::{sync::Arc, time::Duration};

use application::ports::clock::Clock;
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use reqwest::{
    Method, StatusCode,
    header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
};
use serde::de::DeserializeOwned;

use crate::{
    fault::{Fault, NotReached},
    hosts::Endpoint,
    resolver::LedInside,
    switchboard::{Post, Switchboard},
};

/// What is asked: path and query as they are signed, headers, body.
#[derive(Clone, Debug)]
pub struct Ask {
    method: Method,
    path: String,
    query: String,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
}

impl Ask {
    pub fn post(path: impl Into<String>) -> Self {
        Self::new(Method::POST, path)
    }

    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            query: String::new(),
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    /// The query, already encoded exactly as it was signed.
    #[must_use]
    pub fn query(mut self, encoded: impl Into<String>) -> Self {
        self.query = encoded.into();
        self
    }

    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }
}

/// What came back, whole and within its size.
#[derive(Clone)]
pub struct Answer {
    pub status: u16,
    headers: HeaderMap,
    pub body: Bytes,
}

/// Says nothing of what a provider wrote.
impl std::fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "Answer({}, {} bytes)",
            self.status,
            self.body.len()
        )
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON of exactly this shape, only when it says that it is JSON. Anything else is unclear.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        self.json_named(&["application/json"])
    }

    /// As [`Answer::json`], for providers that name their JSON otherwise (`text/plain`).
    pub fn json_named<T: DeserializeOwned>(&self, types: &[&str]) -> Result<T, Fault> {
        let named = self.content_type();
        if !types.contains(&named.as_str()) {
            return Err(Fault::unclear(format!(
                "HTTP {} of another type",
                self.status
            )));
        }
        serde_json::from_slice(&self.body)
            .map_err(|_| Fault::unclear(format!("HTTP {} with an unknown body", self.status)))
    }

    /// The media type without its parameters, in small letters.
    pub fn content_type(&self) -> String {
        self.header(CONTENT_TYPE.as_str())
            .and_then(|text| text.split(';').next())
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase()
    }

    /// `Retry-After` in seconds, an hour at most.
    pub fn retry_after(&self) -> Option<Duration> {
        let seconds: u64 = self.header(RETRY_AFTER.as_str())?.trim().parse().ok()?;
        Some(Duration::from_secs(seconds.min(3_600)))
    }

    /// The fault of an answer that is not the provider's own: 429 is throttling, everything else is unclear.
    pub fn foreign(&self) -> Fault {
        if self.status == StatusCode::TOO_MANY_REQUESTS.as_u16() {
            return Fault::throttled("HTTP 429", self.retry_after());
        }
        Fault::unclear(format!("HTTP {}", self.status))
    }
}

/// A city's line to one provider.
#[derive(Clone)]
pub struct Line {
    board: Switchboard,
    kind: &'static str,
    post: Arc<Post>,
    endpoint: Endpoint,
    whole: Duration,
    answer_most: usize,
}

impl Line {
    pub(crate) fn new(
        board: Switchboard,
        kind: &'static str,
        post: Arc<Post>,
        endpoint: Endpoint,
    ) -> Self {
        let manners = &board.inner.manners;
        Self {
            whole: manners.whole,
            answer_most: manners.answer_most,
            board,
            kind,
            post,
            endpoint,
        }
    }

    /// A longer whole call, for kinds that need it (face: 15 s). A test's hurry stays.
    #[must_use]
    pub fn patient(mut self, whole: Duration) -> Self {
        if self.whole >= Duration::from_secs(1) {
            self.whole = whole;
        }
        self
    }

    /// Larger answers, for kinds that send pictures.
    #[must_use]
    pub fn answers_up_to(mut self, bytes: usize) -> Self {
        self.answer_most = bytes;
        self
    }

    /// The provider's host, as it is to be signed.
    pub fn host(&self) -> &str {
        &self.endpoint.host
    }

    /// For timestamps and nonces.
    pub fn clock(&self) -> &dyn Clock {
        &*self.board.inner.clock
    }

    /// 32 letters and digits that never come twice.
    pub fn nonce(&self) -> String {
        self.clock().new_id().simple().to_string()
    }

    /// Asks once. `read` judges the answer; its verdict is what the breaker and the operator's page hear.
    pub async fn ask<T>(
        &self,
        ask: Ask,
        read: impl FnOnce(&Answer) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let entered = match self.post.gate.enter().await {
            Ok(entered) => entered,
            Err(fault) => return Err(self.note(fault)),
        };
        let outcome = match self.send(ask).await {
            Ok(answer) => read(&answer),
            Err(fault) => Err(fault),
        };
        drop(entered);
        self.post.gate.hear(&outcome);
        outcome.map_err(|fault| self.note(fault))
    }

    /// Notes a fault that was met before the call, such as a secret that cannot be read.
    pub fn note(&self, fault: Fault) -> Fault {
        tracing::warn!(provider = self.kind, class = fault.class(), %fault, "a provider's call did not succeed");
        self.post.notebook.note(self.clock().now(), &fault);
        fault
    }

    async fn send(&self, ask: Ask) -> Result<Answer, Fault> {
        let form = || Fault::Unreachable(NotReached::Form);
        let mut url = self.endpoint.base.clone();
        url.set_path(&ask.path);
        url.set_query((!ask.query.is_empty()).then_some(ask.query.as_str()));
        let mut headers = HeaderMap::new();
        for (name, value) in &ask.headers {
            let name = HeaderName::try_from(*name).map_err(|_| form())?;
            headers.insert(name, HeaderValue::from_str(value).map_err(|_| form())?);
        }
        let host = HeaderValue::from_str(&self.endpoint.host).map_err(|_| form())?;
        headers.insert(HOST, host);
        let sent = self
            .board
            .inner
            .client
            .request(ask.method, url)
            .headers(headers)
            .timeout(self.whole)
            .body(ask.body)
            .send()
            .await
            .map_err(|error| not_sent(&error))?;
        let status = sent.status();
        if status.is_redirection() {
            return Err(Fault::unclear(format!(
                "HTTP {} elsewhere",
                status.as_u16()
            )));
        }
        let headers = sent.headers().clone();
        let mut body = BytesMut::new();
        let mut pieces = sent.bytes_stream();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|_| Fault::unclear("half an answer"))?;
            if body.len() + piece.len() > self.answer_most {
                return Err(Fault::unclear("an answer that is too large"));
            }
            body.extend_from_slice(&piece);
        }
        Ok(Answer {
            status: status.as_u16(),
            headers,
            body: body.freeze(),
        })
    }
}

/// Before the connection stood nothing went out; afterwards nobody knows.
fn not_sent(error: &reqwest::Error) -> Fault {
    if error.is_builder() {
        return Fault::Unreachable(NotReached::Form);
    }
    if error.is_connect() {
        let mut cause = std::error::Error::source(error);
        while let Some(inner) = cause {
            if inner.is::<LedInside>() {
                return Fault::Unreachable(NotReached::NotPublic);
            }
            cause = inner.source();
        }
        return Fault::Unreachable(NotReached::Connect);
    }
    Fault::unclear(if error.is_timeout() {
        "no answer in time"
    } else {
        "the connection broke off"
    })
}
