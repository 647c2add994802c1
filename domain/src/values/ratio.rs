use super::decimal::{DecimalFault, parse_scaled};
use super::error::value_error;

/// A thousand per cent, or a thousand times: more is a slip of the finger.
const MAX_HUNDREDTHS: i32 = 100_000;

value_error! {
    /// Why a ratio was refused.
    pub enum RatioError {
        Empty => "ratio.empty",
        NotANumber => "ratio.not_a_number",
        Negative => "ratio.negative",
        Zero => "ratio.zero",
        TooManyDecimals { max: usize } => "ratio.too_many_decimals",
        TooLarge { max: i32 } => "ratio.too_large",
    }
}

impl From<DecimalFault> for RatioError {
    fn from(fault: DecimalFault) -> Self {
        match fault {
            DecimalFault::Empty => Self::Empty,
            DecimalFault::NotANumber => Self::NotANumber,
            DecimalFault::Negative => Self::Negative,
            DecimalFault::TooManyDecimals => Self::TooManyDecimals { max: 2 },
            DecimalFault::TooLarge => Self::TooLarge {
                max: MAX_HUNDREDTHS / 100,
            },
        }
    }
}

/// Share or multiple 比例, 倍数 of a figure, in hundredths of what it counts in: 30% is 3,000 and 5 倍 is 500. Never nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ratio(i32);

impl Ratio {
    /// From storage: hundredths.
    pub fn new(hundredths: i32) -> Result<Self, RatioError> {
        match hundredths {
            ..0 => Err(RatioError::Negative),
            0 => Err(RatioError::Zero),
            1..=MAX_HUNDREDTHS => Ok(Self(hundredths)),
            _ => Err(DecimalFault::TooLarge.into()),
        }
    }

    /// Typed with at most two decimals: `30`, `12.5`.
    pub fn parse(text: &str) -> Result<Self, RatioError> {
        let hundredths = parse_scaled(text, 2, i64::from(MAX_HUNDREDTHS))?;
        let hundredths = i32::try_from(hundredths).map_err(|_| DecimalFault::TooLarge)?;
        Self::new(hundredths)
    }

    pub fn hundredths(self) -> i32 {
        self.0
    }
}

/// Without zeros that say nothing: `30`, `12.5`, `0.75`.
impl std::fmt::Display for Ratio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.0 / 100, self.0 % 100) {
            (whole, 0) => write!(f, "{whole}"),
            (whole, rest) if rest % 10 == 0 => write!(f, "{whole}.{}", rest / 10),
            (whole, rest) => write!(f, "{whole}.{rest:02}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ratio, RatioError};

    #[test]
    fn ratios_are_read_exactly_and_printed_without_idle_zeros() {
        for (text, hundredths, printed) in [
            ("30", 3_000, "30"),
            ("12.50", 1_250, "12.5"),
            ("0.75", 75, "0.75"),
            ("０．０５", 5, "0.05"),
            ("1,000", 100_000, "1000"),
        ] {
            let ratio = Ratio::parse(text).expect(text);
            assert_eq!(
                (ratio.hundredths(), ratio.to_string().as_str()),
                (hundredths, printed)
            );
            assert_eq!(Ratio::new(hundredths), Ok(ratio));
        }
    }

    #[test]
    fn each_fault_has_its_own_reason() {
        for (text, why) in [
            ("", RatioError::Empty),
            ("0", RatioError::Zero),
            ("0.00", RatioError::Zero),
            ("-3", RatioError::Negative),
            ("3.755", RatioError::TooManyDecimals { max: 2 }),
            ("1000.01", RatioError::TooLarge { max: 1_000 }),
            ("三成", RatioError::NotANumber),
            ("30%", RatioError::NotANumber),
        ] {
            assert_eq!(Ratio::parse(text), Err(why), "{text}");
        }
        assert_eq!(Ratio::new(-1), Err(RatioError::Negative));
        assert!(Ratio::new(100_001).is_err());
    }
}
