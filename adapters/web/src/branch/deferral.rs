//! 答复延期 and 复核延期 (W18): one person answers with a day or declines with a reason, a second one agrees to the day.

use std::sync::Arc;

use application::{
    access::Actor,
    dossier::Case,
    error::{UseError, UseResult},
    lending::{AnswerDeferral, SettleDeferral, deferral_at, no_deferral},
    ports::deferrals::Deferral,
    review::Intent,
};
use domain::deferral::DeferralStatus;
use futures::future::BoxFuture;

use super::{Branch, ground::Held, lending::standing, show};
use crate::{
    deed::{Deed, Question, Shown, barred, said_yes, typed, verdict},
    forms::{Field, FormView},
    parts::Described,
    posted::Posted,
    visit::Visit,
};

fn open(case: &Case) -> Option<&Deferral> {
    deferral_at(&case.deferrals, DeferralStatus::Open)
}

fn proposed(case: &Case) -> Option<&Deferral> {
    deferral_at(&case.deferrals, DeferralStatus::Proposed)
}

/// What the enterprise asked for, row by row.
fn asked(one: &Deferral) -> Vec<Described> {
    vec![
        Described::new("放款", format!("第 {} 笔", one.number)),
        Described::new("原到期日期", one.old_due_on.to_string()),
        Described::new("申请延期到", one.wanted_on.to_string()),
        Described::new("延期原因", &one.reason),
        Described::new("申请时间", show::minute(one.asked_at)),
    ]
}

/// The same, and what the first person answered.
fn matter(one: &Deferral) -> Vec<Described> {
    let mut rows = asked(one);
    let day = one.new_due_on.unwrap_or(one.wanted_on);
    rows.push(Described::new("拟延期到", day.to_string()));
    if !one.answer.is_empty() {
        rows.push(Described::new("答复说明", &one.answer));
    }
    if let Some(first) = &one.answered {
        let who = format!("{} {}", first.name, show::minute(first.at));
        rows.push(Described::new("答复人", who));
    }
    rows
}

/// As typed, or the day that was asked for where nothing was.
fn agreed_day(case: &Case, posted: &Posted) -> Described {
    let label = "拟延期到";
    match open(case) {
        Some(one) if posted.get("new_due_on").trim().is_empty() => {
            Described::new(label, one.wanted_on.to_string())
        }
        _ => typed(posted, label, "new_due_on"),
    }
}

/// Why somebody who may read it does not answer it.
fn refusal(case: &Case) -> UseError {
    let record = &case.record;
    if record.frozen || !record.stage.is_lent() {
        return barred(record);
    }
    UseError::denied()
}

/// 答复延期, by whoever holds the loan.
pub(super) struct Answer;

impl Deed for Answer {
    type On = Held;

    const PATH: &'static str = "/branch/applications/{id}/answer-deferral";
    const TITLE: &'static str = "答复延期";
    const LEAD: &'static str =
        "同意的，须由另一位人员复核后生效；不同意的，请写明原因，原到期日期不变。";
    const ASK: &'static str = "要同意延期吗？";
    const WARN: &'static str =
        "另一位人员复核后生效。生效后企业会收到通知，到期提醒按新的日期发送。";
    const YES: &'static str = "同意，提交复核";
    const DONE: &'static str = "已提交，请另一位人员复核。";

    fn offered(case: &Case, _: &Actor) -> UseResult<()> {
        if open(case).is_none() {
            return Err(no_deferral());
        }
        if case.powers.answer_deferral {
            return Ok(());
        }
        Err(refusal(case))
    }

    fn fields(_: &Visit, case: &Case, form: FormView) -> FormView {
        let wanted = open(case).map_or_else(String::new, |one| one.wanted_on.to_string());
        form.with(verdict("同意延期", "不同意，原到期日期不变"))
            .with(
                Field::text("new_due_on", "新的到期日期（同意时）")
                    .hint("按 年-月-日 填写，可以与企业申请的不同，最晚为原到期日期之后一年；不填表示同意企业申请的日期。")
                    .width("m")
                    .maxlength(10)
                    .autocomplete("off")
                    .value(wanted),
            )
            .with(
                Field::textarea("deferral_answer", "答复说明（不同意时必填）")
                    .hint("展示给企业，最多 300 个字。")
                    .rows(3)
                    .maxlength(300),
            )
    }

