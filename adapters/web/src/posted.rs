//! Posted forms 提交的表单: parsed once, the CSRF token checked before anybody reads a field (S-16).

use application::{
    error::{Kind, UseError},
    memory::{Held, LINK_UPLOADS, UPLOADS},
    once::Once,
};
use axum::{
    body::{Body, Bytes},
    extract::{FromRef, FromRequest, FromRequestParts, Multipart, Request},
    http::{HeaderMap, header},
};

use futures::StreamExt as _;
use sha2::{Digest as _, Sha256};

use crate::{
    doors::{BodyMost, Who},
    errors::WebError,
    kit::Kit,
    sieve::{Sieve, Sifted},
    typed::{self, Typed},
    visit::{Visit, signed_out},
};

/// The fields of a form, and the files when it is multipart. Every value is a string as typed; NUL never gets in.
#[derive(Debug, Default)]
pub struct Posted {
    fields: Vec<(String, String)>,
    /// In the order in which they came: one field may carry several.
    files: Vec<(String, PostedFile)>,
    /// The place of a large one in memory.
    held: Option<Held>,
}

/// An uploaded file, whole.
#[derive(Debug)]
pub struct PostedFile {
    pub bytes: Bytes,
    /// As the browser called it: for nothing but telling whether one was chosen.
    pub chosen: bool,
}

impl Posted {
    /// The first value of a field; empty when missing.
    pub fn get(&self, name: &str) -> &str {
        self.fields
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value.as_str())
    }

    /// Every value of a field.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.fields
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .collect()
    }

    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(key, _)| key == name)
    }

    /// The button that was pressed (`_action`).
    pub fn action(&self) -> &str {
        self.get("_action")
    }

    /// The idempotency key (`_key`), when it is one (S-36).
    pub fn key(&self) -> Option<&str> {
        let key = self.get("_key");
        Once::is_key(key).then_some(key)
    }

    /// A file that was really chosen.
    pub fn file(&self, name: &str) -> Option<&PostedFile> {
        self.files
            .iter()
            .rfind(|(key, file)| key == name && file.chosen)
            .map(|(_, file)| file)
    }

    pub fn take_file(&mut self, name: &str) -> Option<PostedFile> {
        self.take_files(name).pop()
    }

    /// Every file of a field that was really chosen.
    pub fn take_files(&mut self, name: &str) -> Vec<PostedFile> {
        let (taken, left): (Vec<_>, Vec<_>) = std::mem::take(&mut self.files)
            .into_iter()
            .partition(|(key, _)| key == name);
        self.files = left;
        taken
            .into_iter()
            .map(|(_, file)| file)
            .filter(|file| file.chosen)
            .collect()
    }

    /// All fields as posted, for keeping what was typed.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.fields
    }

    /// Whether a file was really chosen.
    pub fn has_files(&self) -> bool {
        self.files.iter().any(|(_, file)| file.chosen)
    }

    /// The place of its files in memory, for work that goes on when the browser is gone.
    pub fn held(&self) -> Option<Held> {
        self.held.clone()
    }

    #[cfg(test)]
    pub fn of(pairs: &[(&str, &str)]) -> Self {
        Self {
            fields: pairs
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
            files: Vec::new(),
            held: None,
        }
    }

    #[cfg(test)]
    #[must_use]
    pub fn with_file(mut self, chosen: bool) -> Self {
        let bytes = Bytes::from_static(b"x");
        let file = PostedFile { bytes, chosen };
        self.files.push(("photo".to_owned(), file));
        self
    }
}

/// The hash of what a form says, its files included and apart from its tokens and buttons (S-36).
fn body_hash(posted: &Posted) -> [u8; 32] {
    fn part(hash: &mut Sha256, name: &str, value: &[u8]) {
        for bytes in [name.as_bytes(), value] {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        }
    }
    let mut hash = Sha256::new();
    for (name, value) in posted.pairs() {
        if !name.starts_with('_') {
            part(&mut hash, name, value.as_bytes());
        }
    }
    let mut files: Vec<_> = posted.files.iter().filter(|(_, f)| f.chosen).collect();
    files.sort_by(|(one, _), (other, _)| one.cmp(other));
    // Set apart from the fields: nothing that was typed can stand for a file.
    hash.update((files.len() as u64).to_be_bytes());
    for (name, file) in files {
        part(&mut hash, name, &Sha256::digest(&file.bytes));
    }
    hash.finalize().into()
}

