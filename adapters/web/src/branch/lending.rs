//! 放款登记, 还款登记, 结清 and the answer to a doubt.

use std::sync::Arc;

use application::{
    access::Actor,
    dossier::Case,
    error::{UseError, UseResult},
    lending::{
        AnswerDispute, Owed, RecordDraw, RecordRepayment, SettleLoan, open_correction,
        open_disputes,
    },
    ports::lending::StoredDraw,
    review::Intent,
};
use domain::{
    financing::Stage,
    ids::DrawId,
    values::{Cents, Rate},
};
use futures::future::BoxFuture;
use uuid::Uuid;

use super::{Branch, ground::Held, show};
use crate::{
    deed::{Deed, Shown, allowed, barred, typed},
    forms::{Choice, Field, FormView},
    matter,
    parts::Described,
    posted::Posted,
    visit::Visit,
};

fn day_field(name: &str, label: &str, hint: &str) -> Field {
    Field::text(name, label)
        .required()
        .hint(format!("按 年-月-日 填写，如 2027-03-31。{hint}"))
        .maxlength(10)
        .width("m")
        .autocomplete("off")
}

fn left(case: &Case) -> Cents {
    let approved = case.record.approved_amount.unwrap_or(Cents::ZERO);
    approved
        .checked_sub(case.record.drawn)
        .unwrap_or(Cents::ZERO)
}

/// What is approved, drawn and owed, beside every form of a loan.
pub(super) fn standing(case: &Case) -> Vec<Described> {
    let record = &case.record;
    let mut rows = matter::asked(record);
    rows.truncate(3);
    let approved = record
        .approved_amount
        .map_or_else(|| "-".to_owned(), show::money);
    rows.push(Described::new("批准金额", approved));
    if let Some(day) = record.approval_valid_until {
        rows.push(Described::new("额度有效期至", day.to_string()));
    }
    rows.push(Described::new("累计放款", show::money(record.drawn)));
    rows.push(Described::new("待还本金", show::money(case.owed())));
    rows
}

/// 放款登记 (rows 25 and 26).
pub(super) struct Draw;

impl Deed for Draw {
    type On = Held;

    const PATH: &'static str = "/branch/applications/{id}/disburse";
    const TITLE: &'static str = "放款登记";
    const LEAD: &'static str =
        "一笔一登，各笔合计不超过批准金额。企业会收到通知，并确认放款是否无误。";
    const ASK: &'static str = "要登记这笔放款吗？";
    const WARN: &'static str = "登记后企业会收到通知。登记有误的，须由另一位人员复核后才能更正。";
    const YES: &'static str = "登记放款";
    const DONE: &'static str = "放款已登记，企业会收到通知。";

    fn offered(case: &Case, _: &Actor) -> UseResult<()> {
        allowed(case.powers.disburse, &case.record)
    }

    fn fields(_: &Visit, case: &Case, form: FormView) -> FormView {
        let rate = case
            .record
            .approved_rate
            .map_or_else(String::new, Rate::percent);
        form.with(
            Field::number("draw_amount", "放款金额", "万元")
                .required()
                .placeholder("单位为万元，如 80.00")
                .hint(format!(
                    "单位为万元，10,000 元填 1。还可放款 {}",
                    show::money_both(left(case))
                ))
                .value(left(case).format_wan_short()),
        )
        .with(
            Field::number("draw_rate", "执行利率", "%/年")
                .required()
                .hint(case.record.approved_rate.map_or_else(
                    || "最多两位小数".to_owned(),
                    |approved| format!("批准利率 {}，最多两位小数", show::rate(approved)),
                ))
                .value(rate),
        )
        .with(day_field("drawn_on", "放款日期", "不能晚于今天。"))
        .with(day_field(
            "due_on",
            "到期日期",
            &case.record.approved_term.map_or_else(String::new, |term| {
                format!("批准期限 {}。", show::term(term))
            }),
        ))
        .with(
            Field::text("contract_no", "合同编号")
                .required()
                .maxlength(60)
                .autocomplete("off"),
        )
        .with(
            Field::checkbox("last", "这是最后一笔，之后不再放款")
                .hint("合计达到批准金额时无需勾选。")
                .value("1"),
        )
    }

