use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::{digest, hmac};
use wiremock::{Match, Request};

/// Nonces that came before: one that comes twice is a replay.
#[derive(Default)]
struct Nonces(Mutex<BTreeSet<String>>);

impl Nonces {
    fn fresh(&self, nonce: &str) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        nonce.len() >= 16 && seen.insert(nonce.to_owned())
    }
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text).as_ref().to_vec()
}

fn hash(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

fn small_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes it");
        text
    })
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.get(name)?.to_str().ok()
}

/// `key=value` pieces of an `Authorization`, whatever stands between them.
fn piece<'a>(authorization: &'a str, name: &str) -> Option<&'a str> {
    let rest = &authorization[authorization.find(&format!("{name}="))? + name.len() + 1..];
    Some(rest.split([',', ' ']).next().unwrap_or(rest))
}

/// The header block, from what was sent, in the order that the request names.
fn block(request: &Request, names: &str) -> Option<String> {
    let mut text = String::new();
    let mut before = "";
    for name in names.split(';') {
        if name <= before {
            return None;
        }
        before = name;
        let mut value = header(request, name)?.trim().to_owned();
        if name == "x-tc-action" {
            value = value.to_lowercase();
        }
        text = text + name + ":" + &value + "\n";
    }
    Some(text)
}

/// Decodes what was sent and encodes it anew, byte by byte.
fn canonical_query(raw: &str) -> String {
    let mut pairs: Vec<String> = raw
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            format!("{}={}", again(name), again(value))
        })
        .collect();
    pairs.sort();
    pairs.join("&")
}

fn decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let (mut out, mut i) = (Vec::new(), 0);
    while i < bytes.len() {
        let escaped = (bytes[i] == b'%')
            .then(|| text.get(i + 1..i + 3))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let Some(byte) = escaped {
            out.push(byte);
            i += 3;
        } else {
            out.push(if bytes[i] == b'+' { b' ' } else { bytes[i] });
            i += 1;
        }
    }
    out
}

fn encoded(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            text += &format!("%{byte:02X}");
        }
    }
    text
}

fn again(text: &str) -> String {
    encoded(&decoded(text))
}

struct Verified<F>(F);

impl<F: Fn(&Request) -> Option<bool> + Send + Sync> Match for Verified<F> {
    fn matches(&self, request: &Request) -> bool {
        (self.0)(request).unwrap_or(false)
    }
}

/// Tencent's TC3, with everything that its gateway looks at.
pub fn tc3_signed(secret_id: &str, secret_key: &str, host: &str) -> impl Match + use<> {
    let (id, key, host) = (secret_id.to_owned(), secret_key.to_owned(), host.to_owned());
    Verified(move |request: &Request| {
        let authorization = header(request, "authorization")?;
        let seconds: i64 = header(request, "x-tc-timestamp")?.parse().ok()?;
        let day = time::OffsetDateTime::from_unix_timestamp(seconds)
            .ok()?
            .date()
            .to_string();
        let service = host.split('.').next()?;
        let scope = format!("{day}/{service}/tc3_request");
        let names = piece(authorization, "SignedHeaders")?;
        let payload = match header(request, "x-tc-content-sha256") {
            Some("UNSIGNED-PAYLOAD") => hash(b"UNSIGNED-PAYLOAD"),
            Some(_) => return None,
            None => hash(&request.body),
        };
        let canonical = [
            request.method.as_str(),
            request.url.path(),
            request.url.query().unwrap_or(""),
            &block(request, names)?,
            names,
            &small_hex(&payload),
        ]
        .join("\n");
        let text = format!(
            "TC3-HMAC-SHA256\n{seconds}\n{scope}\n{}",
            small_hex(&hash(canonical.as_bytes()))
        );
        let signing = ["TC3".to_owned() + &key, day, service.to_owned()].map(String::into_bytes);
        let signing = mac(
            &mac(&mac(&signing[0], &signing[1]), &signing[2]),
            b"tc3_request",
        );
        Some(
            authorization.starts_with("TC3-HMAC-SHA256 ")
                && piece(authorization, "Credential")? == format!("{id}/{scope}")
                && piece(authorization, "Signature")? == small_hex(&mac(&signing, text.as_bytes()))
                && header(request, "host")? == host
                && names.contains("content-type")
                && names.contains("host")
                && header(request, "x-tc-action").is_some()
                && header(request, "x-tc-version").is_some(),
        )
    })
}