/// The key and hash of a posted form; asked before its files are taken.
pub(crate) fn once(posted: &Posted) -> Result<Once, WebError> {
    let key = posted
        .key()
        .ok_or_else(|| refuse("idempotency.key_missing", Kind::Invalid))?;
    Ok(Once {
        key: key.to_owned(),
        body_hash: body_hash(posted),
    })
}

fn refuse(code: &'static str, kind: Kind) -> WebError {
    WebError(UseError::new(kind, code))
}

/// A form with its visit: `Form(visit, posted)`. The token fits the session (or pre-session) of this browser.
pub struct Form(pub Visit, pub Posted);

impl<S> FromRequest<S> for Form
where
    S: Send + Sync,
    Kit: FromRef<S>,
{
    type Rejection = WebError;

    async fn from_request(request: Request, state: &S) -> Result<Self, WebError> {
        let (mut parts, body) = request.into_parts();
        let typed = parts.extensions.get::<Typed>().cloned();
        let visit = match Visit::from_request_parts(&mut parts, state).await {
            Ok(visit) => visit,
            Err(refusal) => {
                // Nobody knows who it is while the database is away, and what they typed is theirs all the same.
                let is_away = refusal.0.kind == Kind::Unavailable && is_plain(&parts.headers);
                if let Some(typed) = typed.filter(|_| is_away)
                    && let Ok(posted) = read_body(Request::from_parts(parts, body)).await
                {
                    typed.keep(&posted);
                }
                return Err(refusal);
            }
        };
        let headers = parts.headers.clone();
        let most = parts.extensions.get::<BodyMost>().copied();
        let held = match let_in(&visit, most, &headers).await {
            Ok(held) => held,
            Err(refusal) => {
                let is_offered = typed.is_some() && typed::is_offered(refusal.0.code);
                let sieve = is_offered.then(|| Sieve::of(&headers)).flatten();
                let sifted = drained(body, sieve).await;
                if let (Some(typed), Some(sifted)) = (typed, sifted)
                    && is_ours(&visit, &headers, &sifted)
                {
                    typed.keep_sifted(sifted, most.map_or(0, |most| most.bytes));
                }
                return Err(refusal);
            }
        };
        let mut posted = read_body(Request::from_parts(parts, body)).await?;
        if let Some(typed) = &typed {
            typed.keep(&posted);
        }
        posted.held = held;
        check_origin(&headers)?;
        let given = token_of_script(&headers).unwrap_or_else(|| posted.get("_csrf"));
        check_token(&visit, given)?;
        Ok(Self(visit, posted))
    }
}

/// Above this a body takes a place in memory before it is read (S-49): it is larger than a form with text.
const LARGE: usize = 1024 * 1024;

/// Before a large body is read: whether its sender is anybody to this door, and a place in memory for it. Nobody's megabytes are held
/// only to be refused.
async fn let_in(
    visit: &Visit,
    most: Option<BodyMost>,
    headers: &HeaderMap,
) -> Result<Option<Held>, WebError> {
    let Some(most) = most else {
        return Ok(None);
    };
    let bytes = announced(headers).unwrap_or(most.bytes);
    if bytes > most.bytes {
        return Err(refuse("too_large", Kind::TooLarge));
    }
    if bytes <= LARGE {
        return Ok(None);
    }
    known(visit, most.who)?;
    check_origin(headers)?;
    match token_of_script(headers) {
        Some(given) => check_token(visit, given)?,
        // Its token stands in the body, which is worth reading only when there is something that it could fit.
        None if visit.binding().is_none() => return Err(refuse("form_expired", Kind::Denied)),
        None => {}
    }
    let held = match visit.actor() {
        Some(actor) => UPLOADS.take(&actor.user.to_string(), bytes).await?,
        None => LINK_UPLOADS.take(&visit.origin.network(), bytes).await?,
    };
    Ok(Some(held))
}

