//! 办理时限 (clocks C1 to C5): how much time each step is given, from a day on. Only days that have not come: a clock keeps the limit
//! under which it started, so a log and the decisions tell every due time again for good.

use std::collections::BTreeMap;

use domain::{
    calendar::{SHANGHAI, WorkCalendar, local_date, parse_day},
    financing::{ClockEras, ClockLimits, Era},
    vocabulary,
};
use serde_json::{Map, Value};
use time::{Date, Duration, OffsetDateTime};

use super::{CityRule, ProposeRule, change::digits};
use crate::error::{Checks, FieldError};

/// Between the second person's word and the first clock under new limits: every process has long heard of them.
pub(super) const HEARD: Duration = Duration::minutes(10);

/// Days ahead for which limits may be decided.
pub const MOST_AHEAD: i64 = 365;

/// Days off in a row at most, with room: further the next working day is not looked for.
const LONGEST_HOLIDAY: usize = 31;

/// Under this name the limits of the beginning are stored; every later era under its day.
const FIRST: &str = "first";

vocabulary! {
    /// 时限: one of them; the code is its field in the form and in what is stored.
    TimeLimit {
        Accept = "accept_days" / "支行接单",
        Contact = "contact_days" / "首次联系企业",
        Decision = "decision_days" / "给出审核结果",
        Disburse = "disburse_days" / "首笔放款",
        Supplement = "supplement_days" / "企业补充材料",
        SupplementWarning = "supplement_warning_days" / "补充材料到期前提醒",
        Complaint = "complaint_days" / "答复投诉",
        UnacceptedNotice = "unaccepted_notice_days" / "无支行接单时通报",
        Expire = "unaccepted_expiry_days" / "无支行接单时失效",
    }
}

impl TimeLimit {
    /// Counted in 工作日; else in days of the calendar.
    pub const fn is_working(self) -> bool {
        matches!(
            self,
            Self::Accept | Self::Contact | Self::Decision | Self::Disburse | Self::Complaint
        )
    }

    /// The least and the most days that a city may set.
    pub const fn range(self) -> (u32, u32) {
        match self {
            Self::Accept => (1, 5),
            Self::Contact => (1, 10),
            Self::Decision => (3, 60),
            Self::Disburse => (1, 30),
            Self::Supplement => (3, 60),
            Self::SupplementWarning => (1, 59),
            Self::Complaint => (1, 15),
            Self::UnacceptedNotice => (3, 179),
            Self::Expire => (10, 180),
        }
    }

    pub const fn of(self, limits: &ClockLimits) -> u32 {
        match self {
            Self::Accept => limits.accept_days,
            Self::Contact => limits.contact_days,
            Self::Decision => limits.decision_days,
            Self::Disburse => limits.disburse_days,
            Self::Supplement => limits.supplement_days,
            Self::SupplementWarning => limits.supplement_warning_days,
            Self::Complaint => limits.complaint_days,
            Self::UnacceptedNotice => limits.unaccepted_notice_days,
            Self::Expire => limits.expire_days,
        }
    }

    fn set(self, limits: &mut ClockLimits, days: u32) {
        *match self {
            Self::Accept => &mut limits.accept_days,
            Self::Contact => &mut limits.contact_days,
            Self::Decision => &mut limits.decision_days,
            Self::Disburse => &mut limits.disburse_days,
            Self::Supplement => &mut limits.supplement_days,
            Self::SupplementWarning => &mut limits.supplement_warning_days,
            Self::Complaint => &mut limits.complaint_days,
            Self::UnacceptedNotice => &mut limits.unaccepted_notice_days,
            Self::Expire => &mut limits.expire_days,
        } = days;
    }
}

/// Both run from the submission, and the first one ends no later than the second.
const IN_ORDER: [(TimeLimit, TimeLimit); 2] = [
    (TimeLimit::Accept, TimeLimit::Contact),
    (TimeLimit::Contact, TimeLimit::Decision),
];

/// The first one is told before the second one ends something.
const BEFORE: [(TimeLimit, TimeLimit); 2] = [
    (TimeLimit::SupplementWarning, TimeLimit::Supplement),
    (TimeLimit::UnacceptedNotice, TimeLimit::Expire),
];

/// From when a change is in force if nobody says another day: the next working day.
pub(super) fn next_workday(calendar: &WorkCalendar, now: OffsetDateTime) -> Option<Date> {
    let tomorrow = local_date(now).next_day()?;
    let days = std::iter::successors(Some(tomorrow), |day| day.next_day());
    let mut days = days.take(LONGEST_HOLIDAY);
    // Beyond the calendar nobody knows: the day itself will do.
    let next = days.find(|day| calendar.is_workday(*day).unwrap_or(true));
    Some(next.unwrap_or(tomorrow))
}

