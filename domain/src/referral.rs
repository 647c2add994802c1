//! 推荐清单: how far a recommended enterprise is followed; only forward, and every refusal has its reason (H9).

use crate::vocabulary;

vocabulary! {
    /// 跟进状态.
    ReferralStatus {
        Waiting = "waiting" / "未联系",
        Contacted = "contacted" / "已联系",
        Visited = "visited" / "已走访",
        Granted = "granted" / "已授信",
        Declined = "declined" / "未授信",
    }
}

/// Why a step is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferralError {
    #[error("not from here")]
    NotFromHere,
    #[error("a refusal needs its reason")]
    ReasonMissing,
}

impl ReferralError {
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotFromHere => "referrals.not_from_here",
            Self::ReasonMissing => "referrals.reason_missing",
        }
    }
}

impl ReferralStatus {
    /// What may follow.
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Waiting => &[Self::Contacted],
            Self::Contacted => &[Self::Visited, Self::Declined],
            Self::Visited => &[Self::Granted, Self::Declined],
            Self::Granted | Self::Declined => &[],
        }
    }

    /// 跟进: one step forward.
    pub fn step(self, to: Self, note: &str) -> Result<Self, ReferralError> {
        if !self.next().contains(&to) {
            return Err(ReferralError::NotFromHere);
        }
        if to == Self::Declined && note.trim().chars().count() < 2 {
            return Err(ReferralError::ReasonMissing);
        }
        Ok(to)
    }
}

#[cfg(test)]
mod tests {
    use super::{ReferralError, ReferralStatus as S};

    #[test]
    fn a_referral_goes_forward_step_by_step_and_a_refusal_says_why() {
        assert_eq!(S::Waiting.step(S::Contacted, ""), Ok(S::Contacted));
        assert_eq!(S::Contacted.step(S::Visited, ""), Ok(S::Visited));
        assert_eq!(S::Visited.step(S::Granted, ""), Ok(S::Granted));
        assert_eq!(
            S::Visited.step(S::Declined, " "),
            Err(ReferralError::ReasonMissing)
        );
        assert_eq!(
            S::Contacted.step(S::Declined, "无融资需求"),
            Ok(S::Declined)
        );
        for (from, to) in [
            (S::Waiting, S::Granted),
            (S::Contacted, S::Granted),
            (S::Granted, S::Declined),
            (S::Declined, S::Contacted),
            (S::Visited, S::Contacted),
        ] {
            assert_eq!(from.step(to, "原因"), Err(ReferralError::NotFromHere));
        }
    }
}
