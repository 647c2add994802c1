//! 申请暂停受理, 确认, 不同意 and 撤回: a page that says what will happen, a fresh proof, and the deed.

use std::sync::Arc;

use application::{
    access::Actor,
    error::{UseError, UseResult},
    institutions::{AskSuspension, InstitutionCase, InstitutionRoom, SettleSuspension},
    once::Once,
    ports::institution_desk::SuspensionKind,
    two_people::Withdrawal,
};
use domain::ids::TenantId;
use futures::future::BoxFuture;
use uuid::Uuid;

use super::{base, crumbs};
use crate::{
    console::AskPage,
    forms::{Field, FormView},
    parts::Described,
    posted::Posted,
    spawned::spawned,
    two_people::{Step, TwoPeople, withdraw_field},
};

impl TwoPeople for InstitutionRoom {
    type Case = InstitutionCase;

    const PATHS: [&'static str; 4] = [
        "/operator/institutions/{id}/suspend",
        "/operator/institutions/{id}/suspend/confirm",
        "/operator/institutions/{id}/suspend/decline",
        "/operator/institutions/{id}/suspend/withdraw",
    ];

    fn base(id: Uuid) -> String {
        base(TenantId(id))
    }

    fn view(uses: Arc<Self>, actor: Actor, id: Uuid) -> BoxFuture<'static, UseResult<Self::Case>> {
        Box::pin(async move { Self::view(&uses, &actor, TenantId(id)).await })
    }

    fn is_offered(step: Step, case: &Self::Case) -> bool {
        match step {
            Step::Ask => case.powers.ask,
            Step::Confirm | Step::Decline => case.powers.settle,
            Step::Withdraw => case.powers.withdraw,
        }
    }

    fn refusal(step: Step, case: &Self::Case) -> UseError {
        match (step, case.open_suspension().is_some()) {
            (Step::Ask, true) => UseError::conflict("supervision.asked_before"),
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
        let institution = TenantId(id);
        if step == Step::Ask {
            let reason = posted.get("hold_reason").to_owned();
            return Box::pin(spawned(async move {
                let ask = AskSuspension {
                    institution,
                    reason,
                    once,
                };
                uses.ask_suspension(&actor, ask).await?;
                Ok("已提交，请另一位平台运营人员确认。")
            }));
        }
        let suspension = posted.get("suspension").parse();
        if step == Step::Withdraw {
            let reason = posted.get("withdraw_reason").to_owned();
            return Box::pin(spawned(async move {
                let ask = Withdrawal {
                    asked: suspension.map_err(|_| UseError::not_found())?,
                    reason,
                    once,
                };
                uses.withdraw_suspension(&actor, institution, ask).await?;
                Ok("已撤回，机构保持原来的状态。")
            }));
        }
        Box::pin(spawned(async move {
            let ask = SettleSuspension {
                institution,
                suspension: suspension.map_err(|_| UseError::not_found())?,
                confirm: step == Step::Confirm,
                once,
            };
            let kind = uses.settle_suspension(&actor, ask).await?;
            Ok(match (step, kind) {
                (Step::Confirm, SuspensionKind::Suspend) => {
                    "已暂停受理，机构的管理员会收到通知。已提交的融资需求照常办理。"
                }
                (Step::Confirm, SuspensionKind::Resume) => "已恢复受理，机构的管理员会收到通知。",
                _ => "已记录为不同意，机构保持原来的状态。",
            })
        }))
    }
}

fn kind_of(case: &InstitutionCase) -> SuspensionKind {
    let next = if case.institution.suspended {
        SuspensionKind::Resume
    } else {
        SuspensionKind::Suspend
    };
    case.open_suspension().map_or(next, |one| one.kind)
}

/// Title, lead and button.
fn words(step: Step, case: &InstitutionCase) -> (String, &'static str, &'static str) {
    let name = &case.institution.facts.name;
    match (step, kind_of(case)) {
        (Step::Ask, SuspensionKind::Suspend) => (
            format!("要申请让“{name}”暂停受理吗？"),
            "另一位平台运营人员确认后生效。暂停期间，机构和产品不在门户展示，企业不能向它提交新的融资需求；已提交的照常办理，机构人员仍可登录。",
            "申请暂停受理",
        ),
        (Step::Ask, SuspensionKind::Resume) => (
            format!("要申请让“{name}”恢复受理吗？"),
            "另一位平台运营人员确认后，机构和产品重新在门户展示，企业可以提交新的融资需求。",
            "申请恢复受理",
        ),
        (Step::Confirm, SuspensionKind::Suspend) => (
            format!("要确认让“{name}”暂停受理吗？"),
            "确认后立即生效，机构的管理员会收到通知和原因。已提交的融资需求照常办理。",
            "确认暂停受理",
        ),
        (Step::Confirm, SuspensionKind::Resume) => (
            format!("要确认让“{name}”恢复受理吗？"),
            "确认后立即生效，机构的管理员会收到通知。",
            "确认恢复受理",
        ),
        (Step::Decline, _) => (
            format!("不同意对“{name}”的申请吗？"),
            "不同意后，机构保持现在的状态。",
            "不同意",
        ),
        (Step::Withdraw, _) => (
            format!("要撤回对“{name}”的申请吗？"),
            "撤回后，机构保持现在的状态，需要时可以重新申请。",
            "撤回申请",
        ),
    }
}

fn page(step: Step, case: &InstitutionCase, key: &str, typed: &Posted) -> AskPage {
    let one = &case.institution;
    let href = base(one.id);
    let (title, lead, yes) = words(step, case);
    let mut rows = vec![
        Described::new("机构名称", &one.facts.name),
        Described::new("在架产品", format!("{} 款", one.products)),
        Described::new("办理中的融资需求", format!("{} 笔", one.open)),
    ];
    let mut form = FormView::new(InstitutionRoom::href(step, one.id.0)).key(key);
    match (step, case.open_suspension()) {
        (Step::Ask, _) => form.push(
            Field::textarea("hold_reason", "原因")
                .required()
                .hint("由确认人核对，生效后机构的管理员也会看到。最多 500 个字。")
                .maxlength(500)
                .value(typed.get("hold_reason")),
        ),
        (_, Some(open)) => {
            form.push(Field::hidden("suspension", open.id.to_string()));
            rows.push(Described::new("事项", open.kind.zh()));
            rows.push(Described::new("申请人", &open.asked_name));
            rows.push(Described::new("原因", &open.reason));
            if step == Step::Withdraw {
                form.push(withdraw_field().value(typed.get("withdraw_reason")));
            }
        }
        _ => {}
    }
    AskPage {
        title,
        lead: lead.to_owned(),
        crumbs: crumbs(&[(&one.facts.name, &href), ("暂停与恢复", "")]),
        rows,
        form,
        yes,
        no: "返回",
        back: href,
        danger: kind_of(case) == SuspensionKind::Suspend || step == Step::Decline,
    }
}
