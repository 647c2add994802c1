//! A visit 访问: whose city, who is signed in, what the layout needs. The extractors of every handler.

use std::{net::SocketAddr, sync::Arc};

use application::{
    access::{Actor, Origin},
    city::City,
    error::{Kind, UseError},
    ports::sessions::SessionKind,
    sessions::SignedIn,
};
use axum::{
    extract::{ConnectInfo, FromRef, FromRequestParts},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{Html, IntoResponse, Redirect, Response},
};
use serde::Serialize;

use crate::{
    errors::WebError,
    kit::Kit,
    page::{Notice, Page, User},
    parts::SideLink,
    templates,
};

/// The id of a request, set by the server for logs, pages and audit.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// What the outer layers know before any handler ran: never fails but for an unknown host.
#[derive(Clone, Debug)]
pub struct Outline {
    pub city: Option<Arc<City>>,
    pub path: String,
    pub request_id: String,
    pub large_type: bool,
    pub is_get: bool,
    pub staff_door: bool,
}

/// Everything a handler may want to know about the request but its body.
pub struct Visit {
    pub kit: Kit,
    pub city: Arc<City>,
    pub signed: Option<SignedIn>,
    pub origin: Origin,
    pub agent: String,
    /// The raw session id, when a live session stands behind it.
    pub session_id: Option<String>,
    /// The id of the pre-session: what CSRF, captcha and codes are bound to before sign-in.
    pub pre_session: Option<String>,
    pub path: String,
    pub path_and_query: String,
    large_type: bool,
    notice: Option<String>,
    side: Vec<SideLink>,
    area: Option<&'static str>,
    headers: HeaderMap,
}

impl Visit {
    pub(crate) fn outline(kit: &Kit, parts: &mut Parts) -> Outline {
        Outline {
            city: city_of(kit, parts),
            path: parts
                .uri
                .path_and_query()
                .map_or("/", |p| p.as_str())
                .to_owned(),
            request_id: request_id(parts),
            large_type: cookie(&parts.headers, "large").as_deref() == Some("1"),
            is_get: matches!(parts.method, Method::GET | Method::HEAD),
            staff_door: crate::nav::is_staff_path(parts.uri.path()),
        }
    }

    async fn read(kit: Kit, parts: &mut Parts) -> Result<Self, WebError> {
        let city = city_of(&kit, parts).ok_or_else(UseError::not_found)?;
        let origin = Origin {
            ip: client_ip(&kit, parts),
            request_id: request_id(parts),
            channel: "web",
        };
        let sid = cookie(&parts.headers, &kit.cookie_name("sid")).filter(|id| is_session_id(id));
        let mut signed = None;
        if let Some(id) = &sid {
            signed = kit.sessions().read(id, origin.clone()).await?;
        }
        if let Some(astray) = signed.as_ref().filter(|s| s.actor.city != city.id) {
            let (actor, of) = (astray.actor.user, astray.actor.city);
            tracing::warn!(%actor, %of, at = %city.id, "a session of another city was refused");
        }
        // A session of another city opens nothing here, whatever host the browser names (S-01); nor does an access token (S-14).
        let signed = signed.filter(|s| s.actor.city == city.id && s.kind != SessionKind::Device);
        Ok(Self {
            session_id: signed.as_ref().and(sid),
            pre_session: cookie(&parts.headers, &kit.cookie_name("pre"))
                .filter(|id| is_session_id(id)),
            agent: text_header(&parts.headers, header::USER_AGENT),
            path: parts.uri.path().to_owned(),
            path_and_query: parts
                .uri
                .path_and_query()
                .map_or("/", |p| p.as_str())
                .to_owned(),
            large_type: cookie(&parts.headers, "large").as_deref() == Some("1"),
            notice: cookie(&parts.headers, &kit.cookie_name("notice")),
            kit,
            city,
            signed,
            origin,
            side: Vec::new(),
            area: None,
            headers: parts.headers.clone(),
        })
    }

    pub fn actor(&self) -> Option<&Actor> {
        self.signed.as_ref().map(|s| &s.actor)
    }

    /// The value of one of our cookies, by its name without prefix.
    pub fn cookie(&self, name: &str) -> Option<String> {
        cookie(&self.headers, &self.kit.cookie_name(name))
    }

    /// The signed-in person of an enterprise, for posted forms; anybody else is told what the pages tell them.
    pub fn enterprise_actor(&self) -> Result<&Actor, WebError> {
        self.actor_of(SessionKind::Enterprise)
    }

