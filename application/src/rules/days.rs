//! 本市工作日历调整: days more, less or otherwise than they were published. Only days that have not come: so whatever was reckoned
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

/// Days of one proposal: the longest holiday, with room.
pub const MOST_DAYS: i64 = 31;

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

/// Every day of the form, the first one to the last one.
fn span(checks: &mut Checks, ask: &ProposeRule) -> Option<Vec<Date>> {
    let Some(first) = parse_day(&ask.day) else {
        checks.push(FieldError::new("day", "city_rule.day"));
        return None;
    };
    if ask.day_until.trim().is_empty() {
        return Some(vec![first]);
    }
    let Some(last) = parse_day(&ask.day_until) else {
        checks.push(FieldError::new("day_until", "city_rule.day"));
        return None;
    };
    if last < first {
        checks.push(FieldError::new("day_until", "city_rule.day_order"));
        return None;
    }
    if (last - first).whole_days() >= MOST_DAYS {
        let error = FieldError::new("day_until", "city_rule.days_many");
        checks.push(error.with("most", MOST_DAYS));
        return None;
    }
    let days = std::iter::successors(Some(first), |day| day.next_day());
    Some(days.take_while(|day| *day <= last).collect())
}

/// How each day is by what was published.
fn as_published(
    checks: &mut Checks,
    span: &[Date],
    published: &WorkCalendar,
) -> Option<Vec<(Date, DayKind)>> {
    let mut days = Vec::with_capacity(span.len());
    for day in span {
        let kind = match published.is_workday(*day) {
            Ok(true) => DayKind::Worked,
            Ok(false) => DayKind::Off,
            Err(CalendarEnds::NotCovered { year }) => {
                let error = FieldError::new("day", "city_rule.day_not_covered");
                checks.push(error.with("year", year));
                return None;
            }
        };
        days.push((*day, kind));
    }
    Some(days)
}

/// 2026-10-16、2026-10-17.
fn listed(days: &[Date]) -> String {
    let days: Vec<String> = days.iter().map(ToString::to_string).collect();
    days.join("、")
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
    let mut past = span(checks, ask)?;
    let first_ahead = past.partition_point(|day| *day <= local_date(now));
    let ahead = past.split_off(first_ahead);
    if !past.is_empty() {
        let error = FieldError::new("day", "city_rule.day_past");
        checks.push(error.with("days", listed(&past)));
        return None;
    }
    let all = as_published(checks, &ahead, published)?;
    if !checks.is_empty() {
        return None;
    }
    let mut days = before.clone();
    let mut already = Vec::new();
    for (day, usual) in &all {
        match wanted {
            // What is as it was published needs no line of its own.
            Some(kind) if kind != *usual => days.insert(*day, kind),
            _ => days.remove(day),
        };
        if days.get(day) == before.get(day) {
            already.push(*day);
        }
    }
    // A weekend within a holiday is off anyway; a day that the city declared so before was meant for another proposal.
    if already.len() < all.len() {
        already.retain(|day| before.contains_key(day));
    }
    if !already.is_empty() {
        let error = FieldError::new("day", "city_rule.days_already");
        checks.push(error.with("days", listed(&already)));
        return None;
    }
    Some(CityRule::WorkDays(days))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{once::Once, rules::RuleKind};
    use time::macros::{date, datetime};

    const NOW: OffsetDateTime = datetime!(2026-10-08 23:00 +8);

    fn span_after(
        (day, until): (&str, &str),
        kind: &str,
        before: &[(Date, DayKind)],
    ) -> Result<BTreeMap<Date, DayKind>, Vec<FieldError>> {
        let ask = ProposeRule {
            day: day.to_owned(),
            day_until: until.to_owned(),
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
        let rule = read(&mut checks, &ask, &before, &published, NOW);
        assert_eq!(rule.is_some(), checks.is_empty());
        match rule {
            Some(CityRule::WorkDays(days)) => Ok(days),
            _ => Err(checks.into_error().fields),
        }
    }

    fn after(day: &str, kind: &str, before: &[(Date, DayKind)]) -> Option<BTreeMap<Date, DayKind>> {
        span_after((day, ""), kind, before).ok()
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
        assert_eq!(after("2026-10-10", "work", &[]), None, "it is so already");
    }

    #[test]
    fn a_holiday_is_one_proposal_and_passes_over_its_weekend() {
        let off = |days: &[Date]| -> BTreeMap<Date, DayKind> {
            days.iter().map(|day| (*day, DayKind::Off)).collect()
        };
        let (friday, sunday, monday) = (
            date!(2026 - 10 - 16),
            date!(2026 - 10 - 18),
            date!(2026 - 10 - 19),
        );
        let holiday = ("2026-10-16", "2026-10-19");
        let declared = off(&[friday, monday]);
        assert_eq!(span_after(holiday, "off", &[]), Ok(declared.clone()));
        let before: Vec<(Date, DayKind)> = declared.into_iter().collect();
        assert_eq!(span_after(holiday, "published", &before), Ok(off(&[])));
        // A Sunday that was to be worked is off with the others.
        let worked = [(sunday, DayKind::Worked)];
        assert_eq!(
            span_after(holiday, "off", &worked),
            Ok(off(&[friday, monday]))
        );
    }

    #[test]
    fn a_day_that_does_not_fit_is_named() {
        let monday = [(date!(2026 - 10 - 19), DayKind::Off)];
        for (span, code, days) in [
            (
                ("2026-10-07", "2026-10-09"),
                "city_rule.day_past",
                "2026-10-07、2026-10-08",
            ),
            (
                ("2026-10-16", "2026-10-19"),
                "city_rule.days_already",
                "2026-10-19",
            ),
            (
                ("2026-10-17", "2026-10-18"),
                "city_rule.days_already",
                "2026-10-17、2026-10-18",
            ),
        ] {
            let faults = span_after(span, "off", &monday).expect_err("it does not fit");
            assert_eq!(faults[0].code, code);
            assert_eq!(faults[0].params, [("days", days.to_owned())]);
        }
        for (span, field, code) in [
            (
                ("2026-10-16", "2026-10-15"),
                "day_until",
                "city_rule.day_order",
            ),
            (("2026-10-16", "x"), "day_until", "city_rule.day"),
            (
                ("2026-10-16", "2026-11-16"),
                "day_until",
                "city_rule.days_many",
            ),
            (
                ("2026-12-30", "2027-01-02"),
                "day",
                "city_rule.day_not_covered",
            ),
        ] {
            let faults = span_after(span, "off", &[]).expect_err("it does not fit");
            assert_eq!((faults[0].field.as_str(), faults[0].code), (field, code));
        }
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
