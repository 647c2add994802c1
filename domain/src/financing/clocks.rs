//! Clocks C1 to C4 and C-total (lifecycle section 4): working days of the tenant's calendar, paused while 退回补充.
//!
//! A due time is `None` when the calendar does not reach that far: it is shown as not yet known, never guessed, and
//! nobody's application waits for a calendar.

use time::{Duration, OffsetDateTime};

use crate::calendar::WorkCalendar;

/// Limits of a tenant; the defaults are those of the lifecycle page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockLimits {
    /// C1: working days until a branch accepts.
    pub accept_days: u32,
    /// C2: working days from submission until the first contact.
    pub contact_days: u32,
    /// C-total: working days from submission until the decision.
    pub decision_days: u32,
    /// C3: working days from approval to the first disbursement.
    pub disburse_days: u32,
    /// C4: calendar days to answer a 退回补充.
    pub supplement_days: u32,
    /// Calendar days after a 退回补充 on which the enterprise is warned (row 15).
    pub supplement_warning_days: u32,
    /// Calendar days after which the platform is told that nobody accepted a request (row 30).
    pub unaccepted_notice_days: u32,
    /// Calendar days after which a request that nobody accepted expires.
    pub expire_days: u32,
    /// Calendar days that a refused enterprise waits before the same product can be applied for again.
    pub cool_down_days: u32,
}

impl Default for ClockLimits {
    fn default() -> Self {
        Self {
            accept_days: 1,
            contact_days: 3,
            decision_days: 10,
            disburse_days: 5,
            supplement_days: 15,
            supplement_warning_days: 12,
            unaccepted_notice_days: 20,
            expire_days: 30,
            cool_down_days: 0,
        }
    }
}

/// A tenant's clocks: its limits read on its calendar.
#[derive(Clone, Copy, Debug)]
pub struct Clocks<'a> {
    pub limits: ClockLimits,
    pub calendar: &'a WorkCalendar,
}

impl Clocks<'_> {
    pub fn accept_due(&self, from: OffsetDateTime) -> Option<OffsetDateTime> {
        self.calendar
            .add_working_days(from, self.limits.accept_days)
            .ok()
    }

    pub fn contact_due(&self, submitted: OffsetDateTime) -> Option<OffsetDateTime> {
        self.calendar
            .add_working_days(submitted, self.limits.contact_days)
            .ok()
    }

    pub fn decision_due(&self, submitted: OffsetDateTime) -> Option<OffsetDateTime> {
        self.calendar
            .add_working_days(submitted, self.limits.decision_days)
            .ok()
    }

    pub fn disburse_due(&self, approved: OffsetDateTime) -> Option<OffsetDateTime> {
        self.calendar
            .add_working_days(approved, self.limits.disburse_days)
            .ok()
    }

    /// 改派: HQ has one working day for what a branch gave back (row 8).
    pub fn dispatch_due(&self, from: OffsetDateTime) -> Option<OffsetDateTime> {
        self.calendar.add_working_days(from, 1).ok()
    }

    /// When a branch has had it for twice the limit of C1 (row 11).
    pub fn intake_runs_out(&self, since: OffsetDateTime) -> Option<OffsetDateTime> {
        self.calendar
            .add_working_days(since, self.limits.accept_days.saturating_mul(2))
            .ok()
    }

    /// Until when 复议 may be asked for (row 23).
    pub fn reconsider_until(&self, decided: OffsetDateTime) -> Option<OffsetDateTime> {
        self.calendar.add_working_days(decided, 5).ok()
    }

    /// Until when a mistake may be corrected (row 24).
    pub fn correct_until(&self, decided: OffsetDateTime) -> Option<OffsetDateTime> {
        self.calendar.add_working_days(decided, 2).ok()
    }

    pub fn supplement_due(&self, asked: OffsetDateTime) -> OffsetDateTime {
        asked + Duration::days(self.limits.supplement_days.into())
    }

    pub fn expires_at(&self, submitted: OffsetDateTime) -> OffsetDateTime {
        submitted + Duration::days(self.limits.expire_days.into())
    }

    /// A due time moved by a pause: the working time that was left when it began, from now on.
    pub fn resume(
        &self,
        due: OffsetDateTime,
        paused_at: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Option<OffsetDateTime> {
        if due <= paused_at {
            return Some(due);
        }
        let left = self.calendar.working_time_between(paused_at, due).ok()?;
        self.calendar.add_working_time(now, left).ok()
    }

    /// How a running clock stands (B3): working time gone of the working time given.
    pub fn standing(
        &self,
        start: OffsetDateTime,
        due: OffsetDateTime,
        now: OffsetDateTime,
    ) -> ClockStanding {
        if now >= due {
            return ClockStanding::read(due - start, due - now);
        }
        let between = |from, to| self.calendar.working_time_between(from, to);
        ClockStanding::read(
            between(start, due).unwrap_or(due - start),
            between(now, due).unwrap_or(due - now),
        )
    }
}

/// Amber at 50 %, red at 80 %, overdue at 100 % of a clock's working time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockLevel {
    Calm,
    Amber,
    Red,
    Overdue,
}

/// A clock at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockStanding {
    pub level: ClockLevel,
    /// Time left; once overdue, the time since then, negative.
    pub left: Duration,
}

impl ClockStanding {
    /// From the time given and the time left.
    pub fn read(whole: Duration, left: Duration) -> Self {
        let gone = whole - left;
        let level = if left <= Duration::ZERO {
            ClockLevel::Overdue
        } else if gone * 5 >= whole * 4 {
            ClockLevel::Red
        } else if gone * 2 >= whole {
            ClockLevel::Amber
        } else {
            ClockLevel::Calm
        };
        Self { level, left }
    }
}

#[cfg(test)]
mod standing_tests {
    use time::macros::datetime;

    use super::*;

    fn level(now: OffsetDateTime) -> ClockLevel {
        let calendar = WorkCalendar::new(2026..=2026, []);
        let clocks = Clocks {
            limits: ClockLimits::default(),
            calendar: &calendar,
        };
        // Friday noon to Monday noon: one working day.
        let start = datetime!(2026-03-06 12:00 +8);
        let due = datetime!(2026-03-09 12:00 +8);
        clocks.standing(start, due, now).level
    }

    #[test]
    fn amber_at_half_red_at_four_fifths_overdue_at_the_end() {
        assert_eq!(level(datetime!(2026-03-06 23:59 +8)), ClockLevel::Calm);
        assert_eq!(level(datetime!(2026-03-09 0:00 +8)), ClockLevel::Amber);
        assert_eq!(level(datetime!(2026-03-09 7:11 +8)), ClockLevel::Amber);
        assert_eq!(level(datetime!(2026-03-09 7:12 +8)), ClockLevel::Red);
        assert_eq!(level(datetime!(2026-03-09 12:00 +8)), ClockLevel::Overdue);
    }

    #[test]
    fn a_weekend_uses_up_nothing() {
        assert_eq!(level(datetime!(2026-03-07 15:00 +8)), ClockLevel::Amber);
        assert_eq!(level(datetime!(2026-03-08 23:00 +8)), ClockLevel::Amber);
    }
}
