//! What two people decide 双人办理 (S-39): 申请, 确认, 不同意 and 撤回, each with a page that says what will happen and a fresh proof. One
//! frame for the rooms of the city; a room tells its words and its use cases.

use std::sync::Arc;

use application::{
    access::Actor,
    error::{Kind, UseError, UseResult},
    once::Once,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use futures::future::BoxFuture;
use uuid::Uuid;

use crate::{
    console::{AskPage, told},
    doors::{Door, Who},
    errors::WebError,
    forms::Field,
    kit::Web,
    parts::Cell,
    posted::{Form, Posted, once},
    proof,
    visit::{StaffVisit, id_of, posted_by_staff},
};

/// The first person asks, the second one confirms or declines; until then the first one may take it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Ask,
    Confirm,
    Decline,
    Withdraw,
}

/// Use cases of a room in which two people decide.
pub(crate) trait TwoPeople: Send + Sync + 'static {
    type Case: Send + Sync + 'static;

    /// The addresses of 申请, 确认, 不同意 and 撤回, with `{id}`.
    const PATHS: [&'static str; 4];

    /// The page of what is decided on.
    fn base(id: Uuid) -> String;

    fn view(uses: Arc<Self>, actor: Actor, id: Uuid) -> BoxFuture<'static, UseResult<Self::Case>>;

    fn is_offered(step: Step, case: &Self::Case) -> bool;

    /// Why it is not offered.
    fn refusal(step: Step, case: &Self::Case) -> UseError;

    fn page(step: Step, case: &Self::Case, key: &str, typed: &Posted) -> AskPage;

    /// Does it, apart from the request; answers what is said then.
    fn act(
        uses: Arc<Self>,
        actor: Actor,
        id: Uuid,
        posted: &Posted,
        once: Once,
        step: Step,
    ) -> BoxFuture<'static, UseResult<&'static str>>;

    /// Where the page of a step is posted to.
    fn href(step: Step, id: Uuid) -> String {
        let [ask, confirm, decline, withdraw] = Self::PATHS;
        let path = match step {
            Step::Ask => ask,
            Step::Confirm => confirm,
            Step::Decline => decline,
            Step::Withdraw => withdraw,
        };
        path.replace("{id}", &id.to_string())
    }
}

/// A word why something is taken back.
pub(crate) fn withdraw_field() -> Field {
    Field::textarea("withdraw_reason", "撤回原因（选填）")
        .hint("会留在记录中。最多 200 个字。")
        .maxlength(200)
        .rows(3)
}

/// Why it was asked for and, where a word was left, why it was taken back.
pub(crate) fn reasons(reason: &str, withdrawal: &str) -> Cell {
    let cell = Cell::text(reason);
    if withdrawal.is_empty() {
        return cell;
    }
    cell.second(format!("撤回原因：{withdrawal}"))
}

/// The page of each step, and the step.
pub(crate) fn doors<T: TwoPeople>() -> Vec<Door<Web<T>>> {
    let [ask, confirm, decline, withdraw] = T::PATHS;
    let steps = [
        (ask, Step::Ask),
        (confirm, Step::Confirm),
        (decline, Step::Decline),
        (withdraw, Step::Withdraw),
    ];
    let both = steps.map(|(path, step)| {
        [
            Door::get(
                path,
                Who::Staff,
                move |State(web): State<Web<T>>, visit: StaffVisit, Path(id): Path<String>| {
                    asked(web, visit, id, step)
                },
            ),
            Door::post(
                path,
                Who::Staff,
                move |State(web): State<Web<T>>, Path(id): Path<String>, form: Form| {
                    posted(web, id, form, step)
                },
            ),
        ]
    });
    both.into_iter().flatten().collect()
}

async fn asked<T: TwoPeople>(
    web: Web<T>,
    visit: StaffVisit,
    id: String,
    step: Step,
) -> Result<Response, WebError> {
    let id = id_of(&id)?;
    let case = T::view(web.uses.clone(), visit.actor().clone(), id).await?;
    if let Some(to_proof) = proof::first(&visit.0).filter(|_| T::is_offered(step, &case)) {
        return Ok(to_proof);
    }
    let visit = visit.0.staff_console();
    if !T::is_offered(step, &case) {
        return told(&visit, T::refusal(step, &case), &T::base(id));
    }
    let key = visit.kit.tokens().one_time();
    Ok(T::page(step, &case, &key, &Posted::default()).drawn(&visit, None))
}

async fn posted<T: TwoPeople>(
    web: Web<T>,
    id: String,
    Form(visit, posted): Form,
    step: Step,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let visit = visit.staff_console();
    let id = id_of(&id)?;
    let once = once(&posted)?;
    // Whoever may not do it is told so before they prove anything.
    let case = T::view(web.uses.clone(), actor.clone(), id).await?;
    if T::is_offered(step, &case)
        && let Some(to_proof) = proof::carry(&visit)
    {
        return Ok(to_proof);
    }
    let key = once.key.clone();
    match T::act(web.uses.clone(), actor, id, &posted, once, step).await {
        Ok(done) => Ok(visit.redirect(&T::base(id), Some(("success", done)))),
        Err(error) if error.kind == Kind::Invalid => {
            Ok(T::page(step, &case, &key, &posted).drawn(&visit, Some(&error)))
        }
        Err(error) => told(&visit, error, &T::base(id)),
    }
}
