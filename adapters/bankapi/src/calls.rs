//! The doors under `/bank/v1`: each parses, calls one use case, answers JSON.

use application::{
    bank_api::{Deed, ListAsk, Page, Write},
    error::{Kind, UseError, UseResult},
    ports::bank_api::ChangeMark,
};
use axum::{
    extract::{Path, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::ids::FinancingApplicationId;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use crate::{
    Api,
    problem::quiet,
    signed::{Signed, with_budget},
};

/// Rows of a page, unless fewer are asked for.
const PAGE: i64 = 100;

/// 放款.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Disbursement {
    version: i32,
    amount: String,
    rate: String,
    drawn_on: String,
    due_on: String,
    contract_no: String,
    #[serde(default)]
    last: bool,
}

/// 还款.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Repayment {
    version: i32,
    principal: String,
    paid_on: String,
}

/// 结清.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settlement {
    version: i32,
}

fn invalid(field: &'static str) -> UseError {
    UseError::field(field, "bank_api.parameter")
}

/// Where a page goes on, as the caller hands it back.
fn write_mark((at, id): ChangeMark) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}.{id}", at.unix_timestamp_nanos()))
}

fn read_mark(text: &str) -> Option<ChangeMark> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let (at, id) = text.split_once('.')?;
    let at = OffsetDateTime::from_unix_timestamp_nanos(at.parse().ok()?).ok()?;
    Some((at, Uuid::try_parse(id).ok()?))
}

fn list_ask(query: &[(String, String)]) -> UseResult<ListAsk> {
    let mut ask = ListAsk {
        since: None,
        after: None,
        most: PAGE,
    };
    for (name, value) in query {
        match name.as_str() {
            "changed_since" => {
                let since = OffsetDateTime::parse(value, &Rfc3339);
                ask.since = Some(since.map_err(|_| invalid("changed_since"))?);
            }
            "cursor" => ask.after = Some(read_mark(value).ok_or_else(|| invalid("cursor"))?),
            "limit" => {
                let most = value.parse().ok().filter(|most| (1..=PAGE).contains(most));
                ask.most = most.ok_or_else(|| invalid("limit"))?;
            }
            _ => return Err(UseError::new(Kind::Invalid, "bank_api.parameter_unknown")),
        }
    }
    Ok(ask)
}

fn parsed<T: DeserializeOwned>(body: &[u8]) -> UseResult<T> {
    serde_json::from_slice(body).map_err(|error| {
        UseError::new(Kind::Invalid, "bank_api.body").with("why", error.to_string())
    })
}

fn identity(text: &str) -> UseResult<FinancingApplicationId> {
    let id = Uuid::try_parse(text).map_err(|_| UseError::not_found())?;
    Ok(FinancingApplicationId(id))
}

/// What a sandbox key asks to be told, so that a bank can try its own handling of errors.
fn pretended(signed: &Signed) -> UseResult<()> {
    match signed.pretend.as_deref() {
        None => Ok(()),
        Some("conflict") => Err(UseError::conflict("stale")),
        Some("unavailable") => Err(UseError {
            retry_after: Some(5),
            ..UseError::new(Kind::Unavailable, "unavailable")
        }),
        Some("too_many") => Err(UseError::too_many("bank_api.too_many", 60)),
        Some("bug") => Err(UseError::bug("the sandbox was asked for it")),
        Some(_) => Err(invalid("x-yjr-sandbox-error")),
    }
}

fn answer(status: StatusCode, body: &Value) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
    quiet((status, kind, body.to_string()).into_response())
}

impl Api {
    fn answered(&self, signed: &Signed, outcome: UseResult<Response>) -> Response {
        let response = match outcome {
            Ok(response) => response,
            Err(error) => self.problem(error, &signed.request_id),
        };
        with_budget(response, signed.budget)
    }

    async fn page(&self, signed: &Signed) -> UseResult<Response> {
        pretended(signed)?;
        let ask = list_ask(&signed.query)?;
        let Page { items, next } = self.desk.list(&signed.machine, ask).await?;
        let body = json!({ "items": items, "next": next.map(write_mark) });
        Ok(answer(StatusCode::OK, &body))
    }

    async fn single(&self, signed: &Signed, id: &str) -> UseResult<Response> {
        pretended(signed)?;
        let found = self.desk.one(&signed.machine, identity(id)?).await?;
        let body = serde_json::to_value(found).map_err(UseError::bug)?;
        Ok(answer(StatusCode::OK, &body))
    }

