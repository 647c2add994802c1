//! 更正误操作 (row 24): asked by one person of headquarters, confirmed or not by another, or taken back.

use std::sync::Arc;

use application::{
    access::Actor,
    appeal::{AskCorrection, CorrectionCase, SettleCorrection},
    error::{UseError, UseResult},
    review::Intent,
    two_people::Withdrawal,
};
use domain::{
    financing::{ApplicationRecord, Stage},
    ids::FinancingApplicationId,
};
use futures::future::BoxFuture;
use uuid::Uuid;

use super::{
    Hq,
    appeals::proposed_rows,
    second_look::{LIST, decision, way_here},
};
use crate::{
    deed::{Deed, Ground, Question, Shown, barred, said_yes, typed, verdict},
    forms::{Field, FormView},
    matter::asked,
    parts::{Described, Link},
    posted::Posted,
    show,
    two_people::withdraw_field,
    visit::Visit,
};

/// The application that somebody would have corrected.
pub(super) struct Decided;

impl Ground for Decided {
    type Uses = Hq;
    type Case = CorrectionCase;

    fn read(
        uses: Arc<Hq>,
        actor: Actor,
        id: Uuid,
    ) -> BoxFuture<'static, UseResult<CorrectionCase>> {
        Box::pin(async move {
            let id = FinancingApplicationId(id);
            uses.appeals.correctable(&actor, id).await
        })
    }

    fn record(case: &CorrectionCase) -> &ApplicationRecord {
        &case.record
    }
}

/// The correction that waits for its second person.
pub(super) struct Waiting;

impl Ground for Waiting {
    type Uses = Hq;
    type Case = CorrectionCase;

    fn read(
        uses: Arc<Hq>,
        actor: Actor,
        id: Uuid,
    ) -> BoxFuture<'static, UseResult<CorrectionCase>> {
        Box::pin(async move { uses.appeals.correction(&actor, id).await })
    }

    fn record(case: &CorrectionCase) -> &ApplicationRecord {
        &case.record
    }
}

/// The decision, why it is to be undone, and what would follow.
fn matter(visit: &Visit, case: &CorrectionCase) -> Vec<Described> {
    let mut rows = decision(visit, &case.record);
    if let Some(one) = &case.correction {
        rows.push(Described::new("更正原因", &one.reason));
        let asked = format!("{} {}", one.asked_name, show::minute(one.asked_at));
        rows.push(Described::new("提出人", asked));
    }
    if case.record.stage == Stage::RefusedIntake {
        rows.push(Described::new("更正后", "回到待接单，由原支行接单"));
    } else {
        rows.push(Described::new("更正后", "回到审批中，重新审批"));
        rows.extend(proposed_rows(&case.proposed, &case.steps));
    }
    rows
}

fn beside(visit: &Visit, case: &CorrectionCase) -> Vec<Described> {
    let mut rows = asked(&case.record);
    rows.extend(matter(visit, case));
    rows
}

fn summary(visit: &Visit, case: &CorrectionCase) -> Vec<Described> {
    let mut rows = vec![Described::new("金融产品", &case.record.product_name)];
    rows.extend(matter(visit, case));
    rows
}

/// 更正误操作, asked.
pub(super) struct Ask;

impl Deed for Ask {
    type On = Decided;

    const PATH: &'static str = "/branch/applications/{id}/correct";
    const TITLE: &'static str = "更正误操作";
    const LEAD: &'static str =
        "只用于更正误操作，审核后 2 个工作日内可以提出，须由本机构另一位人员复核后生效。";
    const ASK: &'static str = "要提出更正误操作吗？";
    const WARN: &'static str = "本机构另一位人员复核后才会生效。";
    const YES: &'static str = "提出更正";
    const DONE: &'static str = "已提交，请本机构另一位人员复核。";

    fn offered(case: &CorrectionCase, _: &Actor) -> UseResult<()> {
        if !case.may_ask {
            return Err(UseError::denied());
        }
        if case.correction.is_some() {
            return Err(UseError::conflict("appeal.correction_asked_before"));
        }
        if !matches!(case.record.stage, Stage::Rejected | Stage::RefusedIntake) {
            return Err(barred(&case.record));
        }
        if !case.in_time {
            return Err(UseError::conflict("appeal.correction_too_late"));
        }
        Ok(())
    }

    fn fields(_: &Visit, _: &CorrectionCase, form: FormView) -> FormView {
        form.with(
            Field::textarea("correction_reason", "更正原因")
                .required()
                .hint("请写明误操作的经过，供复核人核对，不展示给企业，最多 500 个字。")
                .rows(4)
                .maxlength(500),
        )
    }

    fn summary(visit: &Visit, case: &CorrectionCase, posted: &Posted) -> Vec<Described> {
        let mut rows = summary(visit, case);
        let reason = posted.get("correction_reason").trim();
        rows.push(Described::new("更正原因", reason));
        rows
    }

    fn run(
        uses: Arc<Hq>,
        actor: Actor,
        posted: &Posted,
        shown: Shown,
        intent: Intent,
    ) -> BoxFuture<'static, UseResult<()>> {
        let ask = AskCorrection {
            seen: shown.seen(),
            reason: posted.get("correction_reason").to_owned(),
        };
        Box::pin(async move { uses.appeals.ask_correction(&actor, ask, intent).await })
    }

    fn home(_: Uuid) -> String {
        LIST.to_owned()
    }

    fn beside(visit: &Visit, case: &CorrectionCase) -> Vec<Described> {
        beside(visit, case)
    }
}

