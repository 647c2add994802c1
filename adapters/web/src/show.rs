//! How every page writes times, money, clocks and states: one table from state to word and colour.

use application::{
    city::City,
    desk::Promise,
    ports::{branch_board::Urgency, financing_applications::RelatedApplication},
};
use domain::{
    calendar::SHANGHAI,
    deferral::DeferralStatus,
    financing::{
        ApplicationEvent, ApplicationRecord, ClockKind, ClockLevel, DisbursementStatus, DrawFacts,
        EventDetail, IntakeStatus, RepaymentFacts, ReviewStatus, Stage, Verb,
    },
    values::{Cents, Rate, Term, TermUnit},
};
use time::{Duration, OffsetDateTime, macros::format_description};

use crate::parts::{Cell, Described, Tag, TagKind};

/// What nobody filled in is a dash.
pub fn or_dash(text: &str) -> &str {
    if text.is_empty() { "-" } else { text }
}

/// `2026-03-05 09:30`.
pub fn minute(at: OffsetDateTime) -> String {
    at.to_offset(SHANGHAI)
        .format(format_description!("[year]-[month]-[day] [hour]:[minute]"))
        .unwrap_or_default()
}

/// `2026-03-05 09:30:00` (M-510).
pub fn second(at: Option<OffsetDateTime>) -> String {
    at.and_then(|at| {
        at.to_offset(SHANGHAI)
            .format(format_description!(
                "[year]-[month]-[day] [hour]:[minute]:[second]"
            ))
            .ok()
    })
    .unwrap_or_default()
}

/// `300.00 万元`.
pub fn money(amount: Cents) -> String {
    format!("{} 万元", amount.format_wan())
}

/// An amount that was or will be typed in 元, in the way of every page and as typed: `30.00 万元（300,000.00 元）`.
pub fn money_both(amount: Cents) -> String {
    format!("{}（{} 元）", money(amount), amount.format_yuan())
}

/// `2026-12-31（周四）`.
pub fn weekday(day: time::Date) -> String {
    let name = match day.weekday() {
        time::Weekday::Monday => "一",
        time::Weekday::Tuesday => "二",
        time::Weekday::Wednesday => "三",
        time::Weekday::Thursday => "四",
        time::Weekday::Friday => "五",
        time::Weekday::Saturday => "六",
        time::Weekday::Sunday => "日",
    };
    format!("{day}（周{name}）")
}

/// `3.75%/年`.
pub fn rate(rate: Rate) -> String {
    format!("{}%/年", rate.percent())
}

/// `3 年`, `6 个月`.
pub fn term(term: Term) -> String {
    format!("{} {}", term.value(), unit(term.unit()))
}

pub fn unit(unit: TermUnit) -> &'static str {
    match unit {
        TermUnit::Month => "个月",
        TermUnit::Year => "年",
    }
}

pub fn intake_tag(status: IntakeStatus) -> Tag {
    let kind = match status {
        IntakeStatus::Pending => TagKind::Warning,
        IntakeStatus::Accepted => TagKind::Info,
        IntakeStatus::NeverAccepted => TagKind::Neutral,
    };
    Tag::new(status.zh(), kind)
}

pub fn review_tag(status: ReviewStatus) -> Tag {
    let kind = match status {
        ReviewStatus::Pending | ReviewStatus::SupplementAsked => TagKind::Warning,
        ReviewStatus::Approved => TagKind::Success,
        ReviewStatus::Rejected => TagKind::Danger,
        ReviewStatus::Withdrawn | ReviewStatus::Expired => TagKind::Neutral,
    };
    Tag::new(status.zh(), kind)
}

/// 放款状态† beside the manual's two columns, where there is something to say.
pub fn loan_tag(stage: Stage) -> Option<Tag> {
    let status = stage.disbursement();
    let kind = match status {
        DisbursementStatus::None => return None,
        DisbursementStatus::Waiting => TagKind::Warning,
        DisbursementStatus::Partly => TagKind::Info,
        DisbursementStatus::Done | DisbursementStatus::Settled => TagKind::Success,
        DisbursementStatus::NotDrawn => TagKind::Neutral,
    };
    Some(Tag::new(status.zh(), kind))
}

