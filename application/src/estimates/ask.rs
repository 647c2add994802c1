//! What is asked for an estimate: exactly what the product's published rules and limits use, and nothing that must be told.

use domain::{
    eligibility::RuleSubject,
    values::{Cents, Term, TermUnit, half_width},
    vocabulary,
};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Checks, FieldError, UseResult},
    ports::{
        catalogue::Product,
        reference::{IndustryDirectory, RegionEntry},
    },
};

/// 本市以外 among the counties.
pub const OUTSIDE: &str = "outside";
/// An enterprise is not older than that.
const MOST_YEARS: u16 = 200;
/// Longer input than any field takes says nothing.
const LONGEST: usize = 40;

vocabulary! {
    /// What may be asked beside amount and term; the code is the name of the field.
    Question {
        Revenue = "revenue" / "上一年度营业收入",
        Tax = "tax" / "上一年度纳税额",
        Years = "years" / "成立年限",
        Capital = "capital" / "注册资本",
        Section = "section" / "所属行业",
        Region = "region" / "所在区域",
        FirstLoan = "first_loan" / "贷款记录",
    }
}

/// What this product's rules and limits use, in the order of the page.
pub fn questions(product: &Product) -> Vec<Question> {
    let ruled = |subject: RuleSubject| product.rules.iter().any(|r| r.subject() == subject);
    let asked = |question: &Question| match question {
        Question::Revenue => product.bounds.revenue_percent.is_some(),
        Question::Tax => product.bounds.tax_times.is_some(),
        Question::Years => ruled(RuleSubject::YearsFounded),
        Question::Capital => ruled(RuleSubject::Capital),
        Question::Section => ruled(RuleSubject::Industry),
        Question::Region => ruled(RuleSubject::Region),
        Question::FirstLoan => ruled(RuleSubject::FirstLoan),
    };
    Question::ALL.iter().copied().filter(asked).collect()
}

/// The form as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedEstimate {
    /// 万元.
    pub amount: String,
    /// In the unit of the product.
    pub term: String,
    /// 万元.
    pub revenue: String,
    /// 万元.
    pub tax: String,
    /// Whole years.
    pub years: String,
    /// 万元.
    pub capital: String,
    /// Section 门类 of the national list.
    pub section: String,
    /// Code of a county, or [`OUTSIDE`].
    pub region: String,
    /// `first`, `repeat` or empty.
    pub first_loan: String,
}

/// Own figures 本次试算的信息; what was not told is unknown, and never a no.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnFigures {
    pub revenue_cents: Option<i64>,
    pub tax_cents: Option<i64>,
    pub years: Option<u16>,
    pub capital_cents: Option<i64>,
    pub section: Option<String>,
    pub region: Option<String>,
    pub first_loan: Option<bool>,
}

/// What an estimate is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EstimateInputs {
    pub amount: Cents,
    pub term: Term,
    pub figures: OwnFigures,
}

impl TypedEstimate {
    /// What stands in the field of a question.
    pub fn get(&self, question: Question) -> &str {
        match question {
            Question::Revenue => &self.revenue,
            Question::Tax => &self.tax,
            Question::Years => &self.years,
            Question::Capital => &self.capital,
            Question::Section => &self.section,
            Question::Region => &self.region,
            Question::FirstLoan => &self.first_loan,
        }
    }

    /// The form that would say what was asked before.
    pub(super) fn of(inputs: &EstimateInputs) -> Self {
        let figures = &inputs.figures;
        Self {
            amount: inputs.amount.format_wan_short(),
            term: inputs.term.value().to_string(),
            revenue: wan(figures.revenue_cents),
            tax: wan(figures.tax_cents),
            years: figures.years.map_or_else(String::new, |y| y.to_string()),
            capital: wan(figures.capital_cents),
            section: figures.section.clone().unwrap_or_default(),
            region: figures.region.clone().unwrap_or_default(),
            first_loan: first_loan(figures.first_loan).to_owned(),
        }
    }

