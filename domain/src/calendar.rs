//! Working days 工作日 and the clocks that count them, in Asia/Shanghai.
//!
//! Working time is the time that passes on working days, each of which counts whole, from 0:00 to 24:00. So a clock that starts
//! on a working day at 10:00 is due at 10:00 some working days later; one that starts on a day off starts with the next working
//! day; and what is left when a clock pauses is exactly what it has when it goes on.

use crate::values::{error::value_error, half_width};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use time::macros::offset;
use time::{Date, Duration, Month, OffsetDateTime, Time, UtcOffset, Weekday};

/// China has one time, without summer time.
pub const SHANGHAI: UtcOffset = offset!(+8);

/// The day in Asia/Shanghai on which an instant falls.
pub fn local_date(instant: OffsetDateTime) -> Date {
    instant.to_offset(SHANGHAI).date()
}

/// The same day some months later, or the last day of a month that is shorter; `None` beyond what a calendar can say.
pub fn months_after(day: Date, months: u16) -> Option<Date> {
    let index = day.year() * 12 + i32::from(u8::from(day.month())) - 1 + i32::from(months);
    let month = Month::try_from(u8::try_from(index.rem_euclid(12) + 1).ok()?).ok()?;
    let year = index.div_euclid(12);
    Date::from_calendar_date(year, month, day.day().min(month.length(year))).ok()
}

/// Years that a person may mean: further away nothing here can reckon, and PostgreSQL neither.
const MEANT: RangeInclusive<i32> = 1900..=2199;

/// A day as people type it, `2026-11-26`.
pub fn parse_day(typed: &str) -> Option<Date> {
    let typed = half_width(typed);
    let mut parts = typed.trim().splitn(3, '-');
    let mut number = || {
        let part = parts.next()?;
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u16>().ok().filter(|_| digits)
    };
    let (year, month, day) = (i32::from(number()?), number()?, number()?);
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let day = Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()?;
    MEANT.contains(&year).then_some(day)
}

/// A day with its minute as people type it, `2026-11-26 09:30`, or the day alone, which begins at midnight; in Asia/Shanghai.
pub fn parse_minute(typed: &str) -> Option<OffsetDateTime> {
    let typed = half_width(typed);
    let mut words = typed.split_whitespace();
    let day = parse_day(words.next()?)?;
    let time = match words.next() {
        None => Time::MIDNIGHT,
        Some(clock) => {
            let (hour, minute) = clock.split_once(':')?;
            Time::from_hms(hour.parse().ok()?, minute.parse().ok()?, 0).ok()?
        }
    };
    words
        .next()
        .is_none()
        .then(|| day.with_time(time).assume_offset(SHANGHAI))
}

value_error! {
    /// The calendar does not reach the year that was asked for: it says so and never guesses.
    pub enum CalendarEnds {
        NotCovered { year: i32 } => "calendar.not_covered",
    }
}

impl CalendarEnds {
    /// The first year that is missing on the way.
    pub fn year(&self) -> i32 {
        let Self::NotCovered { year } = self;
        *year
    }
}

/// Kind of an exception to the week 放假与调休.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayKind {
    /// Not worked, be it a weekday or not.
    Off,
    /// A weekend day that is worked.
    Worked,
}

/// Work calendar 工作日历: the week from Monday to Friday, with the exceptions of whole years.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkCalendar {
    years: RangeInclusive<i32>,
    off: BTreeSet<Date>,
    worked: BTreeSet<Date>,
}

impl WorkCalendar {
    /// Exceptions outside the covered years are of no use and left out; if a day stands in both kinds, the later wins.
    pub fn new(
        years: RangeInclusive<i32>,
        exceptions: impl IntoIterator<Item = (Date, DayKind)>,
    ) -> Self {
        let (mut off, mut worked) = (BTreeSet::new(), BTreeSet::new());
        for (date, kind) in exceptions
            .into_iter()
            .filter(|(date, _)| years.contains(&date.year()))
        {
            let (into, out_of) = match kind {
                DayKind::Off => (&mut off, &mut worked),
                DayKind::Worked => (&mut worked, &mut off),
            };
            out_of.remove(&date);
            into.insert(date);
        }
        Self { years, off, worked }
    }

