//! Clocks C1 to C4 and C-total (lifecycle section 4): working days of the tenant's calendar, paused while 退回补充.

use time::{Duration, OffsetDateTime};

use crate::calendar::{CalendarEnds, WorkCalendar};

/// Limits of a tenant; the defaults are those of the lifecycle page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockLimits {
    /// C1: working days until a branch accepts.
    pub accept_days: u16,
    /// C2: working days from submission until the first contact.
    pub contact_days: u16,
    /// C-total: working days from submission until the decision.
    pub decision_days: u16,
    /// C3: working days from approval to the first disbursement.
    pub disburse_days: u16,
    /// C4: calendar days to answer a 退回补充.
    pub supplement_days: u16,
    /// Calendar days after which a request that nobody accepted expires.
    pub expire_days: u16,
    /// Calendar days that a refused enterprise waits before the same product can be applied for again.
    pub cool_down_days: u16,
}

impl Default for ClockLimits {
    fn default() -> Self {
        Self {
            accept_days: 1,
            contact_days: 3,
            decision_days: 10,
            disburse_days: 5,
            supplement_days: 15,
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
    pub fn accept_due(&self, from: OffsetDateTime) -> Result<OffsetDateTime, CalendarEnds> {
        self.calendar
            .add_working_days(from, self.limits.accept_days)
    }

    pub fn contact_due(&self, submitted: OffsetDateTime) -> Result<OffsetDateTime, CalendarEnds> {
        self.calendar
            .add_working_days(submitted, self.limits.contact_days)
    }

    pub fn decision_due(&self, submitted: OffsetDateTime) -> Result<OffsetDateTime, CalendarEnds> {
        self.calendar
            .add_working_days(submitted, self.limits.decision_days)
    }

    pub fn disburse_due(&self, approved: OffsetDateTime) -> Result<OffsetDateTime, CalendarEnds> {
        self.calendar
            .add_working_days(approved, self.limits.disburse_days)
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
    ) -> Result<OffsetDateTime, CalendarEnds> {
        if due <= paused_at {
            return Ok(due);
        }
        let left = self.calendar.working_time_between(paused_at, due)?;
        self.calendar.add_working_time(now, left)
    }
}