/// Alibaba's ACS3, with everything that its gateway looks at.
pub fn acs3_signed(access_key_id: &str, secret: &str, host: &str) -> impl Match + use<> {
    let (id, secret, host) = (access_key_id.to_owned(), secret.to_owned(), host.to_owned());
    let nonces = Nonces::default();
    Verified(move |request: &Request| {
        let authorization = header(request, "authorization")?;
        let names = piece(authorization, "SignedHeaders")?;
        let payload = small_hex(&hash(&request.body));
        let canonical = [
            request.method.as_str(),
            request.url.path(),
            &canonical_query(request.url.query().unwrap_or("")),
            &block(request, names)?,
            names,
            &payload,
        ]
        .join("\n");
        let text = format!(
            "ACS3-HMAC-SHA256\n{}",
            small_hex(&hash(canonical.as_bytes()))
        );
        // Every header of theirs that is sent must be signed.
        let all = request
            .headers
            .keys()
            .map(reqwest::header::HeaderName::as_str)
            .filter(|name| name.starts_with("x-acs-"))
            .all(|name| names.split(';').any(|signed| signed == name));
        Some(
            authorization.starts_with("ACS3-HMAC-SHA256 ")
                && piece(authorization, "Credential")? == id
                && piece(authorization, "Signature")?
                    == small_hex(&mac(secret.as_bytes(), text.as_bytes()))
                && header(request, "x-acs-content-sha256")? == payload
                && header(request, "host")? == host
                && all
                && names.split(';').any(|name| name == "host")
                && nonces.fresh(header(request, "x-acs-signature-nonce")?),
        )
    })
}

/// Alibaba's older RPC signature in the query.
pub fn rpc_signed(secret: &str) -> impl Match + use<> {
    let key = hmac::Key::new(
        hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        format!("{secret}&").as_bytes(),
    );
    Verified(move |request: &Request| {
        let raw = request.url.query()?;
        let (signed, others): (Vec<&str>, Vec<&str>) = raw
            .split('&')
            .partition(|pair| pair.starts_with("Signature="));
        let others = canonical_query(&others.join("&"));
        let text = format!("{}&%2F&{}", request.method, encoded(others.as_bytes()));
        let expected = STANDARD.encode(hmac::sign(&key, text.as_bytes()));
        Some(decoded(signed.first()?.strip_prefix("Signature=")?) == expected.as_bytes())
    })
}

/// Huawei's user name token; either way of writing the digest.
pub fn wsse_signed(app_key: &str, app_secret: &str) -> impl Match + use<> {
    let (key, secret) = (app_key.to_owned(), app_secret.to_owned());
    let nonces = Nonces::default();
    Verified(move |request: &Request| {
        let token = header(request, "x-wsse")?.strip_prefix("UsernameToken ")?;
        let part = |name: &str| {
            let rest = token.split(&format!("{name}=\"")).nth(1)?;
            rest.split('"').next().map(str::to_owned)
        };
        let (nonce, created) = (part("Nonce")?, part("Created")?);
        let digest = hash([nonce.as_str(), &created, &secret].concat().as_bytes());
        let given = part("PasswordDigest")?;
        let either =
            given == STANDARD.encode(&digest) || given == STANDARD.encode(small_hex(&digest));
        Some(
            either
                && part("Username")? == key
                && nonces.fresh(&nonce)
                && header(request, "authorization")?
                    == "WSSE realm=\"SDP\",profile=\"UsernameToken\",type=\"Appkey\"",
        )
    })
}

/// Huawei's AK/SK signature.
pub fn sdk_hmac_signed(app_key: &str, app_secret: &str, host: &str) -> impl Match + use<> {
    let (key, secret, host) = (app_key.to_owned(), app_secret.to_owned(), host.to_owned());
    Verified(move |request: &Request| {
        let authorization = header(request, "authorization")?;
        let names = piece(authorization, "SignedHeaders")?;
        let payload = match header(request, "x-sdk-content-sha256") {
            Some("UNSIGNED-PAYLOAD") => "UNSIGNED-PAYLOAD".to_owned(),
            Some(_) => return None,
            None => small_hex(&hash(&request.body)),
        };
        let canonical = [
            request.method.as_str(),
            &format!("{}/", request.url.path().trim_end_matches('/')),
            &canonical_query(request.url.query().unwrap_or("")),
            &block(request, names)?,
            names,
            &payload,
        ]
        .join("\n");
        let text = [
            "SDK-HMAC-SHA256",
            header(request, "x-sdk-date")?,
            &small_hex(&hash(canonical.as_bytes())),
        ]
        .join("\n");
        Some(
            authorization.starts_with("SDK-HMAC-SHA256 ")
                && piece(authorization, "Access")? == key
                && piece(authorization, "Signature")?
                    == small_hex(&mac(secret.as_bytes(), text.as_bytes()))
                && header(request, "host")? == host,
        )
    })
}
