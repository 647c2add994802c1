//! Clocks C1 to C4 and C-total (lifecycle section 4): working days of the tenant's calendar, paused while 退回补充.
//!
//! A due time is `None` when the calendar does not reach that far: it is shown as not yet known, never guessed, and
//! nobody's application waits for a calendar.

use time::{Date, Duration, OffsetDateTime};

use super::{ApplicationRecord, ClockEras, Pause, Stage};
use crate::{
    calendar::{SHANGHAI, WorkCalendar},
    vocabulary,
};

vocabulary! {
    /// 时钟: one promise that runs; the Chinese word is what it waits for.
    ClockKind {
        Accept = "accept" / "接单",
        Dispatch = "dispatch" / "改派",
        Contact = "contact" / "首次联系企业",
        Decision = "decision" / "审核",
        Disburse = "disburse" / "放款",
        Supplement = "supplement" / "企业补充材料",
    }
}

/// A clock that runs on an application, and until when; `None` when the calendar does not reach that far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunningClock {
    pub kind: ClockKind,
    pub due: Option<OffsetDateTime>,
}

/// What tells when 资料授权 of a request ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub stage: Stage,
    pub reconsidered: bool,
    pub decided_at: Option<OffsetDateTime>,
    pub updated_at: OffsetDateTime,
}

impl From<&ApplicationRecord> for Outcome {
    fn from(record: &ApplicationRecord) -> Self {
        Self {
            stage: record.stage,
            reconsidered: record.reconsidered,
            decided_at: record.decided_at,
            updated_at: record.updated_at,
        }
    }
}

/// The clocks that run now, the next one first; none while 冻结 stops them all (lifecycle section 4).
pub fn running_clocks(record: &ApplicationRecord) -> Vec<RunningClock> {
    let clock = |kind, due| RunningClock { kind, due };
    let decision = clock(ClockKind::Decision, record.decision_due_at);
    if record.frozen {
        return Vec::new();
    }
    match record.stage {
        Stage::Submitted => vec![clock(ClockKind::Accept, record.due_at), decision],
        Stage::ReturnedToHq => vec![clock(ClockKind::Dispatch, record.due_at), decision],
        Stage::Accepted if record.contacted_at.is_none() => {
            vec![clock(ClockKind::Contact, record.contact_due_at), decision]
        }
        Stage::Accepted | Stage::DueDiligence | Stage::InApproval => vec![decision],
        Stage::NeedSupplement => vec![clock(ClockKind::Supplement, record.due_at)],
        Stage::Approved => vec![clock(ClockKind::Disburse, record.due_at)],
        _ => Vec::new(),
    }
}

/// Stages in which the institution owes a step and its clock runs, up to the money (C3). 已超时 means that one of these has let
/// its time pass, whoever counts it: a branch, its headquarters or the city.
pub const OWED: [Stage; 6] = [
    Stage::Submitted,
    Stage::ReturnedToHq,
    Stage::Accepted,
    Stage::DueDiligence,
    Stage::InApproval,
    Stage::Approved,
];

/// The institution is late with what it owes; while 冻结 no clock runs.
pub fn is_overdue(record: &ApplicationRecord, now: OffsetDateTime) -> bool {
    OWED.contains(&record.stage) && !record.frozen && record.due_at.is_some_and(|due| due < now)
}

/// Working days after the day of a 放款 or 还款 within which it is told; what is told later is 迟报.
pub const REPORT_DAYS: u32 = 3;

/// So long the papers of a refused request stay open where the calendar ends before: five working days with a long holiday in between.
const WITHOUT_A_CALENDAR: Duration = Duration::days(15);

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
    /// C5: working days until a complaint is answered.
    pub complaint_days: u32,
}

impl ClockLimits {
    /// Those of the lifecycle page.
    pub const SHIPPED: Self = Self {
        accept_days: 1,
        contact_days: 3,
        decision_days: 10,
        disburse_days: 5,
        supplement_days: 15,
        supplement_warning_days: 12,
        unaccepted_notice_days: 20,
        expire_days: 30,
        cool_down_days: 0,
        complaint_days: 3,
    };

