//! 暂停服务 of a city: while nobody can accept or answer in it, no clock runs against anybody. Every due time is reckoned over the
//! pauses, so that what a row says and what its log says stay the same.

use time::{Duration, OffsetDateTime};

use super::Clocks;

/// A time in which a city was suspended; the list of a city is in order and none overlaps another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    pub since: OffsetDateTime,
    pub until: OffsetDateTime,
}

impl Pause {
    /// What lies of it between two instants.
    fn within(&self, from: OffsetDateTime, to: OffsetDateTime) -> Option<Self> {
        let (since, until) = (self.since.max(from), self.until.min(to));
        (since < until).then_some(Self { since, until })
    }
}

impl Clocks<'_> {
    /// Working time from an instant on.
    pub(super) fn add_working(
        &self,
        from: OffsetDateTime,
        span: Duration,
    ) -> Option<OffsetDateTime> {
        let (mut at, mut left) = (from, span);
        for pause in self.pauses.iter().filter(|pause| pause.until > from) {
            if at < pause.since {
                let end = self.calendar.add_working_time(at, left).ok()?;
                if end <= pause.since {
                    return Some(end);
                }
                left -= self.calendar.working_time_between(at, pause.since).ok()?;
            }
            at = pause.until;
        }
        self.calendar.add_working_time(at, left).ok()
    }

    /// The last instant from which so much working time has passed until `to`.
    pub(super) fn subtract_working(
        &self,
        to: OffsetDateTime,
        span: Duration,
    ) -> Option<OffsetDateTime> {
        let (mut at, mut left) = (to, span);
        for pause in self.pauses.iter().rev().filter(|pause| pause.since < to) {
            if at > pause.until {
                let begin = self.calendar.subtract_working_time(at, left).ok()?;
                if begin >= pause.until {
                    return Some(begin);
                }
                left -= self.calendar.working_time_between(pause.until, at).ok()?;
            }
            at = pause.since;
        }
        self.calendar.subtract_working_time(at, left).ok()
    }

    /// Working time from one instant to a later one.
    pub(super) fn working_between(
        &self,
        from: OffsetDateTime,
        to: OffsetDateTime,
    ) -> Option<Duration> {
        let mut sum = self.calendar.working_time_between(from, to).ok()?;
        for lost in self.pauses.iter().filter_map(|p| p.within(from, to)) {
            let lost = self.calendar.working_time_between(lost.since, lost.until);
            sum -= lost.ok()?;
        }
        Some(sum)
    }

    /// Plain time from an instant on.
    pub(super) fn add(&self, from: OffsetDateTime, span: Duration) -> OffsetDateTime {
        let (mut at, mut left) = (from, span);
        for pause in self.pauses.iter().filter(|pause| pause.until > from) {
            if at < pause.since {
                if at + left <= pause.since {
                    return at + left;
                }
                left -= pause.since - at;
            }
            at = pause.until;
        }
        at + left
    }

    /// The instant from which so much plain time has passed until `to`.
    pub fn back(&self, to: OffsetDateTime, span: Duration) -> OffsetDateTime {
        let (mut at, mut left) = (to, span);
        for pause in self.pauses.iter().rev().filter(|pause| pause.since < to) {
            if at > pause.until {
                if at - left >= pause.until {
                    return at - left;
                }
                left -= at - pause.until;
            }
            at = pause.since;
        }
        at - left
    }

    /// Plain time from one instant to a later one.
    pub(super) fn between(&self, from: OffsetDateTime, to: OffsetDateTime) -> Duration {
        let lost = self.pauses.iter().filter_map(|p| p.within(from, to));
        lost.fold(to - from, |sum, lost| sum - (lost.until - lost.since))
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::{
        calendar::WorkCalendar,
        financing::{ClockEras, ClockKind},
    };

    /// Wednesday noon to the Monday of the second week after it, and three hours of a later day.
    const PAUSES: [Pause; 2] = [
        Pause {
            since: datetime!(2026-03-04 12:00 +8),
            until: datetime!(2026-03-16 09:00 +8),
        },
        Pause {
            since: datetime!(2026-03-18 09:00 +8),
            until: datetime!(2026-03-18 12:00 +8),
        },
    ];

    fn with<T>(pauses: &[Pause], ask: impl FnOnce(&Clocks<'_>) -> T) -> T {
        let calendar = WorkCalendar::new(2026..=2026, []);
        ask(&Clocks {
            eras: &ClockEras::default(),
            calendar: &calendar,
            pauses,
        })
    }

    #[test]
    fn a_due_time_behind_a_pause_moves_by_it_and_one_before_it_stays() {
        let tuesday = datetime!(2026-03-03 10:00 +8);
        with(&PAUSES, |clocks| {
            assert_eq!(clocks.accept_due(tuesday), Some(tuesday + Duration::DAY));
            // Two hours of Wednesday were left; the other 22 come after the pause.
            let wednesday = datetime!(2026-03-04 10:00 +8);
            let due = datetime!(2026-03-17 07:00 +8);
            assert_eq!(clocks.accept_due(wednesday), Some(due));
            // What began while nobody was there begins when somebody is.
            let within = datetime!(2026-03-10 10:00 +8);
            let due = datetime!(2026-03-17 09:00 +8);
            assert_eq!(clocks.accept_due(within), Some(due));
            assert_eq!(
                clocks.expires_at(tuesday),
                tuesday + Duration::days(30 + 11) + Duration::hours(21 + 3)
            );
        });
    }

    #[test]
    fn forth_and_back_are_the_same_way() {
        with(&PAUSES, |clocks| {
            for hours in 0..700 {
                let from = datetime!(2026-03-02 09:30 +8) + Duration::hours(hours);
                let span = Duration::days(3);
                let due = clocks.add_working(from, span).unwrap();
                assert_eq!(clocks.working_between(from, due), Some(span), "{from}");
                let back = clocks.subtract_working(due, span).unwrap();
                assert_eq!(
                    clocks.working_between(back, due),
                    Some(span),
                    "{from} {back}"
                );
                let later = clocks.add(from, span);
                assert_eq!(clocks.between(from, later), span);
                assert_eq!(clocks.between(clocks.back(later, span), later), span);
            }
        });
    }

    #[test]
    fn what_is_left_when_it_is_suspended_is_what_is_left_afterwards() {
        let submitted = datetime!(2026-03-03 10:00 +8);
        let pause = PAUSES[0];
        let due = with(&[], |clocks| clocks.decision_due(submitted)).unwrap();
        let left = |pauses: &[Pause], due, at| {
            with(pauses, |clocks| {
                clocks.read(ClockKind::Decision, submitted, due, at)
            })
        };
        let before = left(&[], due, pause.since);
        let due = with(&PAUSES[..1], |clocks| clocks.decision_due(submitted)).unwrap();
        assert_eq!(left(&PAUSES[..1], due, pause.until), before);
        // Moving a row by the pause gives what its log gives.
        let moved = with(&[], |clocks| {
            let old = clocks.decision_due(submitted).unwrap();
            clocks.resume(old, pause.since, pause.until)
        });
        assert_eq!(moved, Some(due));
    }
}
