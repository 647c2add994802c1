//! 申请冻结, 确认, 不同意 and 撤回 of one request: a page that says what will happen, a fresh proof, and the deed.

use std::sync::Arc;

use application::{
    access::Actor,
    error::{UseError, UseResult},
    once::Once,
    ports::supervision::HoldKind,
    supervision::{AskHold, CityCase, SettleHold},
    two_people::Withdrawal,
};
use domain::ids::FinancingApplicationId;
use futures::future::BoxFuture;
use uuid::Uuid;

use super::{
    OperatorDesk,
    applications::{base, facts, number, section},
    crumbs,
};
use crate::{
    console::AskPage,
    forms::{Field, FormView},
    parts::Described,
    posted::Posted,
    spawned::spawned,
    two_people::{Step, TwoPeople, withdraw_field},
};

impl TwoPeople for OperatorDesk {
    type Case = CityCase;

    const PATHS: [&'static str; 4] = [
        "/operator/applications/{id}/hold",
        "/operator/applications/{id}/hold/confirm",
        "/operator/applications/{id}/hold/decline",
        "/operator/applications/{id}/hold/withdraw",
    ];

    fn base(id: Uuid) -> String {
        base(FinancingApplicationId(id))
    }

    fn view(uses: Arc<Self>, actor: Actor, id: Uuid) -> BoxFuture<'static, UseResult<Self::Case>> {
        let id = FinancingApplicationId(id);
        Box::pin(async move { uses.supervision.view(&actor, id).await })
    }

    fn is_offered(step: Step, case: &Self::Case) -> bool {
        match step {
            Step::Ask => case.powers.ask_hold,
            Step::Confirm | Step::Decline => case.powers.settle_hold,
            Step::Withdraw => case.powers.withdraw_hold,
        }
    }

    fn refusal(step: Step, case: &Self::Case) -> UseError {
        match (step, case.open_hold().is_some()) {
            (Step::Ask, true) => UseError::conflict("supervision.asked_before"),
            (Step::Ask, false) => {
                UseError::conflict("financing.not_allowed").with("stage", case.record.stage.zh())
            }
            (Step::Withdraw, true) => UseError::conflict("two_people.not_the_asker"),
            (_, true) => UseError::conflict("financing.second_person_missing"),
            (_, false) => UseError::conflict("supervision.nothing_open"),
        }
    }

    fn page(step: Step, case: &Self::Case, key: &str, typed: &Posted) -> AskPage {
        page(step, case, key, typed)
    }

    fn act(
        uses: Arc<Self>,
        actor: Actor,
        id: Uuid,
        posted: &Posted,
        once: Once,
        step: Step,
    ) -> BoxFuture<'static, UseResult<&'static str>> {
        let application = FinancingApplicationId(id);
        if step == Step::Ask {
            let ask = AskHold {
                application,
                reason: posted.get("hold_reason").to_owned(),
                once,
            };
            return Box::pin(spawned(async move {
                uses.supervision.ask_hold(&actor, ask).await?;
                Ok("已提交，请另一位平台运营人员确认。")
            }));
        }
        let hold = posted.get("hold").parse();
        if step == Step::Withdraw {
            let reason = posted.get("withdraw_reason").to_owned();
            return Box::pin(spawned(async move {
                let ask = Withdrawal {
                    asked: hold.map_err(|_| UseError::not_found())?,
                    reason,
                    once,
                };
                uses.supervision
                    .withdraw_hold(&actor, application, ask)
                    .await?;
                Ok("已撤回，融资需求保持原来的状态。")
            }));
        }
        Box::pin(spawned(async move {
            let ask = SettleHold {
                application,
                hold: hold.map_err(|_| UseError::not_found())?,
                confirm: step == Step::Confirm,
                once,
            };
            let kind = uses.supervision.settle_hold(&actor, ask).await?;
            Ok(match (step, kind) {
                (Step::Confirm, HoldKind::Freeze) => "已冻结，企业和受理支行会收到通知。",
                (Step::Confirm, HoldKind::Unfreeze) => "已解除冻结，企业和受理支行会收到通知。",
                _ => "已记录为不同意，融资需求保持原来的状态。",
            })
        }))
    }
}

fn kind_of(case: &CityCase) -> HoldKind {
    let next = if case.record.frozen {
        HoldKind::Unfreeze
    } else {
        HoldKind::Freeze
    };
    case.open_hold().map_or(next, |hold| hold.kind)
}

/// Title, lead and button.
fn words(step: Step, case: &CityCase) -> (String, &'static str, &'static str) {
    let number = number(case);
    match (step, kind_of(case)) {
        (Step::Ask, HoldKind::Freeze) => (
            format!("要申请冻结融资需求 {number} 吗？"),
            "另一位平台运营人员确认后生效。冻结期间支行不能办理，办理时限暂停，企业仍可撤回。",
            "申请冻结",
        ),
        (Step::Ask, HoldKind::Unfreeze) => (
            format!("要申请解除冻结融资需求 {number} 吗？"),
            "另一位平台运营人员确认后，支行可以继续办理，办理时限继续计算。",
            "申请解除冻结",
        ),
        (Step::Confirm, HoldKind::Freeze) => (
            format!("要确认冻结融资需求 {number} 吗？"),
            "确认后立即生效，企业和受理支行会收到通知。",
            "确认冻结",
        ),
        (Step::Confirm, HoldKind::Unfreeze) => (
            format!("要确认解除冻结融资需求 {number} 吗？"),
            "确认后支行可以继续办理，企业和受理支行会收到通知。",
            "确认解除冻结",
        ),
        (Step::Decline, _) => (
            format!("不同意对融资需求 {number} 的申请吗？"),
            "不同意后，融资需求保持现在的状态。",
            "不同意",
        ),
        (Step::Withdraw, _) => (
            format!("要撤回对融资需求 {number} 的申请吗？"),
            "撤回后，融资需求保持现在的状态，需要时可以重新申请。",
            "撤回申请",
        ),
    }
}

fn page(step: Step, case: &CityCase, key: &str, typed: &Posted) -> AskPage {
    let id = case.record.id;
    let (title, lead, yes) = words(step, case);
    let mut rows = facts(case);
    let mut form = FormView::new(OperatorDesk::href(step, id.0)).key(key);
    match (step, case.open_hold()) {
        (Step::Ask, _) => form.push(
            Field::textarea("hold_reason", "原因")
                .required()
                .hint("由确认人核对，也会记入办理进度。最多 500 个字。")
                .maxlength(500)
                .value(typed.get("hold_reason")),
        ),
        (_, Some(hold)) => {
            form.push(Field::hidden("hold", hold.id.to_string()));
            rows.push(Described::new("事项", hold.kind.zh()));
            rows.push(Described::new("申请人", &hold.asked_name));
            rows.push(Described::new("原因", &hold.reason));
            if step == Step::Withdraw {
                form.push(withdraw_field().value(typed.get("withdraw_reason")));
            }
        }
        _ => {}
    }
    AskPage {
        title,
        lead: lead.to_owned(),
        crumbs: crumbs(section(), Some(&number(case))),
        rows,
        form,
        yes,
        no: "返回",
        back: base(id),
        danger: true,
    }
}
