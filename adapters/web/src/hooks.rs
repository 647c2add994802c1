//! Receipts 送达回执 that providers push. They sign nothing, so each is told a door with a key in it; what they say is only noted.

use std::sync::Arc;

use application::ports::{
    plugs::Plugs,
    sms::{Heard, SmsReceiver},
};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::{
    doors::{self, Door, Who},
    kit::Web,
    visit::Visit,
};

/// Bytes of a push at most: fifty receipts are a quarter of it.
const BODY: usize = 64 * 1024;

/// Who takes the receipts of which city.
pub struct Receipts {
    pub receivers: Arc<dyn Plugs<dyn SmsReceiver>>,
}

pub fn doors() -> Vec<Door<Web<Receipts>>> {
    vec![Door::post("/hooks/sms/{provider}/{key}", Who::Link, sms).body(BODY)]
}

pub fn routes(web: Web<Receipts>) -> Router {
    doors::router(doors(), web)
}

/// An unknown provider, a wrong key and a city without receipts look alike.
async fn sms(
    State(web): State<Web<Receipts>>,
    visit: Visit,
    Path((provider, key)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let Ok(receiver) = web.uses.receivers.of(visit.city.id).await else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match receiver.receive(&provider, &key, &body).await {
        Ok(Heard::Taken(answer)) => Json(answer).into_response(),
        Ok(Heard::Unread) => StatusCode::BAD_REQUEST.into_response(),
        Ok(Heard::NoDoor) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            // It comes again: providers repeat what was not taken.
            tracing::error!(%error, "receipts were not noted");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
