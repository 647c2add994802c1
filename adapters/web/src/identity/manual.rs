//! 人工核验: which counter, and the reference to be named there.

use application::error::Kind;
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::identity::CheckStatus;

use super::{
    Room,
    desktop::Ask,
    pages::{self, ManualPage},
};
use crate::{
    errors::{self, WebError},
    forms::{Choice, Field, FormView},
    posted::Form,
    profile::with_next,
    spawned,
    visit::{EnterpriseVisit, Visit, own_path},
    words,
};

const HOME: &str = "/enterprise/face";

async fn form(web: &Room, visit: &Visit, next: &str) -> Result<(FormView, bool), WebError> {
    let counters = web.uses.counters(visit.enterprise_actor()?).await?;
    let options: Vec<Choice> = counters
        .iter()
        .map(|c| {
            let counter = &c.counter;
            Choice::new(
                counter.id.to_string(),
                format!("{}（{}）", counter.name, c.county),
            )
            .hint(format!(
                "{} · 电话 {} · {}",
                counter.address, counter.phone, counter.opening_hours
            ))
        })
        .collect();
    let none = options.is_empty();
    let form = FormView::new("/enterprise/face/manual")
        .with(Field::hidden("next", next))
        .with(
            Field::radio("branch", "核验网点")
                .required()
                .options(options),
        );
    Ok((form, none))
}

pub async fn show(
    State(web): State<Room>,
    EnterpriseVisit(visit): EnterpriseVisit,
    Query(ask): Query<Ask>,
) -> Result<Response, WebError> {
    let status = web.uses.status(visit.enterprise_actor()?).await?;
    let open = status
        .request
        .as_ref()
        .is_some_and(|r| r.status == CheckStatus::ManualRequested);
    if open || status.verified.at.is_some() || !status.profile_complete {
        return Ok(visit.redirect(&with_next(HOME, ask.next()), None));
    }
    let (form, none) = form(&web, &visit, ask.next()).await?;
    let visit = visit.enterprise_console();
    Ok(visit.render(
        "identity/manual.html",
        "人工核验",
        &page(form, none, ask.next()),
    ))
}

fn page(form: FormView, none: bool, next: &str) -> ManualPage {
    ManualPage {
        form,
        steps: pages::steps(),
        nothing: none,
        back: with_next(HOME, next),
    }
}

pub async fn request(
    State(web): State<Room>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = visit.enterprise_actor()?.clone();
    let next = own_path(posted.get("next")).unwrap_or_default().to_owned();
    let (uses, branch) = (web.uses.clone(), posted.get("branch").to_owned());
    match spawned(async move { uses.request_counter(&actor, &branch).await }).await {
        Ok(reference) => {
            let text = words::text("counter.asked", &[("reference", reference)]);
            Ok(visit.redirect(&with_next(HOME, &next), Some(("success", &text))))
        }
        Err(error) if error.kind == Kind::Invalid => {
            let (form, none) = form(&web, &visit, &next).await?;
            let mut form = form.fill(posted.pairs());
            for field in &error.fields {
                form.fail(&field.field, words::field_text(field));
            }
            let visit = visit.enterprise_console();
            Ok(visit.render_with(
                errors::status(error.kind),
                "identity/manual.html",
                "人工核验",
                &page(form, none, &next),
            ))
        }
        Err(error) if error.kind == Kind::Conflict => {
            let text = words::error_text(&error);
            Ok(visit.redirect(&with_next(HOME, &next), Some(("warning", &text))))
        }
        Err(error) => Err(WebError(error)),
    }
}

pub async fn cancel(
    State(web): State<Room>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = visit.enterprise_actor()?.clone();
    let next = own_path(posted.get("next")).unwrap_or_default().to_owned();
    let uses = web.uses.clone();
    let home = with_next(HOME, &next);
    match spawned(async move { uses.cancel_request(&actor).await }).await {
        Ok(()) => Ok(visit.redirect(
            &home,
            Some(("success", &words::text("counter.taken_back", &[]))),
        )),
        Err(error) if error.kind == Kind::Conflict => {
            let text = words::error_text(&error);
            Ok(visit.redirect(&home, Some(("warning", &text))))
        }
        Err(error) => Err(WebError(error)),
    }
}