    /// The same with days that take the place of what is said here; those of years that are not covered are of no use and left out.
    #[must_use]
    pub fn with(&self, own: impl IntoIterator<Item = (Date, DayKind)>) -> Self {
        let off = self.off.iter().map(|day| (*day, DayKind::Off));
        let worked = self.worked.iter().map(|day| (*day, DayKind::Worked));
        Self::new(self.years(), off.chain(worked).chain(own))
    }

    /// The years whose notice is known.
    pub fn years(&self) -> RangeInclusive<i32> {
        self.years.clone()
    }

    pub fn is_workday(&self, date: Date) -> Result<bool, CalendarEnds> {
        if !self.years.contains(&date.year()) {
            return Err(CalendarEnds::NotCovered { year: date.year() });
        }
        let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        Ok(self.worked.contains(&date) || !(weekend || self.off.contains(&date)))
    }

    /// The same time of day, `days` working days later; from a day off, counted from 0:00 of the next working day.
    pub fn add_working_days(
        &self,
        from: OffsetDateTime,
        days: u32,
    ) -> Result<OffsetDateTime, CalendarEnds> {
        self.add_working_time(from, Duration::days(i64::from(days)))
    }

    /// The first working instant at which `span` of working time has passed; a negative span counts as none.
    pub fn add_working_time(
        &self,
        from: OffsetDateTime,
        span: Duration,
    ) -> Result<OffsetDateTime, CalendarEnds> {
        let mut left = span.max(Duration::ZERO);
        let from = from.to_offset(SHANGHAI);
        let (mut day, mut start) = (from.date(), from);
        loop {
            let end = midnight_after(day)?;
            if self.is_workday(day)? {
                if left < end - start {
                    return Ok(start + left);
                }
                left -= end - start;
            }
            (day, start) = (end.date(), end);
        }
    }

    /// The last instant from which `span` of working time has passed until `to`; a negative span counts as none.
    pub fn subtract_working_time(
        &self,
        to: OffsetDateTime,
        span: Duration,
    ) -> Result<OffsetDateTime, CalendarEnds> {
        let mut left = span.max(Duration::ZERO);
        let mut end = to.to_offset(SHANGHAI);
        while left > Duration::ZERO {
            // Midnight belongs to the day that it ends.
            let day = (end - Duration::NANOSECOND).date();
            let start = day.with_time(Time::MIDNIGHT).assume_offset(SHANGHAI);
            if self.is_workday(day)? {
                if left <= end - start {
                    return Ok(end - left);
                }
                left -= end - start;
            }
            end = start;
        }
        Ok(end)
    }

    /// Working time from one instant to another, exact; negative when the second lies before the first.
    pub fn working_time_between(
        &self,
        from: OffsetDateTime,
        to: OffsetDateTime,
    ) -> Result<Duration, CalendarEnds> {
        if to < from {
            return Ok(-self.working_time_between(to, from)?);
        }
        let (mut start, to) = (from.to_offset(SHANGHAI), to.to_offset(SHANGHAI));
        let mut sum = Duration::ZERO;
        while start < to {
            let day = start.date();
            let end = midnight_after(day)?.min(to);
            if self.is_workday(day)? {
                sum += end - start;
            }
            start = end;
        }
        Ok(sum)
    }
}

fn midnight_after(day: Date) -> Result<OffsetDateTime, CalendarEnds> {
    let next = day
        .next_day()
        .ok_or(CalendarEnds::NotCovered { year: day.year() })?;
    Ok(next.with_time(Time::MIDNIGHT).assume_offset(SHANGHAI))
}

#[cfg(test)]
mod tests {
    use super::{CalendarEnds, DayKind, WorkCalendar, local_date, parse_day, parse_minute};
    use proptest::prelude::*;
    use time::macros::{date, datetime};
    use time::{Duration, OffsetDateTime};

