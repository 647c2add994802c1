//! Subsidy 贴息补贴 (W20, G5): which loans a policy is for, what it gives for one, and how far a claim is. A loan is one draw.

use time::Date;

use crate::{
    calendar::months_after,
    product::GuaranteeType,
    values::{Cents, Rate},
    vocabulary,
};

vocabulary! {
    /// 办理方式: who has to do what for it.
    Handling {
        Automatic = "automatic" / "免申即享",
        Quick = "quick" / "快申快享",
        Ordinary = "ordinary" / "申报",
    }
}

impl Handling {
    /// By the word that stands in a policy.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.zh() == word)
    }

    /// The city makes the list itself: nobody applies.
    pub const fn is_listed(self) -> bool {
        matches!(self, Self::Automatic)
    }
}

vocabulary! {
    /// 补贴方式.
    SubsidyKind {
        Rate = "rate" / "按放款金额贴息",
        Fixed = "fixed" / "按笔定额补贴",
    }
}

/// What is given for one loan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubsidyRule {
    /// So many per cent of the disbursed sum a year, by the day, for at most so many months.
    Rate {
        rate: Rate,
        months_most: Option<u16>,
    },
    Fixed(Cents),
}

/// The rules of a policy as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubsidyTerms {
    pub rule: SubsidyRule,
    /// For one loan at most.
    pub cap: Option<Cents>,
    /// 担保方式 that it is for; empty: any.
    pub guarantees: Vec<GuaranteeType>,
    /// From the draw to the day it is due, both bounds included.
    pub months_min: Option<u16>,
    pub months_max: Option<u16>,
    /// The largest disbursed sum that it is for.
    pub amount_max: Option<Cents>,
    /// Days of the draw, both included.
    pub from: Date,
    pub until: Date,
}

/// A year of interest has so many days.
const DAYS_OF_A_YEAR: i128 = 365;
/// Hundredths of a per cent in a whole.
const WHOLE: i128 = 10_000;

/// What a policy gives for a loan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Granted {
    /// 贴息天数; `None`: days do not count.
    pub days: Option<i64>,
    pub sum: Cents,
    /// The policy's limit for one loan was reached.
    pub capped: bool,
}

impl SubsidyTerms {
    pub const fn kind(&self) -> SubsidyKind {
        match self.rule {
            SubsidyRule::Rate { .. } => SubsidyKind::Rate,
            SubsidyRule::Fixed(_) => SubsidyKind::Fixed,
        }
    }

    /// Days from the draw to the day it is due, the last one not counted, no more than the policy pays for.
    fn days(months_most: Option<u16>, on: Date, due_on: Date) -> Option<i64> {
        let last = match months_most {
            Some(months) => months_after(on, months)?.min(due_on),
            None => due_on,
        };
        Some((last - on).whole_days()).filter(|days| *days > 0)
    }

    /// To the nearest cent, half a cent up; `None`: it comes to nothing.
    pub fn grants(&self, amount: Cents, on: Date, due_on: Option<Date>) -> Option<Granted> {
        let (days, full) = match self.rule {
            SubsidyRule::Rate { rate, months_most } => {
                let days = Self::days(months_most, on, due_on?)?;
                let over = WHOLE * DAYS_OF_A_YEAR;
                let share =
                    i128::from(amount.cents()) * i128::from(rate.hundredths()) * i128::from(days);
                let cents = i64::try_from((share * 2 + over) / (over * 2)).ok()?;
                (Some(days), Cents::new(cents).ok()?)
            }
            SubsidyRule::Fixed(sum) => (None, sum),
        };
        let sum = self.cap.map_or(full, |cap| cap.min(full));
        (sum > Cents::ZERO).then_some(Granted {
            days,
            sum,
            capped: sum < full,
        })
    }
}

/// What is asked of a loan and its enterprise, beside the rules of the money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubsidyPolicy {
    pub terms: SubsidyTerms,
    /// 仅限首贷.
    pub first_loan: bool,
    /// 适用行业: sections of the national list; empty: all.
    pub sections: Vec<String>,
    /// 适用区域: codes of counties; empty: the whole city.
    pub regions: Vec<String>,
}

/// One draw, as far as policies ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubsidyLoan {
    /// The enterprise said that it is right.
    pub confirmed: bool,
    /// Of the product; `None`: one that the domain does not know any more.
    pub guarantee: Option<GuaranteeType>,
    /// 首贷 as the bank found it in the credit report; `None`: it did not say.
    pub first_loan: Option<bool>,
    pub amount: Cents,
    pub on: Date,
    pub due_on: Option<Date>,
    /// The day on which all of it had come back; `None`: something is owed.
    pub repaid_on: Option<Date>,
    /// Section of the enterprise's industry; empty: unknown.
    pub section: String,
    /// Of the enterprise, as deep as its profile says.
    pub region: String,
}