    /// The signed-in person of a tenant's staff, for posted forms.
    pub fn staff_actor(&self) -> Result<&Actor, WebError> {
        self.actor_of(SessionKind::Staff)
    }

    fn actor_of(&self, kind: SessionKind) -> Result<&Actor, WebError> {
        match &self.signed {
            Some(signed) if signed.kind == kind => Ok(&signed.actor),
            Some(_) => Err(WebError(UseError::not_found())),
            None => Err(signed_out()),
        }
    }

    /// True for requests of our script, which wants JSON.
    pub fn is_script(&self) -> bool {
        self.headers.contains_key("x-requested-with")
    }

    /// What the browser calls itself.
    pub fn browser(&self) -> String {
        text_header(&self.headers, header::USER_AGENT)
    }

    /// The full address of an own path, under the host name by which this visitor came.
    pub fn address(&self, path: &str) -> String {
        let scheme = if self.kit.mode().secure_cookies {
            "https"
        } else {
            "http"
        };
        let host = text_header(&self.headers, header::HOST);
        format!("{scheme}://{host}{path}")
    }

    /// What forms of this visitor are bound to: the session, else the pre-session.
    pub fn binding(&self) -> Option<&str> {
        self.session_id.as_deref().or(self.pre_session.as_deref())
    }

    /// Makes sure that there is something to bind a form to; call it before rendering a page with a form.
    pub fn ensure_binding(&mut self) -> &str {
        if self.session_id.is_none() && self.pre_session.is_none() {
            self.pre_session = Some(self.kit.tokens().session_id());
        }
        self.binding().unwrap_or_default()
    }

    pub fn csrf(&self) -> String {
        self.binding()
            .map(|id| self.kit.tokens().csrf(id))
            .unwrap_or_default()
    }

    /// Side navigation and the area word of a console.
    #[must_use]
    pub fn console(mut self, area: &'static str, side: Vec<SideLink>) -> Self {
        self.area = Some(area);
        self.side = side;
        self
    }

    /// The same console with the menu standing at another entry than the address says; an empty one changes nothing.
    #[must_use]
    pub fn standing_at(mut self, href: &str) -> Self {
        if self.side.iter().any(|link| link.href == href) {
            for link in &mut self.side {
                link.current = link.href == href;
            }
        }
        self
    }

    /// Renders a page; `content` is a struct whose fields the template reads.
    pub fn render(&self, template: &str, title: &str, content: &impl Serialize) -> Response {
        self.answer(draw(&self.kit, template, &self.page(title), content))
    }

    /// The same for a page of a console that is opened again and again, by several people too: `content` is made of `from` and of
    /// nothing else, and reads nothing of its frame.
    pub fn render_kept<C: Serialize>(
        &self,
        template: &str,
        title: &str,
        from: &impl Serialize,
        content: impl FnOnce() -> C,
    ) -> Response {
        let (page, tera) = (self.page(title), self.kit.tera());
        let drawings = self.kit.drawings();
        self.answer(shown(
            template,
            drawings.page(tera, template, &page, from, content),
        ))
    }

    fn answer(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        if self.notice.is_some() {
            append_cookie(headers, &self.kit.cookie("notice", ""));
        }
        if self.session_id.is_none()
            && let Some(pre) = &self.pre_session
        {
            append_cookie(headers, &self.kit.cookie("pre", pre));
        }
        if self.signed.is_some() || self.pre_session.is_some() {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        response
    }

    /// The same with another status: 422 for a form that must be corrected.
    pub fn render_with(
        &self,
        status: StatusCode,
        template: &str,
        title: &str,
        content: &impl Serialize,
    ) -> Response {
        let mut response = self.render(template, title, content);
        *response.status_mut() = status;
        response
    }

    /// After a change: to another page, with a line that says what was done (`success`, `info`, `warning`).
    pub fn redirect(&self, to: &str, notice: Option<(&str, &str)>) -> Response {
        let mut response = Redirect::to(to).into_response();
        if let Some((kind, text)) = notice {
            append_cookie(
                response.headers_mut(),
                &self.kit.cookie("notice", &encode_notice(kind, text)),
            );
        }
        response
    }

    fn page<'a>(&'a self, title: &'a str) -> Page<'a> {
        let mut page = Page::of(&self.kit, &self.city, title, &self.path, self.large_type);
        page.here = &self.path_and_query;
        page.csrf = self.csrf();
        page.side = &self.side;
        page.notice = self.notice.as_deref().and_then(decode_notice);
        page.area = self.area;
        if let Some(signed) = &self.signed {
            let (kind, href) = match signed.kind {
                SessionKind::Enterprise | SessionKind::Device => ("enterprise", "/enterprise"),
                SessionKind::Staff => ("staff", crate::nav::staff_home(signed.actor.tenant_kind)),
            };
            page.user = Some(User {
                name: &signed.actor.name,
                kind,
                href,
            });
            page.unread = signed.unread;
            page.session_seconds = signed.idle_seconds;
        }
        page
    }
}

impl Outline {
    /// The sign-in page that brings back here.
    pub fn sign_in_path(&self) -> String {
        let door = if self.staff_door {
            "/staff/login"
        } else {
            "/login"
        };
        if self.path == "/" {
            door.to_owned()
        } else {
            format!("{door}?next={}", encode(&self.path))
        }
    }

