//! 还款试算 (W24): what a loan costs under the three usual ways of paying back, in whole cents.

use crate::{
    values::{Cents, Rate},
    vocabulary,
};

vocabulary! {
    /// 还款方式 that can be computed beforehand.
    RepaymentMethod {
        EqualInstalment = "equal_installment" / "等额本息",
        EqualPrincipal = "equal_principal" / "等额本金",
        InterestFirst = "monthly_interest_bullet" / "按月付息，到期还本",
    }
}

/// One monthly payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instalment {
    pub month: u16,
    pub principal: Cents,
    pub interest: Cents,
    pub payment: Cents,
    /// Principal still owed afterwards.
    pub left: Cents,
}

/// All payments of a loan; the principal parts add up to the loan exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepaymentPlan {
    pub instalments: Vec<Instalment>,
    pub interest: Cents,
    pub total: Cents,
}

/// Twelve decimals of fixed point: enough for a thousand payments without losing a cent.
const ONE: i128 = 1_000_000_000_000;
/// A hundredth of a per cent a year, by the month: divide by 100 × 100 × 12.
const HUNDREDTHS_PER_MONTH: i128 = 120_000;

impl RepaymentPlan {
    /// `None` when there is nothing to compute: no amount, no month, or figures beyond any loan.
    pub fn new(amount: Cents, months: u16, rate: Rate, method: RepaymentMethod) -> Option<Self> {
        if months == 0 || amount == Cents::ZERO {
            return None;
        }
        let monthly = i128::from(rate.hundredths()) * ONE / HUNDREDTHS_PER_MONTH;
        let principal = i128::from(amount.cents());
        let level = level_payment(principal, months, monthly)?;
        let even = principal / i128::from(months);
        let mut left = principal;
        let mut sum = 0;
        let mut instalments = Vec::with_capacity(usize::from(months));
        for month in 1..=months {
            let interest = rounded(left.checked_mul(monthly)?);
            let part = match method {
                _ if month == months => left,
                RepaymentMethod::EqualInstalment => (level - interest).clamp(0, left),
                RepaymentMethod::EqualPrincipal => even,
                RepaymentMethod::InterestFirst => 0,
            };
            left -= part;
            sum += interest;
            instalments.push(Instalment {
                month,
                principal: cents(part)?,
                interest: cents(interest)?,
                payment: cents(part + interest)?,
                left: cents(left)?,
            });
        }
        Some(Self {
            instalments,
            interest: cents(sum)?,
            total: cents(principal + sum)?,
        })
    }
}

fn level_payment(principal: i128, months: u16, monthly: i128) -> Option<i128> {
    if monthly == 0 {
        return Some(principal / i128::from(months));
    }
    let mut growth = ONE;
    for _ in 0..months {
        growth = growth.checked_mul(ONE + monthly)? / ONE;
    }
    // principal × i × g ÷ (g − 1), the rate still scaled
    let share = monthly.checked_mul(growth)? / (growth - ONE).max(1);
    Some(rounded(principal.checked_mul(share)?))
}

fn rounded(scaled: i128) -> i128 {
    (scaled + ONE / 2) / ONE
}

fn cents(value: i128) -> Option<Cents> {
    Cents::new(i64::try_from(value).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plan(wan: u32, months: u16, rate: &str, method: RepaymentMethod) -> RepaymentPlan {
        let amount = Cents::from_wan(wan).expect("valid");
        RepaymentPlan::new(amount, months, Rate::parse(rate).expect("valid"), method)
            .expect("a plan")
    }

    #[test]
    fn equal_instalments_agree_with_the_textbook() {
        // 100 万元, 12 months at 3.75 %: 85,034.47 a month by the annuity formula.
        let plan = plan(100, 12, "3.75", RepaymentMethod::EqualInstalment);
        let first = plan.instalments[0];
        assert_eq!(first.interest.format_yuan(), "3,125.00");
        let float =
            1_000_000.0 * 0.003_125 * 1.003_125_f64.powi(12) / (1.003_125_f64.powi(12) - 1.0);
        assert_eq!(
            first.payment.format_yuan().replace(',', ""),
            format!("{float:.2}")
        );
    }

    #[test]
    fn equal_principal_pays_the_same_principal_and_less_interest_each_month() {
        let plan = plan(12, 12, "6", RepaymentMethod::EqualPrincipal);
        assert!(
            plan.instalments
                .iter()
                .all(|i| i.principal.format_yuan() == "10,000.00")
        );
        assert_eq!(plan.interest.format_yuan(), "3,900.00");
    }

    #[test]
    fn interest_first_pays_the_principal_with_the_last_payment() {
        let plan = plan(100, 12, "3.60", RepaymentMethod::InterestFirst);
        assert_eq!(plan.instalments[0].payment.format_yuan(), "3,000.00");
        assert_eq!(plan.instalments[11].payment.format_yuan(), "1,003,000.00");
        assert_eq!(plan.interest.format_yuan(), "36,000.00");
    }

    #[test]
    fn a_loan_without_interest_costs_nothing() {
        let plan = plan(10, 7, "0", RepaymentMethod::EqualInstalment);
        assert_eq!(plan.interest, Cents::ZERO);
    }

    #[test]
    fn nothing_to_compute_is_no_plan() {
        let rate = Rate::parse("4").expect("valid");
        assert!(
            RepaymentPlan::new(Cents::ZERO, 12, rate, RepaymentMethod::EqualPrincipal).is_none()
        );
        let one = Cents::from_wan(1).expect("valid");
        assert!(RepaymentPlan::new(one, 0, rate, RepaymentMethod::EqualPrincipal).is_none());
    }

    proptest! {
        #[test]
        fn the_principal_parts_add_up_to_the_loan(wan in 1u32..5_000, months in 1u16..=360, rate in 0i32..=2_400, which in 0usize..3) {
            let amount = Cents::from_wan(wan).expect("valid");
            let plan = RepaymentPlan::new(amount, months, Rate::new(rate).expect("valid"), RepaymentMethod::ALL[which]).expect("a plan");
            let paid: i64 = plan.instalments.iter().map(|i| i.principal.cents()).sum();
            prop_assert_eq!(paid, amount.cents());
            prop_assert_eq!(plan.total.cents(), amount.cents() + plan.interest.cents());
            prop_assert_eq!(plan.instalments.len(), usize::from(months));
        }
    }
}
