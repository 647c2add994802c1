//! 转派 (row 7) and 改派 (row 9): to another branch, chosen by hand or by the rules.

use std::{collections::HashMap, sync::Arc};

use application::{
    access::Actor,
    dispatch::{AssignBranch, DispatchCase, Way},
    error::UseResult,
    review::Intent,
};
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use domain::tenant::TenantKind;
use futures::future::BoxFuture;
use uuid::Uuid;

use super::{
    Hq,
    sending::{self, Sending},
};
use crate::{
    deed::{self, Deed, Ground as _, Shown, Start},
    errors::WebError,
    forms::FormView,
    kit::Web,
    matter::base,
    parts::{Described, Link},
    posted::Posted,
    visit::{StaffVisit, Visit},
};

pub(super) struct Assign;

impl Deed for Assign {
    type On = Sending;

    const PATH: &'static str = "/branch/applications/{id}/dispatch";
    const TITLE: &'static str = "转派";
    const LEAD: &'static str = "原支行将立即不能查看和办理。";
    const ASK: &'static str = "要将这笔融资需求转派给所选支行吗？";
    const WARN: &'static str =
        "新支行须重新接单，接单时限重新计算。原支行将立即不能查看和办理，企业会收到通知。";
    const YES: &'static str = "转派";
    const DONE: &'static str = "已转派，新支行和企业会收到通知。";

    fn offered(case: &DispatchCase, _: &Actor) -> UseResult<()> {
        sending::fits(case, &[Way::Reassign, Way::ReassignFromHq])?;
        sending::has_a_place(case)
    }

    fn title(case: &DispatchCase) -> &'static str {
        if case.way == Some(Way::ReassignFromHq) {
            "改派"
        } else {
            Self::TITLE
        }
    }

    fn lead(case: &DispatchCase) -> String {
        format!("{}{}", sending::moves_left(case), Self::LEAD)
    }

    fn question(case: &DispatchCase, _: &Posted) -> deed::Question {
        deed::Question {
            yes: Self::title(case),
            ..Self::QUESTION
        }
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
        let ask = AssignBranch {
            seen: shown.seen(),
            branch: posted.get("branch").to_owned(),
            reason: posted.get("move_reason").to_owned(),
        };
        Box::pin(async move { uses.dispatch.assign(&actor, ask, intent).await })
    }

    fn menu(case: &DispatchCase) -> &'static str {
        sending::menu(case)
    }

    fn crumbs(case: &DispatchCase) -> Vec<Link> {
        sending::way_here(case, Self::title(case))
    }

    fn beside(visit: &Visit, case: &DispatchCase) -> Vec<Described> {
        sending::beside(visit, case)
    }

    /// Whoever dispatches goes on with the queue; the head of a branch goes back to the list.
    fn after(actor: &Actor, _: Uuid) -> String {
        let to = if actor.tenant_kind == TenantKind::Bank {
            "/hq/dispatch"
        } else {
            "/branch/applications"
        };
        to.to_owned()
    }

    fn other_way(case: &DispatchCase) -> Option<Link> {
        let href = format!("{}/dispatch?by=rule", base(case.record.id));
        Some(Link::new("按规则派单", href))
    }
}

/// The form, filled by the rules when that was asked for: a person still checks and confirms.
pub(super) async fn form(
    State(web): State<Web<Hq>>,
    visit: StaffVisit,
    Path(id): Path<Uuid>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let actor = visit.actor().clone();
    let case = Sending::read(web.uses.clone(), actor.clone(), id).await?;
    let visit = visit.0.staff_console();
    let by_rule = asked.get("by").is_some_and(|by| by == "rule");
    let start = if by_rule && Assign::offered(&case, &actor).is_ok() {
        by_the_rules(&web, &actor, &case).await?
    } else {
        Start::default()
    };
    deed::offer::<Assign>(visit, &actor, id, &case, &start)
}

async fn by_the_rules(web: &Web<Hq>, actor: &Actor, case: &DispatchCase) -> UseResult<Start> {
    let chosen = web.uses.dispatch.by_rule(actor, case.record.id).await?;
    Ok(chosen.map_or_else(
        || Start {
            told: "没有适用的派单规则，请您选择支行。".to_owned(),
            ..Start::default()
        },
        |choice| {
            let (rule, name) = (choice.rule, choice.branch_name);
            let reason = format!("按本机构派单规则，由{name}受理。");
            Start {
                told: format!("第 {rule} 条派单规则适用，已选择{name}。请填写或修改原因后核对。"),
                filled: vec![
                    ("branch".to_owned(), choice.branch.0.to_string()),
                    ("move_reason".to_owned(), reason),
                ],
            }
        },
    ))
}
