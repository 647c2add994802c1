//! Refusals 错误 as `application/problem+json` (S-46): a stable code for machines, a Chinese sentence for people.

use application::error::{Kind, UseError};
use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::Api;

/// How the interface's own fields are called, where the console calls them otherwise.
const FIELDS: [(&str, &str); 3] = [
    ("draw_amount", "amount"),
    ("draw_rate", "rate"),
    ("principal", "principal"),
];

/// What the pages say to people, said to those who run a system.
const SAID: [(&str, &str); 9] = [
    ("not_found", "bank_api.not_found"),
    ("denied", "bank_api.denied"),
    ("invalid", "bank_api.invalid"),
    ("stale", "bank_api.stale"),
    ("unavailable", "bank_api.unavailable"),
    ("bug", "bank_api.bug"),
    ("too_many", "bank_api.too_many"),
    ("method_not_allowed", "bank_api.method"),
    ("idempotency.other_body", "bank_api.other_body"),
];

fn said(code: &'static str) -> &'static str {
    SAID.iter()
        .find(|(ours, _)| *ours == code)
        .map_or(code, |(_, theirs)| theirs)
}

/// The status of each kind.
pub(crate) const fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Denied | Kind::ProofNeeded => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Kind::SignedOut => StatusCode::UNAUTHORIZED,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Bug => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn field_name(name: &str) -> &str {
    FIELDS
        .iter()
        .find(|(ours, _)| *ours == name)
        .map_or(name, |(_, theirs)| theirs)
}

impl Api {
    /// The answer to a request that was refused.
    pub(crate) fn problem(&self, error: UseError, request_id: &str) -> Response {
        // The same key with another body is a conflict here, whoever notices it (S-36).
        let status = if error.code == "idempotency.other_body" {
            StatusCode::CONFLICT
        } else {
            status(error.kind)
        };
        self.told(status, error, request_id)
    }

    /// The same under a status of its own.
    pub(crate) fn told(&self, status: StatusCode, error: UseError, request_id: &str) -> Response {
        let chain = error.chain();
        match error.kind {
            Kind::Bug => tracing::error!(code = error.code, %chain, "a call failed"),
            Kind::Unavailable => tracing::warn!(code = error.code, %chain, "a call failed"),
            _ => tracing::info!(code = error.code, "a call was refused"),
        }
        let mut params = error.params;
        if let Some(seconds) = error.retry_after {
            params.push(("seconds", seconds.to_string()));
        }
        let errors: Vec<_> = error
            .fields
            .iter()
            .map(|field| {
                let detail = self.words.of_field(field);
                json!({ "field": field_name(&field.field), "code": field.code, "detail": detail })
            })
            .collect();
        let body = json!({
            "type": format!("urn:yijianrong:problem:{}", error.code),
            "title": status.canonical_reason().unwrap_or_default(),
            "status": status.as_u16(),
            "code": error.code,
            "detail": self.words.text(said(error.code), &params),
            "request_id": request_id,
            "errors": errors,
        });
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut response = (status, kind, body.to_string()).into_response();
        if let Some(seconds) = error.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static(crate::signed::SCHEME),
            );
        }
        quiet(response)
    }
}

/// Nothing of an answer is kept on the way.
pub(crate) fn quiet(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        HeaderName::from_static("x-content-type-options"),
        HeaderValue::from_static("nosniff"),
    );
    response
}