/// 更正误操作, confirmed or not.
pub(super) struct Confirm;

impl Deed for Confirm {
    type On = Waiting;

    const PATH: &'static str = "/hq/corrections/{id}";
    const TITLE: &'static str = "复核更正申请";
    const LEAD: &'static str = "请核对原因。同意后立即生效，您和提出人都会记入操作记录。";
    const ASK: &'static str = "要同意更正吗？";
    const WARN: &'static str = "同意后立即生效，原审核结果撤销，企业会收到通知。";
    const YES: &'static str = "同意更正";
    const DONE: &'static str = "已更正，企业会收到通知。";
    const WEIGHS: bool = true;

    fn offered(case: &CorrectionCase, actor: &Actor) -> UseResult<()> {
        let Some(one) = &case.correction else {
            return Ok(());
        };
        one.still_open()?;
        if one.asked_by == actor.user {
            return Err(UseError::conflict("appeal.same_person"));
        }
        if !case.may_confirm {
            return Err(UseError::denied());
        }
        Ok(())
    }

    /// Too late to agree, it can still be answered: nothing is left open.
    fn lead(case: &CorrectionCase) -> String {
        let words = if case.in_time {
            Self::LEAD
        } else {
            "审核后已超过 2 个工作日，不能再更正，只能答复不同意。"
        };
        words.to_owned()
    }

    fn fields(_: &Visit, case: &CorrectionCase, form: FormView) -> FormView {
        let mut field = verdict("同意更正", "不同意，保持原审核结果");
        if !case.in_time {
            field.options.retain(|option| option.value == "decline");
        }
        form.with(field)
    }

    fn question(_: &CorrectionCase, posted: &Posted) -> Question {
        if said_yes(posted) {
            return Self::QUESTION;
        }
        Question {
            ask: "要答复不同意更正吗？",
            warn: "原审核结果保持不变。",
            yes: "不同意更正",
            danger: false,
        }
    }

    fn summary(visit: &Visit, case: &CorrectionCase, _: &Posted) -> Vec<Described> {
        summary(visit, case)
    }

    fn run(
        uses: Arc<Hq>,
        actor: Actor,
        posted: &Posted,
        shown: Shown,
        intent: Intent,
    ) -> BoxFuture<'static, UseResult<()>> {
        let ask = SettleCorrection {
            correction: shown.id,
            version: shown.version,
            verdict: posted.get("verdict").to_owned(),
            once: shown.once,
        };
        Box::pin(async move { uses.appeals.settle_correction(&actor, ask, intent).await })
    }

    fn done(posted: &Posted) -> &'static str {
        if said_yes(posted) {
            Self::DONE
        } else {
            "已答复不同意更正，保持原审核结果。"
        }
    }

    fn crumbs(_: &CorrectionCase) -> Vec<Link> {
        way_here(Self::TITLE)
    }

    fn back(_: &CorrectionCase) -> String {
        LIST.to_owned()
    }

    fn home(_: Uuid) -> String {
        LIST.to_owned()
    }

    fn beside(visit: &Visit, case: &CorrectionCase) -> Vec<Described> {
        beside(visit, case)
    }
}

/// 撤回更正, by whoever asked for it.
pub(super) struct TakeBack;

impl Deed for TakeBack {
    type On = Waiting;

    const PATH: &'static str = "/hq/corrections/{id}/withdraw";
    const TITLE: &'static str = "撤回更正申请";
    const LEAD: &'static str = "撤回后不再复核，原审核结果保持不变。在时限内可以重新提出。";
    const ASK: &'static str = "要撤回更正申请吗？";
    const WARN: &'static str = "撤回后原审核结果保持不变。";
    const YES: &'static str = "撤回申请";
    const DONE: &'static str = "已撤回，原审核结果保持不变。";

    fn offered(case: &CorrectionCase, actor: &Actor) -> UseResult<()> {
        let Some(one) = &case.correction else {
            return Err(UseError::not_found());
        };
        one.still_open()?;
        if one.asked_by != actor.user {
            return Err(UseError::conflict("two_people.not_the_asker"));
        }
        if !case.may_ask {
            return Err(UseError::denied());
        }
        Ok(())
    }

    fn fields(_: &Visit, _: &CorrectionCase, form: FormView) -> FormView {
        form.with(withdraw_field())
    }

    fn summary(visit: &Visit, case: &CorrectionCase, posted: &Posted) -> Vec<Described> {
        let mut rows = summary(visit, case);
        rows.push(typed(posted, "撤回原因", "withdraw_reason"));
        rows
    }

    fn run(
        uses: Arc<Hq>,
        actor: Actor,
        posted: &Posted,
        shown: Shown,
        intent: Intent,
    ) -> BoxFuture<'static, UseResult<()>> {
        let ask = Withdrawal {
            asked: shown.id,
            reason: posted.get("withdraw_reason").to_owned(),
            once: shown.once,
        };
        Box::pin(async move { uses.appeals.withdraw_correction(&actor, ask, intent).await })
    }

    fn crumbs(_: &CorrectionCase) -> Vec<Link> {
        way_here(Self::TITLE)
    }

    fn back(_: &CorrectionCase) -> String {
        LIST.to_owned()
    }

    fn home(_: Uuid) -> String {
        LIST.to_owned()
    }

    fn beside(visit: &Visit, case: &CorrectionCase) -> Vec<Described> {
        beside(visit, case)
    }
}