/// As the handler asks once more.
fn known(visit: &Visit, who: Who) -> Result<(), WebError> {
    match who {
        Who::Enterprise => {
            visit.enterprise_actor()?;
        }
        Who::Staff => {
            visit.staff_actor()?;
        }
        Who::SignedIn if visit.signed.is_none() => return Err(signed_out()),
        _ => {}
    }
    Ok(())
}

fn token_of_script(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-csrf-token")?.to_str().ok()
}

fn check_token(visit: &Visit, given: &str) -> Result<(), WebError> {
    let fits = visit
        .binding()
        .is_some_and(|id| visit.kit.tokens().csrf_fits(id, given));
    if fits {
        return Ok(());
    }
    Err(refuse("form_expired", Kind::Denied))
}

/// A page of ours sent this form for this browser: nobody reads as their own what somebody else's page had sent.
fn is_ours(visit: &Visit, headers: &HeaderMap, sifted: &Sifted) -> bool {
    let mut fields = sifted.fields.iter();
    let given = fields.find(|(name, _)| name == "_csrf");
    let given = given.map_or("", |(_, value)| value.as_str());
    check_origin(headers).is_ok() && check_token(visit, given).is_ok()
}

/// `Origin` and `Sec-Fetch-Site`, when sent, must not name a stranger.
fn check_origin(headers: &HeaderMap) -> Result<(), WebError> {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    if text("sec-fetch-site").is_some_and(|site| site == "cross-site") {
        return Err(refuse("form_expired", Kind::Denied));
    }
    if let (Some(origin), Some(host)) = (text("origin"), text("host"))
        && origin != "null"
        && origin.split_once("://").map(|(_, rest)| rest) != Some(host)
    {
        return Err(refuse("form_expired", Kind::Denied));
    }
    Ok(())
}

/// The browser says that it was a page of ours that sent this; one that says nothing may come from anywhere.
pub(crate) fn is_from_here(headers: &HeaderMap) -> bool {
    let said = headers.get(header::ORIGIN);
    said.is_some_and(|origin| origin != "null") && check_origin(headers).is_ok()
}

/// A form with text and nothing else, no larger than one.
fn is_plain(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|v| v.to_str().ok()).unwrap_or_default();
    kind.starts_with("application/x-www-form-urlencoded")
        && announced(headers).is_some_and(|bytes| bytes <= typed::MOST)
}

async fn read_body(request: Request) -> Result<Posted, WebError> {
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    if kind.starts_with("multipart/form-data") {
        let multipart = Multipart::from_request(request, &())
            .await
            .map_err(|_| refuse("bad_request", Kind::Invalid))?;
        return read_multipart(multipart).await;
    }
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(refuse("unsupported_media", Kind::Invalid));
    }
    let bytes = Bytes::from_request(request, &())
        .await
        .map_err(|_| refuse("too_large", Kind::TooLarge))?;
    let fields = form_urlencoded::parse(&bytes)
        .map(|(k, v)| (k.into_owned(), clean(&v)))
        .collect();
    Ok(Posted {
        fields,
        ..Posted::default()
    })
}

async fn read_multipart(mut multipart: Multipart) -> Result<Posted, WebError> {
    let mut posted = Posted::default();
    loop {
        let field = multipart
            .next_field()
            .await
            .map_err(|e| multipart_error(&e))?;
        let Some(field) = field else {
            return Ok(posted);
        };
        let name = field.name().unwrap_or_default().to_owned();
        if let Some(file_name) = field.file_name() {
            let chosen = !file_name.is_empty();
            let bytes = field.bytes().await.map_err(|e| multipart_error(&e))?;
            let chosen = chosen || !bytes.is_empty();
            posted.files.push((name, PostedFile { bytes, chosen }));
        } else {
            let text = field.text().await.map_err(|e| multipart_error(&e))?;
            posted.fields.push((name, clean(&text)));
        }
    }
}

