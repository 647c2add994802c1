//! Call-back 回访 (O2): what is asked on the phone, how often one calls, and how large a sample is.

use crate::vocabulary;

/// Calls that are tried before a request counts as not reached.
pub const MOST_CALLS: i16 = 3;
/// Work orders of one sample.
pub const MOST_DRAWN: i64 = 500;

vocabulary! {
    /// 工单状态.
    CallbackStatus {
        Open = "open" / "待回访",
        Reached = "reached" / "已回访",
        Unreached = "unreached" / "未联系上",
    }
}

vocabulary! {
    /// An answer on the phone; 不适用 where the request was not granted.
    Reply {
        Yes = "yes" / "是",
        No = "no" / "否",
        None = "none" / "不适用",
    }
}

vocabulary! {
    /// How a sample is measured.
    Measure {
        Number = "number" / "件数",
        Percent = "percent" / "百分比",
    }
}

impl Measure {
    /// How many of so many are drawn; at least one of a per cent of something, and never more than there are.
    pub fn drawn(self, amount: i64, found: i64) -> i64 {
        let wanted = match self {
            Self::Number => amount,
            Self::Percent => (found * amount + 99) / 100,
        };
        wanted.min(found).min(MOST_DRAWN)
    }
}

/// Whether what was said of the amount goes with what was said of the loan: only what was paid out has an amount.
pub fn fits(disbursed: Reply, amount_matches: Reply) -> bool {
    (disbursed == Reply::Yes) == (amount_matches != Reply::None)
}

impl CallbackStatus {
    /// After a call that is number `call`.
    pub const fn after(reached: bool, call: i16) -> Self {
        if reached {
            Self::Reached
        } else if call >= MOST_CALLS {
            Self::Unreached
        } else {
            Self::Open
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CallbackStatus, Measure, Reply, fits};

    #[test]
    fn a_per_cent_is_rounded_up_and_nothing_is_drawn_from_nothing() {
        for (measure, amount, found, drawn) in [
            (Measure::Number, 5, 20, 5),
            (Measure::Number, 5, 3, 3),
            (Measure::Percent, 10, 25, 3),
            (Measure::Percent, 100, 7, 7),
            (Measure::Percent, 1, 1, 1),
            (Measure::Percent, 50, 0, 0),
            (Measure::Number, 9_000, 9_000, 500),
        ] {
            assert_eq!(measure.drawn(amount, found), drawn, "{amount} of {found}");
        }
    }

    #[test]
    fn only_what_was_paid_out_has_an_amount_to_compare() {
        for (disbursed, amount, right) in [
            (Reply::Yes, Reply::Yes, true),
            (Reply::Yes, Reply::No, true),
            (Reply::Yes, Reply::None, false),
            (Reply::No, Reply::None, true),
            (Reply::No, Reply::Yes, false),
            (Reply::None, Reply::None, true),
            (Reply::None, Reply::No, false),
        ] {
            assert_eq!(fits(disbursed, amount), right, "{disbursed:?} {amount:?}");
        }
    }

    #[test]
    fn the_third_call_that_reaches_nobody_is_the_last() {
        assert_eq!(CallbackStatus::after(false, 2), CallbackStatus::Open);
        assert_eq!(CallbackStatus::after(false, 3), CallbackStatus::Unreached);
        assert_eq!(CallbackStatus::after(true, 3), CallbackStatus::Reached);
    }
}