    #[test]
    fn a_day_is_read_as_people_type_it_and_only_where_one_can_reckon() {
        for typed in ["2026-11-26", " 2026-11-26 ", "２０２６－１１－２６"] {
            assert_eq!(parse_day(typed), Some(date!(2026 - 11 - 26)), "{typed}");
        }
        for typed in [
            "",
            "-9999-01-01",
            "9999-12-31",
            "0001-01-01",
            "2026-02-30",
            "2026-11-26 09:30",
            "+2026-1-1",
            "2026--1",
        ] {
            assert_eq!(parse_day(typed), None, "{typed}");
        }
        let half_past = datetime!(2026-11-26 09:30 +8);
        assert_eq!(parse_minute("2026-11-26  09:30"), Some(half_past));
        assert_eq!(
            parse_minute("2026-11-26"),
            Some(datetime!(2026-11-26 00:00 +8))
        );
        for typed in [
            "9999-12-31 23:59",
            "2026-11-26 25:00",
            "2026-11-26 9",
            "2026-11-26 09:30 x",
        ] {
            assert_eq!(parse_minute(typed), None, "{typed}");
        }
    }

    /// The autumn of 2026: days off from 1 to 7 October; 20 September and 10 October are worked.
    fn calendar() -> WorkCalendar {
        let off = (1..=7).map(|day| {
            (
                date!(2026 - 10 - 01) + Duration::days(day - 1),
                DayKind::Off,
            )
        });
        let worked =
            [date!(2026 - 09 - 20), date!(2026 - 10 - 10)].map(|day| (day, DayKind::Worked));
        WorkCalendar::new(2026..=2026, off.chain(worked))
    }

    fn after(from: OffsetDateTime, days: u32) -> Result<OffsetDateTime, CalendarEnds> {
        calendar().add_working_days(from, days)
    }

    #[test]
    fn the_week_is_worked_from_monday_to_friday_but_for_the_exceptions() {
        for (day, worked) in [
            (date!(2026 - 09 - 18), true),
            (date!(2026 - 09 - 19), false),
            (date!(2026 - 09 - 20), true),
            (date!(2026 - 10 - 01), false),
            (date!(2026 - 10 - 08), true),
            (date!(2026 - 10 - 10), true),
            (date!(2026 - 10 - 11), false),
        ] {
            assert_eq!(calendar().is_workday(day), Ok(worked), "{day}");
        }
    }

    #[test]
    fn a_citys_own_days_take_the_place_of_the_published_ones_and_add_no_year() {
        let own = calendar().with([
            (date!(2026 - 10 - 10), DayKind::Off),
            (date!(2026 - 10 - 07), DayKind::Worked),
            (date!(2027 - 01 - 04), DayKind::Off),
        ]);
        for (day, worked) in [
            (date!(2026 - 10 - 06), false),
            (date!(2026 - 10 - 07), true),
            (date!(2026 - 10 - 10), false),
        ] {
            assert_eq!(own.is_workday(day), Ok(worked), "{day}");
        }
        assert!(own.is_workday(date!(2027 - 01 - 04)).is_err());
    }

    #[test]
    fn due_at_the_same_time_of_day_some_working_days_later() {
        let thursday = datetime!(2026-09-17 10:25:14 +8);
        assert_eq!(after(thursday, 1), Ok(datetime!(2026-09-18 10:25:14 +8)));
        assert_eq!(
            after(thursday, 2),
            Ok(datetime!(2026-09-20 10:25:14 +8)),
            "a worked Sunday counts"
        );
        assert_eq!(
            after(datetime!(2026-09-30 23:59 +8), 1),
            Ok(datetime!(2026-10-08 23:59 +8))
        );
        assert_eq!(
            after(datetime!(2026-09-30 23:59 +8), 3),
            Ok(datetime!(2026-10-10 23:59 +8))
        );
    }

