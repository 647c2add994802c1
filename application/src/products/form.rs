//! The form of a product as typed, and what it says once it is complete: price before data (W16).

use std::sync::Arc;

use domain::{
    eligibility::{EligibilityRule, RuleOperator, RuleSubject},
    estimate::AmountBounds,
    ids::{ProductId, TenantId},
    product::{GuaranteeType, ProductRange},
    values::{Cents, FreeText, Rate, Ratio, TermUnit, ValueError},
};
use serde::{Deserialize, Serialize};

use crate::{
    error::{FieldError, UseError, UseResult},
    ports::{
        catalogue::{Fee, Product},
        product_shelf::OwnBranch,
        reference::{IndustryDirectory, RegionDirectory, Vocabulary},
    },
};

/// Lines of a list field, and signs of a line.
const MOST_LINES: usize = 20;
const LONGEST_LINE: usize = 120;
/// The longest term in its own unit.
const LONGEST_TERM: u16 = 360;
/// What the printed rate may be, of the vocabulary `rate_term`.
pub const RATE_TERMS: [&str; 3] = ["annual_rate", "annualized_rate", "guarantee_fee"];
/// The latest answer in working days.
const LATEST_ANSWER: i32 = 60;

/// Lists that the choices are checked against.
#[derive(Clone)]
pub struct FormLists {
    pub words: Arc<dyn Vocabulary>,
    pub regions: Arc<dyn RegionDirectory>,
    pub industries: Arc<dyn IndustryDirectory>,
}

/// Every field as typed; codes for choices, lines for lists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProductForm {
    pub product_name: String,
    pub intro: String,
    pub financing_type: String,
    pub guarantee: String,
    pub amount_min: String,
    pub amount_max: String,
    pub rate_term: String,
    pub rate_type: String,
    pub rate_min: String,
    pub rate_max: String,
    pub term_min: String,
    pub term_max: String,
    pub term_unit: String,
    pub repayment: Vec<String>,
    pub collateral: Vec<String>,
    pub purposes: Vec<String>,
    /// `none` or `listed`: that nothing is charged must be said too.
    pub fee_kind: String,
    pub fees: String,
    pub conditions: String,
    pub documents: String,
    pub eligibility: String,
    pub highlights: String,
    pub first_loan: bool,
    pub renewal: bool,
    pub response_days: String,
    pub branches: Vec<String>,
    pub industries: Vec<String>,
    pub rule_years: String,
    pub rule_capital: String,
    pub rule_regions: Vec<String>,
    /// `first`, `repeat` or empty.
    pub rule_first_loan: String,
    /// 额度测算规则: at most this per cent of last year's 营业收入.
    pub bound_revenue: String,
    /// At most so many times last year's 纳税额.
    pub bound_tax: String,
}

