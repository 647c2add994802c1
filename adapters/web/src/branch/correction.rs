//! 更正放款 and 更正还款: proposed by whoever may record, confirmed or not by a second person, or taken back.

use std::sync::Arc;

use application::{
    access::Actor,
    dossier::Case,
    error::{UseError, UseResult},
    lending::{
        CorrectDraw, CorrectRepayment, SettleLoanCorrection, WithdrawLoanCorrection, none_waits,
        open_correction,
    },
    ports::{
        lending::StoredDraw,
        loan_corrections::{LoanChange, LoanCorrection},
    },
    review::Intent,
};
use domain::{
    financing::Stage,
    ids::{DrawId, RepaymentId},
    values::{Cents, Rate},
};
use futures::future::BoxFuture;
use uuid::Uuid;

use super::{
    Branch,
    ground::Held,
    lending::{at_its_field, in_wan, in_yuan, standing},
    show,
};
use crate::{
    deed::{Deed, Question, Shown, allowed, said_yes, typed, verdict},
    forms::{Choice, Field, FormView},
    parts::Described,
    posted::Posted,
    two_people::withdraw_field,
    visit::Visit,
};

/// What a correction is about, what it said, and what it says.
pub(super) fn sides(change: &LoanChange) -> (String, String, String) {
    match change {
        LoanChange::Draw(_, change) => (
            format!("第 {} 笔放款", change.number),
            show::draw_facts(&change.was),
            show::draw_facts(&change.now),
        ),
        LoanChange::Repayment(_, change) => (
            "还款".to_owned(),
            show::repayment_facts(change.was),
            show::repayment_facts(change.now),
        ),
    }
}

fn reason_field() -> Field {
    Field::textarea("correction_reason", "更正原因")
        .required()
        .hint("请写明错在哪里，更正后展示给企业，最多 300 个字。")
        .rows(3)
        .maxlength(300)
}

/// A field that may stay empty: then nothing changes there.
fn changed(name: &str, label: &str, hint: impl Into<String>) -> Field {
    Field::text(name, format!("{label}（选填）"))
        .hint(hint)
        .width("m")
        .autocomplete("off")
}

const DAY: &str = "按 年-月-日 填写，如 2027-03-31。不更正的留空。";

/// What was typed, or that it stays as it was.
fn said(posted: &Posted, label: &str, name: &str, write: impl Fn(&str) -> String) -> Described {
    let typed = posted.get(name).trim();
    if typed.is_empty() {
        return Described::new(label, "不变");
    }
    Described::new(label, write(typed))
}

/// Nothing is proposed while another correction waits.
fn offered(power: bool, case: &Case) -> UseResult<()> {
    if open_correction(&case.corrections).is_some() {
        return Err(UseError::conflict("lending.correction_asked_before"));
    }
    allowed(power, &case.record)
}

/// 更正放款, proposed.
pub(super) struct Draw;

fn chosen_draw<'a>(case: &'a Case, posted: &Posted) -> Option<&'a StoredDraw> {
    let mut draws = case.draws.iter();
    draws.find(|draw| draw.id.to_string() == posted.get("draw"))
}

impl Deed for Draw {
    type On = Held;

    const PATH: &'static str = "/branch/applications/{id}/correct-draw";
    const TITLE: &'static str = "更正放款";
    const LEAD: &'static str =
        "只填写需要更正的项目。须由另一位人员复核后生效，原登记保留在更正记录中。";
    const ASK: &'static str = "要提出这项更正吗？";
    const WARN: &'static str = "另一位人员复核后生效。生效后企业会收到通知，并重新确认这笔放款。";
    const YES: &'static str = "提出更正";
    const DONE: &'static str = "已提出更正，请另一位人员复核。";

    fn offered(case: &Case, _: &Actor) -> UseResult<()> {
        offered(case.powers.correct_draw, case)
    }

    fn fields(_: &Visit, case: &Case, form: FormView) -> FormView {
        let options: Vec<Choice> = case
            .draws
            .iter()
            .map(|draw| {
                let label = format!("第 {} 笔放款", draw.number);
                let facts = show::draw_facts(&draw.facts());
                Choice::new(draw.id.to_string(), label).hint(facts)
            })
            .collect();
        let record = &case.record;
        let ended =
            record.stage == Stage::Disbursed && record.approved_amount != Some(record.drawn);
        form.with(
            Field::radio("draw", "放款记录")
                .required()
                .options(options)
                .only_option(),
        )
        .with(
            Field::number("draw_amount", "更正后的放款金额（选填）", "万元")
                .hint("单位为万元，10,000 元填 1。各笔合计不能超过批准金额。不更正的留空。"),
        )
        .with(
            Field::number("draw_rate", "更正后的执行利率（选填）", "%/年")
                .hint("最多两位小数。不更正的留空。"),
        )
        .with(changed("drawn_on", "更正后的放款日期", DAY).maxlength(10))
        .with(changed("due_on", "更正后的到期日期", DAY).maxlength(10))
        .with(changed("contract_no", "更正后的合同编号", "不更正的留空。").maxlength(60))
        .with(
            Field::checkbox("last", "更正后不再放款")
                .hint("合计达到批准金额时无需勾选。不勾选且合计少于批准金额的，更正后可以继续登记放款。")
                .checked(ended),
        )
        .with(reason_field())
    }