    #[test]
    fn a_day_off_starts_the_clock_with_the_next_working_day() {
        assert_eq!(
            after(datetime!(2026-11-21 15:00 +8), 1),
            Ok(datetime!(2026-11-24 00:00 +8))
        );
        assert_eq!(
            after(datetime!(2026-11-21 15:00 +8), 0),
            Ok(datetime!(2026-11-23 00:00 +8))
        );
    }

    #[test]
    fn days_are_days_in_shanghai_whatever_the_offset_of_the_instant() {
        let friday_morning = datetime!(2026-11-19 23:30 UTC);
        assert_eq!(local_date(friday_morning), date!(2026 - 11 - 20));
        assert_eq!(after(friday_morning, 1), Ok(datetime!(2026-11-23 07:30 +8)));
    }

    #[test]
    fn a_calendar_that_ends_says_so() {
        let ends = CalendarEnds::NotCovered { year: 2027 };
        assert_eq!(
            after(datetime!(2026-12-30 10:00 +8), 1),
            Ok(datetime!(2026-12-31 10:00 +8))
        );
        assert_eq!(after(datetime!(2026-12-31 10:00 +8), 1), Err(ends.clone()));
        assert_eq!(
            calendar().is_workday(date!(2027 - 01 - 04)),
            Err(ends.clone())
        );
        assert_eq!(
            calendar()
                .is_workday(date!(2025 - 12 - 31))
                .map_err(|e| e.year()),
            Err(2025)
        );
        let over = calendar().working_time_between(
            datetime!(2026-12-31 10:00 +8),
            datetime!(2027-01-01 10:00 +8),
        );
        assert_eq!(over, Err(ends));
    }

    #[test]
    fn working_time_leaves_out_days_off_and_is_exact() {
        let between = |from, to| calendar().working_time_between(from, to).expect("covered");
        let (friday, monday) = (
            datetime!(2026-11-20 18:00 +8),
            datetime!(2026-11-23 09:01 +8),
        );
        assert_eq!(
            between(friday, monday),
            Duration::hours(15) + Duration::minutes(1)
        );
        assert_eq!(
            between(monday, friday),
            -(Duration::hours(15) + Duration::minutes(1))
        );
        assert_eq!(
            between(
                datetime!(2026-11-21 01:00 +8),
                datetime!(2026-11-22 23:00 +8)
            ),
            Duration::ZERO
        );
    }

    proptest! {
        #[test]
        fn a_pause_keeps_what_is_left_to_the_minute(start in 0i64..200_000, ran in 0i64..20_000, paused in 0i64..50_000) {
            let calendar = calendar();
            let start = datetime!(2026-03-01 00:00 +8) + Duration::minutes(start);
            let due = calendar.add_working_days(start, 10).expect("covered");
            let pause = (start + Duration::minutes(ran)).min(due);
            let left = calendar.working_time_between(pause, due).expect("covered");
            let due_again = calendar.add_working_time(pause + Duration::minutes(paused), left).expect("covered");
            let run_before = calendar.working_time_between(start, pause).expect("covered");
            let run_after = calendar.working_time_between(pause + Duration::minutes(paused), due_again).expect("covered");
            prop_assert_eq!(run_before + run_after, Duration::days(10));
        }

        #[test]
        fn what_was_subtracted_has_passed(to in 30_000i64..200_000, span in 0i64..20_000) {
            let calendar = calendar();
            let (to, span) = (datetime!(2026-03-01 00:00 +8) + Duration::minutes(to), Duration::minutes(span));
            let from = calendar.subtract_working_time(to, span).expect("covered");
            prop_assert_eq!(calendar.working_time_between(from, to).expect("covered"), span);
        }

        #[test]
        fn an_unpaused_clock_can_be_cut_anywhere(start in 0i64..200_000, first in 0i64..20_000, second in 0i64..20_000) {
            let calendar = calendar();
            let start = datetime!(2026-03-01 00:00 +8) + Duration::minutes(start);
            let (first, second) = (Duration::minutes(first), Duration::minutes(second));
            let in_two = calendar.add_working_time(calendar.add_working_time(start, first).expect("covered"), second);
            prop_assert_eq!(in_two, calendar.add_working_time(start, first + second));
        }
    }
}