/// `名称：规则`, a line each.
pub fn text_of_fees(fees: &[Fee]) -> String {
    let line = |fee: &Fee| format!("{}：{}", fee.name, fee.rule);
    fees.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// As it is typed; empty where nothing is published.
fn ratio(ratio: Option<Ratio>) -> String {
    ratio.map_or_else(String::new, |r| r.to_string())
}

impl ProductForm {
    /// The form that would say what a product says.
    pub fn of(product: &Product) -> Self {
        let range = &product.range;
        let rule = |subject: RuleSubject| product.rules.iter().find(|r| r.subject() == subject);
        let answer = |subject| {
            rule(subject)
                .and_then(|r| r.values().first().cloned())
                .unwrap_or_default()
        };
        let capital = answer(RuleSubject::Capital)
            .parse()
            .ok()
            .and_then(|cents| Cents::new(cents).ok())
            .map_or_else(String::new, Cents::format_wan_short);
        Self {
            product_name: product.name.clone(),
            intro: product.intro.clone(),
            financing_type: product.financing_type.clone(),
            guarantee: product.guarantee.code().to_owned(),
            amount_min: range.amount_min.format_wan_short(),
            amount_max: range.amount_max.format_wan_short(),
            rate_term: product.rate_term.clone(),
            rate_type: product.rate_type.clone(),
            rate_min: range.rate_min.percent(),
            rate_max: range.rate_max.percent(),
            term_min: range.term_min.to_string(),
            term_max: range.term_max.to_string(),
            term_unit: range.term_unit.as_str().to_owned(),
            repayment: product.repayment_methods.clone(),
            collateral: product.collateral.clone(),
            purposes: product.purposes.clone(),
            fee_kind: if product.fees.is_empty() {
                "none"
            } else {
                "listed"
            }
            .to_owned(),
            fees: text_of_fees(&product.fees),
            conditions: product.conditions.join("\n"),
            documents: product.documents.join("\n"),
            eligibility: product.eligibility.clone(),
            highlights: product.highlights.join("\n"),
            first_loan: product.first_loan,
            renewal: product.renewal,
            response_days: product
                .response_days
                .map_or_else(String::new, |d| d.to_string()),
            branches: product.branches.iter().map(ToString::to_string).collect(),
            industries: product.industries.clone(),
            rule_years: answer(RuleSubject::YearsFounded),
            rule_capital: capital,
            rule_regions: rule(RuleSubject::Region)
                .map(|r| r.values().to_vec())
                .unwrap_or_default(),
            rule_first_loan: match answer(RuleSubject::FirstLoan).as_str() {
                "1" => "first",
                "0" => "repeat",
                _ => "",
            }
            .to_owned(),
            bound_revenue: ratio(product.bounds.revenue_percent),
            bound_tax: ratio(product.bounds.tax_times),
        }
    }

    /// What is wrong with what was typed so far; what is still missing is no fault of a draft but its name.
    pub(super) fn check_draft(&self, lists: &FormLists, branches: &[OwnBranch]) -> UseResult<()> {
        let mut reader = Reader::new(self, lists, branches);
        reader.read(ProductId(uuid::Uuid::nil()), TenantId(uuid::Uuid::nil()));
        reader
            .errors
            .retain(|e| e.code != "product.missing" || e.field == "product_name");
        reader.finish()
    }

    /// The product that a complete form describes; otherwise every field that is missing or wrong.
    pub fn product(
        &self,
        id: ProductId,
        bank: TenantId,
        lists: &FormLists,
        branches: &[OwnBranch],
    ) -> UseResult<Product> {
        let mut reader = Reader::new(self, lists, branches);
        let product = reader.read(id, bank);
        reader.finish()?;
        product.ok_or_else(|| UseError::bug("a form without errors that makes no product"))
    }
}

/// Reads the form field by field and collects what is wrong.
struct Reader<'a> {
    form: &'a ProductForm,
    lists: &'a FormLists,
    branches: &'a [OwnBranch],
    errors: Vec<FieldError>,
}

impl<'a> Reader<'a> {
    fn new(form: &'a ProductForm, lists: &'a FormLists, branches: &'a [OwnBranch]) -> Self {
        Self {
            form,
            lists,
            branches,
            errors: Vec::new(),
        }
    }

