//! 申请更换, 确认, 不同意 and 撤回: a page that says what will happen, a fresh proof, and the deed.

use std::sync::Arc;

use application::{
    access::Actor,
    error::{UseError, UseResult},
    once::Once,
    ownership::{AskRecovery, NEW_PERSON, OwnershipCase, OwnershipRoom, SettleRecovery},
    ports::enterprise_desk::AccountState,
    two_people::Withdrawal,
};
use domain::ids::EnterpriseId;
use futures::future::BoxFuture;
use uuid::Uuid;

use super::owner::{base, crumbs, said};
use crate::{
    console::AskPage,
    forms::{Choice, Field, FormView},
    parts::Described,
    posted::Posted,
    show,
    spawned::spawned,
    two_people::{Step, TwoPeople, withdraw_field},
};

impl TwoPeople for OwnershipRoom {
    type Case = OwnershipCase;

    const PATHS: [&'static str; 4] = [
        "/operator/enterprises/{id}/owner/replace",
        "/operator/enterprises/{id}/owner/replace/confirm",
        "/operator/enterprises/{id}/owner/replace/decline",
        "/operator/enterprises/{id}/owner/replace/withdraw",
    ];

    fn base(id: Uuid) -> String {
        base(EnterpriseId(id))
    }

    fn view(uses: Arc<Self>, actor: Actor, id: Uuid) -> BoxFuture<'static, UseResult<Self::Case>> {
        Box::pin(async move { Self::view(&uses, &actor, EnterpriseId(id)).await })
    }

    fn is_offered(step: Step, case: &Self::Case) -> bool {
        match step {
            Step::Ask => case.powers.ask,
            Step::Confirm => case.powers.confirm,
            Step::Decline => case.powers.settle,
            Step::Withdraw => case.powers.withdraw,
        }
    }

    fn refusal(step: Step, case: &Self::Case) -> UseError {
        let Some(open) = case.open() else {
            return match (step, case.account) {
                (Step::Ask, AccountState::Closed) => UseError::conflict("enterprise.closed"),
                (Step::Ask, _) => UseError::denied(),
                _ => UseError::conflict("supervision.nothing_open"),
            };
        };
        match step {
            Step::Ask => UseError::conflict("supervision.asked_before"),
            Step::Withdraw => UseError::conflict("two_people.not_the_asker"),
            Step::Confirm if case.powers.settle => {
                UseError::conflict("ownership.cooling").with("until", show::minute(open.until))
            }
            Step::Confirm | Step::Decline => UseError::conflict("financing.second_person_missing"),
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
            let ask = asked(enterprise, posted, once);
            return Box::pin(spawned(async move {
                uses.ask_recovery(&actor, ask).await?;
                Ok("已提交，原管理员会收到短信，24 小时后由另一位平台运营人员确认。")
            }));
        }
        let change = posted.get("change").parse();
        if step == Step::Withdraw {
            let reason = posted.get("withdraw_reason").to_owned();
            return Box::pin(spawned(async move {
                let ask = Withdrawal {
                    asked: change.map_err(|_| UseError::not_found())?,
                    reason,
                    once,
                };
                uses.withdraw_recovery(&actor, enterprise, ask).await?;
                Ok("已撤回，企业管理员不变。")
            }));
        }
        Box::pin(spawned(async move {
            let ask = SettleRecovery {
                enterprise,
                change: change.map_err(|_| UseError::not_found())?,
                confirm: step == Step::Confirm,
                once,
            };
            Ok(said(uses.settle_recovery(&actor, ask).await?))
        }))
    }
}

fn asked(enterprise: EnterpriseId, posted: &Posted, once: Once) -> AskRecovery {
    let text = |name: &str| posted.get(name).to_owned();
    AskRecovery {
        enterprise,
        to: text("owner_to"),
        name: text("member_name"),
        phone: text("phone"),
        reason: text("owner_reason"),
        evidence: text("evidence"),
        once,
    }
}

