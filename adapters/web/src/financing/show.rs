//! How the enterprise's pages write money, times, clocks and states: one table from state to word and colour.

use application::{city::City, ports::branch_board::Urgency};
use domain::{
    calendar::SHANGHAI,
    financing::{ClockLevel, FinancingApplication, IntakeStatus, ReviewStatus, Stage},
    values::{Cents, Rate, Term, TermUnit},
};
use time::{Duration, OffsetDateTime, macros::format_description};

use crate::parts::{Tag, TagKind};

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

/// The two columns as tags.
pub fn tags(application: &FinancingApplication) -> Vec<Tag> {
    application
        .columns()
        .map_or_else(Vec::new, |(intake, review)| {
            vec![intake_tag(intake), review_tag(review)]
        })
}

pub fn number(application: &FinancingApplication) -> String {
    let number = application.record().number.as_ref();
    number.map_or(String::new(), ToString::to_string)
}

/// The words of coded reasons.
pub fn reasons(city: &City, codes: &[String]) -> String {
    let label = |code: &String| {
        let known = city.rejection_reasons.iter().find(|r| r.code == *code);
        known.map_or_else(|| code.clone(), |r| r.label.clone())
    };
    codes.iter().map(label).collect::<Vec<_>>().join("、")
}

fn span(left: Duration, day: &str) -> String {
    let left = left.abs();
    match (left.whole_days(), left.whole_hours() % 24) {
        (0, 0) => format!("{} 分钟", left.whole_minutes().max(1)),
        (0, hours) => format!("{hours} 小时"),
        (days, 0) => format!("{days} {day}"),
        (days, hours) => format!("{days} {day} {hours} 小时"),
    }
}

/// The time left in words; amber and red are words too.
pub fn urgency(urgency: Urgency) -> Tag {
    let day = if urgency.working {
        "个工作日"
    } else {
        "天"
    };
    let left = span(urgency.left, day);
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

/// What comes next, in plain words; nothing once it is over.
pub fn next_step(application: &FinancingApplication) -> Option<String> {
    let r = application.record();
    let branch = &r.handler_name;
    Some(match r.stage {
        Stage::Submitted => format!("{branch}接单"),
        Stage::ReturnedToHq => "金融机构改派受理支行".to_owned(),
        Stage::Accepted if r.contacted_at.is_none() => "客户经理联系企业，开始审核".to_owned(),
        Stage::Accepted | Stage::DueDiligence => format!("{branch}审核"),
        Stage::NeedSupplement => "请您补充材料".to_owned(),
        Stage::InApproval => format!("{branch}审批"),
        Stage::Approved => "与支行签订合同，办理放款".to_owned(),
        Stage::Disbursing => "继续放款".to_owned(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_clock_says_is_said_in_words_too() {
        let tag = |level, left| {
            urgency(Urgency {
                level,
                left,
                working: true,
            })
        };
        let red = tag(ClockLevel::Red, Duration::minutes(75));
        assert_eq!(
            (red.label.as_str(), red.kind),
            ("即将到期，剩余 1 小时", TagKind::Danger)
        );
        assert_eq!(
            tag(ClockLevel::Overdue, Duration::hours(-50)).label,
            "已超时 2 天 2 小时"
        );
        assert_eq!(
            tag(ClockLevel::Amber, Duration::days(2)).label,
            "剩余 2 个工作日"
        );
    }

    #[test]
    fn instants_are_written_in_the_time_of_the_city() {
        let at = time::macros::datetime!(2026-03-05 01:30:07 UTC);
        assert_eq!(minute(at), "2026-03-05 09:30");
        assert_eq!(second(Some(at)), "2026-03-05 09:30:07");
    }
}
