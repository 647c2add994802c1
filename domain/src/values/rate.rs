use super::decimal::{DecimalFault, parse_scaled};
use super::error::value_error;
use super::half_width;

const MAX_HUNDREDTHS: i32 = 10_000;

value_error! {
    /// Why an interest rate was refused.
    pub enum RateError {
        Empty => "rate.empty",
        NotANumber => "rate.not_a_number",
        Negative => "rate.negative",
        TooManyDecimals { max: usize } => "rate.too_many_decimals",
        /// The highest rate, in percent per year.
        TooHigh { max: i32 } => "rate.too_high",
    }
}

impl From<DecimalFault> for RateError {
    fn from(fault: DecimalFault) -> Self {
        match fault {
            DecimalFault::Empty => Self::Empty,
            DecimalFault::NotANumber => Self::NotANumber,
            DecimalFault::Negative => Self::Negative,
            DecimalFault::TooManyDecimals => Self::TooManyDecimals { max: 2 },
            DecimalFault::TooLarge => Self::TooHigh {
                max: MAX_HUNDREDTHS / 100,
            },
        }
    }
}

/// Interest rate 利率, in hundredths of a percent per year: 3.75% is 375 (M-304, M-310, M-507).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rate(i32);

impl Rate {
    /// From storage: hundredths of a percent per year.
    pub fn new(hundredths: i32) -> Result<Self, RateError> {
        match hundredths {
            ..0 => Err(RateError::Negative),
            0..=MAX_HUNDREDTHS => Ok(Self(hundredths)),
            _ => Err(DecimalFault::TooLarge.into()),
        }
    }

    /// Typed as `3.75`; a trailing `%` or `%/年`, copied from the page, is forgiven.
    pub fn parse(text: &str) -> Result<Self, RateError> {
        let typed = half_width(text);
        let number = typed
            .trim()
            .trim_end_matches("/年")
            .trim_end()
            .trim_end_matches('%');
        let hundredths = parse_scaled(number, 2, i64::from(MAX_HUNDREDTHS))?;
        i32::try_from(hundredths)
            .map(Self)
            .map_err(|_| DecimalFault::TooLarge.into())
    }

    pub fn hundredths(self) -> i32 {
        self.0
    }

    /// The number alone, for a column headed 利率 (%): `3.75`.
    pub fn percent(self) -> String {
        format!("{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// `3.75%/年` (M-304).
impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}%/年", self.percent())
    }
}

#[cfg(test)]
mod tests {
    use super::{Rate, RateError};

    #[test]
    fn rates_are_read_exactly_and_printed_as_the_manual_prints_them() {
        for (text, hundredths, printed) in [
            ("3.75", 375, "3.75%/年"),
            ("3.5", 350, "3.50%/年"),
            ("4", 400, "4.00%/年"),
            ("３．７５％", 375, "3.75%/年"),
            ("3.75%/年", 375, "3.75%/年"),
            ("0.05", 5, "0.05%/年"),
            ("100", 10_000, "100.00%/年"),
        ] {
            let rate = Rate::parse(text).expect(text);
            assert_eq!(
                (rate.hundredths(), rate.to_string().as_str()),
                (hundredths, printed)
            );
            assert_eq!(Rate::new(hundredths), Ok(rate));
        }
    }

    #[test]
    fn each_fault_has_its_own_reason() {
        for (text, why) in [
            ("", RateError::Empty),
            ("%", RateError::Empty),
            ("-3", RateError::Negative),
            ("3.755", RateError::TooManyDecimals { max: 2 }),
            ("100.01", RateError::TooHigh { max: 100 }),
            ("三", RateError::NotANumber),
            ("3,75", RateError::NotANumber),
        ] {
            assert_eq!(Rate::parse(text), Err(why), "{text}");
        }
        assert_eq!(Rate::new(-1), Err(RateError::Negative));
        assert_eq!(Rate::new(10_001), Err(RateError::TooHigh { max: 100 }));
    }
}
