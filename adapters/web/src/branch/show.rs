//! How the console writes times, money, clocks and states.

use application::{city::City, ports::branch_board::Urgency};
use domain::{
    calendar::SHANGHAI,
    financing::{ApplicationRecord, ClockLevel, IntakeStatus, ReviewStatus, Stage, columns},
    values::{Cents, Rate, Term},
};
use time::{Duration, OffsetDateTime, macros::format_description};

use crate::parts::{Cell, Tag, TagKind};

/// `2026-03-05 09:30`.
pub(super) fn minute(at: OffsetDateTime) -> String {
    at.to_offset(SHANGHAI)
        .format(format_description!("[year]-[month]-[day] [hour]:[minute]"))
        .unwrap_or_default()
}

pub(super) fn minute_or(at: Option<OffsetDateTime>, otherwise: &str) -> String {
    at.map_or_else(|| otherwise.to_owned(), minute)
}

/// `1,000.00 万元`.
pub(super) fn money(amount: Cents) -> String {
    format!("{} 万元", amount.format_wan())
}

/// `3.45%/年`.
pub(super) fn rate(rate: Rate) -> String {
    format!("{}%/年", rate.percent())
}

/// `3 年`, `6 个月`.
pub(super) fn term(term: Term) -> String {
    let unit = match term.unit().label() {
        "月" => "个月",
        other => other,
    };
    format!("{} {unit}", term.value())
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
pub(super) fn urgency_tag(urgency: Urgency) -> Tag {
    let day = if urgency.working {
        "个工作日"
    } else {
        "天"
    };
    match urgency.level {
        ClockLevel::Overdue => Tag::new(
            format!("已超时 {}", span(urgency.left, "天")),
            TagKind::Danger,
        ),
        ClockLevel::Red => Tag::new(
            format!("即将到期，剩余 {}", span(urgency.left, day)),
            TagKind::Danger,
        ),
        ClockLevel::Amber => Tag::new(
            format!("剩余 {}", span(urgency.left, day)),
            TagKind::Warning,
        ),
        ClockLevel::Calm => Tag::new(
            format!("剩余 {}", span(urgency.left, day)),
            TagKind::Neutral,
        ),
    }
}

pub(super) fn urgency_cell(urgency: Option<Urgency>, due: Option<OffsetDateTime>) -> Cell {
    match (urgency, due) {
        (Some(urgency), Some(due)) => {
            let tag = urgency_tag(urgency);
            Cell::tag(tag.label, tag.kind).second(format!("截止 {}", minute(due)))
        }
        _ => Cell::text("-"),
    }
}

/// What the running clock waits for.
pub(super) const fn clock_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Submitted | Stage::ReturnedToHq => "接单",
        Stage::NeedSupplement => "企业补充材料",
        Stage::Approved => "放款",
        Stage::Accepted => "首次联系企业",
        _ => "审核",
    }
}

pub(super) fn intake_tag(status: IntakeStatus) -> Tag {
    let kind = match status {
        IntakeStatus::Pending => TagKind::Warning,
        IntakeStatus::Accepted => TagKind::Info,
        IntakeStatus::NeverAccepted => TagKind::Neutral,
    };
    Tag::new(status.zh(), kind)
}

pub(super) fn review_tag(status: ReviewStatus) -> Tag {
    let kind = match status {
        ReviewStatus::Pending | ReviewStatus::SupplementAsked => TagKind::Warning,
        ReviewStatus::Approved => TagKind::Success,
        ReviewStatus::Rejected => TagKind::Danger,
        ReviewStatus::Withdrawn | ReviewStatus::Expired => TagKind::Neutral,
    };
    Tag::new(status.zh(), kind)
}

pub(super) fn state_cells(stage: Stage, ever_accepted: bool) -> [Cell; 2] {
    columns(stage, ever_accepted).map_or_else(
        || [Cell::text("-"), Cell::text("-")],
        |(intake, review)| {
            [intake_tag(intake), review_tag(review)].map(|tag| Cell::tag(tag.label, tag.kind))
        },
    )
}

/// The words of coded reasons.
pub(super) fn reasons(city: &City, codes: &[String]) -> String {
    let label = |code: &String| {
        city.rejection_reasons
            .iter()
            .find(|r| r.code == *code)
            .map_or_else(|| code.clone(), |r| r.label.clone())
    };
    codes.iter().map(label).collect::<Vec<_>>().join("、")
}

/// 申请编号, as titles and breadcrumbs name it.
pub(super) fn number(record: &ApplicationRecord) -> String {
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
            "剩余 23 小时"
        );
        assert_eq!(
            tag(ClockLevel::Amber, Duration::minutes(26 * 60), true),
            "剩余 1 个工作日 2 小时"
        );
        assert_eq!(
            tag(ClockLevel::Red, Duration::minutes(75), true),
            "即将到期，剩余 1 小时 15 分钟"
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
            "即将到期，剩余 1 分钟"
        );
    }
}
