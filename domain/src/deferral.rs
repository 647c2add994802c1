//! Deferral 延期 (W18): another due day for a draw, asked for by the enterprise and agreed to by two people of the bank.

use time::{Date, Duration};

use crate::vocabulary;

/// How much later a day may be put at most: what takes longer is a new loan.
pub const LONGEST_DAYS: i64 = 366;

vocabulary! {
    /// Where a 延期申请 stands.
    DeferralStatus {
        Open = "open" / "待支行答复",
        Proposed = "proposed" / "支行拟同意，待复核",
        Agreed = "agreed" / "已同意延期",
        Declined = "declined" / "未同意延期",
        Withdrawn = "withdrawn" / "企业已撤回",
        Lapsed = "lapsed" / "贷款已结清",
    }
}

impl DeferralStatus {
    /// Somebody still has to say something; a loan has one such at most.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Proposed)
    }
}

/// What is wrong with a new due day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayFault {
    /// Not later than the day that stands, or past.
    TooEarly {
        after: Date,
    },
    TooLate {
        latest: Date,
    },
}

/// Whether a draw that is due on one day may be due on another one instead.
pub fn check_day(due_on: Date, new: Date, today: Date) -> Result<(), DayFault> {
    let after = due_on.max(today);
    if new <= after {
        return Err(DayFault::TooEarly { after });
    }
    let latest = due_on + Duration::days(LONGEST_DAYS);
    if new > latest {
        return Err(DayFault::TooLate { latest });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_day_is_put_later_than_it_stands_and_than_today_and_by_a_year_at_most() {
        let (due, today) = (date!(2026 - 12 - 20), date!(2026 - 11 - 25));
        assert_eq!(check_day(due, date!(2026 - 12 - 21), today), Ok(()));
        assert_eq!(check_day(due, date!(2027 - 12 - 21), today), Ok(()));
        let late = DayFault::TooLate {
            latest: date!(2027 - 12 - 21),
        };
        assert_eq!(check_day(due, date!(2027 - 12 - 22), today), Err(late));
        let early = DayFault::TooEarly { after: due };
        assert_eq!(check_day(due, due, today), Err(early));
        let past = DayFault::TooEarly {
            after: date!(2027 - 01 - 05),
        };
        let today = date!(2027 - 01 - 05);
        assert_eq!(check_day(due, today, today), Err(past));
    }
}
