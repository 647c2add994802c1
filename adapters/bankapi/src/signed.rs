//! Signed requests 签名: the text that both sides hash, and the request read whole before anybody believes it.

use std::sync::Arc;

use application::{
    access::Origin,
    bank_api::{Admitted, Budget, Machine, Presented},
    city::City,
    error::{Kind, UseError, UseResult},
    once::Once,
};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{FromRequest, Request},
    http::{HeaderMap, HeaderValue, Method, header, request::Parts},
    response::Response,
};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::Api;

/// The first line of what is signed, and the scheme of `Authorization`.
pub(crate) const SCHEME: &str = "YJR1-HMAC-SHA256";
/// Bodies are a few hundred bytes; more is refused.
const BODY_MOST: usize = 64 * 1024;
const NONCE: std::ops::RangeInclusive<usize> = 16..=64;

/// A request whose signature was right, and its body.
pub(crate) struct Signed {
    pub machine: Machine,
    pub budget: Budget,
    pub query: Vec<(String, String)>,
    pub body: Bytes,
    /// `Idempotency-Key` with the hash of method, path and body; reads have none.
    pub once: Option<Once>,
    /// What the sandbox is to pretend.
    pub pretend: Option<String>,
    pub request_id: String,
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .map(str::trim)
        .unwrap_or_default()
}

fn refuse(code: &'static str) -> UseError {
    UseError::new(Kind::SignedOut, code)
}

/// Unreserved signs stay, everything else becomes `%XX` (RFC 3986).
fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut all, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            all.push(char::from(byte));
        } else {
            all.push_str(&format!("%{byte:02X}"));
        }
        all
    })
}

/// Names and values encoded one by one, sorted by name and then by value.
fn sorted(query: &[(String, String)]) -> String {
    let mut pairs: Vec<(String, String)> = query
        .iter()
        .map(|(name, value)| (encode(name), encode(value)))
        .collect();
    pairs.sort();
    pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join("&")
}

/// What both sides sign; every line ends with a line feed but the last.
pub(crate) struct Canonical<'a> {
    pub method: &'a str,
    pub host: &'a str,
    pub path: &'a str,
    pub query: &'a [(String, String)],
    pub timestamp: &'a str,
    pub nonce: &'a str,
    pub key: &'a str,
    pub body: &'a [u8],
}

impl Canonical<'_> {
    pub(crate) fn text(&self) -> String {
        [
            SCHEME,
            self.method,
            self.host,
            self.path,
            &sorted(self.query),
            self.timestamp,
            self.nonce,
            self.key,
            &hex::encode(Sha256::digest(self.body)),
        ]
        .join("\n")
    }
}

/// `YJR1-HMAC-SHA256 Credential=<id>, Signature=<hex>`.
fn authorization(header: &str) -> Option<(Uuid, [u8; 32])> {
    let rest = header.strip_prefix(SCHEME)?.trim_start();
    let mut credential = None;
    let mut signature = None;
    for part in rest.split(',') {
        match part.trim().split_once('=')? {
            ("Credential", id) => credential = Uuid::try_parse(id).ok(),
            ("Signature", hex) => signature = hex::decode(hex).ok()?.try_into().ok(),
            _ => return None,
        }
    }
    Some((credential?, signature?))
}

fn once(method: &Method, path: &str, key: &str, body: &[u8]) -> UseResult<Option<Once>> {
    if *method == Method::GET {
        return Ok(None);
    }
    if !Once::is_key(key) {
        return Err(UseError::new(Kind::Invalid, "bank_api.key_missing"));
    }
    let hash = Sha256::new()
        .chain_update(method.as_str())
        .chain_update([0])
        .chain_update(path)
        .chain_update([0])
        .chain_update(body)
        .finalize();
    Ok(Some(Once {
        key: key.to_owned(),
        body_hash: hash.into(),
    }))
}

/// The host without its port, as the city is found by it, and as it was written.
fn host(parts: &Parts) -> String {
    let written = parts
        .headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
        .or_else(|| {
            parts
                .uri
                .authority()
                .map(axum::http::uri::Authority::as_str)
        })
        .unwrap_or_default();
    written.to_ascii_lowercase()
}

impl Api {
    fn city(&self, host: &str) -> UseResult<Arc<City>> {
        let name = host
            .rsplit_once(':')
            .filter(|(_, port)| port.bytes().all(|sign| sign.is_ascii_digit()))
            .map_or(host, |(name, _)| name);
        self.cities.by_host(name).ok_or_else(UseError::not_found)
    }

