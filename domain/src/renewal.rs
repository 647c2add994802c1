//! Renewal 续贷 (W18, B11): from when on a loan may be asked to be renewed, and how near its day is when that is spoken of.

use time::{Date, Duration};

use crate::vocabulary;

/// Days before a due day from which 申请续贷 is open; it stays open until the loan is settled.
pub const OPENS_DAYS: i64 = 60;
/// Days for which 补充材料 of the loan's own request are taken over into the new one.
pub const MATERIALS_DAYS: i64 = 365;

vocabulary! {
    /// 到期名单: within how many days principal is due. Each is a step of its own.
    RenewalStep {
        Sixty = "60" / "60 天内到期",
        Thirty = "30" / "30 天内到期",
        Fifteen = "15" / "15 天内到期",
    }
}

impl RenewalStep {
    /// Days before the due day at which it begins.
    pub const fn days(self) -> i64 {
        match self {
            Self::Sixty => OPENS_DAYS,
            Self::Thirty => 30,
            Self::Fifteen => 15,
        }
    }

    /// The nearest one reached; nothing before the first one, and nothing once the day is past.
    pub fn of(due_on: Date, today: Date) -> Option<Self> {
        let left = (due_on - today).whole_days();
        let reached = |step: &&Self| (0..=step.days()).contains(&left);
        Self::ALL.iter().rev().find(reached).copied()
    }
}

/// The first day on which a loan with this due day may be asked to be renewed.
pub fn opens_on(due_on: Date) -> Date {
    due_on - Duration::days(OPENS_DAYS)
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn each_step_is_the_nearest_one_that_was_reached() {
        let due = date!(2027 - 03 - 01);
        for (today, step) in [
            (date!(2026 - 12 - 30), None),
            (date!(2026 - 12 - 31), Some(RenewalStep::Sixty)),
            (date!(2027 - 01 - 29), Some(RenewalStep::Sixty)),
            (date!(2027 - 01 - 30), Some(RenewalStep::Thirty)),
            (date!(2027 - 02 - 13), Some(RenewalStep::Thirty)),
            (date!(2027 - 02 - 14), Some(RenewalStep::Fifteen)),
            (due, Some(RenewalStep::Fifteen)),
            (date!(2027 - 03 - 02), None),
        ] {
            assert_eq!(RenewalStep::of(due, today), step, "{today}");
        }
        assert_eq!(opens_on(due), date!(2026 - 12 - 31));
    }
}