/// The first instant that a change changes; `None` for a change of another rule.
pub(super) fn begins(before: &CityRule, after: &CityRule) -> Option<OffsetDateTime> {
    let (CityRule::ClockLimits(before), CityRule::ClockLimits(after)) = (before, after) else {
        return None;
    };
    let first = before.differing(after).into_iter().next()?;
    Some(first.from.map_or(OffsetDateTime::UNIX_EPOCH, |day| {
        day.midnight().assume_offset(SHANGHAI)
    }))
}

fn day_of(
    checks: &mut Checks,
    typed: &str,
    usual: Option<Date>,
    now: OffsetDateTime,
) -> Option<Date> {
    let day = if typed.trim().is_empty() {
        usual
    } else {
        parse_day(typed)
    };
    let Some(day) = day else {
        checks.push(FieldError::new("valid_from", "city_rule.from_day"));
        return None;
    };
    let ahead = (day - local_date(now)).whole_days();
    if ahead < 1 {
        checks.push(FieldError::new("valid_from", "city_rule.from_past"));
        return None;
    }
    if ahead > MOST_AHEAD {
        let error = FieldError::new("valid_from", "city_rule.from_far");
        checks.push(error.with("most", MOST_AHEAD));
        return None;
    }
    Some(day)
}

/// Each number by itself; those that are wrong are not there.
fn numbers(checks: &mut Checks, typed: &[(TimeLimit, String)]) -> BTreeMap<TimeLimit, u32> {
    let mut all = BTreeMap::new();
    for limit in TimeLimit::ALL {
        let text = typed.iter().find(|(of, _)| of == limit);
        let number = text.and_then(|(_, text)| digits(text).parse::<u32>().ok());
        let (least, most) = limit.range();
        let number = number.filter(|number| (least..=most).contains(number));
        if let Some(number) = number {
            all.insert(*limit, number);
        } else {
            let error = FieldError::new(limit.code(), "city_rule.limit");
            checks.push(error.with("least", least).with("most", most));
        }
    }
    all
}

/// Those that contradict each other.
fn contradictions(checks: &mut Checks, all: &BTreeMap<TimeLimit, u32>) {
    let both = |one: &TimeLimit, other: &TimeLimit| Some((*all.get(one)?, *all.get(other)?));
    for (sooner, later) in &IN_ORDER {
        if let Some((least, given)) = both(sooner, later)
            && given < least
        {
            let error = FieldError::new(later.code(), "city_rule.limit_order");
            checks.push(error.with("least", least).with("other", sooner.zh()));
        }
    }
    for (told, end) in &BEFORE {
        if let Some((given, most)) = both(told, end)
            && given >= most
        {
            let error = FieldError::new(told.code(), "city_rule.limit_before");
            checks.push(error.with("days", most).with("other", end.zh()));
        }
    }
}

/// The limits as the form wants them.
pub(super) fn read(
    checks: &mut Checks,
    ask: &ProposeRule,
    before: &ClockEras,
    usual: Option<Date>,
    now: OffsetDateTime,
) -> Option<CityRule> {
    let all = numbers(checks, &ask.time_limits);
    contradictions(checks, &all);
    let from = day_of(checks, &ask.valid_from, usual, now)?;
    if !checks.is_empty() {
        return None;
    }
    let mut limits = *before.last();
    for (limit, days) in all {
        limit.set(&mut limits, days);
    }
    Some(CityRule::ClockLimits(before.decide(Era { from, limits })))
}

fn limits_value(limits: &ClockLimits) -> Value {
    let each = TimeLimit::ALL.iter();
    Value::Object(
        each.map(|limit| (limit.code().to_owned(), limit.of(limits).into()))
            .collect(),
    )
}

/// As it is stored.
pub(super) fn value(eras: &ClockEras) -> Value {
    let mut all = Map::new();
    all.insert(FIRST.to_owned(), limits_value(eras.first()));
    for era in eras.later() {
        all.insert(era.from.to_string(), limits_value(&era.limits));
    }
    Value::Object(all)
}

fn stored_limits(value: &Value) -> Option<ClockLimits> {
    let mut limits = ClockLimits::SHIPPED;
    for limit in TimeLimit::ALL {
        let days = value[limit.code()].as_u64()?;
        limit.set(&mut limits, u32::try_from(days).ok()?);
    }
    Some(limits)
}

