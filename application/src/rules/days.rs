//! 本市工作日历调整: one day more, less or otherwise than it was published. Only days that have not come: so whatever was reckoned
//! over the past stays true, and every due time can be told again from its log and the calendar that stands.

use std::collections::BTreeMap;

use domain::calendar::{CalendarEnds, DayKind, SHANGHAI, WorkCalendar, local_date, parse_day};
use time::{Date, OffsetDateTime};

use super::{CityRule, ProposeRule};
use crate::error::{Checks, FieldError};

/// As it is stored and posted.
pub const fn day_code(kind: DayKind) -> &'static str {
    match kind {
        DayKind::Off => "off",
        DayKind::Worked => "work",
    }
}

pub(super) fn day_kind(code: &str) -> Option<DayKind> {
    match code {
        "off" => Some(DayKind::Off),
        "work" => Some(DayKind::Worked),
        _ => None,
    }
}

/// The answer of the form that takes a city's own day back.
const PUBLISHED: &str = "published";

/// The days that two states of the rule see otherwise.
pub fn differing(before: &BTreeMap<Date, DayKind>, after: &BTreeMap<Date, DayKind>) -> Vec<Date> {
    let all: std::collections::BTreeSet<Date> =
        before.keys().chain(after.keys()).copied().collect();
    let differs = |day: &Date| before.get(day) != after.get(day);
    all.into_iter().filter(differs).collect()
}

/// The first day that a change changes; `None` for a change of another rule.
pub(super) fn first_day(before: &CityRule, after: &CityRule) -> Option<Date> {
    let (CityRule::WorkDays(before), CityRule::WorkDays(after)) = (before, after) else {
        return None;
    };
    differing(before, after).into_iter().next()
}

/// From when on due times are others: a moment before the day begins, for one that is due at midnight is due with the next day.
pub(super) fn since(day: Date) -> OffsetDateTime {
    day.midnight().assume_offset(SHANGHAI) - time::Duration::SECOND
}

/// The days as the form wants them.
pub(super) fn read(
    checks: &mut Checks,
    ask: &ProposeRule,
    before: &BTreeMap<Date, DayKind>,
    published: &WorkCalendar,
    now: OffsetDateTime,
) -> Option<CityRule> {
    let wanted = day_kind(&ask.day_kind);
    if wanted.is_none() && ask.day_kind != PUBLISHED {
        checks.push(FieldError::new("day_kind", "city_rule.day_kind"));
    }
    let Some(day) = parse_day(&ask.day) else {
        checks.push(FieldError::new("day", "city_rule.day"));
        return None;
    };
    if day <= local_date(now) {
        checks.push(FieldError::new("day", "city_rule.day_past"));
        return None;
    }
    let worked = match published.is_workday(day) {
        Ok(worked) => worked,
        Err(CalendarEnds::NotCovered { year }) => {
            let error = FieldError::new("day", "city_rule.day_not_covered");
            checks.push(error.with("year", year));
            return None;
        }
    };
    let usual = if worked {
        DayKind::Worked
    } else {
        DayKind::Off
    };
    let mut days = before.clone();
    if !checks.is_empty() {
        return None;
    }
    match wanted {
        // What is as it was published needs no line of its own.
        Some(kind) if kind != usual => days.insert(day, kind),
        _ => days.remove(&day),
    };
    Some(CityRule::WorkDays(days))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{once::Once, rules::RuleKind};
    use time::macros::{date, datetime};

    fn after(day: &str, kind: &str, before: &[(Date, DayKind)]) -> Option<BTreeMap<Date, DayKind>> {
        let ask = ProposeRule {
            day: day.to_owned(),
            day_kind: kind.to_owned(),
            ..ProposeRule::empty(
                RuleKind::WorkDays.into(),
                Once {
                    key: String::new(),
                    body_hash: [0; 32],
                },
            )
        };
        let mut checks = Checks::default();
        let published = WorkCalendar::new(2026..=2026, [(date!(2026 - 10 - 10), DayKind::Worked)]);
        let before = before.iter().copied().collect();
        let now = datetime!(2026-10-08 23:00 +8);
        let rule = read(&mut checks, &ask, &before, &published, now);
        assert_eq!(rule.is_some(), checks.is_empty());
        match rule? {
            CityRule::WorkDays(days) => Some(days),
            _ => None,
        }
    }

    #[test]
    fn a_day_is_declared_and_taken_back_and_one_as_published_needs_no_line() {
        let friday = date!(2026 - 10 - 09);
        let off = BTreeMap::from([(friday, DayKind::Off)]);
        assert_eq!(after("2026-10-09", "off", &[]), Some(off));
        let declared = [(friday, DayKind::Off)];
        for back in ["published", "work"] {
            assert_eq!(after("2026-10-09", back, &declared), Some(BTreeMap::new()));
        }
        let sunday = BTreeMap::from([(date!(2026 - 10 - 11), DayKind::Worked)]);
        assert_eq!(after("2026-10-11", "work", &[]), Some(sunday));
        assert_eq!(after("2026-10-10", "work", &[]), Some(BTreeMap::new()));
    }

    #[test]
    fn a_day_that_has_come_a_year_without_notice_and_no_day_are_refused() {
        for (day, kind) in [
            ("2026-10-08", "off"),
            ("2026-10-07", "off"),
            ("2027-01-04", "off"),
            ("2026-02-30", "off"),
            ("", "off"),
            ("2026-10-09", ""),
            ("2026-10-09", "half"),
        ] {
            assert_eq!(after(day, kind, &[]), None, "{day} {kind}");
        }
    }
}
