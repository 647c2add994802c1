//! 审批设置: what stands, what is proposed, and what was changed before.

use application::{
    error::{Kind, UseError},
    ports::{
        approvals::BankSettings,
        settings_changes::{ChangeStatus, RulesChange},
    },
    settings::{MOST_STEPS, ProposeRules, SettingsCase, SettleRules},
    two_people::Withdrawal,
};
use axum::{extract::State, http::StatusCode, response::Response};
use domain::{tenant::Role, values::Cents};
use serde::Serialize;
use uuid::Uuid;

use super::{Hq, appeals::steps_text, crumbs};
use crate::{
    branch::{staff, told},
    console::show_errors,
    errors::WebError,
    forms::{Choice, Field, FormView},
    kit::Web,
    parts::{Cell, Described, Link, Table, TagKind},
    posted::{Form, Posted, once},
    proof, show,
    spawned::spawned,
    two_people::withdraw_field,
    visit::{StaffVisit, Visit},
};

#[derive(Serialize)]
pub(super) struct SettingsPage {
    pub crumbs: Vec<Link>,
    pub rows: Vec<Described>,
    pub note: &'static str,
    /// The change that waits.
    pub open: Vec<Described>,
    pub change: String,
    pub key: String,
    pub may_confirm: bool,
    pub may_withdraw: bool,
    pub may_propose: bool,
    /// Of the proposal, or of 撤回.
    pub form: FormView,
    pub history: Table,
}

impl SettingsPage {
    pub const TEMPLATE: &'static str = "hq/settings.html";
}

pub(super) async fn show(
    State(web): State<Web<Hq>>,
    visit: StaffVisit,
) -> Result<Response, WebError> {
    let case = web.uses.settings.look(visit.actor()).await?;
    let visit = visit.0.staff_console();
    let form = form_of(&visit, &case);
    Ok(drawn(&visit, &case, form, StatusCode::OK))
}

/// What is done to a change.
#[derive(Clone, Copy)]
enum Deed {
    Propose,
    /// `true`: 同意.
    Settle(bool),
    Withdraw,
}

impl Deed {
    const fn done(self) -> &'static str {
        match self {
            Self::Propose => "已提交，请本机构另一位人员复核后生效。",
            Self::Settle(true) => "新的审批设置已生效，用于今后提交审批的融资需求。",
            Self::Settle(false) => "已答复不同意，原设置保持不变。",
            Self::Withdraw => "变更已撤回，原设置保持不变。需要时可以重新提出。",
        }
    }
}

pub(super) async fn post(
    State(web): State<Web<Hq>>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    let visit = visit.staff_console();
    // How a bank decides weighs (S-41): the form travels through the proof and comes back.
    if let Some(to_proof) = proof::carry(&visit) {
        return Ok(to_proof);
    }
    let uses = web.uses.clone();
    let deed = match posted.action() {
        "confirm" => Deed::Settle(true),
        "decline" => Deed::Settle(false),
        "withdraw" => Deed::Withdraw,
        _ => Deed::Propose,
    };
    let (who, once) = (actor.clone(), once(&posted)?);
    let change = Uuid::try_parse(posted.get("change")).unwrap_or_default();
    let outcome = match deed {
        Deed::Settle(confirm) => {
            let ask = SettleRules {
                change,
                confirm,
                once,
            };
            spawned(async move { uses.settings.settle(&who, ask).await }).await
        }
        Deed::Withdraw => {
            let ask = Withdrawal {
                asked: change,
                reason: posted.get("withdraw_reason").to_owned(),
                once,
            };
            spawned(async move { uses.settings.withdraw(&who, ask).await }).await
        }
        Deed::Propose => {
            let ask = ask_of(&posted, once);
            spawned(async move { uses.settings.propose(&who, ask).await }).await
        }
    };
    match outcome {
        Ok(()) => Ok(visit.redirect("/hq/settings", Some(("success", deed.done())))),
        Err(error) if error.kind == Kind::Invalid => {
            let case = web.uses.settings.look(&actor).await?;
            Ok(again(&visit, &case, &posted, &error))
        }
        Err(error) => told(&visit, error, "/hq/settings"),
    }
}

fn ask_of(posted: &Posted, once: application::once::Once) -> ProposeRules {
    ProposeRules {
        steps: (1..=MOST_STEPS)
            .map(|n| posted.get(&format!("step{n}")).to_owned())
            .collect(),
        single_step: posted.get("single_step").to_owned(),
        once,
    }
}

