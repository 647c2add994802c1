//! What a client reads whose request ran out of time.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HOST, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, Request, StatusCode};
use axum::response::Response;

use super::Limits;

/// Draws the answer to a request that ran out of time; the page of a tenant can be put here.
pub type Answer = Arc<dyn Fn(&Late) -> Response + Send + Sync>;

/// Who was too slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The client: its body did not arrive.
    BodyStalled,
    /// We: the answer was not ready in time.
    TooSlow,
}

impl Reason {
    /// 408 or 503.
    pub fn status(self) -> StatusCode {
        match self {
            Self::BodyStalled => StatusCode::REQUEST_TIMEOUT,
            Self::TooSlow => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Stable code, key of the text.
    pub fn code(self) -> &'static str {
        match self {
            Self::BodyStalled => "request.body_stalled",
            Self::TooSlow => "request.too_slow",
        }
    }
}

/// What is still known of a request whose time is over.
#[derive(Debug, Clone)]
pub struct Late {
    /// Who was too slow.
    pub reason: Reason,
    /// Which tenant was asked.
    pub host: Option<HeaderValue>,
    /// What the client likes to read.
    pub accept: Option<HeaderValue>,
}

impl Late {
    pub(super) fn of<B>(request: &Request<B>) -> Self {
        Self {
            reason: Reason::TooSlow,
            host: request.headers().get(HOST).cloned(),
            accept: request.headers().get(ACCEPT).cloned(),
        }
    }

    /// A browser, as opposed to a program.
    pub fn wants_page(&self) -> bool {
        let accept = self.accept.as_ref().and_then(|value| value.to_str().ok());
        accept.is_some_and(|value| value.contains("text/html"))
    }

    /// The configured answer, with what must hold for any of them.
    pub(super) fn answered(mut self, reason: Reason, limits: &Limits) -> Response {
        self.reason = reason;
        tracing::warn!(code = reason.code(), "a request ran out of time");
        let mut response = (limits.answer)(&self);
        *response.status_mut() = reason.status();
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        match reason {
            // The rest of the body would be read as the next request.
            Reason::BodyStalled => headers.insert(CONNECTION, HeaderValue::from_static("close")),
            Reason::TooSlow => headers.insert(RETRY_AFTER, HeaderValue::from_static("5")),
        };
        response
    }
}

/// The answer for programs: `application/problem+json` (security rule S-46).
pub fn problem(late: &Late) -> Response {
    let status = late.reason.status();
    let body = serde_json::json!({
        "type": "about:blank",
        "title": status.canonical_reason(),
        "status": status.as_u16(),
        "code": late.reason.code(),
    });
    let mut response = Response::new(Body::from(body.to_string()));
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    response
}
