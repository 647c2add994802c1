//! Error pages 错误页: handlers answer what went wrong, the outermost layer dresses it in the city's page (S-46).

use application::{
    access::Origin,
    city::{City, Standing},
    error::{Kind, Params, UseError},
};
use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use serde::Serialize;

use crate::{
    kit::Kit,
    provincial,
    typed::Typed,
    visit::{self, Outline, Visit},
    words,
};

/// What a handler could not do; becomes a page, a redirect to sign-in, or JSON for scripts.
#[derive(Debug)]
pub struct WebError(pub UseError);

impl<E: Into<UseError>> From<E> for WebError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// Left on a response for the dressing layer.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub code: &'static str,
    pub params: Params,
}

/// The status of each kind, the only place that says so.
pub fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Denied => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Kind::SignedOut => StatusCode::UNAUTHORIZED,
        Kind::ProofNeeded => StatusCode::FORBIDDEN,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Bug => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let error = self.0;
        let chain = error.chain();
        match error.kind {
            Kind::Bug => tracing::error!(code = error.code, %chain, "failed"),
            Kind::Unavailable => tracing::warn!(code = error.code, %chain, "unavailable"),
            _ => tracing::info!(code = error.code, "refused"),
        }
        let mut response = status(error.kind).into_response();
        if let Some(seconds) = error.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        let mut params = error.params;
        if let Some(seconds) = error.retry_after {
            params.push(("seconds", seconds.to_string()));
        }
        response.extensions_mut().insert(Report {
            code: error.code,
            params,
        });
        response
    }
}

#[derive(Serialize)]
struct ErrorPage {
    heading: &'static str,
    text: String,
    request_id: String,
    status: u16,
    /// The form that could not be taken, offered for sending again.
    again: Option<Again>,
}

#[derive(Serialize)]
struct Again {
    action: String,
    fields: Vec<Kept>,
}

#[derive(Serialize)]
struct Kept {
    name: String,
    value: String,
}

impl Again {
    fn of(action: &str, typed: &Typed) -> Option<Self> {
        let fields = typed.fields()?;
        let fields = fields.iter().map(|(name, value)| Kept {
            name: name.clone(),
            value: value.clone(),
        });
        Some(Self {
            action: action.to_owned(),
            fields: fields.collect(),
        })
    }
}

/// While the database is away: whether a form was lost, kept on the page, or none was sent.
const fn away(is_get: bool, again: Option<&Again>) -> &'static str {
    match (is_get, again) {
        (true, _) => "unavailable.page",
        (false, Some(_)) => "unavailable.kept",
        (false, None) => "unavailable.lost",
    }
}

fn heading(status: StatusCode, code: &str) -> &'static str {
    match status.as_u16() {
        503 if code == "city_suspended" => "平台暂停服务",
        503 if code == "city_closed" => "平台已停止服务",
        403 if code == "form_expired" => "页面已过期",
        403 if code == "proof_needed" => "请先验证身份",
        403 => "没有办理权限",
        404 if ["join.over", "link.over"].contains(&code) => "链接已失效",
        404 => "没有找到页面",
        409 => "操作没有生效",
        422 | 400 => "提交的内容需要修改",
        413 => "文件太大",
        429 => "操作过于频繁",
        401 => "登录已超时",
        503 => "系统暂时繁忙",
        500 => "页面没有打开",
        _ => "操作没有完成",
    }
}

const fn default_code(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "signed_out",
        403 => "denied",
        404 => "not_found",
        405 => "method_not_allowed",
        408 => "timeout",
        409 => "conflict",
        413 => "too_large",
        415 => "unsupported_media",
        429 => "too_many",
        503 => "unavailable",
        400..500 => "bad_request",
        _ => "bug",
    }
}

/// A session that the browser still names and that ended meanwhile. A live one may be refused too, at another kind of door.
async fn is_over(kit: &Kit, session: Option<&str>) -> bool {
    let Some(id) = session else {
        return false;
    };
    let read = kit.sessions().read(id, Origin::default()).await;
    read.is_ok_and(|signed| signed.is_none())
}

