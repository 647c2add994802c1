//! Static files 静态资源: embedded, named by content hash, served for ever and compressed beforehand.
//!
//! `/assets/<name>.<hash>.<ext>` never changes its content, so it may be cached without asking again.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, LazyLock, RwLock};

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "assets/"]
#[include = "js/*.js"]
#[include = "img/*"]
pub(crate) struct Files;

/// One static file 静态文件 as it goes out.
#[derive(Debug)]
pub struct Asset {
    pub url: String,
    pub content_type: &'static str,
    pub etag: String,
    pub body: Bytes,
    /// Present when it is smaller than the body.
    pub gzip: Option<Bytes>,
}

/// All static files of this process, by logical name and by address.
#[derive(Debug, Default)]
pub struct Assets {
    urls: HashMap<String, String>,
    files: RwLock<HashMap<String, Arc<Asset>>>,
}

/// The files of this program; built at the first use.
pub fn shared() -> &'static Assets {
    static SHARED: LazyLock<Assets> = LazyLock::new(Assets::embedded);
    &SHARED
}

impl Assets {
    fn embedded() -> Self {
        let mut assets = Self::default();
        for name in Files::iter().filter(|name| name.starts_with("img/")) {
            if let Some(file) = Files::get(&name) {
                let url = assets.publish(&name, Bytes::from(file.data.into_owned()));
                assets.urls.insert(name.into_owned(), url);
            }
        }
        let url = assets.publish("app.js", Bytes::from(script()));
        assets.urls.insert("app.js".to_owned(), url);
        assets
    }

    /// Address of a file by its logical name (`app.js`, `img/hero.svg`).
    pub fn url(&self, name: &str) -> Option<&str> {
        self.urls.get(name).map(String::as_str)
    }

    /// Address of the one script.
    pub fn js_url(&self) -> &str {
        self.urls.get("app.js").map_or("", String::as_str)
    }

    /// Names and addresses of the pictures, in the order of their names.
    pub fn pictures(&self) -> Vec<(&str, &str)> {
        let mut pictures: Vec<_> = self
            .urls
            .iter()
            .filter(|(name, _)| name.starts_with("img/"))
            .map(|(name, url)| (name.as_str(), url.as_str()))
            .collect();
        pictures.sort_unstable();
        pictures
    }

    /// Makes content reachable under a name that carries its hash; answers the address.
    pub fn publish(&self, name: &str, body: Bytes) -> String {
        let hash = hex::encode(&Sha256::digest(&body)[..6]);
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "bin"));
        let url = format!("/assets/{stem}.{hash}.{extension}");
        let content_type = content_type(extension);
        let asset = Asset {
            url: url.clone(),
            content_type,
            etag: format!("\"{hash}\""),
            gzip: squeezed(content_type, &body),
            body,
        };
        let mut files = self
            .files
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        files.insert(url.clone(), Arc::new(asset));
        url
    }

    pub fn get(&self, url: &str) -> Option<Arc<Asset>> {
        let files = self
            .files
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        files.get(url).cloned()
    }
}

/// The one script: all of `assets/js` in the order of the file names.
pub fn script() -> Vec<u8> {
    let mut names: Vec<_> = Files::iter()
        .filter(|name| name.starts_with("js/"))
        .collect();
    names.sort_unstable();
    let mut script = Vec::new();
    for file in names.iter().filter_map(|name| Files::get(name)) {
        script.extend_from_slice(&file.data);
        script.push(b'\n');
    }
    script
}

fn content_type(extension: &str) -> &'static str {
    match extension {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" => "image/jpeg",
        "ico" => "image/x-icon",
        _ => "application/octet-stream",
    }
}

pub(crate) fn squeezed(content_type: &str, body: &Bytes) -> Option<Bytes> {
    let text = content_type.starts_with("text/") || content_type.ends_with("xml");
    if !text {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).ok()?;
    let squeezed = encoder.finish().ok()?;
    (squeezed.len() < body.len()).then(|| Bytes::from(squeezed))
}

/// Router of `/assets/…`; needs no state.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{*file}", get(serve))
}

async fn serve(Path(file): Path<String>, headers: HeaderMap) -> Response {
    answer(shared(), &format!("/assets/{file}"), &headers)
}

fn answer(assets: &Assets, url: &str, headers: &HeaderMap) -> Response {
    let Some(asset) = assets.get(url) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let known = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|tag| tag.as_bytes() == asset.etag.as_bytes());
    let zipped = asset.gzip.as_ref().filter(|_| takes_gzip(headers));
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        zipped.unwrap_or(&asset.body).clone().into_response()
    };
    let out = response.headers_mut();
    out.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(asset.content_type),
    );
    out.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    out.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    if let Ok(tag) = HeaderValue::from_str(&asset.etag) {
        out.insert(header::ETAG, tag);
    }
    if zipped.is_some() && !known {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

pub(crate) fn takes_gzip(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            parts.next() == Some("gzip")
                && !parts.any(|p| matches!(p, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(encoding: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(encoding));
        headers
    }

    #[test]
    fn a_file_may_be_kept_for_ever_because_its_name_carries_its_content() {
        let assets = Assets::default();
        let first = assets.publish("a.css", Bytes::from_static(b"a{}"));
        let second = assets.publish("a.css", Bytes::from_static(b"b{}"));
        assert_ne!(first, second);
        let response = answer(&assets, &first, &HeaderMap::new());
        assert_eq!(
            response.headers()[header::CACHE_CONTROL],
            "public, max-age=31536000, immutable"
        );
    }

    #[test]
    fn only_a_browser_that_takes_gzip_is_given_gzip() {
        let assets = Assets::default();
        let url = assets.publish("a.css", Bytes::from("a{color:red}".repeat(50)));
        let zipped = |encoding| {
            answer(&assets, &url, &asking(encoding))
                .headers()
                .contains_key(header::CONTENT_ENCODING)
        };
        assert!(zipped("deflate, gzip;q=0.5"));
        assert!(!zipped("gzip;q=0"));
        assert!(!zipped("br"));
    }

    #[test]
    fn an_unknown_file_is_not_found() {
        let response = answer(&Assets::default(), "/assets/x.css", &HeaderMap::new());
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn the_script_has_an_address() {
        assert!(shared().js_url().starts_with("/assets/app."));
    }
}
