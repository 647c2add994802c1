//! 申请冻结, 确认, 不同意 and 撤回 of an account: a page that says what will happen, a fresh proof, and the deed.

use std::sync::Arc;

use application::{
    access::Actor,
    enterprises::{AskAccountHold, EnterpriseCase, EnterpriseRoom, SettleAccountHold},
    error::{UseError, UseResult},
    once::Once,
    ports::{enterprise_desk::AccountState, supervision::HoldKind},
    two_people::Withdrawal,
};
use domain::ids::EnterpriseId;
use futures::future::BoxFuture;
use uuid::Uuid;

use super::{base, code_words, crumbs};
use crate::{
    console::AskPage,
    forms::{Field, FormView},
    parts::Described,
    posted::Posted,
    spawned::spawned,
    two_people::{Step, TwoPeople, withdraw_field},
};

impl TwoPeople for EnterpriseRoom {
    type Case = EnterpriseCase;

    const PATHS: [&'static str; 4] = [
        "/operator/enterprises/{id}/hold",
        "/operator/enterprises/{id}/hold/confirm",
        "/operator/enterprises/{id}/hold/decline",
        "/operator/enterprises/{id}/hold/withdraw",
    ];

    fn base(id: Uuid) -> String {
        base(EnterpriseId(id))
    }

    fn view(uses: Arc<Self>, actor: Actor, id: Uuid) -> BoxFuture<'static, UseResult<Self::Case>> {
        Box::pin(async move { Self::view(&uses, &actor, EnterpriseId(id)).await })
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
            (Step::Ask, false) if case.sheet.row.account == AccountState::Closed => {
                UseError::conflict("enterprise.closed")
            }
            (Step::Ask, false) => UseError::denied(),
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
        let enterprise = EnterpriseId(id);
        if step == Step::Ask {
            let reason = posted.get("hold_reason").to_owned();
            return Box::pin(spawned(async move {
                let ask = AskAccountHold {
                    enterprise,
                    reason,
                    once,
                };
                uses.ask_hold(&actor, ask).await?;
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
                uses.withdraw_hold(&actor, enterprise, ask).await?;
                Ok("已撤回，账户保持原来的状态。")
            }));
        }
        Box::pin(spawned(async move {
            let ask = SettleAccountHold {
                enterprise,
                hold: hold.map_err(|_| UseError::not_found())?,
                confirm: step == Step::Confirm,
                once,
            };
            let kind = uses.settle_hold(&actor, ask).await?;
            Ok(match (step, kind) {
                (Step::Confirm, HoldKind::Freeze) => "账户已冻结，企业会收到通知。",
                (Step::Confirm, HoldKind::Unfreeze) => "账户已解除冻结，企业会收到通知。",
                _ => "已记录为不同意，账户保持原来的状态。",
            })
        }))
    }
}

fn kind_of(case: &EnterpriseCase) -> HoldKind {
    let next = if case.is_frozen() {
        HoldKind::Unfreeze
    } else {
        HoldKind::Freeze
    };
    case.open_hold().map_or(next, |hold| hold.kind)
}

/// Title, lead and button.
fn words(step: Step, case: &EnterpriseCase) -> (String, &'static str, &'static str) {
    let name = &case.sheet.row.name;
    match (step, kind_of(case)) {
        (Step::Ask, HoldKind::Freeze) => (
            format!("要申请冻结“{name}”的账户吗？"),
            "另一位平台运营人员确认后生效。冻结期间企业不能提交新的融资需求；已提交的照常办理，需要停办的请逐笔冻结。",
            "申请冻结账户",
        ),
        (Step::Ask, HoldKind::Unfreeze) => (
            format!("要申请解除“{name}”的账户冻结吗？"),
            "另一位平台运营人员确认后，企业可以重新提交融资需求。",
            "申请解除冻结",
        ),
        (Step::Confirm, HoldKind::Freeze) => (
            format!("要确认冻结“{name}”的账户吗？"),
            "确认后立即生效，企业会收到通知。企业仍可登录、查看、补充材料和撤回申请。",
            "确认冻结",
        ),
        (Step::Confirm, HoldKind::Unfreeze) => (
            format!("要确认解除“{name}”的账户冻结吗？"),
            "确认后立即生效，企业会收到通知，可以重新提交融资需求。",
            "确认解除冻结",
        ),
        (Step::Decline, _) => (
            format!("不同意对“{name}”账户的申请吗？"),
            "不同意后，账户保持现在的状态。",
            "不同意",
        ),
        (Step::Withdraw, _) => (
            format!("要撤回对“{name}”账户的申请吗？"),
            "撤回后，账户保持现在的状态，需要时可以重新申请。",
            "撤回申请",
        ),
    }
}

fn page(step: Step, case: &EnterpriseCase, key: &str, typed: &Posted) -> AskPage {
    let row = &case.sheet.row;
    let href = base(row.id);
    let (title, lead, yes) = words(step, case);
    let mut rows = vec![
        Described::new("企业名称", &row.name),
        Described::new("统一社会信用代码", code_words(&row.credit_code)),
        Described::new("账户状态", row.account.zh()),
        Described::new("融资需求", format!("{} 笔", row.applications)),
    ];
    let mut form = FormView::new(EnterpriseRoom::href(step, row.id.0)).key(key);
    match (step, case.open_hold()) {
        (Step::Ask, _) => form.push(
            Field::textarea("hold_reason", "原因")
                .required()
                .hint("由确认人核对，也会记入操作日志，企业看不到。最多 500 个字。")
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
        crumbs: crumbs(&[(&row.name, &href), ("账户冻结", "")]),
        rows,
        form,
        yes,
        no: "返回",
        back: href,
        danger: true,
    }
}
