//! Captcha picture 图形验证码 and the JSON door that sends SMS codes.

use application::{
    account::Purpose,
    error::{Kind, UseError, UseResult},
};
use axum::{
    Json,
    extract::{Query as AxumQuery, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{InWords, Room, caller, options::Query, sent_words};
use crate::{
    errors::{self, WebError},
    posted::{Form, Posted},
    spawned,
    visit::Visit,
    words,
};
use application::account::codes::CodeSent;

/// A fresh picture for one form of this browser.
pub async fn picture(
    State(web): State<Room>,
    visit: Visit,
    AxumQuery(query): AxumQuery<Query>,
) -> Result<Response, WebError> {
    let purpose = Purpose::from_code(&query.form).ok_or_else(UseError::not_found)?;
    if visit.binding().is_none() {
        return Err(UseError::not_found().into());
    }
    let png = web.uses.captcha.draw(&caller(&visit), purpose).await?;
    Ok((
        [
            (header::CONTENT_TYPE, "image/png"),
            (header::CACHE_CONTROL, "no-store"),
        ],
        png,
    )
        .into_response())
}

/// 获取验证码 for pages with script.
pub async fn sms_code(
    State(web): State<Room>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let Some(purpose) = Purpose::from_code(posted.get("purpose")) else {
        return Err(UseError::not_found().into());
    };
    match send(&web, &visit, purpose, &posted).await {
        Ok(sent) => Ok(Json(json!({
            "ok": true, "wait": sent.wait, "message": sent_words(&sent),
        }))
        .into_response()),
        Err(error) if matches!(error.kind, Kind::Bug | Kind::NotFound | Kind::SignedOut) => {
            Err(WebError(error))
        }
        Err(error) => {
            let mut body = refused(&error);
            if InWords::posted(&posted).0
                && let Ok(question) = web.uses.captcha.ask(&caller(&visit), purpose).await
            {
                body["question"] = json!(question);
            }
            let mut response = (errors::status(error.kind), Json(body)).into_response();
            if let Some(seconds) = error.retry_after {
                response
                    .headers_mut()
                    .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            Ok(response)
        }
    }
}

fn refused(error: &UseError) -> Value {
    let field = error.fields.first();
    let message = field.map_or_else(|| words::error_text(error), words::field_text);
    let wait = if error.kind == Kind::TooMany {
        error.retry_after.unwrap_or(0)
    } else {
        0
    };
    json!({ "ok": false, "message": message, "field": field.map(|f| f.field.clone()), "wait": wait })
}

/// Sends a code as the form asks, with script or without.
pub(super) async fn send(
    web: &Room,
    visit: &Visit,
    purpose: Purpose,
    posted: &Posted,
) -> UseResult<CodeSent> {
    let (uses, caller) = (web.uses.clone(), caller(visit));
    let (phone, captcha) = (
        posted.get("phone").to_owned(),
        posted.get("captcha").to_owned(),
    );
    let signed = visit.signed.clone();
    spawned(async move {
        let signed_out = || UseError::new(Kind::SignedOut, "signed_out");
        match purpose {
            Purpose::Proof => {
                let signed = signed.ok_or_else(signed_out)?;
                uses.own.send_proof(&signed.actor, &caller, &captcha).await
            }
            Purpose::NewPhone => {
                let signed = signed.ok_or_else(signed_out)?;
                uses.own
                    .send_new_phone(&signed, &caller, &phone, &captcha)
                    .await
            }
            _ => uses.codes.send(&caller, purpose, &phone, &captcha).await,
        }
    })
    .await
}
