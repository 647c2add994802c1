//! The way of every deed: its form, the page that checks it, the proof where it weighs, and the deed.

use application::{
    access::Actor,
    error::{Kind, UseError},
    review::Intent,
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use uuid::Uuid;

use super::{Case, CheckPage, Deed, FormPage, Ground as _, Hidden, Shown, Uses, named};
use crate::{
    branch::staff,
    console::{show_errors, told},
    doors::{Door, Who},
    errors::WebError,
    forms::{Field, FormView},
    kit::Web,
    posted::{Form, Posted},
    proof,
    spawned::spawned,
    visit::{StaffVisit, Visit},
};

/// What a form starts with that nobody has typed.
#[derive(Default)]
pub(crate) struct Start {
    pub told: String,
    pub filled: Vec<(String, String)>,
}

/// The form of a deed, and the deed.
pub(crate) fn both<D: Deed>() -> [Door<Web<Uses<D>>>; 2] {
    [
        Door::get(D::PATH, Who::Staff, form::<D>),
        Door::post(D::PATH, Who::Staff, post::<D>),
    ]
}

pub(crate) async fn form<D: Deed>(
    State(web): State<Web<Uses<D>>>,
    visit: StaffVisit,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let actor = visit.actor().clone();
    let case = D::On::read(web.uses.clone(), actor.clone(), id).await?;
    offer::<D>(
        visit.0.staff_console(),
        &actor,
        id,
        &case,
        &Start::default(),
    )
}

/// The form before anything is typed, or why there is none.
pub(crate) fn offer<D: Deed>(
    visit: Visit,
    actor: &Actor,
    id: Uuid,
    case: &Case<D>,
    start: &Start,
) -> Result<Response, WebError> {
    if let Err(error) = D::offered(case, actor) {
        return told(&visit, error, &D::back(case));
    }
    if D::WEIGHS
        && let Some(to_proof) = proof::first(&visit)
    {
        return Ok(to_proof);
    }
    let key = visit.kit.tokens().one_time();
    let mut form = blank::<D>(&visit, id, case, D::On::record(case).version, &key);
    if !start.filled.is_empty() {
        form = form.fill(&start.filled);
    }
    let told = start.told.clone();
    Ok(drawn::<D>(visit, case, form, told, StatusCode::OK))
}

fn address<D: Deed>(id: Uuid) -> String {
    D::PATH.replace("{id}", &id.to_string())
}

fn blank<D: Deed>(visit: &Visit, id: Uuid, case: &Case<D>, version: i32, key: &str) -> FormView {
    let form = FormView::new(address::<D>(id))
        .key(key)
        .with(Field::hidden("version", version.to_string()));
    D::fields(visit, case, form)
}

fn drawn<D: Deed>(
    visit: Visit,
    case: &Case<D>,
    form: FormView,
    told: String,
    status: StatusCode,
) -> Response {
    let title = D::title(case);
    let page = FormPage {
        title,
        lead: D::lead(case),
        crumbs: D::crumbs(case),
        told,
        form,
        other_way: D::other_way(case),
        back: D::back(case),
        asked: D::beside(&visit, case),
    };
    let visit = visit.standing_at(D::menu(case));
    visit.render_with(status, FormPage::TEMPLATE, title, &page)
}

pub(crate) async fn post<D: Deed>(
    State(web): State<Web<Uses<D>>>,
    Path(id): Path<Uuid>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    let visit = visit.staff_console();
    let shown = Shown::read(id, &posted)?;
    let step = posted.action();
    let to_proof = if D::WEIGHS && step == "confirm" {
        proof::carry(&visit)
    } else {
        None
    };
    // Nobody proves for a form that would be refused.
    let intent = if step == "confirm" && to_proof.is_none() {
        Intent::Do
    } else {
        Intent::Check
    };
    let outcome = if step == "edit" {
        Ok(())
    } else {
        let uses = web.uses.clone();
        spawned(D::run(uses, actor.clone(), &posted, shown.clone(), intent)).await
    };
    let posting = Posting {
        web: &web,
        actor: &actor,
        posted: &posted,
        shown: &shown,
    };
    match outcome {
        Err(error) if error.kind == Kind::Invalid => again::<D>(visit, posting, Some(&error)).await,
        Err(error) => told(&visit, error, &D::home(id)),
        Ok(()) if let Some(to_proof) = to_proof => Ok(to_proof),
        Ok(()) if step == "confirm" => {
            let done = D::done(&posted);
            Ok(visit.redirect(&D::after(&actor, id), Some(("success", done))))
        }
        Ok(()) if step == "edit" => again::<D>(visit, posting, None).await,
        Ok(()) => check::<D>(visit, posting).await,
    }
}

/// A form on its way, and who sent it.
struct Posting<'a, U> {
    web: &'a Web<U>,
    actor: &'a Actor,
    posted: &'a Posted,
    shown: &'a Shown,
}

/// The form with what was typed, and what must be corrected.
async fn again<D: Deed>(
    visit: Visit,
    posting: Posting<'_, Uses<D>>,
    error: Option<&UseError>,
) -> Result<Response, WebError> {
    let Posting {
        web,
        actor,
        posted,
        shown,
    } = posting;
    let case = D::On::read(web.uses.clone(), actor.clone(), shown.id).await?;
    let key = match error {
        Some(error) if error.code == "idempotency.other_body" => visit.kit.tokens().one_time(),
        _ => shown.once.key.clone(),
    };
    let form = blank::<D>(&visit, shown.id, &case, shown.version, &key);
    let mut form = form.fill(posted.pairs());
    let mut status = StatusCode::OK;
    if let Some(error) = error {
        status = StatusCode::UNPROCESSABLE_ENTITY;
        show_errors(&mut form, error);
    }
    Ok(drawn::<D>(visit, &case, form, String::new(), status))
}

async fn check<D: Deed>(visit: Visit, posting: Posting<'_, Uses<D>>) -> Result<Response, WebError> {
    let Posting {
        web,
        actor,
        posted,
        shown,
    } = posting;
    let case = D::On::read(web.uses.clone(), actor.clone(), shown.id).await?;
    let question = D::question(&case, posted);
    let mut rows = named(D::On::record(&case));
    rows.extend(D::summary(&visit, &case, posted));
    let page = CheckPage {
        title: question.ask,
        text: question.warn,
        warned: D::warned(&case, posted),
        crumbs: D::crumbs(&case),
        rows,
        action: address::<D>(shown.id),
        key: shown.once.key.clone(),
        hidden: hidden(posted),
        yes: question.yes,
        no: "返回修改",
        back: D::back(&case),
        danger: question.danger,
        editable: true,
    };
    let visit = visit.standing_at(D::menu(&case));
    Ok(visit.render(CheckPage::TEMPLATE, D::title(&case), &page))
}

/// Everything that was posted, carried to the next page.
fn hidden(posted: &Posted) -> Vec<Hidden> {
    let said = posted.pairs().iter();
    said.filter(|(name, _)| !name.starts_with('_'))
        .map(|(name, value)| Hidden {
            name: name.clone(),
            value: value.clone(),
        })
        .collect()
}
