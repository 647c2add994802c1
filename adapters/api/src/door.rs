//! Doors 入口: one method on one path. The types of a handler say what is parsed and what is written in the document.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use application::{
    error::{FieldError, Kind, UseError, UseResult},
    memory::{Held, LINK_UPLOADS, Loaded, UPLOADS},
};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{RawPathParams, State},
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::{MethodFilter, MethodRouter, on},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use utoipa::{
    IntoParams, ToSchema,
    openapi::{
        RefOr,
        path::{Parameter, ParameterIn},
        schema::Schema,
    },
};

use crate::{
    Api,
    call::{Call, Demand, device, text},
    problem,
};

/// Who finds a door open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Everybody.
    Public,
    /// Signed-in people of an enterprise, by an access token.
    Enterprise,
}

/// Bytes of a body that is text.
const TEXT_MOST: usize = 64 * 1024;
const WRITE_WITHIN: Duration = Duration::from_mins(1);

/// What a door gives.
#[derive(Clone)]
pub(crate) enum Answers {
    /// 204.
    Nothing,
    Json(Box<RefOr<Schema>>),
    /// A file of one of the kinds that are kept.
    File,
}

/// What a door takes beside its path.
#[derive(Clone)]
pub(crate) enum Takes {
    Nothing,
    Json(Box<RefOr<Schema>>),
    /// Raw bytes, at most so many.
    Bytes(usize),
}

/// What a door is, for the document.
#[derive(Clone)]
pub(crate) struct Sheet {
    pub(crate) tag: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) query: Vec<Parameter>,
    pub(crate) takes: Takes,
    pub(crate) gives: Answers,
    pub(crate) status: StatusCode,
    pub(crate) cached: bool,
    /// What it reads may not be ready for it: 409.
    pub(crate) may_conflict: bool,
    pub(crate) schemas: Vec<(String, RefOr<Schema>)>,
    pub(crate) demand: Demand,
    /// A header of the door's own: name, meaning, form.
    pub(crate) header: Option<(&'static str, &'static str)>,
}

/// One method on one path.
pub struct Door {
    pub method: Method,
    pub path: &'static str,
    pub who: Who,
    pub(crate) sheet: Sheet,
    make: Make,
}

/// Nothing to say: 204.
pub(crate) struct Done;

/// What a handler answers.
pub(crate) trait Gives: Send + 'static {
    fn schema(schemas: &mut Vec<(String, RefOr<Schema>)>) -> Option<RefOr<Schema>>;
    fn bytes(&self) -> UseResult<Option<Vec<u8>>>;
}

/// A file as it is, made safe when it was kept: a picture or a PDF.
pub(crate) struct Attached {
    pub(crate) media_type: String,
    pub(crate) bytes: Loaded,
}

impl Attached {
    pub(crate) const KINDS: [&'static str; 2] = ["image/jpeg", "application/pdf"];
}

impl Gives for Done {
    fn schema(_: &mut Vec<(String, RefOr<Schema>)>) -> Option<RefOr<Schema>> {
        None
    }

    fn bytes(&self) -> UseResult<Option<Vec<u8>>> {
        Ok(None)
    }
}

impl<T: Serialize + ToSchema + Send + 'static> Gives for T {
    fn schema(schemas: &mut Vec<(String, RefOr<Schema>)>) -> Option<RefOr<Schema>> {
        Some(named::<T>(schemas))
    }

    fn bytes(&self) -> UseResult<Option<Vec<u8>>> {
        serde_json::to_vec(self).map(Some).map_err(UseError::bug)
    }
}

/// Notes a type and whatever it is made of; answers the reference to it.
fn named<T: ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) -> RefOr<Schema> {
    let name = T::name().into_owned();
    T::schemas(schemas);
    schemas.push((name.clone(), T::schema()));
    utoipa::openapi::Ref::from_schema_name(name).into()
}

/// No parameters.
#[derive(serde::Deserialize, IntoParams)]
pub(crate) struct NoQuery {}

fn sheet<O: Gives>(tag: &'static str, summary: &'static str, who: Who) -> Sheet {
    let mut schemas = Vec::new();
    let gives = O::schema(&mut schemas);
    Sheet {
        schemas,
        status: if gives.is_some() {
            StatusCode::OK
        } else {
            StatusCode::NO_CONTENT
        },
        gives: gives.map_or(Answers::Nothing, |schema| Answers::Json(Box::new(schema))),
        ..blank(tag, summary, who)
    }
}

