//! 跳转核验: out to the provider's page and back. Nothing that the provider's page tells the browser is read.

use application::{
    error::{Kind, UseError},
    identity::{FaceOutcome, Leave},
};
use axum::{
    extract::{Path, Query, State},
    http::header,
    response::{IntoResponse, Response},
};

use super::{
    Room, answer,
    desktop::Ask,
    pages::{self, BackPage},
};
use crate::{
    errors::WebError,
    posted::Form,
    profile::with_next,
    spawned,
    visit::{EnterpriseVisit, Visit},
    words,
};

const HOME: &str = "/enterprise/face";
/// What a browser calls itself, at most.
const BROWSER_MOST: usize = 400;

/// Where every outcome leads: on with the draft, or back to the step.
fn told(
    visit: &Visit,
    outcome: Result<FaceOutcome, UseError>,
    next: &str,
) -> Result<Response, WebError> {
    // A question that failed: whoever asked for an answer is told that there is none.
    if matches!(outcome, Ok(FaceOutcome::Unclear)) && !visit.is_script() {
        let text = words::text("face.still_unclear", &[]);
        return Ok(visit.redirect(&with_next(HOME, next), Some(("info", &text))));
    }
    answer(
        visit,
        outcome,
        &with_next("/enterprise/face/result", next),
        &with_next(HOME, next),
    )
}

/// Asks the provider for its page; ours then shows the way there, since a form may not lead elsewhere (S-17).
pub async fn leave(
    State(web): State<Room>,
    Query(ask): Query<Ask>,
    Form(visit, _): Form,
) -> Result<Response, WebError> {
    let actor = visit.enterprise_actor()?.clone();
    let from = Leave {
        site: visit.address(""),
        browser: visit.browser().chars().take(BROWSER_MOST).collect(),
        next: ask.next().to_owned(),
    };
    let uses = web.uses.clone();
    let outcome = spawned(async move { uses.leave(&actor, from).await }).await;
    told(&visit, outcome, ask.next())
}

pub async fn qr(
    State(web): State<Room>,
    EnterpriseVisit(visit): EnterpriseVisit,
) -> Result<Response, WebError> {
    let page = web.uses.away_page(visit.enterprise_actor()?).await?;
    let svg = web.uses.qr_svg(&page)?;
    Ok((
        [
            (header::CONTENT_TYPE, "image/svg+xml"),
            (header::CACHE_CONTROL, "no-store"),
        ],
        svg,
    )
        .into_response())
}

/// The page that the provider leads back to, on whatever device: looking at it changes nothing (S-16).
pub async fn back(
    State(web): State<Room>,
    visit: Visit,
    Path(state): Path<String>,
) -> Result<Response, WebError> {
    if !web.uses.is_state(&state) {
        return Err(WebError(UseError::new(Kind::NotFound, "face.back_over")));
    }
    let here = match visit.actor().filter(|a| a.enterprise.is_some()) {
        Some(actor) => {
            web.uses.returning(actor, &state).await?;
            true
        }
        None => false,
    };
    let page = BackPage {
        steps: pages::steps(),
        back_href: format!("{HOME}/back/{state}"),
        here,
    };
    Ok(visit.render("identity/back.html", "人脸核验", &page))
}

/// 查看核验结果.
pub async fn returned(
    State(web): State<Room>,
    Path(state): Path<String>,
    Form(visit, _): Form,
) -> Result<Response, WebError> {
    let actor = visit.enterprise_actor()?.clone();
    let next = web.uses.returning(&actor, &state).await?.next;
    let uses = web.uses.clone();
    let outcome = spawned(async move { uses.returned(&actor, &state).await }).await;
    told(&visit, outcome, &next)
}
