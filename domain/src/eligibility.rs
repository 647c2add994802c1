//! 准入条件: what a product asks of an enterprise as data, and how an enterprise stands to it.

use crate::{values::Cents, vocabulary};

vocabulary! {
    /// What a rule is about; a product has at most one rule of each.
    RuleSubject {
        YearsFounded = "years_founded" / "成立年限",
        Capital = "registered_capital" / "注册资本",
        Industry = "industry" / "所属行业",
        Region = "region" / "所在区域",
        FirstLoan = "first_loan" / "首贷",
    }
}

vocabulary! {
    /// How the value is compared.
    RuleOperator {
        AtLeast = "at_least" / "不少于",
        AnyOf = "any_of" / "属于",
        Is = "is" / "为",
    }
}

vocabulary! {
    /// 核对结果: unknown is never taken for a no.
    RuleVerdict {
        Met = "met" / "符合",
        NotMet = "not_met" / "不符合",
        Unknown = "unknown" / "待核实",
    }
}

/// One rule: years as a number, capital in cents, sections 门类 of industries, county codes, `1` or `0` for 首贷.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EligibilityRule {
    subject: RuleSubject,
    operator: RuleOperator,
    values: Vec<String>,
}

/// Why three words are no rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    #[error("a rule needs a value")]
    Empty,
    #[error("this subject is not compared this way")]
    Operator,
    #[error("the value does not fit the subject")]
    Value,
}

/// What is known of an enterprise; `None` is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EligibilityFacts<'a> {
    pub years_founded: Option<u16>,
    pub capital: Option<Cents>,
    /// Section 门类 of the national list, `A` to `T`.
    pub section: Option<&'a str>,
    /// Code of a county or of a place in it.
    pub region: Option<&'a str>,
    pub first_loan: Option<bool>,
}

impl EligibilityRule {
    pub fn new(
        subject: RuleSubject,
        operator: RuleOperator,
        values: Vec<String>,
    ) -> Result<Self, RuleError> {
        use RuleOperator as O;
        use RuleSubject as S;
        let first = values.first().ok_or(RuleError::Empty)?;
        let (asked, fits) = match subject {
            S::YearsFounded => (
                O::AtLeast,
                first.parse().is_ok_and(|n: u16| n > 0 && n <= 100),
            ),
            S::Capital => (O::AtLeast, first.parse().is_ok_and(|n: i64| n > 0)),
            S::Industry => (O::AnyOf, values.iter().all(|v| is_section(v))),
            S::Region => (O::AnyOf, values.iter().all(|v| is_county(v))),
            S::FirstLoan => (O::Is, matches!(first.as_str(), "0" | "1")),
        };
        if operator != asked {
            return Err(RuleError::Operator);
        }
        if !fits || (operator != O::AnyOf && values.len() > 1) {
            return Err(RuleError::Value);
        }
        Ok(Self {
            subject,
            operator,
            values,
        })
    }

    pub fn subject(&self) -> RuleSubject {
        self.subject
    }

    pub fn operator(&self) -> RuleOperator {
        self.operator
    }

    pub fn values(&self) -> &[String] {
        &self.values
    }

    fn first(&self) -> &str {
        self.values.first().map_or("", String::as_str)
    }

    /// How an enterprise stands to the rule.
    pub fn verdict(&self, facts: &EligibilityFacts<'_>) -> RuleVerdict {
        let met = match self.subject {
            RuleSubject::YearsFounded => facts
                .years_founded
                .map(|years| self.first().parse().is_ok_and(|least| years >= least)),
            RuleSubject::Capital => facts.capital.map(|capital| {
                self.first()
                    .parse()
                    .is_ok_and(|least: i64| capital.cents() >= least)
            }),
            RuleSubject::Industry => facts
                .section
                .map(|own| self.values.iter().any(|v| v == own)),
            RuleSubject::Region => facts.region.map(|own| {
                self.values
                    .iter()
                    .any(|county| own.starts_with(county.as_str()))
            }),
            RuleSubject::FirstLoan => facts.first_loan.map(|first| first == (self.first() == "1")),
        };
        match met {
            Some(true) => RuleVerdict::Met,
            Some(false) => RuleVerdict::NotMet,
            None => RuleVerdict::Unknown,
        }
    }
}

fn is_section(code: &str) -> bool {
    matches!(code.as_bytes(), [b'A'..=b'T'])
}

fn is_county(code: &str) -> bool {
    code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(
        subject: RuleSubject,
        operator: RuleOperator,
        values: &[&str],
    ) -> Result<EligibilityRule, RuleError> {
        EligibilityRule::new(
            subject,
            operator,
            values.iter().map(|v| (*v).to_owned()).collect(),
        )
    }

    fn verdict(rule: &EligibilityRule, facts: EligibilityFacts<'_>) -> RuleVerdict {
        rule.verdict(&facts)
    }

    #[test]
    fn what_is_not_known_of_an_enterprise_is_never_a_no() {
        use RuleOperator as O;
        use RuleSubject as S;
        for (subject, operator, value) in [
            (S::YearsFounded, O::AtLeast, "2"),
            (S::Capital, O::AtLeast, "100"),
            (S::Industry, O::AnyOf, "C"),
            (S::Region, O::AnyOf, "130903"),
            (S::FirstLoan, O::Is, "1"),
        ] {
            let rule = rule(subject, operator, &[value]).unwrap();
            assert_eq!(
                verdict(&rule, EligibilityFacts::default()),
                RuleVerdict::Unknown
            );
        }
    }

    #[test]
    fn bounds_are_included_and_places_lie_in_their_county() {
        let capital = rule(RuleSubject::Capital, RuleOperator::AtLeast, &["100"]).unwrap();
        let with = |cents| EligibilityFacts {
            capital: Some(Cents::new(cents).unwrap()),
            ..EligibilityFacts::default()
        };
        assert_eq!(verdict(&capital, with(100)), RuleVerdict::Met);
        assert_eq!(verdict(&capital, with(99)), RuleVerdict::NotMet);
        let region = rule(
            RuleSubject::Region,
            RuleOperator::AnyOf,
            &["130903", "130925"],
        )
        .unwrap();
        let at = |place| EligibilityFacts {
            region: Some(place),
            ..EligibilityFacts::default()
        };
        assert_eq!(verdict(&region, at("130925101")), RuleVerdict::Met);
        assert_eq!(verdict(&region, at("130902001")), RuleVerdict::NotMet);
    }

    #[test]
    fn words_that_make_no_rule_are_refused() {
        use RuleOperator as O;
        use RuleSubject as S;
        assert_eq!(rule(S::Industry, O::AnyOf, &[]), Err(RuleError::Empty));
        assert_eq!(
            rule(S::Industry, O::AtLeast, &["C"]),
            Err(RuleError::Operator)
        );
        assert_eq!(
            rule(S::Industry, O::AnyOf, &["C", "金属"]),
            Err(RuleError::Value)
        );
        assert_eq!(
            rule(S::YearsFounded, O::AtLeast, &["0"]),
            Err(RuleError::Value)
        );
        assert_eq!(
            rule(S::FirstLoan, O::Is, &["1", "0"]),
            Err(RuleError::Value)
        );
        assert_eq!(rule(S::Region, O::AnyOf, &["沧州"]), Err(RuleError::Value));
    }
}
