//! 手机接力: the pages of whoever holds the link.

use application::{error::UseError, identity::PhoneStep};
use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{Room, answer, demo_of, pages, pages::PhonePage};
use crate::{
    errors::WebError, parts::Camera, posted::Form, spawned, spawned_holding, visit::Visit,
};

/// Longer texts are no tokens of ours.
const TOKEN_MOST: usize = 64;

fn known_shape(token: &str) -> Result<(), WebError> {
    let good = token.len() <= TOKEN_MOST
        && token
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if good {
        Ok(())
    } else {
        Err(WebError(UseError::new(
            application::error::Kind::NotFound,
            "handover.over",
        )))
    }
}

pub async fn show(
    State(web): State<Room>,
    mut visit: Visit,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    known_shape(&token)?;
    let browser = visit.binding().map(str::to_owned);
    let step = web
        .uses
        .phone(visit.city.id, &token, browser.as_deref())
        .await?;
    visit.ensure_binding();
    Ok(visit.render("identity/phone.html", "人脸核验", &page(&step, &token)))
}

fn page(step: &PhoneStep, token: &str) -> PhonePage {
    let path = format!("/m/{token}");
    PhonePage {
        step: match (step.done, step.taken_up, step.outcome.as_str()) {
            (true, _, "passed") => "passed",
            (true, _, "unclear") => "unclear",
            (true, _, _) => "refused",
            (false, true, _) => "camera",
            (false, false, _) => "start",
        },
        enterprise: step.enterprise_name.clone(),
        person: step.person.clone(),
        provider: step.provider_name.clone(),
        demo: step.demo,
        expires: pages::when(step.expires_at),
        camera: Camera {
            url: format!("{path}/photo"),
            next: path.clone(),
            file_action: format!("{path}/photo"),
            key: String::new(),
        },
        start_href: path,
    }
}

/// 开始核验: from now on the link is this browser's.
pub async fn start(
    State(web): State<Room>,
    Path(token): Path<String>,
    Form(visit, _): Form,
) -> Result<Response, WebError> {
    known_shape(&token)?;
    let (uses, city) = (web.uses.clone(), visit.city.id);
    let (link, browser) = (
        token.clone(),
        visit.binding().unwrap_or_default().to_owned(),
    );
    spawned(async move { uses.take_up(city, &link, &browser).await }).await?;
    Ok(visit.redirect(&format!("/m/{token}"), None))
}

pub async fn photo(
    State(web): State<Room>,
    Path(token): Path<String>,
    Form(visit, mut posted): Form,
) -> Result<Response, WebError> {
    known_shape(&token)?;
    let demo = demo_of(&posted);
    let photo = posted
        .take_file("photo")
        .map(|f| f.bytes.to_vec())
        .unwrap_or_default();
    let uses = web.uses.clone();
    let (city, from) = (visit.city.id, visit.origin.clone());
    let (link, browser) = (
        token.clone(),
        visit.binding().unwrap_or_default().to_owned(),
    );
    let outcome = spawned_holding(posted.held(), async move {
        uses.phone_check(city, &link, &browser, photo, demo, from)
            .await
    })
    .await;
    let here = format!("/m/{token}");
    answer(&visit, outcome, &here, &here)
}