fn again(visit: &Visit, case: &SettingsCase, posted: &Posted, error: &UseError) -> Response {
    let mut form = form_of(visit, case).fill(posted.pairs());
    show_errors(&mut form, error);
    drawn(visit, case, form, StatusCode::UNPROCESSABLE_ENTITY)
}

/// 撤回 of what waits, for whoever proposed it; else a new change.
fn form_of(visit: &Visit, case: &SettingsCase) -> FormView {
    let key = visit.kit.tokens().one_time();
    match &case.open {
        Some(change) if case.may_withdraw => FormView::new("/hq/settings")
            .key(&key)
            .with(Field::hidden("change", change.id.to_string()))
            .with(withdraw_field()),
        _ => blank(&case.rules, &key),
    }
}

fn blank(rules: &BankSettings, key: &str) -> FormView {
    let labels = ["第一级", "第二级", "第三级"];
    let mut form = FormView::new("/hq/settings").key(key);
    for (i, label) in labels.into_iter().enumerate() {
        let value = rules.steps.get(i).map_or("", |role| role.code());
        let placeholder = if i == 0 { "请选择" } else { "不设" };
        let field = Field::select(format!("step{}", i + 1), label, placeholder)
            .options(
                [Role::BranchApprover, Role::HqApprover].map(|r| Choice::new(r.code(), r.zh())),
            )
            .value(value)
            .width("m");
        form = form.with(if i == 0 { field.required() } else { field });
    }
    let limit = rules
        .single_step_up_to
        .map_or_else(String::new, Cents::format_wan_short);
    form.with(
        Field::number("single_step", "单级审批限额", "万元")
            .hint("不超过限额的，接单后可由支行审批人直接审核。不填表示全部经审批流程。")
            .value(limit),
    )
}

fn limit(rules: &BankSettings) -> String {
    rules.single_step_up_to.map_or_else(
        || "不设，全部经审批流程".to_owned(),
        |cents| format!("{} 万元以内", cents.format_wan_short()),
    )
}

fn rules_rows(rules: &BankSettings) -> Vec<Described> {
    vec![
        Described::new("审批流程", steps_text(&rules.steps)),
        Described::new("单级审批限额", limit(rules)),
    ]
}

fn drawn(visit: &Visit, case: &SettingsCase, form: FormView, status: StatusCode) -> Response {
    let mut open = Vec::new();
    if let Some(change) = &case.open {
        open = rules_rows(&change.rules);
        let asked = format!("{} {}", change.asked_name, show::minute(change.asked_at));
        open.push(Described::new("提出人", asked));
    }
    let page = SettingsPage {
        crumbs: crumbs("审批设置"),
        rows: rules_rows(&case.rules),
        note: if case.set_by_bank {
            ""
        } else {
            "本机构尚未设置，现按平台的默认设置办理。"
        },
        change: case
            .open
            .as_ref()
            .map_or_else(String::new, |c| c.id.to_string()),
        open,
        key: visit.kit.tokens().one_time(),
        may_confirm: case.may_confirm,
        may_withdraw: case.may_withdraw,
        may_propose: case.may_propose,
        form,
        history: history(&case.history),
    };
    visit.render_with(status, SettingsPage::TEMPLATE, "审批设置", &page)
}

/// The status and, where a word was left, why it was taken back.
fn standing(change: &RulesChange, kind: TagKind) -> Cell {
    let cell = Cell::tag(change.status.zh(), kind);
    if change.withdrawal.is_empty() {
        return cell;
    }
    cell.second(format!("撤回原因：{}", change.withdrawal))
}

fn history(changes: &[RulesChange]) -> Table {
    let mut table = Table::new("设置变更记录")
        .column("提出时间", "nowrap")
        .column("提出人", "nowrap")
        .column("审批流程", "")
        .column("单级审批限额", "nowrap")
        .column("复核人", "nowrap")
        .column("状态", "nowrap");
    for change in changes {
        let kind = match change.status {
            ChangeStatus::Open => TagKind::Warning,
            ChangeStatus::Confirmed => TagKind::Success,
            ChangeStatus::Declined | ChangeStatus::Withdrawn => TagKind::Neutral,
        };
        let settled = match change.settled_at {
            Some(at) => Cell::text(&change.settled_name).second(show::minute(at)),
            None => Cell::text("-"),
        };
        table.push(vec![
            Cell::text(show::minute(change.asked_at)),
            Cell::text(&change.asked_name),
            Cell::text(steps_text(&change.rules.steps)),
            Cell::text(limit(&change.rules)),
            settled,
            standing(change, kind),
        ]);
    }
    table
}