/// The length that the browser announced; a body in chunks has none, whatever else it says.
fn announced(headers: &HeaderMap) -> Option<usize> {
    if headers.contains_key(header::TRANSFER_ENCODING) {
        return None;
    }
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

/// Most of what is thrown away so that the browser can read the refusal instead of a broken connection.
const DRAIN_MOST: usize = 128 * 1024 * 1024;

/// What the sieve found in it, if it was given one.
async fn drained(body: Body, mut sieve: Option<Sieve>) -> Option<Sifted> {
    let mut left = DRAIN_MOST;
    let mut stream = body.into_data_stream();
    while let Some(Ok(chunk)) = stream.next().await {
        let Some(rest) = left.checked_sub(chunk.len()) else {
            break;
        };
        left = rest;
        if let Some(sieve) = &mut sieve {
            sieve.take(&chunk);
        }
    }
    sieve?.end()
}

fn multipart_error(error: &axum::extract::multipart::MultipartError) -> WebError {
    if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
        return refuse("too_large", Kind::TooLarge);
    }
    refuse("bad_request", Kind::Invalid)
}

/// NUL cannot be stored and is never meant.
fn clean(text: &str) -> String {
    text.replace('\0', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_a_form_forgets_tokens_but_no_value() {
        let of = |pairs: &[(&str, &str)]| body_hash(&Posted::of(pairs));
        assert_eq!(
            of(&[("_csrf", "a"), ("amount", "1")]),
            of(&[("_csrf", "b"), ("_action", "confirm"), ("amount", "1")])
        );
        assert_ne!(of(&[("amount", "1")]), of(&[("amount", "2")]));
        assert_ne!(of(&[("a", "bc")]), of(&[("ab", "c")]));
    }

    #[test]
    fn a_body_in_chunks_has_no_length_whatever_else_it_says() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_LENGTH, header::HeaderValue::from(10_u32));
        assert_eq!(announced(&headers), Some(10));
        let chunked = header::HeaderValue::from_static("chunked");
        headers.insert(header::TRANSFER_ENCODING, chunked);
        assert_eq!(announced(&headers), None);
    }

    #[test]
    fn a_key_that_no_form_of_ours_carried_is_none() {
        for (key, found) in [
            ("0123456789abcdef", true),
            ("0123456789abcde", false),
            ("一键融资平台", false),
        ] {
            assert_eq!(Posted::of(&[("_key", key)]).key().is_some(), found, "{key}");
        }
        assert!(Posted::of(&[]).key().is_none());
    }

    #[test]
    fn the_hash_of_a_form_knows_its_files() {
        let of = |files: &[(&str, &'static str)]| {
            let mut posted = Posted::of(&[("body", "x")]);
            for (name, text) in files {
                let bytes = Bytes::from_static(text.as_bytes());
                let file = PostedFile {
                    chosen: !text.is_empty(),
                    bytes,
                };
                posted.files.push(((*name).to_owned(), file));
            }
            body_hash(&posted)
        };
        assert_eq!(of(&[("file", "")]), of(&[]), "none was chosen");
        assert_ne!(of(&[("file", "a")]), of(&[]));
        assert_ne!(of(&[("file", "a")]), of(&[("file", "b")]));
        assert_ne!(of(&[("file", "a")]), of(&[("photo", "a")]));
        assert_eq!(
            of(&[("file", "a"), ("photo", "b")]),
            of(&[("photo", "b"), ("file", "a")])
        );
        assert_ne!(of(&[("file", "a"), ("file", "b")]), of(&[("file", "b")]));
    }

    #[test]
    fn a_field_with_several_files_gives_them_in_order_and_those_of_another_stay() {
        let mut posted = Posted::of(&[]);
        for (name, text, chosen) in [
            ("page", "a", true),
            ("photo", "x", true),
            ("page", "", false),
            ("page", "b", true),
        ] {
            let bytes = Bytes::from_static(text.as_bytes());
            posted
                .files
                .push((name.to_owned(), PostedFile { bytes, chosen }));
        }
        let pages = posted.take_files("page");
        let texts: Vec<_> = pages.iter().map(|file| file.bytes.as_ref()).collect();
        assert_eq!(texts, [b"a", b"b"]);
        assert!(posted.take_files("page").is_empty());
        assert!(posted.take_file("photo").is_some());
    }
}