/// 暂停服务, 停止服务: no door of such a city opens, and whoever comes is told. What was accepted before stays as it is. On the site of a
/// province no door of a city is there at all.
pub async fn standing(State(kit): State<Kit>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let city = visit::city_of(&kit, &parts);
    if city.as_ref().is_some_and(|city| city.is_province()) {
        match parts.uri.path() {
            "/" => return Redirect::to("/staff").into_response(),
            path if !provincial::is_here(path) => {
                return WebError(UseError::not_found()).into_response();
            }
            _ => {}
        }
    }
    let told = city
        .filter(|_| !parts.uri.path().starts_with("/assets/"))
        .and_then(|city| told(&city));
    match told {
        Some(error) => WebError(error).into_response(),
        None => next.run(Request::from_parts(parts, body)).await,
    }
}

fn told(city: &City) -> Option<UseError> {
    let (code, note) = match &city.standing {
        Standing::Open => return None,
        Standing::Suspended(note) => ("city_suspended", note),
        Standing::Closed(note) => ("city_closed", note),
    };
    let error = UseError::new(Kind::Unavailable, code);
    Some(
        error
            .with("city", &city.name)
            .with("hotline", &city.hotline)
            .with("note", note),
    )
}

/// The city's page of an error. While the database is away it offers what was typed for sending again.
fn error_page(
    kit: &Kit,
    visit: &Outline,
    status: StatusCode,
    code: &str,
    text: String,
    typed: Option<Typed>,
) -> Response {
    let heading = heading(status, code);
    let is_away = code == "unavailable";
    let again = typed.filter(|_| is_away);
    let again = again.and_then(|typed| Again::of(&visit.path, &typed));
    let text = if is_away {
        words::text(away(visit.is_get, again.as_ref()), &[])
    } else {
        text
    };
    let page = ErrorPage {
        heading,
        text,
        request_id: visit.request_id.clone(),
        status: status.as_u16(),
        again,
    };
    let mut response = visit.render(kit, "errors/error.html", heading, &page);
    *response.status_mut() = status;
    response
}

/// Dresses every bare error, ours and axum's own, in the city's error page; scripts get JSON.
pub async fn dress(State(kit): State<Kit>, request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let wants_json = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|accept| accept.starts_with("application/json"))
        || request.headers().contains_key("x-requested-with")
        || request.uri().path().starts_with("/bank/")
        || is_api;
    // Whoever comes with a session that is over reads why they have to sign in.
    let session = visit::cookie(request.headers(), &kit.cookie_name("sid"));
    let (mut parts, body) = request.into_parts();
    let visit = Visit::outline(&kit, &mut parts);
    let typed = (parts.method == Method::POST && !wants_json).then(Typed::default);
    if let Some(typed) = &typed {
        parts.extensions.insert(typed.clone());
    }
    let response = next.run(Request::from_parts(parts, body)).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let report = response.extensions().get::<Report>().cloned();
    let bare = report.is_some()
        || response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !bare {
        return response;
    }
    let report = report.unwrap_or(Report {
        code: default_code(status),
        params: Vec::new(),
    });
    // The same words for what never was and for what went to another branch (S-12), so that a form left open is told as well.
    let code = if report.code == "not_found" && visit.staff_door {
        "not_found.staff"
    } else {
        report.code
    };
    let text = words::text(code, &report.params);
    let retry = response.headers().get(header::RETRY_AFTER).cloned();
    let mut dressed = if wants_json {
        let body = if is_api {
            // What the interface of the mini-program says itself is dressed there; this came from the layers around it.
            serde_json::json!({
                "type": format!("urn:yijianrong:problem:{}", report.code),
                "title": status.canonical_reason().unwrap_or_default(),
                "status": status.as_u16(), "code": report.code, "detail": text,
                "request_id": visit.request_id, "errors": [],
            })
        } else {
            serde_json::json!({ "ok": false, "code": report.code, "message": text, "request_id": visit.request_id })
        };
        (
            status,
            [(header::CONTENT_TYPE, "application/problem+json")],
            body.to_string(),
        )
            .into_response()
    } else if status == StatusCode::UNAUTHORIZED && visit.is_get {
        let mut to = Redirect::to(&visit.sign_in_path()).into_response();
        if is_over(&kit, session.as_deref()).await {
            visit::tell(&kit, &mut to, "warning", &words::text("signed_out", &[]));
        }
        return to;
    } else {
        error_page(&kit, &visit, status, report.code, text, typed)
    };
    if let Some(retry) = retry {
        dressed.headers_mut().insert(header::RETRY_AFTER, retry);
    }
    dressed
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    dressed
}
