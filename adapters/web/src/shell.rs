//! What the frame of every page asks for: keeping a session alive.

use axum::{Json, Router, response::IntoResponse as _, response::Response};
use serde_json::json;

use crate::{
    doors::{self, Door, Who},
    errors::WebError,
    kit::Web,
    posted::Form,
};

/// The frame needs no use cases of its own.
pub struct Shell;

pub fn doors() -> Vec<Door<Web<Shell>>> {
    vec![Door::post("/session/keep", Who::SignedIn, keep)]
}

pub fn routes(web: Web<Shell>) -> Router {
    doors::router(doors(), web)
}

/// 继续使用: reading the session is what keeps it; the answer says how long it has now.
async fn keep(Form(visit, _): Form) -> Result<Response, WebError> {
    let signed = visit.signed.as_ref().ok_or_else(crate::visit::signed_out)?;
    Ok(Json(json!({ "ok": true, "seconds": signed.idle_seconds })).into_response())
}