/// Title, lead and button.
fn words(step: Step, name: &str) -> (String, &'static str, &'static str) {
    match step {
        Step::Ask => (
            format!("要申请更换“{name}”的企业管理员吗？"),
            "请先核对企业出具的函件或柜面核验结果。提交后原管理员会收到短信，可在 24 小时内提出异议；此后由另一位平台运营人员确认。",
            "申请更换企业管理员",
        ),
        Step::Confirm => (
            format!("要确认更换“{name}”的企业管理员吗？"),
            "确认后立即生效：原管理员的账号停用，企业所有人员退出登录，企业需重新完成人脸核验。",
            "确认更换",
        ),
        Step::Decline => (
            format!("不同意更换“{name}”的企业管理员吗？"),
            "不同意后，企业管理员不变。",
            "不同意",
        ),
        Step::Withdraw => (
            format!("要撤回更换“{name}”企业管理员的申请吗？"),
            "撤回后，企业管理员不变，需要时可以重新申请。",
            "撤回申请",
        ),
    }
}

/// Those who are there, and somebody new.
fn choices(case: &OwnershipCase) -> Vec<Choice> {
    let there = case.people.iter().filter(|one| one.active && !one.owner);
    let there = there.map(|one| {
        let label = format!("{}（{}）", one.name_masked, one.phone_masked);
        Choice::new(one.id.to_string(), label)
    });
    let new = Choice::new(NEW_PERSON, "其他人员或新手机号")
        .hint("请在下面填写姓名和手机号，确认后向该手机号发送链接。");
    there.chain([new]).collect()
}

fn ask_fields(form: FormView, case: &OwnershipCase, typed: &Posted) -> FormView {
    form.with(
        Field::radio("owner_to", "新的企业管理员")
            .required()
            .options(choices(case))
            .value(typed.get("owner_to")),
    )
    .with(
        Field::text("member_name", "姓名（选择其他人员时填写）")
            .maxlength(30)
            .width("m")
            .value(typed.get("member_name")),
    )
    .with(Field::phone("phone", "手机号（选择其他人员时填写）").value(typed.get("phone")))
    .with(
        Field::text("evidence", "核对依据")
            .required()
            .hint("例如柜面核验编号、企业函件文号，以及核对人和核对时间。最多 200 个字。")
            .maxlength(200)
            .value(typed.get("evidence")),
    )
    .with(
        Field::textarea("owner_reason", "原因")
            .required()
            .hint("由确认人核对，也会记入操作日志。最多 500 个字。")
            .maxlength(500)
            .value(typed.get("owner_reason")),
    )
}

fn page(step: Step, case: &OwnershipCase, key: &str, typed: &Posted) -> AskPage {
    let (title, lead, yes) = words(step, &case.name);
    let owner = case.owner().map_or_else(
        || "-".to_owned(),
        |owner| format!("{}（{}）", owner.name_masked, owner.phone_masked),
    );
    let mut rows = vec![
        Described::new("企业名称", &case.name),
        Described::new("统一社会信用代码", &case.credit_code),
        Described::new("现任管理员", owner),
    ];
    let mut form = FormView::new(OwnershipRoom::href(step, case.enterprise.0)).key(key);
    match (step, case.open()) {
        (Step::Ask, _) => form = ask_fields(form, case, typed),
        (_, Some(change)) => {
            form.push(Field::hidden("change", change.id.to_string()));
            rows.push(Described::new("接任人", &change.to_name));
            rows.push(Described::new("申请人", &change.asked_name));
            rows.push(Described::new("核对依据", &change.evidence));
            rows.push(Described::new("原因", &change.reason));
            if step == Step::Withdraw {
                form.push(withdraw_field().value(typed.get("withdraw_reason")));
            }
        }
        _ => {}
    }
    AskPage {
        title,
        lead: lead.to_owned(),
        crumbs: crumbs(case, Some("更换企业管理员")),
        rows,
        form,
        yes,
        no: "返回",
        back: base(case.enterprise),
        danger: step != Step::Withdraw,
    }
}