    fn finish(self) -> UseResult<()> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(UseError::invalid(self.errors))
        }
    }

    fn fail(&mut self, field: &'static str, code: &'static str) {
        self.errors.push(FieldError::new(field, code));
    }

    fn take<T, E: ValueError>(&mut self, field: &'static str, parsed: Result<T, E>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(error) => {
                self.errors.push(FieldError {
                    field: field.to_owned(),
                    code: error.code(),
                    params: error.params(),
                });
                None
            }
        }
    }

    /// True when something was typed; otherwise it is noted as missing.
    fn there(&mut self, field: &'static str, typed: &str) -> bool {
        let there = !typed.trim().is_empty();
        if !there {
            self.fail(field, "product.missing");
        }
        there
    }

    fn amount(&mut self, field: &'static str, typed: &str) -> Option<Cents> {
        if !self.there(field, typed) {
            return None;
        }
        let amount = self.take(field, Cents::parse_wan(typed))?;
        if amount == Cents::ZERO {
            self.fail(field, "product.zero");
            return None;
        }
        Some(amount)
    }

    fn rate(&mut self, field: &'static str, typed: &str) -> Option<Rate> {
        if !self.there(field, typed) {
            return None;
        }
        self.take(field, Rate::parse(typed))
    }

    fn whole<T: std::str::FromStr + PartialOrd>(
        &mut self,
        field: &'static str,
        typed: &str,
        (least, most): (T, T),
    ) -> Option<T> {
        let digits = domain::values::half_width(typed);
        match digits.trim().parse() {
            Ok(n) if n >= least && n <= most => Some(n),
            _ => {
                self.fail(field, "product.not_whole");
                None
            }
        }
    }

    fn term(&mut self, field: &'static str, typed: &str) -> Option<u16> {
        self.there(field, typed)
            .then(|| self.whole(field, typed, (1, LONGEST_TERM)))
            .flatten()
    }

    /// One of a few words of ours; what was never offered is named like what is missing.
    fn known<T>(&mut self, field: &'static str, typed: &str, found: Option<T>) -> Option<T> {
        if self.there(field, typed) && found.is_none() {
            self.fail(field, "product.unknown_choice");
        }
        found
    }

    /// One code of a vocabulary.
    fn choice(&mut self, field: &'static str, domain: &str, typed: &str) -> Option<String> {
        if !self.there(field, typed) {
            return None;
        }
        if self.lists.words.label(domain, typed).is_none() {
            self.fail(field, "product.unknown_choice");
            return None;
        }
        Some(typed.to_owned())
    }

    /// Codes of one of the vocabularies; unknown ones were never offered.
    fn choices(&mut self, field: &'static str, domains: &[&str], typed: &[String]) -> Vec<String> {
        let known = |code: &String| {
            domains
                .iter()
                .any(|d| self.lists.words.label(d, code).is_some())
        };
        if !typed.iter().all(known) {
            self.fail(field, "product.unknown_choice");
        }
        typed.to_vec()
    }

    fn text<const MAX: usize>(&mut self, field: &'static str, typed: &str) -> String {
        self.take(field, FreeText::<MAX>::parse_optional(typed))
            .flatten()
            .map_or_else(String::new, |t| t.as_str().to_owned())
    }

    fn lines(&mut self, field: &'static str, typed: &str) -> Vec<String> {
        let text = self.text::<2_000>(field, typed);
        let lines: Vec<String> = text
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .map(str::to_owned)
            .collect();
        if lines.len() > MOST_LINES {
            self.errors
                .push(FieldError::new(field, "product.too_many_lines").with("max", MOST_LINES));
        }
        if lines.iter().any(|l| l.chars().count() > LONGEST_LINE) {
            self.errors
                .push(FieldError::new(field, "product.line_too_long").with("max", LONGEST_LINE));
        }
        lines
    }

    fn fees(&mut self) -> Vec<Fee> {
        match self.form.fee_kind.as_str() {
            "none" => return Vec::new(),
            "listed" => {}
            _ => {
                self.fail("fee_kind", "product.missing");
                return Vec::new();
            }
        }
        let lines = self.lines("fees", &self.form.fees);
        if lines.is_empty() {
            self.fail("fees", "product.missing");
        }
        let mut fees = Vec::new();
        for line in lines {
            let parts = line.split_once('：').or_else(|| line.split_once(':'));
            let Some((name, rule)) = parts.map(|(n, r)| (n.trim(), r.trim())) else {
                self.fail("fees", "product.fee_line");
                break;
            };
            if name.is_empty() || rule.is_empty() {
                self.fail("fees", "product.fee_line");
                break;
            }
            fees.push(Fee {
                name: name.to_owned(),
                rule: rule.to_owned(),
            });
        }
        fees
    }

    fn carriers(&mut self) -> Vec<TenantId> {
        let own: Vec<TenantId> = self
            .branches
            .iter()
            .filter(|b| self.form.branches.contains(&b.id.to_string()))
            .map(|b| b.id)
            .collect();
        if self.form.branches.is_empty() {
            self.fail("branches", "product.missing");
        } else if own.len() < self.form.branches.len() {
            self.fail("branches", "product.unknown_choice");
        }
        own
    }

    fn rule(
        &mut self,
        field: &'static str,
        subject: RuleSubject,
        operator: RuleOperator,
        values: Vec<String>,
    ) -> Option<EligibilityRule> {
        let rule = EligibilityRule::new(subject, operator, values);
        if rule.is_err() {
            self.fail(field, "product.unknown_choice");
        }
        rule.ok()
    }

    fn rules(&mut self) -> Vec<EligibilityRule> {
        use RuleOperator as O;
        use RuleSubject as S;
        let form = self.form;
        let mut rules = Vec::new();
        if !form.rule_years.trim().is_empty()
            && let Some(years) = self.whole("rule_years", &form.rule_years, (1_u16, 100))
        {
            rules.extend(self.rule(
                "rule_years",
                S::YearsFounded,
                O::AtLeast,
                vec![years.to_string()],
            ));
        }
        if !form.rule_capital.trim().is_empty()
            && let Some(capital) = self.amount("rule_capital", &form.rule_capital)
        {
            let cents = vec![capital.cents().to_string()];
            rules.extend(self.rule("rule_capital", S::Capital, O::AtLeast, cents));
        }
        if !form.industries.is_empty() {
            rules.extend(self.rule("industries", S::Industry, O::AnyOf, form.industries.clone()));
        }
        if !form.rule_regions.is_empty() {
            let known = form
                .rule_regions
                .iter()
                .all(|r| self.lists.regions.find(r).is_some());
            if known {
                let regions = form.rule_regions.clone();
                rules.extend(self.rule("rule_regions", S::Region, O::AnyOf, regions));
            } else {
                self.fail("rule_regions", "product.unknown_choice");
            }
        }
        let first = match form.rule_first_loan.as_str() {
            "first" => "1",
            "repeat" => "0",
            "" => return rules,
            _ => {
                self.fail("rule_first_loan", "product.unknown_choice");
                return rules;
            }
        };
        rules.extend(self.rule(
            "rule_first_loan",
            S::FirstLoan,
            O::Is,
            vec![first.to_owned()],
        ));
        rules
    }

    /// A limit that may be published or not.
    fn bound(&mut self, field: &'static str, typed: &str) -> Option<Ratio> {
        if typed.trim().is_empty() {
            return None;
        }
        self.take(field, Ratio::parse(typed))
    }

    fn bounds(&mut self) -> AmountBounds {
        let form = self.form;
        AmountBounds {
            revenue_percent: self.bound("bound_revenue", &form.bound_revenue),
            tax_times: self.bound("bound_tax", &form.bound_tax),
        }
    }

    fn range(&mut self) -> Option<ProductRange> {
        let form = self.form;
        let amount = (
            self.amount("amount_min", &form.amount_min),
            self.amount("amount_max", &form.amount_max),
        );
        let rate = (
            self.rate("rate_min", &form.rate_min),
            self.rate("rate_max", &form.rate_max),
        );
        let term = (
            self.term("term_min", &form.term_min),
            self.term("term_max", &form.term_max),
        );
        let unit = TermUnit::parse(&form.term_unit).ok();
        let unit = self.known("term_unit", &form.term_unit, unit);
        let reversed = [
            ("amount_max", matches!(amount, (Some(a), Some(b)) if a > b)),
            ("rate_max", matches!(rate, (Some(a), Some(b)) if a > b)),
            ("term_max", matches!(term, (Some(a), Some(b)) if a > b)),
        ];
        for (field, is) in reversed {
            if is {
                self.fail(field, "product.reversed");
            }
        }
        Some(ProductRange {
            amount_min: amount.0?,
            amount_max: amount.1?,
            rate_min: rate.0?,
            rate_max: rate.1?,
            term_min: term.0?,
            term_max: term.1?,
            term_unit: unit?,
        })
    }

    fn read(&mut self, id: ProductId, bank: TenantId) -> Option<Product> {
        let form = self.form;
        let name = self.name();
        let financing_type = self.choice("financing_type", "financing_type", &form.financing_type);
        let guarantee = GuaranteeType::from_code(&form.guarantee);
        let guarantee = self.known("guarantee", &form.guarantee, guarantee);
        let range = self.range();
        let rate_term = self.choice("rate_term", "rate_term", &form.rate_term);
        if rate_term
            .as_deref()
            .is_some_and(|t| !RATE_TERMS.contains(&t))
        {
            self.fail("rate_term", "product.unknown_choice");
        }
        let rate_type = self.choice("rate_type", "rate_type", &form.rate_type);
        if form.repayment.is_empty() {
            self.fail("repayment", "product.missing");
        }
        let repayment_methods = self.choices("repayment", &["repayment_method"], &form.repayment);
        let fees = self.fees();
        let conditions = self.lines("conditions", &form.conditions);
        if conditions.is_empty() && form.conditions.trim().is_empty() {
            self.fail("conditions", "product.missing");
        }
        let response_days = (!form.response_days.trim().is_empty())
            .then(|| self.whole("response_days", &form.response_days, (1, LATEST_ANSWER)))
            .flatten();
        let collateral = ["collateral_mortgage", "collateral_pledge"];
        Some(Product {
            id,
            institution: bank,
            version: 0,
            intro: self.text::<1_000>("intro", &form.intro),
            repayment_methods,
            collateral: self.choices("collateral", &collateral, &form.collateral),
            purposes: self.choices("purposes", &["financing_purpose"], &form.purposes),
            fees,
            conditions,
            documents: self.lines("documents", &form.documents),
            eligibility: self.text::<200>("eligibility", &form.eligibility),
            highlights: self.lines("highlights", &form.highlights),
            first_loan: form.first_loan,
            renewal: form.renewal,
            featured: false,
            response_days,
            published_at: None,
            branches: self.carriers(),
            industries: form.industries.clone(),
            rules: self.rules(),
            bounds: self.bounds(),
            name: name?,
            financing_type: financing_type?,
            guarantee: guarantee?,
            range: range?,
            rate_term: rate_term?,
            rate_type: rate_type?,
        })
    }

    fn name(&mut self) -> Option<String> {
        let form = self.form;
        if !self.there("product_name", &form.product_name) {
            return None;
        }
        let name = self.text::<40>("product_name", &form.product_name);
        if name.chars().count() == 1 {
            self.fail("product_name", "product.name_too_short");
        }
        (!name.is_empty()).then_some(name)
    }
}