fn blank(tag: &'static str, summary: &'static str, who: Who) -> Sheet {
    Sheet {
        tag,
        summary,
        query: Vec::new(),
        takes: Takes::Nothing,
        status: StatusCode::OK,
        gives: Answers::Nothing,
        cached: false,
        may_conflict: false,
        schemas: Vec::new(),
        demand: Demand {
            who,
            device: false,
            key: false,
        },
        header: None,
    }
}

type Make = Box<dyn FnOnce(Arc<Sheet>) -> MethodRouter<Api> + Send>;

/// The body of an answer, where it has one.
type Outcome = UseResult<Option<Vec<u8>>>;
type Work = Pin<Box<dyn Future<Output = Outcome> + Send>>;
/// Handlers, each put into the same case: a route is then made once, not anew for every one of them.
type Reads = Arc<dyn Fn(Api, Call, &Parts) -> Work + Send + Sync>;
type Writes = Arc<dyn Fn(Api, Call, Vec<u8>) -> Work + Send + Sync>;

fn reading(work: Reads) -> Make {
    Box::new(move |sheet| {
        on(
            MethodFilter::GET,
            move |State(api): State<Api>, params: RawPathParams, parts: Parts| async move {
                let asked = Asked::new(&api, parts, &params);
                let outcome = match asked.call(&api, &sheet).await {
                    Ok(call) => work(api.clone(), call, &asked.parts).await,
                    Err(error) => Err(error),
                };
                asked.answer(&api, &sheet, outcome)
            },
        )
    })
}

/// What was begun is finished, even when the caller is gone (S-08).
fn writing(filter: MethodFilter, work: Writes) -> Make {
    Box::new(move |sheet| {
        on(
            filter,
            move |State(api): State<Api>, params: RawPathParams, parts: Parts, body: Body| async move {
                let asked = Asked::new(&api, parts, &params);
                let outcome = async {
                    let mut call = asked.call(&api, &sheet).await?;
                    let held = asked.place(&call, &sheet).await?;
                    let bytes = asked.body(&sheet, body).await?;
                    call.hash(&asked.parts, &bytes);
                    let work = work(api.clone(), call, bytes);
                    let work = async move {
                        let answer = work.await;
                        drop(held);
                        answer
                    };
                    match tokio::time::timeout(WRITE_WITHIN, tokio::spawn(work)).await {
                        Ok(Ok(answer)) => answer,
                        Ok(Err(panic)) => Err(UseError::bug(panic)),
                        Err(late) => Err(UseError::unavailable(late)),
                    }
                };
                let outcome = outcome.await;
                asked.answer(&api, &sheet, outcome)
            },
        )
    })
}

impl Door {
    /// Reads: parameters in, an answer out.
    pub(crate) fn read<Q, O, F, Fut>(
        tag: &'static str,
        summary: &'static str,
        who: Who,
        path: &'static str,
        handler: F,
    ) -> Self
    where
        Q: DeserializeOwned + IntoParams + Send + 'static,
        O: Gives,
        F: Fn(Api, Call, Q) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = UseResult<O>> + Send + 'static,
    {
        let mut sheet = sheet::<O>(tag, summary, who);
        sheet.query = Q::into_params(|| Some(ParameterIn::Query));
        Self {
            method: Method::GET,
            path,
            who,
            sheet,
            make: reading(Arc::new(move |api, call, parts: &Parts| {
                let query = query::<Q>(parts);
                let handler = handler.clone();
                Box::pin(async move { handler(api, call, query?).await?.bytes() })
            })),
        }
    }

    /// Reads a file.
    pub(crate) fn file<F, Fut>(
        tag: &'static str,
        summary: &'static str,
        who: Who,
        path: &'static str,
        handler: F,
    ) -> Self
    where
        F: Fn(Api, Call, NoQuery) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = UseResult<Attached>> + Send + 'static,
    {
        let mut sheet = blank(tag, summary, who);
        sheet.gives = Answers::File;
        Self {
            method: Method::GET,
            path,
            who,
            sheet,
            make: Box::new(move |sheet| {
                on(
                    MethodFilter::GET,
                    move |State(api): State<Api>, params: RawPathParams, parts: Parts| async move {
                        let asked = Asked::new(&api, parts, &params);
                        let outcome = async {
                            let call = asked.call(&api, &sheet).await?;
                            handler(api.clone(), call, NoQuery {}).await
                        };
                        let outcome = outcome.await;
                        asked.attach(&api, outcome)
                    },
                )
            }),
        }
    }

