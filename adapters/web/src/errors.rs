//! Error pages 错误页: handlers answer what went wrong, the outermost layer dresses it in the city's page (S-46).

use application::{
    access::Origin,
    city::{City, Standing},
    error::{Kind, Params, UseError},
};
use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use serde::Serialize;

use crate::{
    forms::Field,
    kit::Kit,
    posted, provincial,
    sieve::LostFile,
    typed::{self, Kept, Typed},
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
    again: Option<Again>,
}

/// The form that could not be taken, offered for sending again.
#[derive(Serialize)]
struct Again {
    action: String,
    fields: Vec<Hidden>,
    /// What has to be chosen once more: the files that were sent along did not arrive.
    files: Vec<Field>,
    /// Where to sign in beforehand; empty where that is not what it failed by.
    sign_in: &'static str,
}

#[derive(Serialize)]
struct Hidden {
    name: String,
    value: String,
}

/// A posted form, as far as it is known out here.
struct Sent {
    typed: Typed,
    /// The browser says that it came from a page of ours.
    from_here: bool,
    /// What a token must fit now.
    binding: Option<String>,
}

impl Sent {
    fn of(kit: &Kit, parts: &Parts) -> Self {
        let id = |name| visit::cookie(&parts.headers, &kit.cookie_name(name));
        let binding = id("sid").or_else(|| id("pre"));
        Self {
            typed: Typed::default(),
            from_here: posted::is_from_here(&parts.headers),
            binding: binding.filter(|id| visit::is_session_id(id)),
        }
    }

    /// While the database is away, or where its files did not arrive, the form with its token as it came. Where the token is over, with a
    /// new one: never for what somebody else's page had sent, since whoever reads this page takes it for what they typed.
    fn again(&self, kit: &Kit, visit: &Outline, code: &str) -> Option<Again> {
        let token = match code {
            "unavailable" => None,
            "form_expired" if self.from_here => self.binding.as_deref(),
            code if typed::is_offered(code) => None,
            _ => return None,
        };
        let token = token.map(|id| kit.tokens().csrf(id));
        let kept = self.typed.kept()?;
        let fields = kept.fields.iter().map(|(name, value)| Hidden {
            name: name.clone(),
            value: match &token {
                Some(token) if name == "_csrf" => token.clone(),
                _ => value.clone(),
            },
        });
        Some(Again {
            action: visit.path.clone(),
            fields: fields.collect(),
            files: files_again(kept),
            sign_in: match code {
                "form_expired" if visit.staff_door => "/staff/login",
                "form_expired" => "/login",
                _ => "",
            },
        })
    }
}

/// One control for each file, so that none is forgotten; nobody can choose it in the person's place.
fn files_again(kept: &Kept) -> Vec<Field> {
    let files = kept.files.iter().zip(1..);
    let field = |(file, number): (&LostFile, usize)| {
        let label = format!("重新选择文件：{}", file.shown());
        let mut field = Field::file(&file.field, label, "");
        field.id = format!("f-file-{number}");
        field.hint(format!("上次选择的文件大小为 {} MB", file.size()))
    };
    files.map(field).collect()
}

/// The words for a form that was kept or lost, and for a page that was only asked for; others say what they say.
fn own_words(code: &'static str, is_get: bool, again: Option<&Again>) -> &'static str {
    match (code, again) {
        ("unavailable", _) if is_get => "unavailable.page",
        ("unavailable", Some(_)) => "unavailable.kept",
        ("unavailable", None) => "unavailable.lost",
        ("form_expired", Some(_)) => "form_expired.kept",
        ("upload.no_room", Some(_)) => "upload.no_room.kept",
        _ => code,
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

/// The city's page of an error, with what was typed where it may be sent again.
fn error_page(
    kit: &Kit,
    visit: &Outline,
    status: StatusCode,
    told: (&'static str, String),
    sent: Option<&Sent>,
) -> Response {
    let (code, text) = told;
    let again = sent.and_then(|sent| sent.again(kit, visit, code));
    let own = own_words(code, visit.is_get, again.as_ref());
    let heading = heading(status, code);
    let kept = sent.and_then(|sent| sent.typed.kept());
    let page = ErrorPage {
        heading,
        text: match kept {
            Some(kept) if again.is_some() && code == "too_large" => kept.too_large(),
            _ if own == code => text,
            _ => words::text(own, &[]),
        },
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
    let sent = (parts.method == Method::POST && !wants_json).then(|| Sent::of(&kit, &parts));
    if let Some(sent) = &sent {
        parts.extensions.insert(sent.typed.clone());
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
        error_page(&kit, &visit, status, (report.code, text), sent.as_ref())
    };
    if let Some(retry) = retry {
        dressed.headers_mut().insert(header::RETRY_AFTER, retry);
    }
    dressed
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    dressed
}
