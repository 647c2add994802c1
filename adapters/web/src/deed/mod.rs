//! A deed 办理 on one matter: a form, a page to check it, and only then the deed. One frame for every room of the staff.
//!
//! A room tells what its deeds are about ([`Ground`]) and, deed by deed, the words, the fields and the use case ([`Deed`]);
//! [`both`] makes the two doors. The proof before what weighs, lost races, repeats and corrections are the frame's.

mod pages;

pub use pages::samples;
pub(crate) use pages::{CheckPage, FormPage, Hidden};

use std::sync::Arc;

use application::{
    access::Actor,
    error::{Kind, UseError, UseResult},
    once::Once,
    review::{Intent, Seen},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{financing::ApplicationRecord, ids::FinancingApplicationId};
use futures::future::BoxFuture;
use uuid::Uuid;

use crate::{
    branch::{asked, base, crumbs, once, staff},
    console::{show_errors, told},
    doors::{Door, Who},
    errors::WebError,
    forms::{Field, FormView},
    kit::Web,
    parts::{Described, Link},
    posted::{Form, Posted},
    proof, show,
    spawned::spawned,
    visit::{StaffVisit, Visit},
};

/// What deeds are about: where it is read, and the application in it.
pub(crate) trait Ground: Send + Sync + 'static {
    type Uses: Send + Sync + 'static;
    type Case: Send + Sync + 'static;

    fn read(
        uses: Arc<Self::Uses>,
        actor: Actor,
        id: Uuid,
    ) -> BoxFuture<'static, UseResult<Self::Case>>;

    fn record(case: &Self::Case) -> &ApplicationRecord;
}

/// The use cases behind a deed.
pub(crate) type Uses<D> = <<D as Deed>::On as Ground>::Uses;
/// What a deed is done to, as its pages know it.
pub(crate) type Case<D> = <<D as Deed>::On as Ground>::Case;

/// What a posted form names: the matter by its address, the version that the page showed, and the key against repeats.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub id: Uuid,
    pub version: i32,
    pub once: Once,
}

impl Shown {
    pub fn read(id: Uuid, posted: &Posted) -> Result<Self, WebError> {
        Ok(Self {
            id,
            version: posted.get("version").parse().unwrap_or(0),
            once: once(posted)?,
        })
    }

    /// The same where the address names the application itself.
    pub fn seen(self) -> Seen {
        Seen {
            application: FinancingApplicationId(self.id),
            version: self.version,
            once: self.once,
        }
    }
}

/// The question of the check page, and what follows from a yes.
#[derive(Clone, Copy)]
pub(crate) struct Question {
    pub ask: &'static str,
    pub warn: &'static str,
    pub yes: &'static str,
    pub danger: bool,
}

/// What differs between one deed and the next.
pub(crate) trait Deed: Sized + Send + Sync + 'static {
    type On: Ground;

    /// Its address, with `{id}`.
    const PATH: &'static str;
    const TITLE: &'static str;
    const LEAD: &'static str;
    const ASK: &'static str;
    const WARN: &'static str;
    const YES: &'static str;
    const DONE: &'static str;
    const DANGER: bool = false;
    /// A decision wants a fresh proof (S-41).
    const WEIGHS: bool = false;

    /// Why there is no form; `Ok`: there is one.
    fn offered(case: &Case<Self>, actor: &Actor) -> UseResult<()>;

    fn fields(visit: &Visit, case: &Case<Self>, form: FormView) -> FormView;

    /// What was filled in, below the number and the enterprise.
    fn summary(visit: &Visit, case: &Case<Self>, posted: &Posted) -> Vec<Described>;

    fn run(
        uses: Arc<Uses<Self>>,
        actor: Actor,
        posted: &Posted,
        shown: Shown,
        intent: Intent,
    ) -> BoxFuture<'static, UseResult<()>>;

    // --- what most deeds leave as it is ---

    fn title(_: &Case<Self>) -> &'static str {
        Self::TITLE
    }

    fn lead(_: &Case<Self>) -> String {
        Self::LEAD.to_owned()
    }

    const QUESTION: Question = Question {
        ask: Self::ASK,
        warn: Self::WARN,
        yes: Self::YES,
        danger: Self::DANGER,
    };

    fn question(_: &Case<Self>, _: &Posted) -> Question {
        Self::QUESTION
    }

    /// What is said once it is done.
    fn done(_: &Posted) -> &'static str {
        Self::DONE
    }

    /// Where the menu stands; empty: as the address says.
    fn menu(_: &Case<Self>) -> &'static str {
        ""
    }

    fn crumbs(case: &Case<Self>) -> Vec<Link> {
        crumbs(Self::On::record(case), Some(Self::title(case)))
    }

    /// Back from the form without doing it.
    fn back(case: &Case<Self>) -> String {
        base(Self::On::record(case).id)
    }

    /// Where a posted form leads, done or come too late.
    fn home(id: Uuid) -> String {
        base(FinancingApplicationId(id))
    }

    /// Where it goes on once it is done.
    fn after(_: &Actor, id: Uuid) -> String {
        Self::home(id)
    }

    /// What stands beside the form.
    fn beside(_: &Visit, case: &Case<Self>) -> Vec<Described> {
        asked(Self::On::record(case))
    }

    /// Another way to fill the form, as a button beside the first one.
    fn other_way(_: &Case<Self>) -> Option<Link> {
        None
    }
}

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

/// Which application it is: the first rows of every page about one.
pub(crate) fn named(record: &ApplicationRecord) -> Vec<Described> {
    vec![
        Described::new("申请编号", show::number(record)),
        Described::new("企业名称", &record.enterprise_name),
    ]
}

/// `Ok` where a person has the power; otherwise what the application itself says against it.
pub(crate) fn allowed(power: bool, record: &ApplicationRecord) -> UseResult<()> {
    if power {
        return Ok(());
    }
    Err(barred(record))
}

/// Frozen, or at a stage that knows no such deed.
pub(crate) fn barred(record: &ApplicationRecord) -> UseError {
    if record.frozen {
        return UseError::conflict("financing.frozen");
    }
    UseError::conflict("financing.not_allowed").with("stage", record.stage.zh())
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

/// A row of the check page that says what was typed.
pub(crate) fn typed(posted: &Posted, label: &str, name: &str) -> Described {
    let text = posted.get(name).trim();
    Described::new(label, if text.is_empty() { "未填写" } else { text })
}

/// Every box that was ticked.
pub(crate) fn ticked(posted: &Posted, name: &str) -> Vec<String> {
    posted.all(name).into_iter().map(str::to_owned).collect()
}