    /// Renders an error page; without a city it is a plain one that names nobody.
    pub fn render(
        &self,
        kit: &Kit,
        template: &str,
        title: &str,
        content: &impl Serialize,
    ) -> Response {
        let Some(city) = &self.city else {
            return (StatusCode::NOT_FOUND, Html("<!DOCTYPE html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>没有找到页面</title></head><body><h1>没有找到页面</h1><p>请检查网址后重新访问。</p></body></html>")).into_response();
        };
        let page = Page::of(kit, city, title, &self.path, self.large_type);
        draw(kit, template, &page, content)
    }
}

fn draw(kit: &Kit, template: &str, page: &Page<'_>, content: &impl Serialize) -> Response {
    let html = templates::context(content).and_then(|mut context| {
        context.insert("page", page);
        kit.tera().render(template, &context)
    });
    shown(template, html)
}

fn shown<E>(template: &str, html: Result<String, E>) -> Response
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    match html.map_err(Into::into) {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            tracing::error!(template, %error, "a page could not be drawn");
            WebError(UseError::bug(error)).into_response()
        }
    }
}

fn append_cookie(headers: &mut HeaderMap, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        headers.append(header::SET_COOKIE, value);
    }
}

/// A `Set-Cookie` on a response of any handler.
pub fn set_cookie(response: &mut Response, cookie: &str) {
    append_cookie(response.headers_mut(), cookie);
}

/// A line for the next page, on an answer that no visit made.
pub(crate) fn tell(kit: &Kit, response: &mut Response, kind: &str, text: &str) {
    set_cookie(response, &kit.cookie("notice", &encode_notice(kind, text)));
}

/// What is looked for, as an address brings it: no longer than a search needs.
pub(crate) fn sought(typed: &str) -> String {
    typed.trim().chars().take(50).collect()
}

/// Percent-encodes for a query value.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// An address with what it asks for; what asks for nothing is left out.
pub fn asking(base: &str, pairs: &[(&str, &str)]) -> String {
    let said = pairs.iter().filter(|(_, value)| !value.is_empty());
    let pairs: Vec<String> = said
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    if pairs.is_empty() {
        base.to_owned()
    } else {
        format!("{base}?{}", pairs.join("&"))
    }
}

/// An id from a path; anything else is as missing as an unknown one.
pub fn id_of(text: &str) -> Result<uuid::Uuid, WebError> {
    uuid::Uuid::try_parse(text).map_err(|_| WebError(UseError::not_found()))
}

/// An own path to come back to, or nothing: never an address from the request (S-18). Browsers leave control signs out and take a
/// backslash for a slash: `/<tab>/host` leads elsewhere.
pub fn own_path(path: &str) -> Option<&str> {
    (path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && !path.contains(char::is_control)
        && !walks(path))
    .then_some(path)
}

/// A browser resolves dots and doubled slashes before it goes: `/.//host` leads elsewhere, and no link of ours is written so.
fn walks(path: &str) -> bool {
    let own = path.split(['?', '#']).next().unwrap_or_default();
    let own = own.to_ascii_lowercase().replace("%2e", ".");
    own.contains("//") || own.split('/').any(|step| matches!(step, "." | ".."))
}

fn encode_notice(kind: &str, text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(format!("{kind}|{text}"))
}

fn decode_notice(value: &str) -> Option<Notice> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(value)
        .ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (kind, text) = text.split_once('|')?;
    let kind = ["success", "info", "warning", "danger"]
        .into_iter()
        .find(|k| *k == kind)?;
    Some(Notice {
        kind,
        text: text.to_owned(),
    })
}

