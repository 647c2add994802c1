//! Repayment 还款试算 (W24): what a loan costs with the product's own figures, the same on every channel.

use domain::{
    repayment::{RepaymentMethod, RepaymentPlan},
    values::{Cents, Rate, TermUnit},
};

use crate::{error::FieldError, ports::catalogue::Product};

/// What somebody typed, right or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedLoan {
    /// 万元.
    pub amount: String,
    /// In the unit of the product.
    pub term: String,
    /// Percent a year.
    pub rate: String,
    /// The code of a way of paying back.
    pub method: String,
}

impl Product {
    /// The ways of paying back that can be computed; all of them where it names none of these, none for a guarantor's fee,
    /// which is no loan.
    pub fn computed_methods(&self) -> Vec<RepaymentMethod> {
        if self.is_fee_rate() {
            return Vec::new();
        }
        let named = |m: &RepaymentMethod| self.repayment_methods.iter().any(|c| c == m.code());
        let own: Vec<RepaymentMethod> =
            RepaymentMethod::ALL.iter().copied().filter(named).collect();
        if own.is_empty() {
            return RepaymentMethod::ALL.to_vec();
        }
        own
    }

    /// `3.75%`, or `3.45%–4.35%`.
    pub fn rate_words(&self) -> String {
        let range = &self.range;
        if range.rate_min == range.rate_max {
            return format!("{}%", range.rate_min.percent());
        }
        format!(
            "{}%–{}%",
            range.rate_min.percent(),
            range.rate_max.percent()
        )
    }

    /// Every payment of the typed loan, or what has to be corrected: nobody is promised less than the product costs.
    pub fn repayment(&self, typed: &TypedLoan) -> Result<RepaymentPlan, Vec<FieldError>> {
        let range = &self.range;
        let amount = Cents::parse_wan(&typed.amount)
            .ok()
            .filter(|a| range.amount_min <= *a && *a <= range.amount_max);
        let term = typed
            .term
            .trim()
            .parse::<u16>()
            .ok()
            .filter(|t| range.term_min <= *t && *t <= range.term_max);
        let rate = Rate::parse(&typed.rate)
            .ok()
            .filter(|r| range.rate_min <= *r && *r <= range.rate_max);
        let method = RepaymentMethod::from_code(&typed.method)
            .filter(|m| self.computed_methods().contains(m));
        let (Some(amount), Some(term), Some(rate), Some(method)) = (amount, term, rate, method)
        else {
            let faults = [
                (amount.is_none(), self.amount_fault()),
                (term.is_none(), self.term_fault()),
                (rate.is_none(), self.rate_fault()),
                (
                    method.is_none(),
                    FieldError::new("method", "calculator.method"),
                ),
            ];
            return Err(faults
                .into_iter()
                .filter_map(|(wrong, fault)| wrong.then_some(fault))
                .collect());
        };
        let months = match range.term_unit {
            TermUnit::Month => term,
            TermUnit::Year => term.saturating_mul(12),
        };
        RepaymentPlan::new(amount, months, rate, method).ok_or_else(|| vec![self.amount_fault()])
    }

    fn amount_fault(&self) -> FieldError {
        FieldError::new("amount", "calculator.amount")
            .with("min", self.range.amount_min.format_wan_brief())
            .with("max", self.range.amount_max.format_wan_brief())
    }

    fn term_fault(&self) -> FieldError {
        // Counted months: 24 个月, not a month of the year.
        let unit = match self.range.term_unit {
            TermUnit::Month => "个月",
            TermUnit::Year => "年",
        };
        FieldError::new("term", "calculator.term")
            .with("min", self.range.term_min)
            .with("max", self.range.term_max)
            .with("unit", unit)
    }

    fn rate_fault(&self) -> FieldError {
        FieldError::new("rate", "calculator.rate").with("rates", self.rate_words())
    }
}
