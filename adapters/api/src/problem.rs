//! Refusals 错误 as `application/problem+json` (S-46): a stable code for programs, a Chinese sentence for people, the fields concerned.

use application::{
    error::{FieldError, Kind, UseError},
    ports::notice_words::NoticeWords,
};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

/// 问题: why a request was not done.
#[derive(Serialize, ToSchema)]
pub(crate) struct Problem {
    /// `urn:yijianrong:problem:<code>`.
    r#type: String,
    title: String,
    status: u16,
    /// 错误码, stable.
    code: String,
    /// 提示, to be shown as it is.
    detail: String,
    /// 请求编号, for asking the hotline.
    request_id: String,
    /// 需要修改的字段.
    errors: Vec<FieldProblem>,
}

/// 一个需要修改的字段.
#[derive(Serialize, ToSchema)]
pub(crate) struct FieldProblem {
    field: String,
    code: String,
    detail: String,
}

impl FieldProblem {
    pub(crate) fn of(words: &dyn NoticeWords, error: &FieldError) -> Self {
        Self {
            field: error.field.clone(),
            code: error.code.to_owned(),
            detail: words.of_field(error),
        }
    }
}

/// The status of each kind; what a program got wrong before any rule was asked is 400.
fn status(error: &UseError) -> StatusCode {
    match (error.kind, error.code) {
        (
            _,
            "api.idempotency_missing"
            | "api.idempotency_form"
            | "api.device_missing"
            | "api.device_form"
            | "api.not_json",
        ) => StatusCode::BAD_REQUEST,
        (_, "api.media_type") => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        (_, "method_not_allowed") => StatusCode::METHOD_NOT_ALLOWED,
        (Kind::Denied | Kind::ProofNeeded, _) => StatusCode::FORBIDDEN,
        (Kind::NotFound, _) => StatusCode::NOT_FOUND,
        (Kind::Invalid, _) => StatusCode::UNPROCESSABLE_ENTITY,
        (Kind::TooLarge, _) => StatusCode::PAYLOAD_TOO_LARGE,
        (Kind::Conflict, _) => StatusCode::CONFLICT,
        (Kind::TooMany, _) => StatusCode::TOO_MANY_REQUESTS,
        (Kind::SignedOut, _) => StatusCode::UNAUTHORIZED,
        (Kind::Unavailable, _) => StatusCode::SERVICE_UNAVAILABLE,
        (Kind::Bug, _) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// What the pages say to people who look at a page, said to those who look at the mini-program.
fn said(code: &'static str) -> &'static str {
    match code {
        "not_found" => "api.not_found",
        other => other,
    }
}

/// The answer to a request that was refused.
pub(crate) fn answer(words: &dyn NoticeWords, error: UseError, request_id: &str) -> Response {
    let chain = error.chain();
    match error.kind {
        Kind::Bug => tracing::error!(code = error.code, %chain, "failed"),
        Kind::Unavailable => tracing::warn!(code = error.code, %chain, "unavailable"),
        _ => tracing::info!(code = error.code, "refused"),
    }
    let status = status(&error);
    let mut params = error.params;
    if let Some(seconds) = error.retry_after {
        params.push(("seconds", seconds.to_string()));
    }
    let problem = Problem {
        r#type: format!("urn:yijianrong:problem:{}", error.code),
        title: status.canonical_reason().unwrap_or_default().to_owned(),
        status: status.as_u16(),
        code: error.code.to_owned(),
        detail: words.text(said(error.code), &params),
        request_id: request_id.to_owned(),
        errors: error
            .fields
            .iter()
            .map(|field| FieldProblem::of(words, field))
            .collect(),
    };
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    let mut response = (status, kind, body).into_response();
    let headers = response.headers_mut();
    if let Some(seconds) = error.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