/// Whether it has the form of our session ids: 256 bits as 43 signs.
pub(crate) fn is_session_id(id: &str) -> bool {
    let sign = |sign: u8| sign.is_ascii_alphanumeric() || b"-_".contains(&sign);
    id.len() == 43 && id.bytes().all(sign)
}

/// The value of a cookie.
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name && !value.is_empty()).then(|| value.to_owned())
        })
}

fn text_header(headers: &HeaderMap, name: header::HeaderName) -> String {
    headers
        .get(name)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default()
        .chars()
        .take(200)
        .collect()
}

fn request_id(parts: &Parts) -> String {
    parts
        .extensions
        .get::<RequestId>()
        .map(|id| id.0.clone())
        .unwrap_or_default()
}

/// Address and id of a request, for doors that have no visits.
pub fn origin_of(kit: &Kit, parts: &Parts) -> (String, String) {
    (client_ip(kit, parts), request_id(parts))
}

pub(crate) fn city_of(kit: &Kit, parts: &Parts) -> Option<Arc<City>> {
    kit.cities().by_host(host_of(&parts.headers)?)
}

/// The host that was asked for, without its port.
pub fn host_of(headers: &HeaderMap) -> Option<&str> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let parted = host.rsplit_once(':');
    let parted = parted.filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    Some(parted.map_or(host, |(name, _)| name))
}

/// The address the request came from; `X-Forwarded-For` counts only as far as our own proxies wrote it.
pub(crate) fn client_ip(kit: &Kit, parts: &Parts) -> String {
    let direct = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|c| c.0.ip().to_string())
        .unwrap_or_default();
    let proxies = kit.mode().trusted_proxies;
    if proxies == 0 {
        return direct;
    }
    let forwarded: Vec<&str> = parts
        .headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .map(str::trim)
        .collect();
    forwarded
        .len()
        .checked_sub(proxies)
        .and_then(|i| forwarded.get(i))
        .and_then(|ip| ip.parse::<std::net::IpAddr>().ok())
        .map_or(direct, |ip| ip.to_string())
}

impl<S> FromRequestParts<S> for Visit
where
    S: Send + Sync,
    Kit: FromRef<S>,
{
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, WebError> {
        Self::read(Kit::from_ref(state), parts).await
    }
}

/// The person of an enterprise who posted a form; anybody else as with [`EnterpriseVisit`].
pub fn posted_by_enterprise(visit: &Visit) -> Result<Actor, WebError> {
    match &visit.signed {
        Some(signed) if signed.kind == SessionKind::Enterprise => Ok(signed.actor.clone()),
        Some(_) => Err(WebError(UseError::not_found())),
        None => Err(signed_out()),
    }
}

/// The member of staff who posted a form.
pub fn posted_by_staff(visit: &Visit) -> Result<Actor, WebError> {
    match &visit.signed {
        Some(signed) if signed.kind == SessionKind::Staff => Ok(signed.actor.clone()),
        Some(_) => Err(WebError(UseError::not_found())),
        None => Err(signed_out()),
    }
}

/// A visit by someone of an enterprise; anybody else is sent to sign in.
pub struct EnterpriseVisit(pub Visit);

/// A visit by staff; anybody else is sent to the staff's sign-in.
pub struct StaffVisit(pub Visit);

/// A visit by anybody signed in.
pub struct SignedVisit(pub Visit);

pub(crate) fn signed_out() -> WebError {
    WebError(UseError::new(Kind::SignedOut, "signed_out"))
}

macro_rules! signed_visit {
    ($name:ident, $allows:expr) => {
        impl<S> FromRequestParts<S> for $name
        where
            S: Send + Sync,
            Kit: FromRef<S>,
        {
            type Rejection = WebError;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, WebError> {
                let visit = Visit::from_request_parts(parts, state).await?;
                let allows: fn(SessionKind) -> bool = $allows;
                match visit.signed.as_ref().map(|s| s.kind) {
                    Some(kind) if allows(kind) => Ok(Self(visit)),
                    // Signed in, but at the wrong door: it does not exist for them (S-12).
                    Some(_) => Err(WebError(UseError::not_found())),
                    None => Err(signed_out()),
                }
            }
        }

        impl $name {
            /// The signed-in person.
            pub fn actor(&self) -> &Actor {
                self.0.actor().expect("made only with a signed-in person")
            }
        }
    };
}

signed_visit!(EnterpriseVisit, |kind| kind == SessionKind::Enterprise);
signed_visit!(StaffVisit, |kind| kind == SessionKind::Staff);
signed_visit!(SignedVisit, |_| true);