    /// What was typed, or everything that must be corrected at once, in the order of the page.
    pub(super) fn read(
        &self,
        product: &Product,
        industries: &dyn IndustryDirectory,
        counties: &[RegionEntry],
    ) -> UseResult<EstimateInputs> {
        let mut checks = Checks::default();
        let amount = checks.take("amount", Cents::parse_wan(&short(&self.amount)));
        if amount == Some(Cents::ZERO) {
            checks.push(FieldError::new("amount", "estimate.amount_zero"));
        }
        let range = &product.range;
        let term = checks.take("term", Term::parse(&short(&self.term), range.term_unit));
        if term.is_some_and(|t| t.value() < range.term_min || t.value() > range.term_max) {
            checks.push(term_fault(product));
        }
        let mut figures = OwnFigures::default();
        for question in questions(product) {
            let typed = short(self.get(question));
            if !typed.is_empty() {
                figures.take(question, &typed, &mut checks, (industries, counties));
            }
        }
        let (Some(amount), Some(term)) = (amount, term) else {
            return Err(checks.into_error());
        };
        checks.finish()?;
        Ok(EstimateInputs {
            amount,
            term,
            figures,
        })
    }
}

impl OwnFigures {
    fn take(
        &mut self,
        question: Question,
        typed: &str,
        checks: &mut Checks,
        (industries, counties): (&dyn IndustryDirectory, &[RegionEntry]),
    ) {
        let field = question.code();
        let money = |checks: &mut Checks| {
            checks
                .take(field, Cents::parse_wan(typed))
                .map(Cents::cents)
        };
        match question {
            Question::Revenue => self.revenue_cents = money(checks),
            Question::Tax => self.tax_cents = money(checks),
            Question::Capital => self.capital_cents = money(checks),
            Question::Years => {
                let years = half_width(typed).trim().parse::<u16>().ok();
                self.years = years.filter(|years| *years <= MOST_YEARS);
                if self.years.is_none() {
                    checks.push(FieldError::new(field, "estimate.years").with("max", MOST_YEARS));
                }
            }
            Question::Section => {
                let known = industries.sections().iter().any(|s| s.code == typed);
                self.section = offered(field, typed, known, checks);
            }
            Question::Region => {
                let known = typed == OUTSIDE || counties.iter().any(|c| c.code == typed);
                self.region = offered(field, typed, known, checks);
            }
            Question::FirstLoan => {
                let known = matches!(typed, "first" | "repeat");
                let chosen = offered(field, typed, known, checks);
                self.first_loan = chosen.map(|word| word == "first");
            }
        }
    }
}

/// A choice that stands in its list; another one is named as an error.
fn offered(field: &'static str, typed: &str, known: bool, checks: &mut Checks) -> Option<String> {
    if !known {
        checks.push(FieldError::new(field, "estimate.unknown_choice"));
    }
    known.then(|| typed.to_owned())
}

fn term_fault(product: &Product) -> FieldError {
    // Counted months: 24 个月, not a month of the year.
    let unit = match product.range.term_unit {
        TermUnit::Month => "个月",
        TermUnit::Year => "年",
    };
    FieldError::new("term", "product.term_out_of_range")
        .with("min", product.range.term_min)
        .with("max", product.range.term_max)
        .with("unit", unit)
}

fn short(typed: &str) -> String {
    typed.trim().chars().take(LONGEST).collect()
}

/// Stored cents as they are typed in 万元.
pub(super) fn wan(cents: Option<i64>) -> String {
    cents
        .and_then(|cents| Cents::new(cents).ok())
        .map_or_else(String::new, Cents::format_wan_short)
}

/// The word of the form.
pub(super) const fn first_loan(first: Option<bool>) -> &'static str {
    match first {
        Some(true) => "first",
        Some(false) => "repeat",
        None => "",
    }
}