    async fn read(&self, parts: &Parts, body: Body, from: Origin) -> UseResult<Signed> {
        let host = host(parts);
        let city = self.city(&host)?;
        let headers = &parts.headers;
        let (key, signature) = authorization(text(headers, "authorization"))
            .ok_or_else(|| refuse("bank_api.unsigned"))?;
        let timestamp = text(headers, "x-yjr-timestamp");
        let seconds: i64 = timestamp
            .parse()
            .map_err(|_| refuse("bank_api.clock_off"))?;
        let nonce = text(headers, "x-yjr-nonce");
        let clean = nonce
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        if !NONCE.contains(&nonce.len()) || !clean {
            return Err(refuse("bank_api.nonce_form"));
        }
        let body = to_bytes(body, BODY_MOST)
            .await
            .map_err(|_| UseError::new(Kind::TooLarge, "bank_api.too_large"))?;
        let query: Vec<(String, String)> =
            form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect();
        let idempotency = text(headers, "idempotency-key");
        let canonical = Canonical {
            method: parts.method.as_str(),
            host: &host,
            path: parts.uri.path(),
            query: &query,
            timestamp,
            nonce,
            key: idempotency,
            body: &body,
        };
        let shown = Presented {
            key,
            timestamp: seconds,
            nonce: nonce.to_owned(),
            signature,
            signed: canonical.text(),
            from: from.clone(),
        };
        let Admitted { machine, budget } = self.gate.admit(&city, shown).await?;
        let once = once(&parts.method, parts.uri.path(), idempotency, &body)?;
        let pretend = text(headers, "x-yjr-sandbox-error");
        Ok(Signed {
            pretend: (machine.sandbox && !pretend.is_empty()).then(|| pretend.to_owned()),
            machine,
            budget,
            query,
            body,
            once,
            request_id: from.request_id,
        })
    }
}

impl FromRequest<Api> for Signed {
    type Rejection = Response;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let from = (api.origin)(&parts);
        let request_id = from.request_id.clone();
        api.read(&parts, body, from)
            .await
            .map_err(|error| api.problem(error, &request_id))
    }
}

/// How much may still be asked, on every answer to a signed request.
pub(crate) fn with_budget(mut response: Response, budget: Budget) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        ("ratelimit-limit", budget.limit),
        ("ratelimit-remaining", budget.left),
        ("ratelimit-reset", budget.window_seconds),
    ] {
        headers.insert(name, HeaderValue::from(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector that docs/bank-api.md prints: whoever changes one changes both.
    #[test]
    fn the_signed_text_is_the_documented_one() {
        let query = [
            ("limit", "2"),
            ("changed_since", "2026-11-25T00:00:00+08:00"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let canonical = Canonical {
            method: "GET",
            host: "cangzhou.example.cn",
            path: "/bank/v1/applications",
            query: &query,
            timestamp: "1764034200",
            nonce: "0123456789abcdef0123456789abcdef",
            key: "",
            body: b"",
        };
        assert_eq!(
            canonical.text(),
            "YJR1-HMAC-SHA256\nGET\ncangzhou.example.cn\n/bank/v1/applications\n\
             changed_since=2026-11-25T00%3A00%3A00%2B08%3A00&limit=2\n1764034200\n\
             0123456789abcdef0123456789abcdef\n\n\
             e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn an_authorization_is_read_strictly() {
        let id = "018f6f0a-0000-7000-8000-000000000001";
        let hex = "ab".repeat(32);
        let good = format!("{SCHEME} Credential={id}, Signature={hex}");
        assert_eq!(
            authorization(&good),
            Some((Uuid::parse_str(id).expect("an id"), [0xab; 32]))
        );
        for bad in [
            String::new(),
            format!("{SCHEME} Credential={id}"),
            format!("{SCHEME} Credential={id}, Signature={}", &hex[2..]),
            format!("{SCHEME} Credential=1, Signature={hex}"),
            format!("Bearer Credential={id}, Signature={hex}"),
            format!("{good}, More=1"),
        ] {
            assert_eq!(authorization(&bad), None, "{bad}");
        }
    }

    #[test]
    fn another_path_or_body_is_another_request_under_the_same_key() {
        let hash = |path: &str, body: &[u8]| {
            once(&Method::POST, path, "0123456789abcdef", body)
                .expect("a key")
                .expect("a write")
                .body_hash
        };
        assert_eq!(hash("/a", b"1"), hash("/a", b"1"));
        assert_ne!(hash("/a", b"1"), hash("/b", b"1"));
        assert_ne!(hash("/a", b"1"), hash("/a", b"2"));
        assert!(once(&Method::POST, "/a", "short", b"").is_err());
        assert_eq!(once(&Method::GET, "/a", "", b"").expect("a read"), None);
    }
}