vocabulary! {
    /// Why a policy is not for a loan.
    LoanFault {
        Unconfirmed = "unconfirmed" / "企业尚未确认这笔放款",
        Period = "period" / "放款日期不在政策规定的时段内",
        Guarantee = "guarantee" / "担保方式不在政策范围内",
        FirstLoan = "first_loan" / "不是银行核实的首贷",
        NoDueDay = "no_due_day" / "放款记录没有到期日期",
        TooShort = "too_short" / "贷款期限短于政策要求",
        TooLong = "too_long" / "贷款期限长于政策要求",
        TooMuch = "too_much" / "放款金额超过政策上限",
        Industry = "industry" / "企业所属行业不在政策范围内",
        Region = "region" / "企业所在区域不在政策范围内",
        Nothing = "nothing" / "按政策计算没有可补贴的金额",
    }
}

impl SubsidyPolicy {
    /// Everything that keeps a loan out; nothing: it qualifies.
    pub fn faults(&self, loan: &SubsidyLoan) -> Vec<LoanFault> {
        let terms = &self.terms;
        let mut faults = Vec::new();
        let mut check = |wrong: bool, fault: LoanFault| {
            if wrong {
                faults.push(fault);
            }
        };
        check(!loan.confirmed, LoanFault::Unconfirmed);
        check(
            !(terms.from..=terms.until).contains(&loan.on),
            LoanFault::Period,
        );
        let among = |kind: GuaranteeType| terms.guarantees.contains(&kind);
        check(
            !terms.guarantees.is_empty() && !loan.guarantee.is_some_and(among),
            LoanFault::Guarantee,
        );
        check(
            self.first_loan && loan.first_loan != Some(true),
            LoanFault::FirstLoan,
        );
        // What is paid by the day, and whose length counts, has to have an end.
        let by_day = terms.kind() == SubsidyKind::Rate;
        let measured = terms.months_min.is_some() || terms.months_max.is_some();
        check(
            loan.due_on.is_none() && (by_day || measured),
            LoanFault::NoDueDay,
        );
        if let Some(due_on) = loan.due_on {
            let bound = |months: Option<u16>| months.and_then(|m| months_after(loan.on, m));
            check(
                bound(terms.months_min).is_some_and(|least| due_on < least),
                LoanFault::TooShort,
            );
            check(
                bound(terms.months_max).is_some_and(|most| due_on > most),
                LoanFault::TooLong,
            );
        }
        check(
            terms.amount_max.is_some_and(|most| loan.amount > most),
            LoanFault::TooMuch,
        );
        check(
            !self.sections.is_empty() && !self.sections.contains(&loan.section),
            LoanFault::Industry,
        );
        let lies_in = |code: &String| loan.region.starts_with(code.as_str());
        check(
            !self.regions.is_empty() && !self.regions.iter().any(lies_in),
            LoanFault::Region,
        );
        if faults.is_empty() && self.grants(loan).is_none() {
            faults.push(LoanFault::Nothing);
        }
        faults
    }

    /// A loan that came back early costs no interest afterwards, and nothing is given for those days.
    pub fn grants(&self, loan: &SubsidyLoan) -> Option<Granted> {
        let last = |due_on: Date| loan.repaid_on.map_or(due_on, |day| day.min(due_on));
        self.terms
            .grants(loan.amount, loan.on, loan.due_on.map(last))
    }
}

vocabulary! {
    /// 贴息申请状态.
    ClaimStatus {
        Filed = "filed" / "待审核",
        Proposed = "proposed" / "待复核",
        Approved = "approved" / "已通过",
        Refused = "refused" / "未通过",
        Paid = "paid" / "已拨付",
    }
}

vocabulary! {
    /// What the city does with a claim. 初审 and 复核 are by two people.
    ClaimStep {
        Propose = "propose" / "初审通过",
        Approve = "approve" / "复核通过",
        Refuse = "refuse" / "不予通过",
        Pay = "pay" / "登记拨付",
    }
}

impl ClaimStatus {
    /// Where a step leads; `None`: it is not possible now.
    pub const fn after(self, step: ClaimStep) -> Option<Self> {
        match (self, step) {
            (Self::Filed, ClaimStep::Propose) => Some(Self::Proposed),
            (Self::Proposed, ClaimStep::Approve) => Some(Self::Approved),
            // Until it is paid it may turn out that it cannot be: a wrong account, a loan that was corrected.
            (Self::Filed | Self::Proposed | Self::Approved, ClaimStep::Refuse) => {
                Some(Self::Refused)
            }
            (Self::Approved, ClaimStep::Pay) => Some(Self::Paid),
            _ => None,
        }
    }

    /// As its enterprise reads it: whether one or two people have looked is the city's own business.
    pub const fn own_zh(self) -> &'static str {
        match self {
            Self::Proposed => Self::Filed.zh(),
            other => other.zh(),
        }
    }
}

#[cfg(test)]
mod tests;
