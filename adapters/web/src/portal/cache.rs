//! Pages kept 页面缓存: what visitors without any session see, bound to the state of the catalogue.
//!
//! A page is kept only when nothing in it depends on who asks: no session, pre-session or message cookie came in, and no
//! cookie goes out. The key names the city, the catalogue's generation, the day, the type size and the whole address.

use std::{io::Read as _, sync::Arc};

use application::catalogue::Portal;
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use domain::calendar::local_date;
use flate2::read::GzDecoder;
use moka::sync::Cache;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    assets::{squeezed, takes_gzip},
    kit::Kit,
    visit::{city_of, cookie},
};

/// All kept pages together, as they go out to browsers: squeezed. The products of twenty cities find room.
const MOST_BYTES: u64 = 9 * 1024 * 1024;
/// Those that are asked for plain, beside them.
const MOST_PLAIN_BYTES: u64 = 3 * 1024 * 1024;
const LARGEST_PAGE: usize = 512 * 1024;
/// Longer addresses are typed by machines: drawn, but not kept.
const LONGEST_ADDRESS: usize = 400;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    city: Uuid,
    generation: u64,
    /// Of the city's settings.
    edition: u64,
    day: i32,
    large_type: bool,
    address: String,
}

struct Kept {
    kind: HeaderValue,
    content: Content,
    tag: HeaderValue,
    gzip_tag: HeaderValue,
}

enum Content {
    Gzip(Bytes),
    /// Nothing that can be squeezed.
    Plain(Bytes),
}

impl Content {
    fn len(&self) -> usize {
        let (Self::Gzip(bytes) | Self::Plain(bytes)) = self;
        bytes.len()
    }
}

/// The kept pages of all cities, bounded by their size.
#[derive(Clone)]
pub struct PageCache(Arc<Inner>);

struct Inner {
    kit: Kit,
    portal: Arc<Portal>,
    /// Names of the cookies that make a page personal.
    personal: [String; 3],
    pages: Cache<Key, Arc<Kept>>,
    /// Bodies of kept pages for those who do not take gzip.
    plain: Cache<Key, Bytes>,
}

fn weight(key: &Key, bytes: usize) -> u32 {
    u32::try_from(key.address.len() + bytes + 256).unwrap_or(u32::MAX)
}

impl PageCache {
    pub fn new(kit: Kit, portal: Arc<Portal>) -> Self {
        let pages = Cache::builder()
            .max_capacity(MOST_BYTES)
            .weigher(|key: &Key, kept: &Arc<Kept>| weight(key, kept.content.len()))
            .build();
        let plain = Cache::builder()
            .max_capacity(MOST_PLAIN_BYTES)
            .weigher(|key: &Key, body: &Bytes| weight(key, body.len()))
            .build();
        Self(Arc::new(Inner {
            personal: ["sid", "pre", "notice"].map(|name| kit.cookie_name(name)),
            kit,
            portal,
            pages,
            plain,
        }))
    }

    /// The kept page that a request asks for, without entering any room.
    pub fn at_hand(&self, parts: &Parts) -> Option<Response> {
        self.answer(&self.key(parts)?, &parts.headers)
    }

    /// The page kept under a key, as this one takes it.
    fn answer(&self, key: &Key, asked: &HeaderMap) -> Option<Response> {
        let page = self.0.pages.get(key)?;
        page.answer(asked, |gzip| self.unsqueezed(key, gzip))
    }

    fn unsqueezed(&self, key: &Key, gzip: &Bytes) -> Option<Bytes> {
        if let Some(body) = self.0.plain.get(key) {
            return Some(body);
        }
        let mut body = Vec::new();
        GzDecoder::new(&gzip[..]).read_to_end(&mut body).ok()?;
        let body = Bytes::from(body);
        self.0.plain.insert(key.clone(), body.clone());
        Some(body)
    }

    /// The key of a request that anybody might have sent; `None`: draw it for this one alone.
    fn key(&self, parts: &Parts) -> Option<Key> {
        let address = parts.uri.path_and_query()?.as_str();
        let hosts = parts.headers.get_all(header::HOST).iter().count();
        if parts.method != Method::GET || address.len() > LONGEST_ADDRESS || hosts != 1 {
            return None;
        }
        let mut large_type = false;
        if parts.headers.contains_key(header::COOKIE) {
            let personal = &self.0.personal;
            if personal
                .iter()
                .any(|name| cookie(&parts.headers, name).is_some())
            {
                return None;
            }
            large_type = cookie(&parts.headers, "large").as_deref() == Some("1");
        }
        let city = city_of(&self.0.kit, parts).filter(|city| city.is_open())?;
        Some(Key {
            city: city.id.0,
            edition: city.edition,
            generation: self.0.portal.at_hand(city.id)?.generation,
            day: local_date(self.0.kit.clock().now()).to_julian_day(),
            large_type,
            address: address.to_owned(),
        })
    }
}

