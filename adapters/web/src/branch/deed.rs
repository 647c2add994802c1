//! A deed on one application: a form, a page to check it, and only then the deed. One engine for all of them.

use std::sync::Arc;

use application::{
    access::Actor,
    dossier::{Case, Powers},
    error::{Kind, UseError, UseResult},
    review::{Intent, Seen},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::ids::FinancingApplicationId;
use futures::future::BoxFuture;
use uuid::Uuid;

use super::{
    Branch,
    decide::{CheckPage, FormPage, Hidden},
    detail, once, show, staff, told,
};
use crate::{
    errors::WebError,
    forms::{Choice, FormView},
    kit::Web,
    parts::Described,
    posted::{Form, Posted},
    proof,
    spawned::spawned,
    visit::{StaffVisit, Visit},
    words,
};

/// What is there to choose from, where a form needs a list that the application itself does not hold.
pub(super) type Choices = Vec<Choice>;

/// What differs between one deed and the next.
pub(super) trait Deed: Send + Sync + 'static {
    /// The last part of its address.
    const PATH: &'static str;
    const TITLE: &'static str;
    const LEAD: &'static str;
    /// The question of the check page, and what follows from a yes.
    const ASK: &'static str;
    const WARN: &'static str;
    const YES: &'static str;
    const DONE: &'static str;
    const DANGER: bool = false;
    /// A decision wants a fresh proof (S-41).
    const WEIGHS: bool = false;

    fn offered(powers: Powers) -> bool;

    /// Why there is no button.
    fn refusal(case: &Case) -> UseError {
        if case.record.frozen {
            return UseError::conflict("financing.frozen");
        }
        UseError::conflict("financing.not_allowed").with("stage", case.record.stage.zh())
    }

    fn choices(
        uses: Arc<Branch>,
        actor: Actor,
        case: &Case,
    ) -> BoxFuture<'static, UseResult<Choices>> {
        drop((uses, actor));
        let _ = case;
        Box::pin(async { Ok(Vec::new()) })
    }

    fn fields(visit: &Visit, case: &Case, choices: &Choices, form: FormView) -> FormView;

    fn summary(visit: &Visit, case: &Case, choices: &Choices, posted: &Posted) -> Vec<Described>;

    /// What stands beside the form.
    fn beside(case: &Case) -> Vec<Described> {
        detail::asked(&case.record)
    }

    fn run(
        uses: Arc<Branch>,
        actor: Actor,
        posted: &Posted,
        seen: Seen,
        intent: Intent,
    ) -> BoxFuture<'static, UseResult<()>>;
}

/// A person before a deed.
struct Stand {
    case: Case,
    choices: Choices,
}

async fn stand<D: Deed>(
    web: &Web<Branch>,
    actor: &Actor,
    id: FinancingApplicationId,
) -> Result<Stand, WebError> {
    let case = web.uses.dossier.view(actor, id).await?;
    let choices = D::choices(web.uses.clone(), actor.clone(), &case).await?;
    Ok(Stand { case, choices })
}

pub(super) async fn form<D: Deed>(
    State(web): State<Web<Branch>>,
    visit: StaffVisit,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let id = FinancingApplicationId(id);
    let stand = stand::<D>(&web, visit.actor(), id).await?;
    let visit = visit.0.staff_console();
    if !D::offered(stand.case.powers) {
        return told(&visit, D::refusal(&stand.case), &detail::base(id));
    }
    if D::WEIGHS
        && let Some(to_proof) = proof::first(&visit)
    {
        return Ok(to_proof);
    }
    let key = visit.kit.tokens().one_time();
    let form = blank::<D>(&visit, &stand, stand.case.record.version, &key);
    Ok(drawn::<D>(&visit, &stand, form, StatusCode::OK))
}

fn blank<D: Deed>(visit: &Visit, stand: &Stand, version: i32, key: &str) -> FormView {
    let action = format!("{}/{}", detail::base(stand.case.record.id), D::PATH);
    let form = FormView::new(action)
        .key(key)
        .with(crate::forms::Field::hidden("version", version.to_string()));
    D::fields(visit, &stand.case, &stand.choices, form)
}

