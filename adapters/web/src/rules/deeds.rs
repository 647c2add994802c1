//! A change 变更 is proposed, answered by a second person or withdrawn; a text is looked at before it is proposed.

use application::{
    city::RejectionReason,
    error::{Kind, UseError},
    once::Once,
    rules::{CityRule, ProposeRule, RuleCase, RuleKind, RuleName, SettleRule, TimeLimit, Wording},
    two_people::Withdrawal,
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use uuid::Uuid;

use super::{Room, drawn, form::form_of, name_of, path, picks, regions};
use crate::{
    console::{show_errors, told},
    errors::WebError,
    forms::FormView,
    posted::{Form, Posted, once},
    proof,
    spawned::spawned,
    visit::{Visit, posted_by_staff},
};

fn ask_of(name: RuleName, reasons: &[RejectionReason], posted: &Posted, once: Once) -> ProposeRule {
    let text = |name: &str| posted.get(name).to_owned();
    ProposeRule {
        from: text("quiet_from"),
        until: text("quiet_until"),
        budget: text("budget"),
        limit: text("single_step"),
        faces: text("faces"),
        advice: reasons
            .iter()
            .map(|reason| {
                let of = |part: &str| text(&format!("{part}_{}", reason.code));
                (reason.code.clone(), of("tip"), of("days"))
            })
            .collect(),
        day: text("day"),
        day_until: text("day_until"),
        day_kind: text("day_kind"),
        time_limits: TimeLimit::ALL
            .iter()
            .map(|limit| (*limit, text(limit.code())))
            .collect(),
        valid_from: text("valid_from"),
        region: regions::ask(posted),
        reason: text("rule_reason"),
        text: (posted.action() != "reset").then(|| (text("text_title"), text("text_body"))),
        ..ProposeRule::empty(name, once)
    }
}

/// What a button of the page does.
#[derive(Clone, Copy)]
enum Deed {
    Propose,
    /// `true`: 同意.
    Settle(bool),
    Withdraw,
}

impl Deed {
    const fn done(self, kind: RuleKind) -> &'static str {
        match self {
            Self::Settle(true) if matches!(kind, RuleKind::ClockLimits) => {
                "变更已通过，自生效日期零时起，适用于此后开始的时限。"
            }
            Self::Settle(true) if matches!(kind, RuleKind::Regions) => {
                "变更已通过，自生效日期起启用；日期已到的立即启用。"
            }
            Self::Propose => "已提交，请另一位平台运营人员复核后生效。",
            Self::Settle(true) => "变更已生效。",
            Self::Settle(false) => "已答复不同意，原设置保持不变。",
            Self::Withdraw => "变更已撤回，原设置保持不变。需要时可以重新提出。",
        }
    }
}

pub(super) async fn post(
    State(web): State<Room>,
    Path(rule): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let visit = visit.staff_console();
    let name = name_of(&rule)?;
    let deed = match posted.action() {
        "confirm" => Deed::Settle(true),
        "decline" => Deed::Settle(false),
        "withdraw" => Deed::Withdraw,
        _ => Deed::Propose,
    };
    let once = once(&posted)?;
    // Whoever may not do it is told so before they prove anything.
    let case = web.uses.case(&actor, &name).await?;
    if posted.action() == "preview" && name.kind() == RuleKind::NoticeText {
        let typed = (posted.get("text_title"), posted.get("text_body"));
        let seen = web.uses.preview(&actor, &name, typed).await;
        return previewed(&visit, &case, &posted, seen);
    }
    let offered = match deed {
        Deed::Propose => case.may_propose,
        Deed::Settle(_) => case.may_settle,
        Deed::Withdraw => case.may_withdraw,
    };
    if let Some(to_proof) = proof::carry(&visit).filter(|_| offered) {
        return Ok(to_proof);
    }
    let (here, kind) = (path(&name), name.kind());
    let (uses, change) = (web.uses.clone(), posted.get("change"));
    let change = Uuid::try_parse(change).unwrap_or_default();
    let outcome = match deed {
        Deed::Settle(confirm) => {
            let ask = SettleRule {
                name,
                change,
                confirm,
                once,
            };
            spawned(async move { uses.settle(&actor, ask).await }).await
        }
        Deed::Withdraw => {
            let ask = Withdrawal {
                asked: change,
                reason: posted.get("withdraw_reason").to_owned(),
                once,
            };
            spawned(async move { uses.withdraw(&actor, name, ask).await }).await
        }
        Deed::Propose => {
            let ask = match &case.line.rule {
                CityRule::Picks(_, entries) => picks::ask(name, entries, &posted, once),
                _ => ask_of(name, &visit.city.rejection_reasons, &posted, once),
            };
            spawned(async move { uses.propose(&actor, ask).await }).await
        }
    };
    match outcome {
        Ok(()) => Ok(visit.redirect(&here, Some(("success", deed.done(kind))))),
        Err(error) if error.kind == Kind::Invalid => {
            let form = again_with(&visit, &case, &posted, &error);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(drawn(&visit, &case, form, None, status))
        }
        Err(error) => told(&visit, error, &here),
    }
}

/// The form as it was typed, with what is wrong in it.
fn again_with(visit: &Visit, case: &RuleCase, posted: &Posted, error: &UseError) -> FormView {
    let mut form = typed(visit, case, posted);
    show_errors(&mut form, error);
    form
}

fn typed(visit: &Visit, case: &RuleCase, posted: &Posted) -> FormView {
    form_of(visit, case).fill(posted.pairs())
}

/// A text before it is proposed: nothing is kept but what was typed.
fn previewed(
    visit: &Visit,
    case: &RuleCase,
    posted: &Posted,
    seen: Result<Wording, UseError>,
) -> Result<Response, WebError> {
    match seen {
        Ok(seen) => {
            let form = typed(visit, case, posted);
            Ok(drawn(visit, case, form, Some(&seen), StatusCode::OK))
        }
        Err(error) if error.kind == Kind::Invalid => {
            let form = again_with(visit, case, posted, &error);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(drawn(visit, case, form, None, status))
        }
        Err(error) => Err(WebError(error)),
    }
}
