//! 贴息补贴 of a policy (W20): the fields as typed, the rules that they say, and the rules as they are stored with a version.

use domain::{
    calendar::parse_day,
    product::GuaranteeType,
    subsidy::{Handling, SubsidyKind, SubsidyRule, SubsidyTerms},
    values::{Cents, Rate, ValueError, half_width},
};
use serde::{Deserialize, Serialize};
use time::Date;

use crate::error::FieldError;

/// The longest term that a policy may speak of, in months.
const MOST_MONTHS: u16 = 360;
const MISSING: &str = "content.missing";

/// Every field as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SubsidyForm {
    /// A [`SubsidyKind`]; empty: the policy gives nothing for a loan.
    pub kind: String,
    /// % a year.
    pub rate: String,
    pub months_most: String,
    /// 元.
    pub fixed: String,
    /// 元.
    pub cap: String,
    pub guarantees: Vec<String>,
    pub months_min: String,
    pub months_max: String,
    /// 万元.
    pub amount_max: String,
    /// `YYYY-MM-DD`.
    pub from: String,
    pub until: String,
}

/// The rules as they are stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredTerms {
    kind: String,
    /// Hundredths of a per cent a year.
    rate: Option<i32>,
    months_most: Option<u16>,
    fixed_cents: Option<i64>,
    cap_cents: Option<i64>,
    guarantees: Vec<String>,
    months_min: Option<u16>,
    months_max: Option<u16>,
    amount_max_cents: Option<i64>,
    from: String,
    until: String,
}

impl StoredTerms {
    pub fn of(terms: &SubsidyTerms) -> Self {
        let (rate, months_most, fixed) = match terms.rule {
            SubsidyRule::Rate { rate, months_most } => (Some(rate), months_most, None),
            SubsidyRule::Fixed(sum) => (None, None, Some(sum)),
        };
        Self {
            kind: terms.kind().code().to_owned(),
            rate: rate.map(Rate::hundredths),
            months_most,
            fixed_cents: fixed.map(Cents::cents),
            cap_cents: terms.cap.map(Cents::cents),
            guarantees: terms
                .guarantees
                .iter()
                .map(|kind| kind.code().to_owned())
                .collect(),
            months_min: terms.months_min,
            months_max: terms.months_max,
            amount_max_cents: terms.amount_max.map(Cents::cents),
            from: terms.from.to_string(),
            until: terms.until.to_string(),
        }
    }

    /// `None`: it was not written by this program.
    pub fn terms(&self) -> Option<SubsidyTerms> {
        // A number that is no sum makes the whole unreadable; none at all does not.
        let cents = |stored: Option<i64>| match stored {
            Some(cents) => Cents::new(cents).ok().map(Some),
            None => Some(None),
        };
        let rule = match SubsidyKind::from_code(&self.kind)? {
            SubsidyKind::Rate => SubsidyRule::Rate {
                rate: Rate::new(self.rate?).ok()?,
                months_most: self.months_most,
            },
            SubsidyKind::Fixed => SubsidyRule::Fixed(cents(self.fixed_cents)??),
        };
        let guarantees: Option<Vec<GuaranteeType>> = self
            .guarantees
            .iter()
            .map(|code| GuaranteeType::from_code(code))
            .collect();
        Some(SubsidyTerms {
            rule,
            cap: cents(self.cap_cents)?,
            guarantees: guarantees?,
            months_min: self.months_min,
            months_max: self.months_max,
            amount_max: cents(self.amount_max_cents)?,
            from: parse_day(&self.from)?,
            until: parse_day(&self.until)?,
        })
    }
}

/// A number of cents as a form takes it.
fn yuan(sum: Cents) -> String {
    sum.format_yuan().replace(',', "")
}

impl SubsidyForm {
    /// The form that would say these rules.
    pub fn of(terms: Option<&SubsidyTerms>) -> Self {
        let Some(terms) = terms else {
            return Self::default();
        };
        let months = |months: Option<u16>| months.map_or_else(String::new, |m| m.to_string());
        let (rate, months_most, fixed) = match terms.rule {
            SubsidyRule::Rate { rate, months_most } => {
                (rate.percent(), months(months_most), String::new())
            }
            SubsidyRule::Fixed(sum) => (String::new(), String::new(), yuan(sum)),
        };
        Self {
            kind: terms.kind().code().to_owned(),
            rate,
            months_most,
            fixed,
            cap: terms.cap.map_or_else(String::new, yuan),
            guarantees: terms
                .guarantees
                .iter()
                .map(|kind| kind.code().to_owned())
                .collect(),
            months_min: months(terms.months_min),
            months_max: months(terms.months_max),
            amount_max: terms
                .amount_max
                .map_or_else(String::new, Cents::format_wan_short),
            from: terms.from.to_string(),
            until: terms.until.to_string(),
        }
    }