fn drawn<D: Deed>(visit: &Visit, stand: &Stand, form: FormView, status: StatusCode) -> Response {
    let page = FormPage {
        title: D::TITLE,
        lead: D::LEAD.to_owned(),
        crumbs: detail::crumbs(&stand.case.record, Some(D::TITLE)),
        form,
        next: "下一步，核对",
        back: detail::base(stand.case.record.id),
        asked: D::beside(&stand.case),
    };
    visit.render_with(status, FormPage::TEMPLATE, D::TITLE, &page)
}

pub(super) async fn post<D: Deed>(
    State(web): State<Web<Branch>>,
    Path(id): Path<Uuid>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    let visit = visit.staff_console();
    let seen = Seen {
        application: FinancingApplicationId(id),
        version: posted.get("version").parse().unwrap_or(0),
        once: once(&posted)?,
    };
    let href = detail::base(seen.application);
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
        let deed = D::run(
            web.uses.clone(),
            actor.clone(),
            &posted,
            seen.clone(),
            intent,
        );
        spawned(deed).await
    };
    match outcome {
        Err(error) if error.kind == Kind::Invalid => {
            again::<D>(&web, &visit, &actor, &posted, &seen, Some(&error)).await
        }
        Err(error) => told(&visit, error, &href),
        Ok(()) if let Some(to_proof) = to_proof => Ok(to_proof),
        Ok(()) if step == "confirm" => Ok(visit.redirect(&href, Some(("success", D::DONE)))),
        Ok(()) if step == "edit" => again::<D>(&web, &visit, &actor, &posted, &seen, None).await,
        Ok(()) => check::<D>(&web, &visit, &actor, &posted, &seen).await,
    }
}

/// The form with what was typed, and what must be corrected.
async fn again<D: Deed>(
    web: &Web<Branch>,
    visit: &Visit,
    actor: &Actor,
    posted: &Posted,
    seen: &Seen,
    error: Option<&UseError>,
) -> Result<Response, WebError> {
    let stand = stand::<D>(web, actor, seen.application).await?;
    let key = match error {
        Some(error) if error.code == "idempotency.other_body" => visit.kit.tokens().one_time(),
        _ => seen.once.key.clone(),
    };
    let mut form = blank::<D>(visit, &stand, seen.version, &key).fill(posted.pairs());
    let mut status = StatusCode::OK;
    if let Some(error) = error {
        status = StatusCode::UNPROCESSABLE_ENTITY;
        for field in &error.fields {
            form.fail(&field.field, words::field_text(field));
        }
        if error.fields.is_empty() {
            form.problem(words::error_text(error));
        }
    }
    Ok(drawn::<D>(visit, &stand, form, status))
}

async fn check<D: Deed>(
    web: &Web<Branch>,
    visit: &Visit,
    actor: &Actor,
    posted: &Posted,
    seen: &Seen,
) -> Result<Response, WebError> {
    let stand = stand::<D>(web, actor, seen.application).await?;
    let record = &stand.case.record;
    let href = detail::base(seen.application);
    let mut rows = vec![
        Described::new("申请编号", show::number(record)),
        Described::new("企业名称", &record.enterprise_name),
    ];
    rows.extend(D::summary(visit, &stand.case, &stand.choices, posted));
    let page = CheckPage {
        title: D::ASK.to_owned(),
        text: D::WARN.to_owned(),
        crumbs: detail::crumbs(record, Some(D::TITLE)),
        rows,
        action: format!("{href}/{}", D::PATH),
        key: seen.once.key.clone(),
        hidden: hidden(posted),
        yes: D::YES,
        no: "返回修改",
        back: href,
        danger: D::DANGER,
        editable: true,
    };
    Ok(visit.render(CheckPage::TEMPLATE, D::TITLE, &page))
}

/// Everything that was posted, carried to the next page.
pub(super) fn hidden(posted: &Posted) -> Vec<Hidden> {
    let said = posted.pairs().iter();
    said.filter(|(name, _)| !name.starts_with('_'))
        .map(|(name, value)| Hidden {
            name: name.clone(),
            value: value.clone(),
        })
        .collect()
}

/// A row of the check page that says what was typed.
pub(super) fn typed(posted: &Posted, label: &str, name: &str) -> Described {
    let text = posted.get(name).trim();
    Described::new(label, if text.is_empty() { "未填写" } else { text })
}