    /// The whole time that a clock gives.
    pub fn whole(&self, kind: ClockKind) -> Duration {
        let days = match kind {
            ClockKind::Accept => self.accept_days,
            ClockKind::Dispatch => 1,
            ClockKind::Contact => self.contact_days,
            ClockKind::Decision => self.decision_days,
            ClockKind::Disburse => self.disburse_days,
            ClockKind::Supplement => self.supplement_days,
        };
        Duration::days(days.into())
    }

    /// How long before the end of 退回补充 the enterprise is warned.
    pub fn supplement_left_at_warning(&self) -> Duration {
        let left = self
            .supplement_days
            .saturating_sub(self.supplement_warning_days);
        Duration::days(left.into())
    }
}

impl Default for ClockLimits {
    fn default() -> Self {
        Self::SHIPPED
    }
}

/// A tenant's clocks: the limits of when each starts, read on its calendar, over the times in which it was suspended.
#[derive(Clone, Copy, Debug)]
pub struct Clocks<'a> {
    pub eras: &'a ClockEras,
    pub calendar: &'a WorkCalendar,
    /// Those that are over.
    pub pauses: &'a [Pause],
}

impl Clocks<'_> {
    fn after(&self, from: OffsetDateTime, working_days: u32) -> Option<OffsetDateTime> {
        self.add_working(from, Duration::days(working_days.into()))
    }

    pub fn accept_due(&self, from: OffsetDateTime) -> Option<OffsetDateTime> {
        self.after(from, self.eras.at(from).accept_days)
    }

    pub fn contact_due(&self, submitted: OffsetDateTime) -> Option<OffsetDateTime> {
        self.after(submitted, self.eras.at(submitted).contact_days)
    }

    pub fn decision_due(&self, submitted: OffsetDateTime) -> Option<OffsetDateTime> {
        self.after(submitted, self.eras.at(submitted).decision_days)
    }

    pub fn disburse_due(&self, approved: OffsetDateTime) -> Option<OffsetDateTime> {
        self.after(approved, self.eras.at(approved).disburse_days)
    }

    /// 改派: HQ has one working day for what a branch gave back (row 8).
    pub fn dispatch_due(&self, from: OffsetDateTime) -> Option<OffsetDateTime> {
        self.after(from, 1)
    }

    /// When a branch has had it for twice the limit of C1 (row 11): the limit under which it got it, once more after it was due, so
    /// that a hold, which moves the due time, moves this too.
    pub fn intake_runs_out(
        &self,
        since: OffsetDateTime,
        accept_due: OffsetDateTime,
    ) -> Option<OffsetDateTime> {
        self.after(accept_due, self.eras.at(since).accept_days)
    }

    /// What has been due for this many working days at this moment was due before; `None` when the calendar ends.
    pub fn overdue_since(&self, days: u32, now: OffsetDateTime) -> Option<OffsetDateTime> {
        self.subtract_working(now, Duration::days(days.into()))
    }

    /// Until when 复议 may be asked for (row 23).
    pub fn reconsider_until(&self, decided: OffsetDateTime) -> Option<OffsetDateTime> {
        self.after(decided, 5)
    }

    /// Until when a mistake may be corrected (row 24).
    pub fn correct_until(&self, decided: OffsetDateTime) -> Option<OffsetDateTime> {
        self.after(decided, 2)
    }

    /// 资料授权 of what is over ends with what may still follow it: 复议 (row 23), 更正误操作 (row 24); at once where nothing may.
    /// `None` while it is not over.
    pub fn consents_end(&self, outcome: impl Into<Outcome>) -> Option<OffsetDateTime> {
        let outcome = outcome.into();
        let decided = outcome.decided_at.unwrap_or(outcome.updated_at);
        let until = match outcome.stage {
            Stage::Rejected if !outcome.reconsidered => self.reconsider_until(decided),
            Stage::Rejected | Stage::RefusedIntake => self.correct_until(decided),
            stage if stage.is_terminal() => Some(outcome.updated_at),
            _ => return None,
        };
        // A calendar that ends leaves nobody's papers open for good.
        Some(until.unwrap_or(decided + WITHOUT_A_CALENDAR))
    }

    /// C5: until when a complaint is answered.
    pub fn complaint_due(&self, filed: OffsetDateTime) -> Option<OffsetDateTime> {
        self.after(filed, self.eras.at(filed).complaint_days)
    }

    /// Until when a 放款 or 还款 of that day is told in time; `None` when the calendar does not reach that far.
    pub fn report_due(&self, day: Date) -> Option<OffsetDateTime> {
        let over = day.next_day()?.midnight().assume_offset(SHANGHAI);
        self.after(over, REPORT_DAYS)
    }

    /// The working time that something took; `None` when the calendar does not reach that far.
    pub fn taken(&self, from: OffsetDateTime, to: OffsetDateTime) -> Option<Duration> {
        self.working_between(from, to)
    }

    /// What is due within so many working days from now is due by then.
    pub fn due_within(&self, days: u32, now: OffsetDateTime) -> Option<OffsetDateTime> {
        self.after(now, days)
    }

    pub fn supplement_due(&self, asked: OffsetDateTime) -> OffsetDateTime {
        self.add(asked, self.eras.at(asked).whole(ClockKind::Supplement))
    }

    pub fn expires_at(&self, submitted: OffsetDateTime) -> OffsetDateTime {
        let days = self.eras.at(submitted).expire_days;
        self.add(submitted, Duration::days(days.into()))
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
        self.add_working(now, self.working_between(paused_at, due)?)
    }

    /// The same for a clock of calendar days: it gets the days back.
    pub fn resume_days(
        &self,
        due: OffsetDateTime,
        paused_at: OffsetDateTime,
        now: OffsetDateTime,
    ) -> OffsetDateTime {
        self.add(due, self.between(paused_at, now))
    }

    /// How a running clock stands (B3): what is left of the time that it was given when it started. A pause has moved the due time,
    /// so it uses up nothing.
    pub fn read(
        &self,
        kind: ClockKind,
        since: OffsetDateTime,
        due: OffsetDateTime,
        now: OffsetDateTime,
    ) -> ClockStanding {
        let left = if now >= due {
            -self.between(due, now)
        } else if kind.is_working() {
            self.working_between(now, due).unwrap_or(due - now)
        } else {
            self.between(now, due)
        };
        ClockStanding::read(self.eras.at(since).whole(kind), left)
    }

    /// Clocks of this kind that were given this whole time have used up at least `percent` when they are due by then; `None`: all
    /// that have a due time, since the calendar ends before.
    pub fn used_up(
        &self,
        (kind, whole): (ClockKind, Duration),
        percent: u8,
        now: OffsetDateTime,
    ) -> Option<OffsetDateTime> {
        if percent >= 100 {
            return Some(now);
        }
        let left = whole * (100 - i32::from(percent)) / 100;
        if kind.is_working() {
            self.add_working(now, left)
        } else {
            Some(self.add(now, left))
        }
    }
}

