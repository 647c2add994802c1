//! 办理时限: what is in force, what comes and from when, and a change told by what it changes.

use application::rules::{CityRule, MOST_AHEAD, RuleCase, TimeLimit};
use domain::financing::{ClockEras, ClockLimits};
use time::{Date, OffsetDateTime};

use crate::{
    forms::{Field, FormView},
    parts::{Cell, Described},
    show,
};

pub(super) const fn unit(limit: TimeLimit) -> &'static str {
    if limit.is_working() {
        "个工作日"
    } else {
        "天"
    }
}

/// From when it is counted, and what follows when it is over.
const fn meaning(limit: TimeLimit) -> &'static str {
    match limit {
        TimeLimit::Accept => "自提交或转入支行起；超过两倍时限未接单的，退回机构总部改派。",
        TimeLimit::Contact => "自提交起。",
        TimeLimit::Decision => {
            "自提交起，等待企业补充材料的时间不计；复议、更正误操作的，自受理起重新计算。"
        }
        TimeLimit::Disburse => "自审核通过起。",
        TimeLimit::Supplement => "自退回补充起，按自然日；逾期没有补充的，融资需求失效。",
        TimeLimit::SupplementWarning => "自退回补充起第几天提醒企业。",
        TimeLimit::Complaint => "自提出投诉起。",
        TimeLimit::UnacceptedNotice => "自提交起第几天告知企业、支行和平台。",
        TimeLimit::Expire => "自提交起，按自然日；期满融资需求失效。",
    }
}

/// 1 个工作日.
fn days(limit: TimeLimit, limits: &ClockLimits) -> String {
    format!("{} {}", limit.of(limits), unit(limit))
}

fn from(day: Date) -> String {
    format!("自 {}零时起", show::weekday(day))
}

/// Every limit as it is once everything that was decided has come, and the day.
pub(super) fn fields(form: &mut FormView, eras: &ClockEras, case: &RuleCase) {
    for limit in TimeLimit::ALL {
        let (least, most) = limit.range();
        form.push(
            Field::number(limit.code(), limit.zh(), unit(*limit))
                .required()
                .hint(format!("{least}–{most} 的整数。{}", meaning(*limit)))
                .value(limit.of(eras.last()).to_string()),
        );
    }
    let day = case.next_workday;
    form.push(
        Field::text("valid_from", "生效日期")
            .hint(format!(
                "自当日零时起，例如 2026-12-31。最早为明天，最晚为 {MOST_AHEAD} 天后；不填表示下一个工作日。复核须在生效前完成。原定当日及以后生效的变更，由本次变更取代。"
            ))
            .maxlength(10)
            .width("s")
            .value(day.map_or_else(String::new, |day| day.to_string())),
    );
}

/// 接单 1、联系 3、审核 10、放款 5 个工作日.
pub(super) fn short(eras: &ClockEras, at: OffsetDateTime) -> String {
    let now = eras.at(at);
    format!(
        "接单 {}、联系 {}、审核 {}、放款 {} 个工作日",
        now.accept_days, now.contact_days, now.decision_days, now.disburse_days
    )
}

/// Since when what is in force now is.
pub(super) fn since(eras: &ClockEras, at: OffsetDateTime) -> String {
    eras.since(at)
        .map_or_else(|| "城市配置文件".to_owned(), from)
}

/// What differs, limit by limit.
fn told(limits: &ClockLimits, other: &ClockLimits) -> Vec<String> {
    TimeLimit::ALL
        .iter()
        .filter(|limit| limit.of(limits) != limit.of(other))
        .map(|limit| format!("{} {}", limit.zh(), days(*limit, limits)))
        .collect()
}

/// What is in force, and what comes.
pub(super) fn rows(eras: &ClockEras, at: OffsetDateTime) -> Vec<Described> {
    let now = eras.at(at);
    let mut rows: Vec<Described> = TimeLimit::ALL
        .iter()
        .map(|limit| {
            let cell = Cell::text(days(*limit, now)).second(meaning(*limit));
            Described::cell(limit.zh(), cell)
        })
        .collect();
    let mut before = now;
    for era in eras.coming(at) {
        let changes = told(&era.limits, before).join("\n");
        rows.push(Described::new(from(era.from), changes));
        before = &era.limits;
    }
    rows
}

/// Before and after: each day from which something differs, and what.
pub(super) fn change_of(before: &ClockEras, after: &ClockEras) -> (String, String) {
    let (mut was, mut is) = (Vec::new(), Vec::new());
    for one in before.differing(after) {
        let day = one.from.map_or_else(|| "起始".to_owned(), from);
        was.push(format!(
            "{day}\n{}",
            told(&one.before, &one.after).join("\n")
        ));
        is.push(format!(
            "{day}\n{}",
            told(&one.after, &one.before).join("\n")
        ));
    }
    (was.join("\n"), is.join("\n"))
}

/// The promises that concern an enterprise, for the pages that it reads.
pub(crate) fn promised(limits: &ClockLimits) -> Vec<Described> {
    [
        TimeLimit::Accept,
        TimeLimit::Contact,
        TimeLimit::Decision,
        TimeLimit::Disburse,
        TimeLimit::Supplement,
        TimeLimit::Complaint,
    ]
    .into_iter()
    .map(|limit| Described::new(limit.zh(), format!("{}内", days(limit, limits))))
    .collect()
}

/// A decision that waits for its day beside one that is in force, for the test that draws the page.
pub(super) fn sample() -> CityRule {
    use domain::financing::Era;
    use time::macros::date;
    let era = |from, accept_days| Era {
        from,
        limits: ClockLimits {
            accept_days,
            ..ClockLimits::SHIPPED
        },
    };
    let eras = ClockEras::default().decide(era(date!(1969 - 12 - 01), 2));
    CityRule::ClockLimits(eras.decide(era(date!(2026 - 12 - 01), 3)))
}

#[cfg(test)]
mod tests {
    use domain::financing::Era;
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn a_change_is_told_by_its_day_and_by_what_differs() {
        let era = |from, accept_days| Era {
            from,
            limits: ClockLimits {
                accept_days,
                ..ClockLimits::SHIPPED
            },
        };
        let before = ClockEras::default();
        let after = before.decide(era(date!(2026 - 12 - 01), 2));
        let (was, is) = change_of(&before, &after);
        assert_eq!(was, "自 2026-12-01（周二）零时起\n支行接单 1 个工作日");
        assert_eq!(is, "自 2026-12-01（周二）零时起\n支行接单 2 个工作日");
        let now = datetime!(2026-11-30 23:59 +8);
        let coming = rows(&after, now);
        assert_eq!(coming.len(), TimeLimit::ALL.len() + 1);
        assert_eq!(coming[0].cell.text, "1 个工作日");
        let come = rows(&after, datetime!(2026-12-01 00:00 +8));
        assert_eq!(come.len(), TimeLimit::ALL.len());
        assert_eq!(come[0].cell.text, "2 个工作日");
    }
}