    fn summary(_: &Visit, case: &Case, posted: &Posted) -> Vec<Described> {
        let chosen = chosen_draw(case, posted);
        let was = chosen.map_or_else(String::new, |draw| {
            format!("第 {} 笔，{}", draw.number, show::draw_facts(&draw.facts()))
        });
        let rate = |typed: &str| Rate::parse(typed).map_or_else(|_| typed.to_owned(), show::rate);
        vec![
            Described::new("原登记", was),
            said(posted, "放款金额", "draw_amount", in_wan),
            said(posted, "执行利率", "draw_rate", rate),
            said(posted, "放款日期", "drawn_on", str::to_owned),
            said(posted, "到期日期", "due_on", str::to_owned),
            said(posted, "合同编号", "contract_no", str::to_owned),
            Described::new(
                "更正后不再放款",
                if posted.has("last") { "是" } else { "否" },
            ),
            typed(posted, "更正原因", "correction_reason"),
        ]
    }

    fn beside(_: &Visit, case: &Case) -> Vec<Described> {
        standing(case)
    }

    fn run(
        uses: Arc<Branch>,
        actor: Actor,
        posted: &Posted,
        shown: Shown,
        intent: Intent,
    ) -> BoxFuture<'static, UseResult<()>> {
        let text = |name: &str| posted.get(name).to_owned();
        let ask = CorrectDraw {
            seen: shown.seen(),
            draw: Uuid::try_parse(posted.get("draw")).ok().map(DrawId),
            amount: text("draw_amount"),
            rate: text("draw_rate"),
            drawn_on: text("drawn_on"),
            due_on: text("due_on"),
            contract_no: text("contract_no"),
            last: posted.has("last"),
            reason: text("correction_reason"),
        };
        Box::pin(async move {
            let asked = uses.lending.correct_draw(&actor, ask, intent).await;
            asked.map_err(at_its_field)
        })
    }
}

/// 更正还款, proposed.
pub(super) struct Repayment;

impl Deed for Repayment {
    type On = Held;

    const PATH: &'static str = "/branch/applications/{id}/correct-repayment";
    const TITLE: &'static str = "更正还款";
    const LEAD: &'static str = "只填写需要更正的项目。须由另一位人员复核后生效，原登记保留在更正记录中，待还本金由系统重新计算。";
    const ASK: &'static str = "要提出这项更正吗？";
    const WARN: &'static str = "另一位人员复核后生效，生效后企业会收到通知。";
    const YES: &'static str = "提出更正";
    const DONE: &'static str = "已提出更正，请另一位人员复核。";

    fn offered(case: &Case, _: &Actor) -> UseResult<()> {
        offered(case.powers.correct_repayment, case)
    }

    fn fields(_: &Visit, case: &Case, form: FormView) -> FormView {
        let options: Vec<Choice> = case
            .repayments
            .iter()
            .map(|one| {
                let label = show::repayment_facts(one.facts());
                let recorded = format!("{} 登记于 {}", one.recorded_name, show::minute(one.at));
                Choice::new(one.id.to_string(), label).hint(recorded)
            })
            .collect();
        form.with(
            Field::radio("repayment", "还款记录")
                .required()
                .options(options)
                .only_option(),
        )
        .with(
            Field::number("principal", "更正后的归还本金（选填）", "元")
                .hint("单位为元，不是万元。不更正的留空。"),
        )
        .with(changed("paid_on", "更正后的还款日期", DAY).maxlength(10))
        .with(reason_field())
    }

    fn summary(_: &Visit, case: &Case, posted: &Posted) -> Vec<Described> {
        let mut repayments = case.repayments.iter();
        let chosen = repayments.find(|one| one.id.to_string() == posted.get("repayment"));
        let was = chosen.map_or_else(String::new, |one| show::repayment_facts(one.facts()));
        vec![
            Described::new("原登记", was),
            said(posted, "归还本金", "principal", in_yuan),
            said(posted, "还款日期", "paid_on", str::to_owned),
            typed(posted, "更正原因", "correction_reason"),
        ]
    }

    fn beside(_: &Visit, case: &Case) -> Vec<Described> {
        standing(case)
    }

    fn run(
        uses: Arc<Branch>,
        actor: Actor,
        posted: &Posted,
        shown: Shown,
        intent: Intent,
    ) -> BoxFuture<'static, UseResult<()>> {
        let text = |name: &str| posted.get(name).to_owned();
        let ask = CorrectRepayment {
            seen: shown.seen(),
            repayment: Uuid::try_parse(posted.get("repayment"))
                .ok()
                .map(RepaymentId),
            principal: text("principal"),
            paid_on: text("paid_on"),
            reason: text("correction_reason"),
        };
        Box::pin(async move {
            let asked = uses.lending.correct_repayment(&actor, ask, intent).await;
            asked.map_err(|error| match error.code {
                "financing.nothing_corrected" => UseError::field("repayment", error.code),
                _ => error,
            })
        })
    }
}

