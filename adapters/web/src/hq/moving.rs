//! 跨支行转派 (row 17): the enterprise is asked first; while the question runs, its page stands instead of the form.

use std::sync::Arc;

use application::{
    access::Actor,
    dispatch::{AskMove, DispatchCase, SettleMove, Way},
    error::UseResult,
    ports::moves::{MoveRequest, MoveStatus},
    review::Intent,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::financing::Stage;
use futures::future::BoxFuture;
use serde::Serialize;
use uuid::Uuid;

use super::{
    Hq,
    dispatch::move_tag,
    sending::{self, Sending},
};
use crate::{
    branch::{staff, told},
    deed::{self, Deed, Ground as _, Shown, Start, named},
    errors::WebError,
    forms::FormView,
    kit::Web,
    matter::{base, crumbs},
    parts::{Described, Link, Tag},
    posted::{Form, Posted},
    show,
    spawned::spawned,
    visit::{StaffVisit, Visit},
};

pub(super) struct Move;

impl Deed for Move {
    type On = Sending;

    const PATH: &'static str = "/branch/applications/{id}/move";
    const TITLE: &'static str = "跨支行转派";
    const LEAD: &'static str = "支行已接单，转派前须征得企业同意。";
    const ASK: &'static str = "要征询企业是否同意转派吗？";
    const WARN: &'static str = "企业同意后您才能完成转派。答复前仍由原支行办理。";
    const YES: &'static str = "征询企业";
    const DONE: &'static str = "已向企业征询，企业答复后会通知您。";

    fn offered(case: &DispatchCase, _: &Actor) -> UseResult<()> {
        sending::fits(case, &[Way::Move])?;
        sending::has_a_place(case)
    }

    fn lead(case: &DispatchCase) -> String {
        format!("{}{}", Self::LEAD, sending::moves_left(case))
    }

    fn fields(_: &Visit, case: &DispatchCase, form: FormView) -> FormView {
        sending::fields(case, form)
    }

    fn summary(_: &Visit, case: &DispatchCase, posted: &Posted) -> Vec<Described> {
        sending::summary(case, posted)
    }

    fn run(
        uses: Arc<Hq>,
        actor: Actor,
        posted: &Posted,
        shown: Shown,
        intent: Intent,
    ) -> BoxFuture<'static, UseResult<()>> {
        let ask = AskMove {
            seen: shown.seen(),
            branch: posted.get("branch").to_owned(),
            reason: posted.get("move_reason").to_owned(),
        };
        Box::pin(async move { uses.dispatch.ask_move(&actor, ask, intent).await })
    }

    fn beside(visit: &Visit, case: &DispatchCase) -> Vec<Described> {
        sending::beside(visit, case)
    }
}

/// 跨支行转派 while a question runs.
#[derive(Serialize)]
pub(super) struct RunningPage {
    pub crumbs: Vec<Link>,
    pub tag: Tag,
    pub rows: Vec<Described>,
    pub text: &'static str,
    pub action: String,
    pub key: String,
    pub version: String,
    pub agreed: bool,
    pub back: String,
}

impl RunningPage {
    pub const TEMPLATE: &'static str = "hq/moving.html";
}

pub(super) async fn form(
    State(web): State<Web<Hq>>,
    visit: StaffVisit,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let actor = visit.actor().clone();
    let case = Sending::read(web.uses.clone(), actor.clone(), id).await?;
    let visit = visit.0.staff_console();
    if let Some(request) = &case.running {
        let page = running(&case, request, visit.kit.tokens().one_time());
        return Ok(visit.render(RunningPage::TEMPLATE, Move::TITLE, &page));
    }
    deed::offer::<Move>(visit, &actor, id, &case, &Start::default())
}

fn running(case: &DispatchCase, request: &MoveRequest, key: String) -> RunningPage {
    let record = &case.record;
    let agreed = request.status == MoveStatus::Agreed;
    let movable = matches!(record.stage, Stage::Accepted | Stage::DueDiligence);
    let asked = format!("{} {}", request.asked_name, show::minute(request.asked_at));
    let mut rows = named(record);
    rows.extend([
        Described::new("现受理支行", &record.handler_name),
        Described::new("拟转至", &request.to_branch_name),
        Described::new("转派原因", &request.reason),
        Described::new("征询", asked),
    ]);
    if let Some(at) = request.answered_at {
        let words = format!("{} {}", show::minute(at), request.answer_note);
        rows.push(Described::new("企业答复", words.trim_end()));
    }
    RunningPage {
        crumbs: crumbs(record, Some(Move::TITLE)),
        tag: move_tag(request.status),
        rows,
        text: match (agreed, movable) {
            (_, false) => "融资需求已进入下一环节，不能再转派。请取消征询。",
            (true, true) => {
                "企业已同意。完成转派后，由新支行重新接单，原支行将立即不能查看和办理。"
            }
            (false, true) => "正在等待企业答复。企业同意后，您可以完成转派。",
        },
        action: format!("{}/move", base(record.id)),
        key,
        version: record.version.to_string(),
        agreed: agreed && movable,
        back: base(record.id),
    }
}

/// The question, or what becomes of the one that runs.
pub(super) async fn post(
    web: State<Web<Hq>>,
    Path(id): Path<Uuid>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let complete = match posted.action() {
        "complete" => true,
        "cancel" => false,
        _ => return deed::post::<Move>(web, Path(id), Form(visit, posted)).await,
    };
    let actor = staff(&visit)?;
    let visit = visit.staff_console();
    let seen = Shown::read(id, &posted)?.seen();
    let href = base(seen.application);
    let uses = web.0.uses.clone();
    let ask = SettleMove { seen, complete };
    match spawned(async move { uses.dispatch.settle_move(&actor, ask).await }).await {
        Ok(()) => {
            let done = if complete {
                "已转派，新支行和企业会收到通知。"
            } else {
                "已取消征询，融资需求仍由原支行办理。"
            };
            Ok(visit.redirect(&href, Some(("success", done))))
        }
        Err(error) => told(&visit, error, &href),
    }
}