    /// Writes: a JSON body in, an answer out. What was begun is finished, even when the caller is gone (S-08).
    pub(crate) fn write<B, O, F, Fut>(
        tag: &'static str,
        summary: &'static str,
        who: Who,
        (method, path): (Method, &'static str),
        handler: F,
    ) -> Self
    where
        B: DeserializeOwned + ToSchema + Send + 'static,
        O: Gives,
        F: Fn(Api, Call, B) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = UseResult<O>> + Send + 'static,
    {
        let mut sheet = sheet::<O>(tag, summary, who);
        sheet.takes = Takes::Json(Box::new(named::<B>(&mut sheet.schemas)));
        sheet.demand.device = true;
        let work: Writes = Arc::new(move |api, call, bytes| {
            let body = json::<B>(&bytes);
            let handler = handler.clone();
            Box::pin(async move { handler(api, call, body?).await?.bytes() })
        });
        Self::taking(sheet, who, method, path, work)
    }

    /// The same without a body.
    pub(crate) fn act<O, F, Fut>(
        tag: &'static str,
        summary: &'static str,
        who: Who,
        (method, path): (Method, &'static str),
        handler: F,
    ) -> Self
    where
        O: Gives,
        F: Fn(Api, Call) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = UseResult<O>> + Send + 'static,
    {
        let mut sheet = sheet::<O>(tag, summary, who);
        sheet.demand.device = true;
        let work: Writes = Arc::new(move |api, call, _| {
            let answer = handler(api, call);
            Box::pin(async move { answer.await?.bytes() })
        });
        Self::taking(sheet, who, method, path, work)
    }

    /// The same with bytes as they are.
    pub(crate) fn bytes<O, F, Fut>(
        tag: &'static str,
        summary: &'static str,
        who: Who,
        (method, path): (Method, &'static str),
        most: usize,
        handler: F,
    ) -> Self
    where
        O: Gives,
        F: Fn(Api, Call, Vec<u8>) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = UseResult<O>> + Send + 'static,
    {
        let mut sheet = sheet::<O>(tag, summary, who);
        sheet.takes = Takes::Bytes(most);
        sheet.demand.device = true;
        let work: Writes = Arc::new(move |api, call, bytes| {
            let answer = handler(api, call, bytes);
            Box::pin(async move { answer.await?.bytes() })
        });
        Self::taking(sheet, who, method, path, work)
    }

    fn taking(sheet: Sheet, who: Who, method: Method, path: &'static str, work: Writes) -> Self {
        let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::POST);
        Self {
            method,
            path,
            who,
            sheet,
            make: writing(filter, work),
        }
    }

    /// Carries an `Idempotency-Key` (S-36).
    #[must_use]
    pub(crate) fn keyed(mut self) -> Self {
        self.sheet.demand.key = true;
        self
    }

    /// Answers with an `ETag`, and 304 to whoever has it.
    #[must_use]
    pub(crate) fn cached(mut self) -> Self {
        self.sheet.cached = true;
        self
    }

    /// Answers 201.
    #[must_use]
    pub(crate) fn created(mut self) -> Self {
        self.sheet.status = StatusCode::CREATED;
        self
    }

    /// Only reads, and refuses with 409 where what is read is not ready for it.
    #[must_use]
    pub(crate) fn conflicting(mut self) -> Self {
        self.sheet.may_conflict = true;
        self
    }

    /// Wants the device named, though it only reads.
    #[must_use]
    pub(crate) fn on_a_device(mut self) -> Self {
        self.sheet.demand.device = true;
        self
    }

    /// Reads a header of its own.
    #[must_use]
    pub(crate) fn header(mut self, name: &'static str, meaning: &'static str) -> Self {
        self.sheet.header = Some((name, meaning));
        self
    }

    pub(crate) fn into_route(mut self) -> (&'static str, Method, MethodRouter<Api>) {
        // Megabytes in all, which the document alone reads: it makes doors of its own.
        self.sheet.schemas = Vec::new();
        self.sheet.query = Vec::new();
        let route = (self.make)(Arc::new(self.sheet));
        (self.path, self.method, route)
    }
}

/// A request under way.
pub(crate) struct Asked {
    parts: Parts,
    path: Vec<(String, String)>,
    origin: application::access::Origin,
    left: crate::budget::Left,
    over: bool,
}

impl Asked {
    fn new(api: &Api, parts: Parts, params: &RawPathParams) -> Self {
        let origin = (api.origin)(&parts);
        let network = origin.network();
        let (left, fits) = api.budgets.spend(device(&parts.headers), &network);
        Self {
            path: params
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            parts,
            origin,
            left,
            over: !fits,
        }
    }

    async fn call(&self, api: &Api, sheet: &Sheet) -> UseResult<Call> {
        if self.over {
            return Err(self.left.spent());
        }
        let origin = self.origin.clone();
        let path = self.path.clone();
        Call::read(api, &self.parts, origin, path, sheet.demand).await
    }

    /// A place in memory for bytes, before they are read; a text needs none.
    async fn place(&self, call: &Call, sheet: &Sheet) -> UseResult<Option<Held>> {
        let Takes::Bytes(most) = &sheet.takes else {
            return Ok(None);
        };
        let headers = &self.parts.headers;
        // In chunks it has no length, whatever else it says.
        let announced = if headers.contains_key(header::TRANSFER_ENCODING) {
            None
        } else {
            text(headers, "content-length").parse().ok()
        };
        let bytes = announced.unwrap_or(*most).min(*most);
        let held = match &call.signed {
            Some(signed) => UPLOADS.take(&signed.actor.user.to_string(), bytes).await?,
            None => LINK_UPLOADS.take(&self.origin.network(), bytes).await?,
        };
        Ok(Some(held))
    }

    async fn body(&self, sheet: &Sheet, body: Body) -> UseResult<Vec<u8>> {
        let kind = text(&self.parts.headers, "content-type");
        let (most, fits) = match &sheet.takes {
            Takes::Nothing => return Ok(Vec::new()),
            Takes::Json(_) => (TEXT_MOST, kind.starts_with("application/json")),
            Takes::Bytes(most) => (*most, kind.starts_with("application/octet-stream")),
        };
        if !fits {
            return Err(UseError::new(Kind::Invalid, "api.media_type"));
        }
        // A text is no file, and its limit is another one.
        let over = match &sheet.takes {
            Takes::Json(_) => {
                UseError::new(Kind::TooLarge, "api.text_too_large").with("most", TEXT_MOST / 1024)
            }
            _ => UseError::new(Kind::TooLarge, "too_large"),
        };
        let bytes = to_bytes(body, most).await.map_err(|_| over)?;
        Ok(bytes.into())
    }

    fn answer(&self, api: &Api, sheet: &Sheet, outcome: Outcome) -> Response {
        let response = match outcome {
            Ok(None) => StatusCode::NO_CONTENT.into_response(),
            Ok(Some(bytes)) if sheet.cached => self.tagged(bytes),
            Ok(Some(bytes)) => {
                let kind = [(header::CONTENT_TYPE, "application/json")];
                (sheet.status, kind, bytes).into_response()
            }
            Err(error) => problem::answer(&*api.words, error, &self.origin.request_id),
        };
        self.told(response)
    }

    fn attach(&self, api: &Api, outcome: UseResult<Attached>) -> Response {
        let kept = |file: &Attached| Attached::KINDS.contains(&file.media_type.as_str());
        let response = match outcome {
            Ok(file) if kept(&file) => {
                let headers = [
                    (header::CONTENT_TYPE, file.media_type.as_str()),
                    (header::CONTENT_DISPOSITION, "attachment"),
                    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
                    (
                        header::CONTENT_SECURITY_POLICY,
                        "default-src 'none'; sandbox",
                    ),
                ];
                (headers, Bytes::from_owner(file.bytes)).into_response()
            }
            Ok(_) => {
                let error = UseError::bug("a file of a kind that is not kept");
                problem::answer(&*api.words, error, &self.origin.request_id)
            }
            Err(error) => problem::answer(&*api.words, error, &self.origin.request_id),
        };
        self.told(response)
    }

    /// What stands on every answer.
    fn told(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        headers
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
        self.left.tell(&mut response);
        response
    }

    /// An answer that may be kept, as long as it is asked every time whether it still holds.
    fn tagged(&self, bytes: Vec<u8>) -> Response {
        let tag = format!("\"{}\"", hex::encode(&Sha256::digest(&bytes)[..16]));
        let known = text(&self.parts.headers, "if-none-match");
        let holds = known
            .split(',')
            .map(|one| one.trim().trim_start_matches("W/"))
            .any(|one| one == tag || one == "*");
        let mut response = if holds {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            ([(header::CONTENT_TYPE, "application/json")], bytes).into_response()
        };
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        if let Ok(value) = HeaderValue::from_str(&tag) {
            headers.insert(header::ETAG, value);
        }
        response
    }
}

/// NUL cannot be stored and is never meant.
const NUL: char = '\0';

fn query<Q: DeserializeOwned>(parts: &Parts) -> UseResult<Q> {
    let clean: Vec<(String, String)> =
        form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
            .map(|(name, value)| (name.into_owned(), value.replace(NUL, "")))
            .collect();
    let clean = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(clean)
        .finish();
    let uri = format!("/?{clean}")
        .parse::<axum::http::Uri>()
        .map_err(|error| shape("api.query", &error.to_string()))?;
    axum::extract::Query::<Q>::try_from_uri(&uri)
        .map(|query| query.0)
        .map_err(|error| shape("api.query", &error.to_string()))
}

fn without_nul(value: &mut Value) {
    match value {
        Value::String(text) if text.contains(NUL) => *text = text.replace(NUL, ""),
        Value::Array(items) => items.iter_mut().for_each(without_nul),
        Value::Object(fields) => fields.values_mut().for_each(without_nul),
        _ => {}
    }
}

fn json<B: DeserializeOwned>(bytes: &[u8]) -> UseResult<B> {
    let mut body: Value =
        serde_json::from_slice(bytes).map_err(|_| UseError::new(Kind::Invalid, "api.not_json"))?;
    without_nul(&mut body);
    serde_path_to_error::deserialize(body).map_err(|error| shape("api.shape", &error.to_string()))
}

/// What does not have the documented form, and which key of the request that is. The parser's own words name types of ours: they go
/// to the log alone (S-46).
fn shape(code: &'static str, error: &str) -> UseError {
    let why: String = error.chars().take(200).collect();
    tracing::info!(code, why, "a request has another form than documented");
    UseError {
        fields: key_of(error).into_iter().collect(),
        ..UseError::new(Kind::Invalid, code)
    }
}

/// The key that the parser speaks of, and what is wrong with it: `path: words`, where the words may name a key below that path.
fn key_of(error: &str) -> Option<FieldError> {
    let error = error
        .strip_prefix("Failed to deserialize query string: ")
        .unwrap_or(error);
    let (path, why) = error
        .split_once(": ")
        .filter(|(path, _)| is_key(path))
        .unwrap_or(("", error));
    let named = |head: &str| why.strip_prefix(head)?.split('`').next();
    let (own, code) = if let Some(own) = named("missing field `") {
        (own, "api.key_missing")
    } else if let Some(own) = named("unknown field `") {
        (own, "api.key_unknown")
    } else {
        ("", "api.key_form")
    };
    let key = match (path, own) {
        ("", own) => own.to_owned(),
        (path, "") => path.to_owned(),
        (path, own) if path == own || path.ends_with(&format!(".{own}")) => path.to_owned(),
        (path, own) => format!("{path}.{own}"),
    };
    is_key(&key).then(|| FieldError::new(key, code))
}

/// What a caller may have named so: nothing else of theirs is told back.
fn is_key(text: &str) -> bool {
    let sign = |sign: char| sign.is_ascii_alphanumeric() || "_.[]".contains(sign);
    (1..=80).contains(&text.len()) && text.chars().all(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code, reason = "only its form matters")]
        version: u32,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[expect(dead_code, reason = "only its form matters")]
        amount: String,
        #[expect(dead_code, reason = "only its form matters")]
        agreements: Vec<Inner>,
    }

