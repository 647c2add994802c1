//! Eras 办理时限: which limits a clock is given by when it starts. A clock keeps the limits under which it started, so whatever is
//! told again from a log is told the same after every later change.

use time::{Date, OffsetDateTime};

use super::ClockLimits;
use crate::calendar::{SHANGHAI, local_date};

/// Limits of every clock that starts on this day (Asia/Shanghai) or later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Era {
    pub from: Date,
    pub limits: ClockLimits,
}

impl Era {
    pub fn begins(&self) -> OffsetDateTime {
        self.from.midnight().assume_offset(SHANGHAI)
    }
}

/// All limits that a city has had and will have: those of its beginning, and each later era from its day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockEras {
    first: ClockLimits,
    /// In the order of their days, no day twice.
    later: Vec<Era>,
}

/// Which clocks: those that started from an instant (included) until another one (not included); `None`: whenever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Started {
    pub from: Option<OffsetDateTime>,
    pub until: Option<OffsetDateTime>,
}

/// A day from which two decisions give other limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Differing {
    /// `None`: from the beginning.
    pub from: Option<Date>,
    pub before: ClockLimits,
    pub after: ClockLimits,
}

impl ClockEras {
    /// The same limits for good.
    pub const fn of(first: ClockLimits) -> Self {
        Self {
            first,
            later: Vec::new(),
        }
    }

    /// `None` when the eras are not in the order of their days.
    pub fn new(first: ClockLimits, later: Vec<Era>) -> Option<Self> {
        let in_order = later.windows(2).all(|two| two[0].from < two[1].from);
        in_order.then_some(Self { first, later })
    }

    pub const fn first(&self) -> &ClockLimits {
        &self.first
    }

    pub fn later(&self) -> &[Era] {
        &self.later
    }

    /// The limits of a clock that starts then.
    pub fn at(&self, start: OffsetDateTime) -> &ClockLimits {
        self.on(local_date(start))
    }

    fn on(&self, day: Date) -> &ClockLimits {
        let era = self.later.iter().rev().find(|era| era.from <= day);
        era.map_or(&self.first, |era| &era.limits)
    }

    /// The first day of the limits that are in force now; `None`: they are those of the beginning.
    pub fn since(&self, now: OffsetDateTime) -> Option<Date> {
        let today = local_date(now);
        let mut newest_first = self.later.iter().rev();
        let era = newest_first.find(|era| era.from <= today);
        era.map(|era| era.from)
    }

    /// What comes after the limits of now.
    pub fn coming(&self, now: OffsetDateTime) -> impl Iterator<Item = &Era> {
        let today = local_date(now);
        self.later.iter().filter(move |era| era.from > today)
    }

    /// The limits that stand once everything that was decided has come.
    pub fn last(&self) -> &ClockLimits {
        self.later.last().map_or(&self.first, |era| &era.limits)
    }

    /// With another decision: it takes the place of whatever was to begin on its day or later. One that changes nothing by then
    /// leaves no era of its own, and so takes back what was to come.
    #[must_use]
    pub fn decide(&self, era: Era) -> Self {
        let mut eras = self.clone();
        eras.later.retain(|one| one.from < era.from);
        if *eras.last() != era.limits {
            eras.later.push(era);
        }
        eras
    }

    /// Where this and another state of the decisions give other limits, in the order of the days.
    pub fn differing(&self, after: &Self) -> Vec<Differing> {
        let starts = self.later.iter().chain(&after.later).map(|era| era.from);
        let starts: std::collections::BTreeSet<Date> = starts.collect();
        let first = Differing {
            from: None,
            before: self.first,
            after: after.first,
        };
        let rest = starts.into_iter().map(|day| Differing {
            from: Some(day),
            before: *self.on(day),
            after: *after.on(day),
        });
        let mut all = vec![first];
        all.extend(rest);
        all.retain(|one| one.before != one.after);
        all
    }

    /// Something of the limits for every clock that has started by now: neighbouring eras that are alike in it are one.
    pub fn spans<T: PartialEq>(
        &self,
        now: OffsetDateTime,
        of: impl Fn(&ClockLimits) -> T,
    ) -> Vec<(Started, T)> {
        let today = local_date(now);
        let mut spans = Vec::new();
        let mut open = (Started::default(), of(&self.first));
        for era in self.later.iter().filter(|era| era.from <= today) {
            let value = of(&era.limits);
            if value == open.1 {
                continue;
            }
            let begins = era.begins();
            open.0.until = Some(begins);
            let next = Started {
                from: Some(begins),
                until: None,
            };
            spans.push(std::mem::replace(&mut open, (next, value)));
        }
        spans.push(open);
        spans
    }
}

impl Default for ClockEras {
    fn default() -> Self {
        Self::of(ClockLimits::default())
    }
}

#[cfg(test)]
mod tests {
    use time::{
        Duration,
        macros::{date, datetime},
    };