    fn question(_: &Case, posted: &Posted) -> Question {
        if said_yes(posted) {
            return Self::QUESTION;
        }
        Question {
            ask: "要答复不同意延期吗？",
            warn: "企业会收到通知，可以看到原因，原到期日期不变。",
            yes: "不同意延期",
            danger: false,
        }
    }

    fn summary(_: &Visit, case: &Case, posted: &Posted) -> Vec<Described> {
        let mut rows = open(case).map(asked).unwrap_or_default();
        if said_yes(posted) {
            rows.push(agreed_day(case, posted));
        }
        rows.push(typed(posted, "答复说明", "deferral_answer"));
        rows
    }

    fn beside(_: &Visit, case: &Case) -> Vec<Described> {
        let mut rows = open(case).map(asked).unwrap_or_default();
        rows.extend(standing(case));
        rows
    }

    fn run(
        uses: Arc<Branch>,
        actor: Actor,
        posted: &Posted,
        shown: Shown,
        intent: Intent,
    ) -> BoxFuture<'static, UseResult<()>> {
        let text = |name: &str| posted.get(name).to_owned();
        let ask = AnswerDeferral {
            seen: shown.seen(),
            verdict: text("verdict"),
            new_due_on: text("new_due_on"),
            reason: text("deferral_answer"),
        };
        Box::pin(async move { uses.lending.answer_deferral(&actor, ask, intent).await })
    }

    fn done(posted: &Posted) -> &'static str {
        if said_yes(posted) {
            Self::DONE
        } else {
            "已答复不同意延期，企业会收到通知。"
        }
    }
}

/// 复核延期, by somebody else.
pub(super) struct Check;

impl Deed for Check {
    type On = Held;

    const PATH: &'static str = "/branch/applications/{id}/check-deferral";
    const TITLE: &'static str = "复核延期";
    const LEAD: &'static str =
        "请按合同和延期审批手续核对。同意后立即生效，您和答复人都会记入延期申请的记录。";
    const ASK: &'static str = "要同意这项延期吗？";
    const WARN: &'static str = "同意后立即生效，企业会收到通知，到期提醒按新的日期发送。";
    const YES: &'static str = "同意延期";
    const DONE: &'static str = "延期已生效，企业会收到通知。";
    const WEIGHS: bool = true;

    fn offered(case: &Case, actor: &Actor) -> UseResult<()> {
        let Some(one) = proposed(case) else {
            return Err(no_deferral());
        };
        if one.answered.as_ref().map(|first| first.by) == Some(actor.user) {
            return Err(UseError::conflict("deferral.same_person"));
        }
        if case.powers.check_deferral {
            return Ok(());
        }
        Err(refusal(case))
    }

    fn fields(_: &Visit, _: &Case, form: FormView) -> FormView {
        form.with(verdict("同意延期", "不同意，退回重新答复"))
    }

    fn question(_: &Case, posted: &Posted) -> Question {
        if said_yes(posted) {
            return Self::QUESTION;
        }
        Question {
            ask: "要退回重新答复吗？",
            warn: "原到期日期不变，由答复人重新答复企业。",
            yes: "退回重新答复",
            danger: false,
        }
    }

    fn summary(_: &Visit, case: &Case, _: &Posted) -> Vec<Described> {
        proposed(case).map(matter).unwrap_or_default()
    }

    fn beside(_: &Visit, case: &Case) -> Vec<Described> {
        let mut rows = proposed(case).map(matter).unwrap_or_default();
        rows.extend(standing(case));
        rows
    }

    fn run(
        uses: Arc<Branch>,
        actor: Actor,
        posted: &Posted,
        shown: Shown,
        intent: Intent,
    ) -> BoxFuture<'static, UseResult<()>> {
        let ask = SettleDeferral {
            seen: shown.seen(),
            verdict: posted.get("verdict").to_owned(),
        };
        Box::pin(async move { uses.lending.settle_deferral(&actor, ask, intent).await })
    }

    fn done(posted: &Posted) -> &'static str {
        if said_yes(posted) {
            Self::DONE
        } else {
            "已退回，由答复人重新答复企业。"
        }
    }
}