    /// Runs apart from the connection: a bank that hangs up does not stop it half-way (S-08).
    async fn write(
        &self,
        signed: &Signed,
        id: &str,
        told: UseResult<(i32, Deed)>,
    ) -> UseResult<Response> {
        pretended(signed)?;
        let (version, deed) = told?;
        let once = signed.once.clone();
        let ask = Write {
            application: identity(id)?,
            version,
            deed,
            once: once.ok_or_else(|| UseError::new(Kind::Invalid, "bank_api.key_missing"))?,
        };
        let (desk, machine) = (self.desk.clone(), signed.machine.clone());
        let running = tokio::spawn(async move { desk.write(&machine, ask).await });
        let done = running.await.map_err(UseError::bug)??;
        let mut response = answer(StatusCode::OK, &done.body);
        if done.replayed {
            response.headers_mut().insert(
                HeaderName::from_static("idempotency-replayed"),
                HeaderValue::from_static("true"),
            );
        }
        Ok(response)
    }
}

pub(crate) async fn list(State(api): State<Api>, signed: Signed) -> Response {
    let outcome = api.page(&signed).await;
    api.answered(&signed, outcome)
}

pub(crate) async fn one(
    State(api): State<Api>,
    Path(id): Path<String>,
    signed: Signed,
) -> Response {
    let outcome = api.single(&signed, &id).await;
    api.answered(&signed, outcome)
}

pub(crate) async fn disburse(
    State(api): State<Api>,
    Path(id): Path<String>,
    signed: Signed,
) -> Response {
    let told = parsed(&signed.body).map(|told: Disbursement| {
        let deed = Deed::Draw {
            amount: told.amount,
            rate: told.rate,
            drawn_on: told.drawn_on,
            due_on: told.due_on,
            contract_no: told.contract_no,
            last: told.last,
        };
        (told.version, deed)
    });
    let outcome = api.write(&signed, &id, told).await;
    api.answered(&signed, outcome)
}

pub(crate) async fn repay(
    State(api): State<Api>,
    Path(id): Path<String>,
    signed: Signed,
) -> Response {
    let told = parsed(&signed.body).map(|told: Repayment| {
        let deed = Deed::Repay {
            principal: told.principal,
            paid_on: told.paid_on,
        };
        (told.version, deed)
    });
    let outcome = api.write(&signed, &id, told).await;
    api.answered(&signed, outcome)
}

pub(crate) async fn settle(
    State(api): State<Api>,
    Path(id): Path<String>,
    signed: Signed,
) -> Response {
    let told = parsed(&signed.body).map(|told: Settlement| (told.version, Deed::Settle));
    let outcome = api.write(&signed, &id, told).await;
    api.answered(&signed, outcome)
}

pub(crate) async fn wrong_method(State(api): State<Api>, request: Request) -> Response {
    let from = (api.origin)(&request.into_parts().0);
    let error = UseError::new(Kind::Invalid, "method_not_allowed");
    api.told(StatusCode::METHOD_NOT_ALLOWED, error, &from.request_id)
}

pub(crate) async fn nothing_here(State(api): State<Api>, request: Request) -> Response {
    let from = (api.origin)(&request.into_parts().0);
    api.problem(UseError::not_found(), &from.request_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_mark_is_read_back_and_nothing_else_is_one() {
        let mark = (
            datetime!(2026-11-25 01:30:00.123456 UTC),
            Uuid::from_u128(7),
        );
        assert_eq!(read_mark(&write_mark(mark)), Some(mark));
        for bad in ["", "x", "MS4x", "%%"] {
            assert_eq!(read_mark(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_list_is_asked_for_in_known_words_only() {
        let ask = |name: &str, value: &str| list_ask(&[(name.to_owned(), value.to_owned())]);
        assert_eq!(ask("limit", "2").expect("fine").most, 2);
        assert!(ask("changed_since", "2026-11-25T00:00:00+08:00").is_ok());
        for (name, value) in [
            ("limit", "0"),
            ("limit", "101"),
            ("changed_since", "2026-11-25"),
            ("cursor", "abc"),
            ("tenant", "1"),
        ] {
            assert!(ask(name, value).is_err(), "{name}={value}");
        }
    }
}