    #[test]
    fn the_key_that_has_another_form_than_documented_is_named() {
        for (body, key, code) in [
            (r#"{"agreements":[]}"#, "amount", "api.key_missing"),
            (
                r#"{"amount":"1","agreements":[],"more":1}"#,
                "more",
                "api.key_unknown",
            ),
            (r#"{"amount":1,"agreements":[]}"#, "amount", "api.key_form"),
            (
                r#"{"amount":"1","agreements":[{"version":"x"}]}"#,
                "agreements[0].version",
                "api.key_form",
            ),
            (
                r#"{"amount":"1","agreements":[{}]}"#,
                "agreements[0].version",
                "api.key_missing",
            ),
        ] {
            let error = json::<Outer>(body.as_bytes()).expect_err("it is refused");
            assert_eq!(error.code, "api.shape");
            assert_eq!(error.fields, [FieldError::new(key, code)], "{body}");
        }
    }

    #[test]
    fn of_what_a_caller_wrote_only_a_key_is_told_back() {
        assert_eq!(key_of("unknown field `<b>x</b>`, expected `a`"), None);
        assert_eq!(key_of("invalid type: string \"x\", expected u32"), None);
        let told =
            key_of("Failed to deserialize query string: limit: invalid digit found in string");
        assert_eq!(told, Some(FieldError::new("limit", "api.key_form")));
    }
}
