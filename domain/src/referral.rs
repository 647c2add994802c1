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

vocabulary! {
    /// 未授信原因, by a code: what can be repaired is told from what cannot (G6).
    Refusal {
        NoDemand = "no_demand" / "企业无融资需求",
        Unreached = "unreached" / "无法联系企业",
        Rules = "rules" / "不符合准入条件",
        Credit = "credit" / "信用记录有待修复",
        Papers = "papers" / "证照或手续不全",
        Collateral = "collateral" / "抵质押或担保不足",
        Books = "books" / "财务或纳税资料不规范",
        Debt = "debt" / "负债过高",
        Closed = "closed" / "企业停业或注销",
        Other = "other" / "其他原因",
    }
}

impl Refusal {
    /// 可整改: another department can do something about it. What 其他原因 comes to is for whoever reads it to judge.
    pub const fn repairable(self) -> bool {
        match self {
            Self::Unreached
            | Self::Credit
            | Self::Papers
            | Self::Collateral
            | Self::Books
            | Self::Other => true,
            Self::NoDemand | Self::Rules | Self::Debt | Self::Closed => false,
        }
    }

    /// The reason in words: what was typed beside the code, else the code's own word. 其他原因 says nothing by itself.
    pub fn words(self, note: &str) -> Result<String, ReferralError> {
        let note = note.trim();
        match note.chars().count() {
            2.. => Ok(note.to_owned()),
            0 if self != Self::Other => Ok(self.zh().to_owned()),
            _ => Err(ReferralError::ReasonMissing),
        }
    }
}

vocabulary! {
    /// 融资需求 as whoever called or came by heard it.
    Demand {
        Wanted = "wanted" / "有融资需求",
        NotNow = "not_now" / "暂无融资需求",
    }
}

/// Why a step is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferralError {
    #[error("not from here")]
    NotFromHere,
    #[error("a refusal needs its code")]
    RefusalMissing,
    #[error("a refusal needs its reason")]
    ReasonMissing,
}

impl ReferralError {
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotFromHere => "referrals.not_from_here",
            Self::RefusalMissing => "referrals.refusal_missing",
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

    /// Nothing follows: it is followed anew only where the city sends it again.
    pub const fn is_over(self) -> bool {
        self.next().is_empty()
    }

    /// 跟进: one step forward.
    pub fn step(self, to: Self) -> Result<Self, ReferralError> {
        if self.next().contains(&to) {
            Ok(to)
        } else {
            Err(ReferralError::NotFromHere)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ReferralError, ReferralStatus as S, Refusal};

    #[test]
    fn a_referral_goes_forward_step_by_step() {
        for (from, to) in [
            (S::Waiting, S::Contacted),
            (S::Contacted, S::Visited),
            (S::Contacted, S::Declined),
            (S::Visited, S::Granted),
            (S::Visited, S::Declined),
        ] {
            assert_eq!(from.step(to), Ok(to));
        }
        for (from, to) in [
            (S::Waiting, S::Granted),
            (S::Contacted, S::Granted),
            (S::Granted, S::Declined),
            (S::Declined, S::Contacted),
            (S::Visited, S::Contacted),
        ] {
            assert_eq!(from.step(to), Err(ReferralError::NotFromHere));
        }
        assert!(S::Granted.is_over() && S::Declined.is_over() && !S::Visited.is_over());
    }

    #[test]
    fn a_refusal_says_why_in_its_own_words_or_in_those_of_its_code() {
        let missing = Err(ReferralError::ReasonMissing);
        assert_eq!(Refusal::Debt.words(" "), Ok("负债过高".to_owned()));
        assert_eq!(
            Refusal::Debt.words("负债率超过八成"),
            Ok("负债率超过八成".to_owned())
        );
        assert_eq!(Refusal::Other.words(""), missing);
        assert_eq!(Refusal::Debt.words("高"), missing);
    }

    #[test]
    fn another_department_mends_these_reasons_and_no_others() {
        let all = Refusal::ALL.iter().copied();
        let repairable: Vec<Refusal> = all.filter(|one| one.repairable()).collect();
        assert_eq!(
            repairable,
            [
                Refusal::Unreached,
                Refusal::Credit,
                Refusal::Papers,
                Refusal::Collateral,
                Refusal::Books,
                Refusal::Other,
            ]
        );
    }
}