    fn summary(_: &Visit, _: &Case, posted: &Posted) -> Vec<Described> {
        let typed_rate = posted.get("draw_rate");
        let rate = Rate::parse(typed_rate).map_or_else(|_| typed_rate.to_owned(), show::rate);
        vec![
            Described::new("放款金额", in_wan(posted.get("draw_amount"))),
            Described::new("执行利率", rate),
            typed(posted, "放款日期", "drawn_on"),
            typed(posted, "到期日期", "due_on"),
            typed(posted, "合同编号", "contract_no"),
            Described::new("最后一笔", if posted.has("last") { "是" } else { "否" }),
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
        let ask = RecordDraw {
            seen: shown.seen(),
            amount: text("draw_amount"),
            rate: text("draw_rate"),
            drawn_on: text("drawn_on"),
            due_on: text("due_on"),
            contract_no: text("contract_no"),
            last: posted.has("last"),
        };
        Box::pin(async move {
            let drawn = uses.lending.draw(&actor, ask, intent).await;
            drawn.map_err(at_its_field)
        })
    }

    fn warned(case: &Case, posted: &Posted) -> String {
        let typed = Rate::parse(posted.get("draw_rate")).ok();
        match (typed, case.record.approved_rate) {
            (Some(typed), Some(approved)) if typed != approved => format!(
                "执行利率 {} 与批准利率 {} 不一致，请核对后再登记。",
                show::rate(typed),
                show::rate(approved)
            ),
            _ => String::new(),
        }
    }
}

/// An amount as typed, the way every page writes it; what is no amount stays as it was typed.
pub(super) fn in_wan(typed: &str) -> String {
    let typed = typed.trim();
    match typed.strip_suffix('元') {
        Some(yuan) if !yuan.ends_with('万') => in_yuan(yuan),
        _ => Cents::parse_wan(typed).map_or_else(|_| format!("{typed} 万元"), show::money_both),
    }
}

pub(super) fn in_yuan(typed: &str) -> String {
    Cents::parse_yuan(typed).map_or_else(|_| format!("{typed} 元"), show::money_both)
}

/// What the transition itself refuses stands beside the field that it is about, and nothing typed is lost.
pub(super) fn at_its_field(error: UseError) -> UseError {
    let field = match error.code {
        "financing.draw_too_large" => "draw_amount",
        "financing.draw_date_wrong" => "drawn_on",
        "financing.nothing_corrected" => "draw",
        _ => return error,
    };
    UseError::field(field, error.code)
}

/// What the form of a repayment was drawn with.
const OWED: &str = "owed_cents";

/// 还款登记.
pub(super) struct Repay;

impl Deed for Repay {
    type On = Held;

    const PATH: &'static str = "/branch/applications/{id}/repay";
    const TITLE: &'static str = "还款登记";
    const LEAD: &'static str = "登记企业归还的本金，待还本金由系统计算。";
    const ASK: &'static str = "要登记这笔还款吗？";
    const WARN: &'static str = "登记后企业会收到通知。登记有误的，须由另一位人员复核后才能更正。";
    const YES: &'static str = "登记还款";
    const DONE: &'static str = "还款已登记。";

    fn offered(case: &Case, _: &Actor) -> UseResult<()> {
        allowed(case.powers.repay, &case.record)
    }

    fn fields(_: &Visit, case: &Case, form: FormView) -> FormView {
        form.with(
            Field::number("principal", "归还本金", "元")
                .required()
                .placeholder("单位为元，如 20000.00")
                .hint(format!(
                    "单位为元，不是万元。待还本金 {}",
                    show::money_both(case.owed())
                )),
        )
        // Two forms of one page must not count twice: a repayment moves what is owed, not the version.
        .with(Field::hidden(OWED, case.owed().cents().to_string()))
        .with(day_field(
            "paid_on",
            "还款日期",
            "不能早于首笔放款，不能晚于今天。",
        ))
    }

    fn summary(_: &Visit, _: &Case, posted: &Posted) -> Vec<Described> {
        vec![
            Described::new("归还本金", in_yuan(posted.get("principal"))),
            typed(posted, "还款日期", "paid_on"),
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
        let ask = RecordRepayment {
            seen: shown.seen(),
            principal: posted.get("principal").to_owned(),
            paid_on: posted.get("paid_on").to_owned(),
            owed: Owed::Seen(posted.get(OWED).parse().unwrap_or(-1)),
        };
        Box::pin(async move { uses.lending.repay(&actor, ask, intent).await })
    }
}

/// 结清 (row 28).
pub(super) struct Settle;

impl Deed for Settle {
    type On = Held;

    const PATH: &'static str = "/branch/applications/{id}/settle";
    const TITLE: &'static str = "结清登记";
    const LEAD: &'static str = "本金已全部归还，登记结清后这笔融资需求办结。";
    const ASK: &'static str = "要登记结清吗？";
    const WARN: &'static str = "结清后这笔融资需求办结，不能再登记放款或还款。";
    const YES: &'static str = "登记结清";
    const DONE: &'static str = "已登记结清，企业会收到通知。";