/// Where a 延期申请 stands.
pub fn deferral_tag(status: DeferralStatus) -> Tag {
    let kind = match status {
        DeferralStatus::Open | DeferralStatus::Proposed => TagKind::Warning,
        DeferralStatus::Agreed => TagKind::Success,
        DeferralStatus::Declined => TagKind::Danger,
        DeferralStatus::Withdrawn | DeferralStatus::Lapsed => TagKind::Neutral,
    };
    Tag::new(status.zh(), kind)
}

/// 续贷, a flag of its own beside the two columns.
pub fn renewal_tag(record: &ApplicationRecord) -> Option<Tag> {
    record.renews.map(|_| Tag::new("续贷", TagKind::Info))
}

/// The facts of an event in words: terms, branch, holder, draw.
pub fn event_facts(detail: &EventDetail) -> Option<String> {
    Some(match detail {
        EventDetail::None => return None,
        EventDetail::Holder { name, .. } => format!("客户经理：{name}"),
        EventDetail::Supplement { labels, .. } if labels.is_empty() => return None,
        EventDetail::Supplement { round, labels } => {
            format!("第 {round} 次，需补充：{}", labels.join("、"))
        }
        EventDetail::Terms {
            amount,
            rate: percent,
            term: span,
            valid_until,
        } => format!(
            "批准 {}，{}，{}，有效期至 {valid_until}",
            money(*amount),
            term(*span),
            rate(*percent)
        ),
        EventDetail::Branch {
            from_name, to_name, ..
        } => format!("由{from_name}转至{to_name}"),
        EventDetail::Proposal {
            amount,
            rate: percent,
            term: span,
            valid_until,
            steps,
            ..
        } => format!(
            "拟批准 {}，{}，{}，有效期至 {valid_until}，共 {} 级审批",
            money(*amount),
            term(*span),
            rate(*percent),
            steps.len()
        ),
        EventDetail::Signed { step, steps, .. } => format!("第 {step} 级，共 {steps} 级"),
        EventDetail::Draw {
            number,
            amount,
            on,
            contract_no,
            total,
            ..
        } => format!(
            "第 {number} 笔 {}，放款日 {on}，合同编号 {contract_no}，累计 {}",
            money(*amount),
            money(*total)
        ),
        EventDetail::DrawCorrected {
            number,
            was,
            now,
            total,
            second,
        } => format!(
            "第 {number} 笔原登记：{}。更正为：{}。累计 {}{}",
            draw_facts(was),
            draw_facts(now),
            money(*total),
            checked_by(second)
        ),
        EventDetail::RepaymentCorrected { was, now, second } => format!(
            "原登记：{}。更正为：{}{}",
            repayment_facts(*was),
            repayment_facts(*now),
            checked_by(second)
        ),
        EventDetail::Second { name } => format!("复核人：{name}"),
    })
}

/// The second person of a correction, where the reader may know.
fn checked_by(second: &str) -> String {
    if second.is_empty() {
        return String::new();
    }
    format!("。复核人：{second}")
}

/// What a draw says, in one line.
pub fn draw_facts(facts: &DrawFacts) -> String {
    let due = facts
        .due_on
        .map_or_else(String::new, |day| format!("，到期日 {day}"));
    format!(
        "{}，{}，放款日 {}{due}，合同编号 {}",
        money(facts.amount),
        rate(facts.rate),
        facts.on,
        facts.contract_no
    )
}

/// What a repayment says, in one line.
pub fn repayment_facts(facts: RepaymentFacts) -> String {
    format!(
        "归还本金 {} 元，还款日 {}",
        facts.principal.format_yuan(),
        facts.on
    )
}

/// The words of coded reasons.
pub fn reasons(city: &City, codes: &[String]) -> String {
    let label = |code: &String| {
        let refused = city.rejection_reasons.iter().map(|r| (&r.code, &r.label));
        let declined = city.intake_refusals.iter().map(|r| (&r.code, &r.label));
        let mut known = refused.chain(declined);
        known
            .find(|(known, _)| *known == code)
            .map_or_else(|| code.clone(), |(_, label)| label.clone())
    };
    codes.iter().map(label).collect::<Vec<_>>().join("、")
}