impl ClockKind {
    /// Since when it runs on an application: what decides which limits it was given. `None` before it was submitted. 改派 is given the
    /// same at all times, so any instant tells its limit.
    pub fn started(self, record: &ApplicationRecord) -> Option<OffsetDateTime> {
        match self {
            Self::Accept => record.intake_since.or(record.submitted_at),
            Self::Contact | Self::Dispatch => record.submitted_at,
            Self::Decision => record.decision_since.or(record.submitted_at),
            Self::Disburse => record.decided_at,
            Self::Supplement => record.paused_at,
        }
    }

    /// The clock that `due_at` of an application belongs to.
    pub const fn of_stage(stage: Stage) -> Option<Self> {
        Some(match stage {
            Stage::Submitted => Self::Accept,
            Stage::ReturnedToHq => Self::Dispatch,
            Stage::Accepted => Self::Contact,
            Stage::DueDiligence | Stage::InApproval => Self::Decision,
            Stage::NeedSupplement => Self::Supplement,
            Stage::Approved => Self::Disburse,
            _ => return None,
        })
    }

    /// Counted in working time; the enterprise's own clock runs on calendar days.
    pub const fn is_working(self) -> bool {
        !matches!(self, Self::Supplement)
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

    #[test]
    fn the_institution_owes_wherever_a_clock_of_its_own_runs() {
        let owed: Vec<Stage> = Stage::ALL
            .iter()
            .copied()
            .filter(|stage| ClockKind::of_stage(*stage).is_some_and(ClockKind::is_working))
            .collect();
        assert_eq!(owed, OWED);
    }

    fn level(now: OffsetDateTime) -> ClockLevel {
        let calendar = WorkCalendar::new(2026..=2026, []);
        let clocks = Clocks {
            eras: &ClockEras::default(),
            calendar: &calendar,
            pauses: &[],
        };
        // Friday noon to Monday noon: one working day.
        let start = datetime!(2026-03-06 12:00 +8);
        let due = datetime!(2026-03-09 12:00 +8);
        assert_eq!(clocks.accept_due(start), Some(due));
        clocks.read(ClockKind::Accept, start, due, now).level
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
    fn a_pause_uses_up_nothing_either() {
        let calendar = WorkCalendar::new(2026..=2026, []);
        let clocks = Clocks {
            eras: &ClockEras::default(),
            calendar: &calendar,
            pauses: &[],
        };
        let submitted = datetime!(2026-03-02 09:00 +8);
        let due = clocks.decision_due(submitted).unwrap();
        let (asked, answered) = (
            datetime!(2026-03-04 09:00 +8),
            datetime!(2026-03-18 09:00 +8),
        );
        let due = clocks.resume(due, asked, answered).unwrap();
        let standing = clocks.read(ClockKind::Decision, submitted, due, answered);
        assert_eq!(standing.left, Duration::days(8), "two of ten days are gone");
        assert_eq!(standing.level, ClockLevel::Calm);
    }

    #[test]
    fn what_is_due_by_the_threshold_is_what_has_used_up_that_much() {
        let calendar = WorkCalendar::new(2026..=2026, []);
        let clocks = Clocks {
            eras: &ClockEras::default(),
            calendar: &calendar,
            pauses: &[],
        };
        for hours in 0..400 {
            let now = datetime!(2026-03-02 09:00 +8) + Duration::hours(hours);
            let decision = datetime!(2026-03-03 15:20 +8);
            let supplement = datetime!(2026-03-01 11:00 +8);
            for (kind, since, due) in [
                (ClockKind::Decision, decision, clocks.decision_due(decision)),
                (
                    ClockKind::Supplement,
                    supplement,
                    Some(clocks.supplement_due(supplement)),
                ),
            ] {
                let due = due.unwrap();
                let whole = ClockLimits::SHIPPED.whole(kind);
                let level = clocks.read(kind, since, due, now).level;
                for (percent, least) in [
                    (50, ClockLevel::Amber),
                    (80, ClockLevel::Red),
                    (100, ClockLevel::Overdue),
                ] {
                    let by = clocks.used_up((kind, whole), percent, now).unwrap();
                    assert_eq!(
                        due <= by,
                        level as u8 >= least as u8,
                        "{kind:?} {percent} {now}"
                    );
                }
            }
        }
        let late = datetime!(2026-12-30 09:00 +8);
        let ten_days = (ClockKind::Decision, Duration::days(10));
        assert_eq!(clocks.used_up(ten_days, 50, late), None);
    }

    #[test]
    fn a_weekend_uses_up_nothing() {
        assert_eq!(level(datetime!(2026-03-07 15:00 +8)), ClockLevel::Amber);
        assert_eq!(level(datetime!(2026-03-08 23:00 +8)), ClockLevel::Amber);
    }
}
