//! What surrounds every request: id, log span, security headers, body limits, compression, error pages, health.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use application::ports::clock::Clock;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use sqlx::PgPool;
use tower::ServiceBuilder;
use tower_http::{CompressionLevel, catch_panic::CatchPanicLayer, compression::CompressionLayer};
use tracing::Instrument as _;
use web::{flood::Flood, portal::cache::kept, reconsent::Gate, visit::RequestId};

use crate::{
    figures,
    serve::Quick,
    wire::{self, Parts},
};

/// Forms with text: 1 MB (S-49); doors that take files raise it for themselves.
const FORM_LIMIT: usize = 1024 * 1024;

const CSP: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
                   media-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/// Puts everything around the rooms; health stands outside of tenants.
///
/// The layers stand around the router, not around each of its hundreds of routes as `Router::layer` puts them: there each route
/// holds every layer in a box of its own, and a request copies them again at each layer that it enters.
pub fn surround(rooms: Router, parts: &Parts) -> Router {
    let kit = parts.kit.clone();
    let secure = kit.mode().secure_cookies;
    let gate = Gate {
        kit: kit.clone(),
        uses: Arc::new(wire::reconsent(parts)),
    };
    // The first one is the outermost.
    let inside = ServiceBuilder::new()
        // Drawn for one reader and sent once: the quickest level.
        .layer(
            CompressionLayer::new()
                .gzip(true)
                .quality(CompressionLevel::Fastest),
        )
        .layer(middleware::from_fn_with_state(
            kit.clone(),
            web::errors::dress,
        ))
        .layer(middleware::from_fn_with_state(
            kit.clone(),
            web::errors::standing,
        ))
        .layer(middleware::from_fn(without_nul))
        .layer(middleware::from_fn_with_state(
            Flood::new(kit),
            web::flood::guard,
        ))
        .layer(middleware::from_fn_with_state(gate, web::reconsent::gate))
        .layer(DefaultBodyLimit::max(FORM_LIMIT))
        .layer(CatchPanicLayer::custom(panicked))
        .service(rooms.fallback(|| async { StatusCode::NOT_FOUND }));
    let all = Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .with_state(parts.pool.clone())
        .fallback_service(inside);
    let outside = ServiceBuilder::new()
        .layer(middleware::map_response(move |mut response: Response| {
            secure_headers(secure, &mut response);
            std::future::ready(response)
        }))
        .layer(middleware::from_fn_with_state(parts.pages.clone(), kept))
        .layer(middleware::from_fn_with_state(parts.clock.clone(), span))
        .service(all);
    Router::new().fallback_service(outside)
}

/// A kept page is bytes: it needs neither an id nor a line in the log, and P1 counts every microsecond.
pub fn quick(parts: &Parts, leaving: Arc<AtomicBool>) -> Quick {
    let pages = parts.pages.clone();
    let secure = parts.kit.mode().secure_cookies;
    Arc::new(move |head| {
        // Whoever sends people to several processes sends nobody to this one any more.
        if leaving.load(Ordering::Relaxed) && head.uri.path() == "/readyz" {
            return Some((StatusCode::SERVICE_UNAVAILABLE, "leaving").into_response());
        }
        let mut response = pages.at_hand(head)?;
        secure_headers(secure, &mut response);
        Some(response)
    })
}

async fn ready(State(pool): State<PgPool>) -> Response {
    let asked = tokio::time::timeout(
        Duration::from_secs(2),
        postgres_adapter::provision::is_migrated(&pool),
    )
    .await;
    match asked {
        Ok(Ok(true)) => "ready".into_response(),
        Ok(Ok(false)) => {
            (StatusCode::SERVICE_UNAVAILABLE, "migrations are missing").into_response()
        }
        _ => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the database does not answer",
        )
            .into_response(),
    }
}

/// What is sent everywhere (S-17); a door that needs a stricter policy keeps its own.
fn secure_headers(secure: bool, response: &mut Response) {
    let headers = response.headers_mut();
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, CSP),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(self), microphone=(), geolocation=()",
        ),
    ];
    for (name, value) in fixed {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if secure {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000; includeSubDomains"),
        );
    }
}

/// A request id for the page, the log and the answer; one log line per request, without query strings (S-47).
async fn span(State(clock): State<Arc<dyn Clock>>, mut request: Request, next: Next) -> Response {
    // Two names are no name: a proxy and we might each believe another one (S-01).
    if request.headers().get_all(header::HOST).iter().count() > 1 {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let id = clock.new_id().simple().to_string();
    let method = request.method().clone();
    let path = logged_path(request.uri().path()).to_owned();
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|h| h.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    request.extensions_mut().insert(RequestId(id.clone()));
    let span = tracing::info_span!("request", id = %id, %method, path = %path, host = %host);
    let started = std::time::Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let took = started.elapsed();
    figures::answered(&path, response.status(), took);
    span.in_scope(|| {
        let status = response.status().as_u16();
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        if response.status().is_server_error() {
            tracing::warn!(status, ms, "answered");
        } else {
            tracing::debug!(status, ms, "answered");
        }
    });
    if let Ok(value) = HeaderValue::from_str(&id) {
        response
            .headers_mut()
            .insert(HeaderName::from_static("x-request-id"), value);
    }
    response
}

/// No text of the database holds U+0000: in a query it is left out, and a path with it is nobody's.
async fn without_nul(mut request: Request, next: Next) -> Response {
    let uri = request.uri();
    if uri.path().contains("%00") {
        return StatusCode::NOT_FOUND.into_response();
    }
    if let Some(query) = uri.query().filter(|query| query.contains("%00")) {
        let path = format!("{}?{}", uri.path(), query.replace("%00", ""));
        let Ok(cleaned) = path.parse() else {
            return StatusCode::BAD_REQUEST.into_response();
        };
        *request.uri_mut() = cleaned;
    }
    next.run(request).await
}

/// A path without what opens something: the token of a link stays out of the log.
fn logged_path(path: &str) -> &str {
    ["/m/", "/join/", "/staff/link/", "/hooks/"]
        .into_iter()
        .find(|opens| path.starts_with(opens))
        .unwrap_or(path)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature that the layer asks for"
)]
fn panicked(panic: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let what = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    tracing::error!(what, "a handler panicked");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