    use super::*;
    use crate::{
        calendar::WorkCalendar,
        financing::{ClockKind, Clocks},
    };

    const DAY: Date = date!(2026 - 03 - 10);
    const MIDNIGHT: OffsetDateTime = datetime!(2026-03-10 00:00 +8);

    fn accept(accept_days: u32) -> ClockLimits {
        ClockLimits {
            accept_days,
            ..ClockLimits::default()
        }
    }

    fn era(from: Date, days: u32) -> Era {
        Era {
            from,
            limits: accept(days),
        }
    }

    fn eras() -> ClockEras {
        ClockEras::default().decide(era(DAY, 3))
    }

    #[test]
    fn the_last_instant_of_an_era_and_the_first_of_the_next_one() {
        let eras = eras();
        let days = |at| eras.at(at).accept_days;
        assert_eq!(days(MIDNIGHT - Duration::NANOSECOND), 1);
        assert_eq!(days(MIDNIGHT), 3);
        // The same instants, told in another offset: the day is that of Shanghai.
        assert_eq!(days(datetime!(2026-03-09 15:59:59 UTC)), 1);
        assert_eq!(days(datetime!(2026-03-09 16:00 UTC)), 3);
        assert_eq!(eras.since(MIDNIGHT - Duration::NANOSECOND), None);
        assert_eq!(eras.since(MIDNIGHT), Some(DAY));
        assert_eq!(eras.coming(MIDNIGHT - Duration::SECOND).count(), 1);
        assert_eq!(eras.coming(MIDNIGHT).count(), 0);
    }

    #[test]
    fn a_clock_keeps_the_limit_of_its_start_however_late_it_is_read() {
        let (eras, calendar) = (eras(), WorkCalendar::new(2026..=2026, []));
        let clocks = Clocks {
            eras: &eras,
            calendar: &calendar,
            pauses: &[],
        };
        // A Monday, an hour before midnight: due on Tuesday, lost on Wednesday.
        let before = MIDNIGHT - Duration::HOUR;
        let due = before + Duration::DAY;
        assert_eq!(clocks.accept_due(before), Some(due));
        let lost = clocks.intake_runs_out(before, due);
        assert_eq!(lost, Some(before + Duration::days(2)));
        assert_eq!(
            clocks.accept_due(MIDNIGHT),
            Some(MIDNIGHT + Duration::days(3))
        );
        // Half of its day is left on Tuesday at eleven, although clocks of that day are given three.
        let later = MIDNIGHT + Duration::hours(11);
        let standing = clocks.read(ClockKind::Accept, before, due, later);
        assert_eq!(standing.left, Duration::hours(12));
        assert_eq!(standing.level, crate::financing::ClockLevel::Amber);
    }

    #[test]
    fn spans_reach_to_now_and_leave_out_what_does_not_differ() {
        let contact = ClockLimits {
            contact_days: 4,
            ..accept(3)
        };
        let eras = eras()
            .decide(Era {
                from: date!(2026 - 03 - 12),
                limits: contact,
            })
            .decide(era(date!(2026 - 03 - 20), 2));
        let now = datetime!(2026-03-15 09:00 +8);
        let spans = eras.spans(now, |limits| limits.accept_days);
        let until = Started {
            from: None,
            until: Some(MIDNIGHT),
        };
        let since = Started {
            from: Some(MIDNIGHT),
            until: None,
        };
        assert_eq!(spans, [(until, 1), (since, 3)]);
        assert_eq!(eras.spans(now, |limits| limits.contact_days).len(), 2);
        assert_eq!(eras.spans(now, |limits| limits.disburse_days).len(), 1);
    }

    #[test]
    fn a_decision_takes_the_place_of_what_was_to_come_from_its_day_on() {
        let eras = eras().decide(era(date!(2026 - 03 - 20), 4));
        let sooner = eras.decide(era(date!(2026 - 03 - 15), 2));
        let days: Vec<(Date, u32)> = sooner
            .later()
            .iter()
            .map(|era| (era.from, era.limits.accept_days))
            .collect();
        assert_eq!(days, [(DAY, 3), (date!(2026 - 03 - 15), 2)]);
        // The limits of before from the same day on take a decision back.
        let back = eras.decide(era(date!(2026 - 03 - 20), 3));
        assert_eq!(back, self::eras());
        let differing = eras.differing(&back);
        assert_eq!(differing.len(), 1);
        assert_eq!(differing[0].from, Some(date!(2026 - 03 - 20)));
        assert_eq!(differing[0].before.accept_days, 4);
        assert_eq!(differing[0].after.accept_days, 3);
        assert!(eras.differing(&eras).is_empty());
        let twice = vec![era(DAY, 2), era(DAY, 3)];
        assert_eq!(ClockEras::new(ClockLimits::default(), twice), None);
    }
}