    fn offered(case: &Case, _: &Actor) -> UseResult<()> {
        if open_correction(&case.corrections).is_some() {
            return Err(UseError::conflict("lending.correction_open"));
        }
        if case.record.stage == Stage::Disbursed
            && let Some(open) = open_disputes(&case.draws)
        {
            return Err(open);
        }
        if case.powers.settle {
            return Ok(());
        }
        if case.record.stage == Stage::Disbursed && case.owed() > Cents::ZERO {
            return Err(UseError::conflict("financing.balance_open"));
        }
        Err(barred(&case.record))
    }

    fn fields(_: &Visit, case: &Case, form: FormView) -> FormView {
        form.with(Field::fixed("owed", "待还本金", show::money(case.owed())))
    }

    fn summary(_: &Visit, case: &Case, _: &Posted) -> Vec<Described> {
        vec![
            Described::new("累计放款", show::money(case.record.drawn)),
            Described::new("待还本金", show::money(case.owed())),
        ]
    }

    fn beside(_: &Visit, case: &Case) -> Vec<Described> {
        standing(case)
    }

    fn warned(case: &Case, _: &Posted) -> String {
        let unconfirmed = case.draws.iter().filter(|draw| draw.confirmed_at.is_none());
        let names: Vec<String> = unconfirmed.map(name).collect();
        if names.is_empty() {
            return String::new();
        }
        format!(
            "企业还没有确认这些放款：{}。结清后企业不能再确认或提出异议。",
            names.join("；")
        )
    }

    fn run(
        uses: Arc<Branch>,
        actor: Actor,
        _: &Posted,
        shown: Shown,
        intent: Intent,
    ) -> BoxFuture<'static, UseResult<()>> {
        Box::pin(async move {
            uses.lending
                .settle(&actor, SettleLoan { seen: shown.seen() }, intent)
                .await
        })
    }
}

/// 答复异议.
pub(super) struct Reply;

fn disputed(case: &Case) -> impl Iterator<Item = &StoredDraw> {
    case.draws.iter().filter(|draw| draw.is_disputed())
}

fn name(draw: &StoredDraw) -> String {
    format!(
        "第 {} 笔，{}，{}",
        draw.number,
        show::money(draw.amount),
        draw.on
    )
}

impl Deed for Reply {
    type On = Held;

    const PATH: &'static str = "/branch/applications/{id}/dispute";
    const TITLE: &'static str = "答复异议";
    const LEAD: &'static str = "请核实企业提出的异议，并写明核实情况。答复将展示给企业。";
    const ASK: &'static str = "要这样答复企业吗？";
    const WARN: &'static str = "答复将展示给企业，企业会收到通知。";
    const YES: &'static str = "答复企业";
    const DONE: &'static str = "已答复，企业会收到通知。";

    fn offered(case: &Case, _: &Actor) -> UseResult<()> {
        allowed(case.powers.answer_dispute, &case.record)
    }

    fn fields(_: &Visit, case: &Case, form: FormView) -> FormView {
        let options: Vec<Choice> = disputed(case)
            .map(|draw| Choice::new(draw.id.to_string(), name(draw)).hint(&draw.dispute))
            .collect();
        let first = disputed(case)
            .next()
            .map_or_else(String::new, |d| d.id.to_string());
        form.with(
            Field::radio("draw", "放款记录")
                .required()
                .options(options)
                .value(first),
        )
        .with(
            Field::textarea("settled_note", "核实情况")
                .required()
                .hint("展示给企业，最多 300 个字。")
                .rows(4)
                .maxlength(300),
        )
    }

    fn summary(_: &Visit, case: &Case, posted: &Posted) -> Vec<Described> {
        let chosen = disputed(case).find(|draw| draw.id.to_string() == posted.get("draw"));
        vec![
            Described::new("放款记录", chosen.map_or_else(String::new, name)),
            Described::new("企业异议", chosen.map_or("", |d| d.dispute.as_str())),
            typed(posted, "核实情况", "settled_note"),
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
        let ask = AnswerDispute {
            seen: shown.seen(),
            draw: Uuid::try_parse(posted.get("draw")).ok().map(DrawId),
            note: posted.get("settled_note").to_owned(),
        };
        Box::pin(async move { uses.lending.answer_dispute(&actor, ask, intent).await })
    }
}
