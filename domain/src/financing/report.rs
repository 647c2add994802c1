//! 尽调报告: what the holder found, and when it is complete enough to be put before those who sign (row 18).

use time::Date;

use crate::vocabulary;

vocabulary! {
    /// 尽调结论.
    Conclusion {
        Support = "support" / "建议授信",
        SupportWithConditions = "support_with_conditions" / "有条件建议授信",
        Oppose = "oppose" / "不建议授信",
    }
}

/// 尽调报告, half-done or complete: empty texts are still to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DueDiligenceReport {
    pub visited_on: Option<Date>,
    pub place: String,
    pub met_with: String,
    /// 经营情况.
    pub business: String,
    /// 财务与负债.
    pub finances: String,
    /// 担保与抵质押.
    pub collateral: String,
    /// 风险提示.
    pub risks: String,
    /// 首贷户核实: by the credit report the enterprise never had a loan; `None` while nobody has looked.
    pub first_loan: Option<bool>,
    pub conclusion: Option<Conclusion>,
}

impl DueDiligenceReport {
    /// What keeps it from going into approval on this day, in the words of the form; empty when it may.
    pub fn gaps(&self, today: Date) -> Vec<&'static str> {
        let mut gaps = Vec::new();
        if self.visited_on.is_none_or(|day| day > today) {
            gaps.push("走访日期");
        }
        for (text, label) in [
            (&self.place, "走访地点"),
            (&self.met_with, "受访人"),
            (&self.business, "经营情况"),
            (&self.finances, "财务与负债"),
            (&self.collateral, "担保与抵质押"),
            (&self.risks, "风险提示"),
        ] {
            if text.trim().is_empty() {
                gaps.push(label);
            }
        }
        if self.first_loan.is_none() {
            gaps.push("首贷户核实");
        }
        if self.conclusion.is_none() {
            gaps.push("尽调结论");
        }
        gaps
    }

    /// Complete, and it speaks for the loan: what opposes it goes back to be discussed, not up to be signed.
    pub fn may_go_up(&self, today: Date) -> bool {
        self.gaps(today).is_empty() && self.conclusion != Some(Conclusion::Oppose)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    const TODAY: Date = date!(2026 - 11 - 25);

    fn whole() -> DueDiligenceReport {
        DueDiligenceReport {
            visited_on: Some(TODAY),
            place: "厂区".into(),
            met_with: "财务负责人".into(),
            business: "订单充足".into(),
            finances: "负债率 40%".into(),
            collateral: "厂房抵押".into(),
            risks: "原材料涨价".into(),
            first_loan: Some(true),
            conclusion: Some(Conclusion::Support),
        }
    }

    #[test]
    fn a_report_goes_up_once_everything_is_written_and_it_speaks_for_the_loan() {
        assert!(whole().may_go_up(TODAY));
        assert_eq!(DueDiligenceReport::default().gaps(TODAY).len(), 9);
        let opposed = DueDiligenceReport {
            conclusion: Some(Conclusion::Oppose),
            ..whole()
        };
        assert!(opposed.gaps(TODAY).is_empty() && !opposed.may_go_up(TODAY));
    }

    #[test]
    fn whether_it_is_the_first_loan_is_looked_up_before_anything_goes_up() {
        let unlooked = DueDiligenceReport {
            first_loan: None,
            ..whole()
        };
        assert_eq!(unlooked.gaps(TODAY), ["首贷户核实"]);
        let known = DueDiligenceReport {
            first_loan: Some(false),
            ..whole()
        };
        assert!(known.may_go_up(TODAY), "a loan of before is no fault");
    }

    #[test]
    fn a_visit_of_tomorrow_has_not_happened() {
        let early = DueDiligenceReport {
            visited_on: TODAY.next_day(),
            ..whole()
        };
        assert_eq!(early.gaps(TODAY), ["走访日期"]);
    }
}