    /// The rules that a file of a city says, or what is wrong with them.
    pub fn terms(&self, delivery: &str) -> Result<Option<SubsidyTerms>, Vec<FieldError>> {
        let mut errors = Vec::new();
        let terms = self.read(delivery, &mut errors);
        if errors.is_empty() {
            Ok(terms)
        } else {
            Err(errors)
        }
    }

    /// What it says; nothing of what is typed beside a policy that gives nothing counts.
    pub(super) fn read(
        &self,
        delivery: &str,
        errors: &mut Vec<FieldError>,
    ) -> Option<SubsidyTerms> {
        if self.kind.is_empty() {
            return None;
        }
        let Some(kind) = SubsidyKind::from_code(&self.kind) else {
            errors.push(FieldError::new("subsidy_kind", "content.unknown_choice"));
            return None;
        };
        let before = errors.len();
        let mut reader = TermsReader {
            errors: &mut *errors,
        };
        if Handling::of(delivery).is_none() {
            reader.fail("delivery", MISSING);
        }
        let rule = reader.rule(kind, self);
        let cap = reader.sum("subsidy_cap", &self.cap, Cents::parse_yuan);
        let amount_max = reader.sum("loan_amount_max", &self.amount_max, Cents::parse_wan);
        let months_min = reader.months("loan_months_min", &self.months_min);
        let months_max = reader.months("loan_months_max", &self.months_max);
        if months_min
            .zip(months_max)
            .is_some_and(|(min, max)| max < min)
        {
            reader.fail("loan_months_max", "subsidy.months_turned");
        }
        let from = reader.day("loan_from", &self.from);
        let until = reader.day("loan_until", &self.until);
        if from.zip(until).is_some_and(|(from, until)| until < from) {
            reader.fail("loan_until", "subsidy.days_turned");
        }
        let guarantees: Vec<GuaranteeType> = self
            .guarantees
            .iter()
            .filter_map(|code| GuaranteeType::from_code(code))
            .collect();
        if guarantees.len() != self.guarantees.len() {
            reader.fail("loan_guarantees", "content.unknown_choice");
        }
        if errors.len() > before {
            return None;
        }
        Some(SubsidyTerms {
            rule: rule?,
            cap,
            guarantees,
            months_min,
            months_max,
            amount_max,
            from: from?,
            until: until?,
        })
    }
}

struct TermsReader<'a> {
    errors: &'a mut Vec<FieldError>,
}

