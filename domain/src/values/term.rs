use super::error::value_error;
use super::half_width;

const MAX_YEARS: u16 = 100;
const MONTHS_PER_YEAR: u16 = 12;

value_error! {
    /// Why a term was refused.
    pub enum TermError {
        Empty => "term.empty",
        NotAWholeNumber => "term.not_a_whole_number",
        Zero => "term.zero",
        TooLong { max: u16, unit: TermUnit } => "term.too_long",
    }
}

value_error! {
    /// Why a unit of term was refused.
    pub enum TermUnitError {
        Unknown => "term_unit.unknown",
    }
}

/// Unit of a term 期限单位: 月 or 年, chosen by the product (A-10, M-509).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TermUnit {
    Month,
    Year,
}

impl TermUnit {
    /// From storage or a form: `month`, `year`, 月, 年.
    pub fn parse(text: &str) -> Result<Self, TermUnitError> {
        match text.trim() {
            "month" | "月" => Ok(Self::Month),
            "year" | "年" => Ok(Self::Year),
            _ => Err(TermUnitError::Unknown),
        }
    }

    /// The stored text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// The word of the column 期限单位.
    pub fn label(self) -> &'static str {
        match self {
            Self::Month => "月",
            Self::Year => "年",
        }
    }

    fn months(self) -> u16 {
        match self {
            Self::Month => 1,
            Self::Year => MONTHS_PER_YEAR,
        }
    }

    fn max(self) -> u16 {
        MAX_YEARS * MONTHS_PER_YEAR / self.months()
    }
}

/// The word, as in an error's sentence.
impl std::fmt::Display for TermUnit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.label())
    }
}

/// Term of a loan 期限: a whole number of months or years, kept as it was asked (M-309, M-508).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Term {
    value: u16,
    unit: TermUnit,
}

impl Term {
    pub fn new(value: u16, unit: TermUnit) -> Result<Self, TermError> {
        match value {
            0 => Err(TermError::Zero),
            value if value > unit.max() => Err(TermError::TooLong {
                max: unit.max(),
                unit,
            }),
            value => Ok(Self { value, unit }),
        }
    }

    pub fn parse(text: &str, unit: TermUnit) -> Result<Self, TermError> {
        let typed = half_width(text);
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(TermError::Empty);
        }
        if !typed.bytes().all(|b| b.is_ascii_digit()) {
            return Err(TermError::NotAWholeNumber);
        }
        Self::new(typed.parse().unwrap_or(u16::MAX), unit)
    }

    pub fn value(self) -> u16 {
        self.value
    }

    pub fn unit(self) -> TermUnit {
        self.unit
    }

    /// For comparing terms of different units.
    pub fn months(self) -> u16 {
        self.value * self.unit.months()
    }
}

/// `3 年`, `2 个月`.
impl std::fmt::Display for Term {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.unit {
            TermUnit::Month => write!(f, "{} 个月", self.value),
            TermUnit::Year => write!(f, "{} 年", self.value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Term, TermError, TermUnit, TermUnitError};

    #[test]
    fn terms_are_kept_as_asked_and_compared_in_months() {
        let years = Term::parse("３", TermUnit::Year).expect("valid");
        let months = Term::parse(" 2 ", TermUnit::Month).expect("valid");
        assert_eq!((years.to_string(), years.months()), ("3 年".to_owned(), 36));
        assert_eq!(
            (months.to_string(), months.months()),
            ("2 个月".to_owned(), 2)
        );
        assert_eq!(years.value(), 3);
        assert_eq!(years.unit().label(), "年");
    }

    #[test]
    fn each_fault_has_its_own_reason() {
        for (text, why) in [
            ("", TermError::Empty),
            ("0", TermError::Zero),
            ("1.5", TermError::NotAWholeNumber),
            ("-1", TermError::NotAWholeNumber),
            ("一", TermError::NotAWholeNumber),
            (
                "101",
                TermError::TooLong {
                    max: 100,
                    unit: TermUnit::Year,
                },
            ),
            (
                "99999999999",
                TermError::TooLong {
                    max: 100,
                    unit: TermUnit::Year,
                },
            ),
        ] {
            assert_eq!(Term::parse(text, TermUnit::Year), Err(why), "{text}");
        }
        assert!(Term::parse("100", TermUnit::Year).is_ok());
        assert!(Term::parse("1200", TermUnit::Month).is_ok());
        assert!(Term::parse("1201", TermUnit::Month).is_err());
    }

    #[test]
    fn a_unit_is_stored_in_english_and_shown_in_chinese() {
        for unit in [TermUnit::Month, TermUnit::Year] {
            assert_eq!(TermUnit::parse(unit.as_str()), Ok(unit));
            assert_eq!(TermUnit::parse(unit.label()), Ok(unit));
        }
        assert_eq!(TermUnit::parse("day"), Err(TermUnitError::Unknown));
    }
}
