use super::decimal::{DecimalFault, group, parse_scaled};
use super::error::value_error;

/// More people than any enterprise has: a slip of the finger.
const MAX: i64 = 9_999_999;

value_error! {
    /// Why a number of people was refused.
    pub enum HeadcountError {
        Empty => "headcount.empty",
        NotANumber => "headcount.not_a_number",
        Negative => "headcount.negative",
        NotWhole => "headcount.not_whole",
        TooLarge { max: String } => "headcount.too_large",
    }
}

impl From<DecimalFault> for HeadcountError {
    fn from(fault: DecimalFault) -> Self {
        match fault {
            DecimalFault::Empty => Self::Empty,
            DecimalFault::NotANumber => Self::NotANumber,
            DecimalFault::Negative => Self::Negative,
            DecimalFault::TooManyDecimals => Self::NotWhole,
            DecimalFault::TooLarge => Self::TooLarge {
                max: group(MAX.unsigned_abs()),
            },
        }
    }
}

/// Number of people 从业人员, whole and never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Headcount(i64);

impl Headcount {
    /// From storage or a rule.
    pub fn new(persons: i64) -> Result<Self, HeadcountError> {
        match persons {
            ..0 => Err(HeadcountError::Negative),
            0..=MAX => Ok(Self(persons)),
            _ => Err(DecimalFault::TooLarge.into()),
        }
    }

    /// Typed: `45`, `1,200`; `45.0` is whole too.
    pub fn parse(text: &str) -> Result<Self, HeadcountError> {
        let tenths = parse_scaled(text, 1, MAX * 10)?;
        if tenths % 10 != 0 {
            return Err(HeadcountError::NotWhole);
        }
        Ok(Self(tenths / 10))
    }

    pub fn persons(self) -> i64 {
        self.0
    }

    /// Grouped: `1,200`.
    pub fn format(self) -> String {
        group(self.0.unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use super::{Headcount, HeadcountError};

    #[test]
    fn people_are_counted_in_whole_numbers() {
        for (text, persons) in [
            ("45", 45),
            (" 1,200 ", 1200),
            ("４５", 45),
            ("0", 0),
            ("7.0", 7),
        ] {
            assert_eq!(
                Headcount::parse(text).map(Headcount::persons),
                Ok(persons),
                "{text}"
            );
        }
        for (text, why) in [
            ("", HeadcountError::Empty),
            ("   ", HeadcountError::Empty),
            ("-3", HeadcountError::Negative),
            ("4.5", HeadcountError::NotWhole),
            ("4.55", HeadcountError::NotWhole),
            ("四十五", HeadcountError::NotANumber),
            ("45 人", HeadcountError::NotANumber),
            ("45\u{0}", HeadcountError::NotANumber),
            ("😀", HeadcountError::NotANumber),
            ("<b>45</b>", HeadcountError::NotANumber),
            ("1e3", HeadcountError::NotANumber),
            (
                "99999999",
                HeadcountError::TooLarge {
                    max: "9,999,999".to_owned(),
                },
            ),
            (
                "99999999999999999999999",
                HeadcountError::TooLarge {
                    max: "9,999,999".to_owned(),
                },
            ),
        ] {
            assert_eq!(Headcount::parse(text), Err(why), "{text:?}");
        }
        assert_eq!(
            Headcount::new(1200).map(Headcount::format),
            Ok("1,200".to_owned())
        );
    }
}