/// Time that passes on working days only says so: beside a date it would seem wrong before a day off.
fn left_words(urgency: Urgency) -> String {
    if !urgency.working {
        return span(urgency.left, "天");
    }
    let words = span(urgency.left, "个工作日");
    if urgency.left.abs() < Duration::DAY {
        return format!("{words}（工作日）");
    }
    words
}

fn span(left: Duration, day: &str) -> String {
    let left = left.abs();
    let (days, hours, minutes) = (
        left.whole_days(),
        left.whole_hours() % 24,
        left.whole_minutes() % 60,
    );
    match (days, hours, minutes) {
        (0, 0, minutes) => format!("{} 分钟", minutes.max(1)),
        (0, hours, 0) => format!("{hours} 小时"),
        (0, hours, minutes) => format!("{hours} 小时 {minutes} 分钟"),
        (days, 0, _) => format!("{days} {day}"),
        (days, hours, _) => format!("{days} {day} {hours} 小时"),
    }
}

/// 剩余时间 in words, amber at half, red at four fifths, then overdue (B3).
pub fn urgency_tag(urgency: Urgency) -> Tag {
    let left = left_words(urgency);
    match urgency.level {
        ClockLevel::Overdue => Tag::new(
            format!("已超时 {}", span(urgency.left, "天")),
            TagKind::Danger,
        ),
        ClockLevel::Red => Tag::new(format!("即将到期，剩余 {left}"), TagKind::Danger),
        ClockLevel::Amber => Tag::new(format!("剩余 {left}"), TagKind::Warning),
        ClockLevel::Calm => Tag::new(format!("剩余 {left}"), TagKind::Neutral),
    }
}

/// What tells two enterprises of one name apart: the last six signs of the 统一社会信用代码; nothing while it is not known.
pub fn code_tail(credit_code: &str) -> String {
    let signs = credit_code.chars().count();
    if signs == 0 {
        return String::new();
    }
    let tail: String = credit_code.chars().skip(signs.saturating_sub(6)).collect();
    format!("信用代码尾号 {tail}")
}

/// A promise that nobody can date: the notice of that year's holidays is not out yet.
pub const DUE_UNKNOWN: &str = "已超出日历范围，时限待定";

/// What a promise is called.
pub const fn promise_name(kind: ClockKind) -> &'static str {
    match kind {
        ClockKind::Accept => "接单时限",
        ClockKind::Dispatch => "改派时限",
        ClockKind::Contact => "首次联系时限",
        ClockKind::Decision => "审核时限",
        ClockKind::Disburse => "放款时限",
        ClockKind::Supplement => "补充材料时限",
    }
}

/// How urgent a promise is.
pub fn promise_tag(promise: &Promise) -> Tag {
    promise.due.map_or_else(
        || Tag::new("时限待定", TagKind::Neutral),
        |(_, urgency)| urgency_tag(urgency),
    )
}

/// Until when: `2026-03-05 09:30 前`.
pub fn promise_time(promise: &Promise) -> String {
    promise.due.map_or_else(
        || DUE_UNKNOWN.to_owned(),
        |(due, _)| format!("{} 前", minute(due)),
    )
}

/// In one line of a list: `接单时限 2026-03-05 09:30，剩余 3 小时`.
pub fn promise_line(promise: &Promise) -> String {
    promise.due.map_or_else(
        || DUE_UNKNOWN.to_owned(),
        |(due, urgency)| {
            let left = urgency_tag(urgency).label;
            format!("{} {}，{left}", promise_name(promise.kind), minute(due))
        },
    )
}

/// 承诺时限: one line for every promise that runs.
pub fn promise_rows(promises: &[Promise]) -> Vec<Described> {
    promises
        .iter()
        .map(|promise| {
            let tag = promise_tag(promise);
            let cell = Cell::tag(tag.label, tag.kind).second(promise_time(promise));
            Described::cell(promise_name(promise.kind), cell)
        })
        .collect()
}

