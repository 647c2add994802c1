//! Identity 人脸核验 on the web: the enterprise's pages, the phone's pages, the counter's pages (M-422 to M-425).

mod away;
mod counter;
mod desktop;
mod manual;
mod pages;
mod phone;
mod review;
mod review_desk;

use application::{
    error::{Kind, UseError},
    identity::{FaceOutcome, Identity},
    ports::face::DemoOutcome,
};
use axum::{
    Json, Router,
    response::{IntoResponse, Response},
};
use serde_json::json;

pub use pages::samples;

use crate::{
    doors::{self, Door, ONE_UPLOAD, Who},
    kit::Web,
    posted::Posted,
    profile::said,
    visit::Visit,
    words,
};

type Room = Web<Identity>;

pub fn doors() -> Vec<Door<Room>> {
    vec![
        Door::get("/enterprise/face", Who::Enterprise, desktop::show),
        Door::post(
            "/enterprise/face/consent",
            Who::Enterprise,
            desktop::consent,
        ),
        Door::post("/enterprise/face/photo", Who::Enterprise, desktop::photo).body(ONE_UPLOAD),
        Door::post(
            "/enterprise/face/again",
            Who::Enterprise,
            desktop::ask_again,
        ),
        Door::post("/enterprise/face/leave", Who::Enterprise, away::leave),
        Door::get("/enterprise/face/leave/qr.svg", Who::Enterprise, away::qr),
        Door::get("/enterprise/face/back/{state}", Who::Link, away::back),
        Door::post(
            "/enterprise/face/back/{state}",
            Who::Enterprise,
            away::returned,
        ),
        Door::get("/enterprise/face/result", Who::Enterprise, desktop::result),
        Door::get(
            "/enterprise/face/phone",
            Who::Enterprise,
            desktop::phone_way,
        ),
        Door::post(
            "/enterprise/face/handover",
            Who::Enterprise,
            desktop::hand_over,
        ),
        Door::get(
            "/enterprise/face/handover/{id}",
            Who::Enterprise,
            desktop::poll,
        ),
        Door::get(
            "/enterprise/face/handover/{id}/qr.svg",
            Who::Enterprise,
            desktop::qr,
        ),
        Door::get(
            "/enterprise/face/phone/{id}",
            Who::Enterprise,
            desktop::waiting,
        ),
        Door::get("/enterprise/face/manual", Who::Enterprise, manual::show),
        Door::post("/enterprise/face/manual", Who::Enterprise, manual::request),
        Door::post(
            "/enterprise/face/manual/cancel",
            Who::Enterprise,
            manual::cancel,
        ),
        Door::get("/enterprise/face/review", Who::Enterprise, review::show),
        Door::post("/enterprise/face/review", Who::Enterprise, review::request).body(ONE_UPLOAD),
        Door::post(
            "/enterprise/face/review/cancel",
            Who::Enterprise,
            review::cancel,
        ),
        Door::get("/operator/faces", Who::Staff, review_desk::list),
        Door::get("/operator/faces/{id}", Who::Staff, review_desk::show),
        Door::post("/operator/faces/{id}", Who::Staff, review_desk::settle),
        Door::get("/operator/faces/{id}/photo", Who::Staff, review_desk::photo),
        Door::get("/operator/faces/{id}/card", Who::Staff, review_desk::card),
        Door::get("/m/{token}", Who::Link, phone::show),
        Door::post("/m/{token}", Who::Link, phone::start),
        Door::post("/m/{token}/photo", Who::Link, phone::photo).body(ONE_UPLOAD),
        Door::get("/branch/counter", Who::Staff, counter::list),
        Door::get("/branch/counter/{id}", Who::Staff, counter::show),
        Door::post("/branch/counter/{id}", Who::Staff, counter::settle),
    ]
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

/// What the box of the demonstration asked for; nothing of it reaches a real provider.
fn demo_of(posted: &Posted) -> Option<DemoOutcome> {
    match posted.get("demo_outcome") {
        "pass" => Some(DemoOutcome::Pass),
        "fail" => Some(DemoOutcome::Fail),
        "unclear" => Some(DemoOutcome::Unclear),
        _ => None,
    }
}

/// The sentence of a failed attempt, with what is left of today.
fn failed_words(code: &str, left: u32) -> String {
    format!("{}{}", words::text(code, &[]), left_words(left))
}

fn left_words(left: u32) -> String {
    if left == 0 {
        return words::text("face.none_left", &[]);
    }
    words::text("face.left", &[("left", left.to_string())])
}

/// How an attempt is answered: JSON for the camera, a redirect for a plain form.
fn answer(
    visit: &Visit,
    outcome: Result<FaceOutcome, UseError>,
    passed: &str,
    again: &str,
) -> Result<Response, crate::errors::WebError> {
    let script = visit.is_script();
    match outcome {
        Ok(FaceOutcome::Passed) if script => {
            Ok(Json(json!({ "ok": true, "next": passed })).into_response())
        }
        Ok(FaceOutcome::Passed) => Ok(visit.redirect(passed, None)),
        Ok(FaceOutcome::Unclear | FaceOutcome::Away { .. } | FaceOutcome::Pending) if script => {
            Ok(Json(json!({ "ok": true, "next": again })).into_response())
        }
        Ok(FaceOutcome::Unclear | FaceOutcome::Away { .. }) => Ok(visit.redirect(again, None)),
        Ok(FaceOutcome::Pending) => {
            let text = words::text("face.pending", &[]);
            Ok(visit.redirect(again, Some(("info", &text))))
        }
        Ok(FaceOutcome::Ended { code }) => {
            let text = words::text(code, &[]);
            if script {
                return Ok(Json(json!({ "ok": false, "message": text })).into_response());
            }
            Ok(visit.redirect(again, Some(("warning", &text))))
        }
        Ok(FaceOutcome::Failed { code, left }) => {
            let text = failed_words(code, left);
            if script && left > 0 {
                // Where the page has a counter it shows `left`, and the message is only `why`.
                let told = json!({
                    "ok": false, "message": text, "why": words::text(code, &[]), "left": left_words(left),
                });
                return Ok(Json(told).into_response());
            }
            if script {
                return Ok(
                    Json(json!({ "ok": false, "next": again, "message": text })).into_response()
                );
            }
            Ok(visit.redirect(again, Some(("warning", &text))))
        }
        Err(error)
            if matches!(
                error.kind,
                Kind::NotFound | Kind::Denied | Kind::SignedOut | Kind::Bug
            ) =>
        {
            Err(crate::errors::WebError(error))
        }
        Err(error) if script => Ok(said(&error)),
        Err(error) => {
            let text = error
                .fields
                .first()
                .map_or_else(|| words::error_text(&error), words::field_text);
            Ok(visit.redirect(again, Some(("danger", &text))))
        }
    }
}