/// Marks an answer as a page of the portal: nothing else is ever kept.
#[derive(Clone, Copy)]
struct OfThePortal;

/// The layer around the portal's rooms.
pub(super) async fn mark(mut response: Response) -> Response {
    response.extensions_mut().insert(OfThePortal);
    response
}

/// The layer that keeps pages, and answers them where nobody looked before the rooms.
pub async fn kept(State(cache): State<PageCache>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Some(key) = cache.key(&parts) else {
        return next.run(Request::from_parts(parts, body)).await;
    };
    if let Some(answer) = cache.answer(&key, &parts.headers) {
        return answer;
    }
    let asked = parts.headers.clone();
    // Drawn plain, and squeezed once, here.
    parts.headers.remove(header::ACCEPT_ENCODING);
    let response = next.run(Request::from_parts(parts, body)).await;
    if !may_keep(&response) {
        return response;
    }
    let kind = response.headers()[header::CONTENT_TYPE].clone();
    let Ok(body) = to_bytes(response.into_body(), LARGEST_PAGE).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let page = Arc::new(Kept::new(kind, body.clone()));
    cache.0.pages.insert(key, page.clone());
    page.answer(&asked, |_| Some(body))
        .unwrap_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

fn may_keep(response: &Response) -> bool {
    let headers = response.headers();
    response.extensions().get::<OfThePortal>().is_some()
        && response.status() == StatusCode::OK
        && !headers.contains_key(header::SET_COOKIE)
        && !headers.contains_key(header::CACHE_CONTROL)
        && headers.contains_key(header::CONTENT_TYPE)
        && headers
            .get(header::CONTENT_LENGTH)
            .and_then(|v| v.to_str().ok()?.parse::<usize>().ok())
            .is_none_or(|size| size <= LARGEST_PAGE)
}

impl Kept {
    fn new(kind: HeaderValue, body: Bytes) -> Self {
        let hash = hex::encode(&Sha256::digest(&body)[..12]);
        let tag = |suffix: &str| {
            HeaderValue::from_str(&format!("\"{hash}{suffix}\""))
                .unwrap_or(HeaderValue::from_static("\"\""))
        };
        let text = kind.to_str().unwrap_or_default();
        let json = text.starts_with("application/json");
        let gzip = squeezed(if json { "text/" } else { text }, &body);
        Self {
            content: gzip.map_or(Content::Plain(body), Content::Gzip),
            tag: tag(""),
            gzip_tag: tag("-gz"),
            kind,
        }
    }

    /// As this one takes it; `plain` brings the body of what is kept squeezed.
    fn answer(
        &self,
        asked: &HeaderMap,
        plain: impl FnOnce(&Bytes) -> Option<Bytes>,
    ) -> Option<Response> {
        let zipped = matches!(self.content, Content::Gzip(_)) && takes_gzip(asked);
        let tag = if zipped { &self.gzip_tag } else { &self.tag };
        if self.known(asked) {
            return Some(self.response(StatusCode::NOT_MODIFIED, Bytes::new(), tag));
        }
        let body = match &self.content {
            Content::Gzip(gzip) if !zipped => plain(gzip)?,
            Content::Gzip(body) | Content::Plain(body) => body.clone(),
        };
        let mut response = self.response(StatusCode::OK, body, tag);
        if zipped {
            response
                .headers_mut()
                .insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        Some(response)
    }

    fn response(&self, status: StatusCode, body: Bytes, tag: &HeaderValue) -> Response {
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, self.kind.clone());
        headers.insert(header::ETAG, tag.clone());
        // Asked again each time, so that signing in shows at once; the answer is then usually 304.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(
            header::VARY,
            HeaderValue::from_static("cookie, accept-encoding"),
        );
        response
    }

    fn known(&self, asked: &HeaderMap) -> bool {
        asked
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .filter_map(|v| v.to_str().ok())
            .flat_map(|v| v.split(','))
            .map(|tag| tag.trim().trim_start_matches("W/").as_bytes())
            .any(|tag| tag == self.tag.as_bytes() || tag == self.gzip_tag.as_bytes())
    }
}