/// 复核更正, confirmed or not.
pub(super) struct Check;

fn waiting(case: &Case) -> Option<&LoanCorrection> {
    open_correction(&case.corrections)
}

/// The correction that waits, row by row.
fn matter(case: &Case) -> Vec<Described> {
    let Some(one) = waiting(case) else {
        return Vec::new();
    };
    let (what, was, now) = sides(&one.change);
    let asked = format!("{} {}", one.asked_name, show::minute(one.asked_at));
    let mut rows = vec![
        Described::new("更正", what),
        Described::new("原登记", was),
        Described::new("更正为", now),
    ];
    if let LoanChange::Draw(_, change) = &one.change {
        let approved = case.record.approved_amount.unwrap_or(Cents::ZERO);
        let others = case.record.drawn.checked_sub(change.was.amount);
        let total = others.and_then(|others| others.checked_add(change.now.amount));
        if let Some(total) = total {
            let more = if change.last || total == approved {
                "更正后不再放款"
            } else {
                "更正后可以继续放款"
            };
            let words = format!("{}，{more}", show::money(total));
            rows.push(Described::new("更正后累计放款", words));
        }
    }
    rows.push(Described::new("更正原因", &one.reason));
    rows.push(Described::new("提出人", asked));
    rows
}

impl Deed for Check {
    type On = Held;

    const PATH: &'static str = "/branch/applications/{id}/check-correction";
    const TITLE: &'static str = "复核更正";
    const LEAD: &'static str =
        "请按合同和放款、还款凭证核对。同意后立即生效，您和提出人都会记入操作记录。";
    const ASK: &'static str = "要同意这项更正吗？";
    const WARN: &'static str = "同意后立即生效，企业会收到通知，可以看到更正前后的内容。";
    const YES: &'static str = "同意更正";
    const DONE: &'static str = "已更正，企业会收到通知。";
    const WEIGHS: bool = true;

    fn offered(case: &Case, actor: &Actor) -> UseResult<()> {
        let Some(one) = waiting(case) else {
            return Err(none_waits(&case.corrections));
        };
        if one.asked_by == actor.user {
            return Err(UseError::conflict("lending.correction_same_person"));
        }
        if !case.powers.check_correction {
            return Err(UseError::denied());
        }
        Ok(())
    }

    fn fields(_: &Visit, _: &Case, form: FormView) -> FormView {
        form.with(verdict("同意更正", "不同意，保持原登记"))
    }

    fn question(_: &Case, posted: &Posted) -> Question {
        if said_yes(posted) {
            return Self::QUESTION;
        }
        Question {
            ask: "要答复不同意更正吗？",
            warn: "原登记保持不变。",
            yes: "不同意更正",
            danger: false,
        }
    }

    fn summary(_: &Visit, case: &Case, _: &Posted) -> Vec<Described> {
        matter(case)
    }

    fn beside(_: &Visit, case: &Case) -> Vec<Described> {
        let mut rows = matter(case);
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
        let ask = SettleLoanCorrection {
            seen: shown.seen(),
            verdict: posted.get("verdict").to_owned(),
        };
        Box::pin(async move { uses.lending.settle_correction(&actor, ask, intent).await })
    }

    fn done(posted: &Posted) -> &'static str {
        if said_yes(posted) {
            Self::DONE
        } else {
            "已答复不同意更正，原登记保持不变。"
        }
    }
}

/// 撤回更正, by whoever proposed it.
pub(super) struct TakeBack;

impl Deed for TakeBack {
    type On = Held;

    const PATH: &'static str = "/branch/applications/{id}/withdraw-correction";
    const TITLE: &'static str = "撤回更正";
    const LEAD: &'static str = "撤回后不再复核，原登记保持不变。需要时可以重新提出更正。";
    const ASK: &'static str = "要撤回这项更正吗？";
    const WARN: &'static str = "撤回后原登记保持不变。";
    const YES: &'static str = "撤回更正";
    const DONE: &'static str = "已撤回，原登记保持不变。";

    fn offered(case: &Case, actor: &Actor) -> UseResult<()> {
        let one = waiting(case).ok_or_else(|| none_waits(&case.corrections))?;
        if one.asked_by != actor.user {
            return Err(UseError::conflict("two_people.not_the_asker"));
        }
        if !case.powers.withdraw_correction {
            return Err(UseError::denied());
        }
        Ok(())
    }

    fn fields(_: &Visit, _: &Case, form: FormView) -> FormView {
        form.with(withdraw_field())
    }

    fn summary(_: &Visit, case: &Case, posted: &Posted) -> Vec<Described> {
        let mut rows = matter(case);
        rows.push(typed(posted, "撤回原因", "withdraw_reason"));
        rows
    }

    fn beside(_: &Visit, case: &Case) -> Vec<Described> {
        let mut rows = matter(case);
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
        let ask = WithdrawLoanCorrection {
            seen: shown.seen(),
            reason: posted.get("withdraw_reason").to_owned(),
        };
        Box::pin(async move { uses.lending.withdraw_correction(&actor, ask, intent).await })
    }
}
