//! The answer: which published rule is met, an indicative amount, what it would cost, and what the branch will still ask for.

use domain::{
    eligibility::{EligibilityFacts, EligibilityRule, RuleSubject, RuleVerdict},
    estimate::YearFigures,
    repayment::RepaymentPlan,
    values::{Cents, Rate},
};
use serde::{Deserialize, Serialize};

use super::{EstimateInputs, OUTSIDE, OwnFigures};
use crate::{
    catalogue::{rule_sentence, verdict_words},
    ports::{
        catalogue::{Fee, Product},
        reference::{IndustryDirectory, RegionDirectory},
    },
};

/// What was told, kept as it was told: a product that changes afterwards changes nothing of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EstimateAnswer {
    /// The product's own range, in cents.
    pub amount_min: i64,
    pub amount_max: i64,
    /// 参考额度 in cents; neither: it comes to less than the product lends.
    pub low: Option<i64>,
    pub high: Option<i64>,
    /// Code of `AmountLimit`: what the upper end comes from.
    pub limit: String,
    pub caps: Vec<ToldCap>,
    /// Hundredths of a per cent a year.
    pub rate_min: i32,
    pub rate_max: i32,
    /// Vocabulary `rate_term`.
    pub rate_term: String,
    /// For the upper end, one for each way of paying back that can be computed.
    pub repayments: Vec<ToldRepayment>,
    pub fees: Vec<Fee>,
    pub rules: Vec<ToldRule>,
    pub documents: Vec<String>,
}

/// A published limit and what it came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldCap {
    /// Code of `BoundBasis`.
    pub basis: String,
    /// As it is published.
    pub words: String,
    /// Cents; `None`: its figure was not told.
    pub amount: Option<i64>,
}

/// One way of paying back, in cents: at the lowest and at the highest rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldRepayment {
    /// Code of `RepaymentMethod`.
    pub method: String,
    /// The first month's payment.
    pub first: [i64; 2],
    pub last: [i64; 2],
    pub interest: [i64; 2],
    pub total: [i64; 2],
}

/// One rule and how the own figures stand to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldRule {
    pub text: String,
    /// Code of `RuleVerdict`.
    pub verdict: String,
    /// The verdict in words.
    pub words: String,
    pub why: String,
}

/// Lists that codes get their names from.
pub(super) struct Names<'a> {
    pub industries: &'a dyn IndustryDirectory,
    pub regions: &'a dyn RegionDirectory,
}

fn money(cents: Option<i64>) -> Option<Cents> {
    Cents::new(cents?).ok()
}

impl OwnFigures {
    fn facts(&self) -> EligibilityFacts<'_> {
        EligibilityFacts {
            years_founded: self.years,
            capital: money(self.capital_cents),
            section: self.section.as_deref(),
            region: self.region.as_deref(),
            first_loan: self.first_loan,
        }
    }
}

impl EstimateAnswer {
    pub(super) fn of(product: &Product, inputs: &EstimateInputs, names: &Names<'_>) -> Self {
        let figures = &inputs.figures;
        let year = YearFigures {
            revenue: money(figures.revenue_cents),
            tax: money(figures.tax_cents),
        };
        let range = &product.range;
        let amount = product.bounds.estimate(range, inputs.amount, year);
        let facts = figures.facts();
        Self {
            amount_min: range.amount_min.cents(),
            amount_max: range.amount_max.cents(),
            low: amount.range.map(|(low, _)| low.cents()),
            high: amount.range.map(|(_, high)| high.cents()),
            limit: amount.limit.code().to_owned(),
            caps: amount
                .caps
                .iter()
                .map(|cap| ToldCap {
                    basis: cap.basis.code().to_owned(),
                    words: cap.basis.words(cap.ratio),
                    amount: cap.amount.map(Cents::cents),
                })
                .collect(),
            rate_min: range.rate_min.hundredths(),
            rate_max: range.rate_max.hundredths(),
            rate_term: product.rate_term.clone(),
            repayments: amount
                .range
                .map(|(_, high)| repayments(product, high, inputs.term.months()))
                .unwrap_or_default(),
            fees: product.fees.clone(),
            rules: product
                .rules
                .iter()
                .map(|rule| told(rule, &facts, names))
                .collect(),
            documents: product.documents.clone(),
        }
    }
}

/// What the upper end would cost, by each way that can be computed.
fn repayments(product: &Product, amount: Cents, months: u16) -> Vec<ToldRepayment> {
    let range = &product.range;
    let methods = product.computed_methods().into_iter();
    methods
        .filter_map(|method| {
            let plan = |rate: Rate| RepaymentPlan::new(amount, months, rate, method);
            let plans = [plan(range.rate_min)?, plan(range.rate_max)?];
            let of = |figure: fn(&RepaymentPlan) -> Cents| {
                let [least, most] = &plans;
                [figure(least).cents(), figure(most).cents()]
            };
            Some(ToldRepayment {
                method: method.code().to_owned(),
                first: of(|plan| plan.instalments.first().map_or(Cents::ZERO, |i| i.payment)),
                last: of(|plan| plan.instalments.last().map_or(Cents::ZERO, |i| i.payment)),
                interest: of(|plan| plan.interest),
                total: of(|plan| plan.total),
            })
        })
        .collect()
}

fn told(rule: &EligibilityRule, facts: &EligibilityFacts<'_>, names: &Names<'_>) -> ToldRule {
    let verdict = rule.verdict(facts);
    ToldRule {
        text: rule_sentence(rule, names.industries, names.regions),
        verdict: verdict.code().to_owned(),
        words: verdict_words(rule, verdict).to_owned(),
        why: why(rule.subject(), verdict, facts, names),
    }
}

/// Why a rule stands as it does: what was told, or that it was not.
fn why(
    subject: RuleSubject,
    verdict: RuleVerdict,
    facts: &EligibilityFacts<'_>,
    names: &Names<'_>,
) -> String {
    if verdict == RuleVerdict::Unknown {
        return match subject {
            RuleSubject::YearsFounded => "没有填写成立年限，由受理支行按营业执照核对".to_owned(),
            RuleSubject::Capital => "没有填写注册资本".to_owned(),
            RuleSubject::Industry => "没有选择所属行业".to_owned(),
            RuleSubject::Region => "没有选择所在区域".to_owned(),
            RuleSubject::FirstLoan => "没有选择是否有贷款记录".to_owned(),
        };
    }
    match subject {
        RuleSubject::YearsFounded => {
            let years = facts.years_founded.unwrap_or_default();
            format!("填写的成立年限为 {years} 年")
        }
        RuleSubject::Capital => {
            let capital = facts.capital.unwrap_or_default().format_wan_brief();
            format!("填写的注册资本为 {capital} 万元")
        }
        RuleSubject::Industry => {
            let code = facts.section.unwrap_or_default();
            let sections = names.industries.sections();
            let name = sections.into_iter().find(|s| s.code == code);
            format!("选择的行业为{}", name.map_or_else(String::new, |s| s.name))
        }
        RuleSubject::Region => match facts.region.unwrap_or_default() {
            OUTSIDE => "选择的区域为本市以外".to_owned(),
            code => {
                let name = names.regions.find(code).map(|r| r.name);
                format!("选择的区域为{}", name.unwrap_or_default())
            }
        },
        RuleSubject::FirstLoan if facts.first_loan == Some(true) => {
            "选择的是尚无贷款记录".to_owned()
        }
        RuleSubject::FirstLoan => "选择的是已有贷款记录".to_owned(),
    }
}