/// A stored value; `None` for what this program does not know.
pub(super) fn stored(value: &Value) -> Option<ClockEras> {
    let all = value.as_object()?;
    let first = stored_limits(all.get(FIRST)?)?;
    let later = all.iter().filter(|(name, _)| *name != FIRST);
    let later = later.map(|(day, limits)| {
        let from = parse_day(day)?;
        let limits = stored_limits(limits)?;
        Some((from, Era { from, limits }))
    });
    let later: BTreeMap<Date, Era> = later.collect::<Option<_>>()?;
    ClockEras::new(first, later.into_values().collect())
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;
    use crate::{once::Once, rules::RuleKind};

    /// A Friday evening.
    const NOW: OffsetDateTime = datetime!(2026-11-27 18:00 +8);
    const MONDAY: Date = date!(2026 - 11 - 30);

    fn asked(changes: &[(&str, &str)]) -> Result<ClockEras, Vec<FieldError>> {
        let before = ClockEras::default();
        let typed = |limit: &TimeLimit| {
            let changed = changes.iter().find(|(code, _)| *code == limit.code());
            let usual = limit.of(before.first()).to_string();
            (*limit, changed.map_or(usual, |(_, to)| (*to).to_owned()))
        };
        let day = changes.iter().find(|(code, _)| *code == "valid_from");
        let once = Once {
            key: String::new(),
            body_hash: [0; 32],
        };
        let ask = ProposeRule {
            time_limits: TimeLimit::ALL.iter().map(typed).collect(),
            valid_from: day.map_or_else(String::new, |(_, day)| (*day).to_owned()),
            ..ProposeRule::empty(RuleKind::ClockLimits.into(), once)
        };
        let calendar = WorkCalendar::new(2026..=2026, []);
        let usual = next_workday(&calendar, NOW);
        assert_eq!(usual, Some(MONDAY));
        let mut checks = Checks::default();
        let rule = read(&mut checks, &ask, &before, usual, NOW);
        assert_eq!(rule.is_some(), checks.is_empty());
        match rule {
            Some(CityRule::ClockLimits(eras)) => Ok(eras),
            _ => Err(checks.into_error().fields),
        }
    }

    #[test]
    fn limits_change_from_the_next_working_day_or_the_day_that_is_named() {
        for (day, from) in [("", MONDAY), ("2026-11-28", date!(2026 - 11 - 28))] {
            let eras = asked(&[("accept_days", "２"), ("valid_from", day)]).expect("it is fine");
            let [era] = eras.later() else {
                panic!("one era: {eras:?}");
            };
            assert_eq!((era.from, era.limits.accept_days), (from, 2));
            assert_eq!(eras.at(NOW), &ClockLimits::SHIPPED);
            let rule = CityRule::ClockLimits(eras.clone());
            let before = CityRule::ClockLimits(ClockEras::default());
            assert_eq!(begins(&before, &rule), Some(era.begins()));
            assert_eq!(stored(&value(&eras)), Some(eras));
        }
        let same = asked(&[]).expect("it is fine");
        assert_eq!(same, ClockEras::default(), "nothing changes");
    }

    #[test]
    fn what_is_out_of_range_or_contradicts_another_limit_is_named() {
        type Case = (
            &'static [(&'static str, &'static str)],
            &'static str,
            &'static str,
        );
        const CASES: &[Case] = &[
            (&[("accept_days", "6")], "accept_days", "city_rule.limit"),
            (&[("accept_days", "0")], "accept_days", "city_rule.limit"),
            (
                &[("decision_days", "一周")],
                "decision_days",
                "city_rule.limit",
            ),
            (
                &[("complaint_days", "")],
                "complaint_days",
                "city_rule.limit",
            ),
            (
                &[("accept_days", "4")],
                "contact_days",
                "city_rule.limit_order",
            ),
            (
                &[("contact_days", "9"), ("decision_days", "8")],
                "decision_days",
                "city_rule.limit_order",
            ),
            (
                &[("supplement_days", "12")],
                "supplement_warning_days",
                "city_rule.limit_before",
            ),
            (
                &[("unaccepted_expiry_days", "20")],
                "unaccepted_notice_days",
                "city_rule.limit_before",
            ),
            (
                &[("valid_from", "2026-11-27")],
                "valid_from",
                "city_rule.from_past",
            ),
            (
                &[("valid_from", "2027-11-28")],
                "valid_from",
                "city_rule.from_far",
            ),
            (
                &[("valid_from", "下周一")],
                "valid_from",
                "city_rule.from_day",
            ),
        ];
        for (changes, field, code) in CASES {
            let faults = asked(changes).expect_err("it does not fit");
            let told: Vec<(&str, &str)> = faults
                .iter()
                .map(|fault| (fault.field.as_str(), fault.code))
                .collect();
            assert_eq!(told, [(*field, *code)], "{changes:?}");
        }
    }

    #[test]
    fn a_stored_value_that_is_incomplete_is_unknown() {
        let mut odd = value(&ClockEras::default());
        odd["2026-13-01"] = odd["first"].clone();
        assert_eq!(stored(&odd), None);
        let mut odd = value(&ClockEras::default());
        odd["first"]["accept_days"] = Value::Null;
        assert_eq!(stored(&odd), None);
        assert_eq!(stored(&serde_json::json!({})), None);
    }
}