impl TermsReader<'_> {
    fn fail(&mut self, field: &'static str, code: &'static str) {
        self.errors.push(FieldError::new(field, code));
    }

    fn parsed<T, E: ValueError>(&mut self, field: &str, parsed: Result<T, E>) -> Option<T> {
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

    fn rule(&mut self, kind: SubsidyKind, form: &SubsidyForm) -> Option<SubsidyRule> {
        if kind == SubsidyKind::Fixed {
            if form.fixed.trim().is_empty() {
                self.fail("subsidy_fixed", MISSING);
                return None;
            }
            let sum = self.sum("subsidy_fixed", &form.fixed, Cents::parse_yuan);
            return sum.map(SubsidyRule::Fixed);
        }
        let months_most = self.months("subsidy_months", &form.months_most);
        if form.rate.trim().is_empty() {
            self.fail("subsidy_rate", MISSING);
            return None;
        }
        let rate = self.parsed("subsidy_rate", Rate::parse(&form.rate))?;
        if rate.hundredths() == 0 {
            self.fail("subsidy_rate", "rate.zero");
            return None;
        }
        Some(SubsidyRule::Rate { rate, months_most })
    }

    /// A sum above nothing; empty: no limit.
    fn sum<E: ValueError>(
        &mut self,
        field: &'static str,
        typed: &str,
        parse: fn(&str) -> Result<Cents, E>,
    ) -> Option<Cents> {
        if typed.trim().is_empty() {
            return None;
        }
        let sum = self.parsed(field, parse(typed))?;
        if sum == Cents::ZERO {
            self.fail(field, "subsidy.sum_zero");
            return None;
        }
        Some(sum)
    }

    /// Whole months; empty: no limit.
    fn months(&mut self, field: &'static str, typed: &str) -> Option<u16> {
        let typed = half_width(typed);
        let typed = typed.trim();
        if typed.is_empty() {
            return None;
        }
        let months = typed
            .parse::<u16>()
            .ok()
            .filter(|months| (1..=MOST_MONTHS).contains(months));
        if months.is_none() {
            self.fail(field, "subsidy.months");
        }
        months
    }

    fn day(&mut self, field: &'static str, typed: &str) -> Option<Date> {
        if typed.trim().is_empty() {
            self.fail(field, MISSING);
            return None;
        }
        let day = parse_day(typed);
        if day.is_none() {
            self.fail(field, "content.not_a_day");
        }
        day
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> SubsidyForm {
        SubsidyForm {
            kind: "rate".to_owned(),
            rate: "1.5".to_owned(),
            months_most: "12".to_owned(),
            cap: "50000".to_owned(),
            guarantees: vec!["unsecured".to_owned(), "mortgage".to_owned()],
            months_min: "6".to_owned(),
            amount_max: "500".to_owned(),
            from: "2026-01-01".to_owned(),
            until: "2026-12-31".to_owned(),
            ..SubsidyForm::default()
        }
    }

    fn faults(form: &SubsidyForm, delivery: &str) -> Vec<(String, &'static str)> {
        let mut errors = Vec::new();
        assert!(form.read(delivery, &mut errors).is_none());
        errors.into_iter().map(|e| (e.field, e.code)).collect()
    }

    #[test]
    fn what_was_typed_is_stored_and_read_back_and_typed_again() {
        let mut errors = Vec::new();
        let terms = typed().read("快申快享", &mut errors).expect("complete");
        assert!(errors.is_empty(), "{errors:?}");
        let stored = serde_json::to_value(StoredTerms::of(&terms)).expect("it is JSON");
        let stored: StoredTerms = serde_json::from_value(stored).expect("it is read");
        assert_eq!(stored.terms().as_ref(), Some(&terms));
        let again = SubsidyForm::of(Some(&terms));
        assert_eq!(again.read("申报", &mut errors), Some(terms));
        let fixed = SubsidyForm {
            kind: "fixed".to_owned(),
            fixed: "3000.50".to_owned(),
            ..typed()
        };
        let terms = fixed.read("免申即享", &mut errors).expect("complete");
        assert_eq!(StoredTerms::of(&terms).terms(), Some(terms));
    }

    #[test]
    fn a_policy_that_gives_nothing_is_asked_for_nothing() {
        let mut errors = Vec::new();
        let form = SubsidyForm {
            rate: "x".to_owned(),
            ..SubsidyForm::default()
        };
        assert_eq!(form.read("", &mut errors), None);
        assert!(errors.is_empty(), "{errors:?}");
    }

    #[test]
    fn every_field_that_is_wrong_is_named_at_once() {
        let wrong = SubsidyForm {
            rate: String::new(),
            months_most: "0".to_owned(),
            cap: "0".to_owned(),
            months_min: "12".to_owned(),
            months_max: "6".to_owned(),
            amount_max: "很多".to_owned(),
            from: "2026-12-31".to_owned(),
            until: "2026-01-01".to_owned(),
            guarantees: vec!["mortgage".to_owned(), "x".to_owned()],
            ..typed()
        };
        let named: Vec<String> = faults(&wrong, "").into_iter().map(|(f, _)| f).collect();
        assert_eq!(
            named,
            [
                "delivery",
                "subsidy_months",
                "subsidy_rate",
                "subsidy_cap",
                "loan_amount_max",
                "loan_months_max",
                "loan_until",
                "loan_guarantees",
            ]
        );
        let bare = SubsidyForm {
            kind: "fixed".to_owned(),
            ..SubsidyForm::default()
        };
        assert!(
            faults(&bare, "申报")
                .iter()
                .all(|(_, code)| *code == MISSING),
            "a draft may leave them open"
        );
    }
}