/// 当前办理: who has it, and since when (W11); nobody once it is over.
pub fn custody(
    record: &ApplicationRecord,
    events: &[ApplicationEvent],
) -> Option<(String, Option<OffsetDateTime>)> {
    let last = |verbs: &[Verb]| {
        let event = events.iter().rev().find(|e| verbs.contains(&e.verb));
        event.map(|e| e.at)
    };
    let holder = format!("客户经理 {}", record.holder_name);
    Some(match record.stage {
        Stage::Submitted => (record.handler_name.clone(), record.intake_since),
        Stage::ReturnedToHq => (
            "金融机构总部".to_owned(),
            last(&[Verb::DeclineIntake, Verb::IntakeTimeout]).or(Some(record.updated_at)),
        ),
        Stage::Accepted | Stage::DueDiligence => (
            holder,
            last(&[Verb::Accept, Verb::HandOver]).or(record.accepted_at),
        ),
        Stage::NeedSupplement => ("企业（待补充材料）".to_owned(), record.paused_at),
        Stage::InApproval => (
            "审批人员".to_owned(),
            last(&[
                Verb::SubmitForApproval,
                Verb::AgreeStep,
                Verb::Reconsider,
                Verb::CorrectMistake,
                Verb::AnswerSupplement,
            ]),
        ),
        Stage::Approved | Stage::Disbursing => (holder, record.decided_at),
        _ => return None,
    })
}

/// `客户经理 钱云诚，自 2026-03-05 09:30 起`.
pub fn custody_text(record: &ApplicationRecord, events: &[ApplicationEvent]) -> String {
    custody(record, events).map_or_else(String::new, |(who, since)| match since {
        Some(since) => format!("{who}，自 {} 起", minute(since)),
        None => who,
    })
}

/// 上一笔申请 and 再次申请 (row 32), 原申请编号 and 续贷申请 (W18), each with the way to it.
pub fn related_rows(related: &[RelatedApplication], list: &str) -> Vec<Described> {
    related
        .iter()
        .map(|one| {
            let word = match (one.earlier, one.renewal) {
                (true, true) => "原申请编号",
                (false, true) => "续贷申请",
                (true, false) => "上一笔申请",
                (false, false) => "再次申请",
            };
            Described::cell(word, Cell::link(&one.number, format!("{list}/{}", one.id)))
        })
        .collect()
}

/// 申请编号, as titles and breadcrumbs name it.
pub(crate) fn number(record: &ApplicationRecord) -> String {
    record
        .number
        .as_ref()
        .map_or_else(String::new, ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(level: ClockLevel, left: Duration, working: bool) -> String {
        urgency_tag(Urgency {
            level,
            left,
            working,
        })
        .label
    }

    #[test]
    fn the_time_left_is_said_in_words() {
        assert_eq!(
            tag(ClockLevel::Calm, Duration::hours(23), true),
            "剩余 23 小时（工作日）"
        );
        assert_eq!(
            tag(ClockLevel::Amber, Duration::minutes(26 * 60), true),
            "剩余 1 个工作日 2 小时"
        );
        assert_eq!(
            tag(ClockLevel::Red, Duration::minutes(75), true),
            "即将到期，剩余 1 小时 15 分钟（工作日）"
        );
        assert_eq!(
            tag(ClockLevel::Overdue, Duration::hours(-50), true),
            "已超时 2 天 2 小时"
        );
        assert_eq!(
            tag(ClockLevel::Calm, Duration::days(14), false),
            "剩余 14 天"
        );
        assert_eq!(
            tag(ClockLevel::Red, Duration::seconds(5), true),
            "即将到期，剩余 1 分钟（工作日）"
        );
    }

    #[test]
    fn instants_are_written_in_the_time_of_the_city() {
        let at = time::macros::datetime!(2026-03-05 01:30:07 UTC);
        assert_eq!(minute(at), "2026-03-05 09:30");
        assert_eq!(second(Some(at)), "2026-03-05 09:30:07");
    }
}
