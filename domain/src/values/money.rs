use super::decimal::{DecimalFault, group, parse_scaled};
use super::error::value_error;

const CENTS_PER_YUAN: i64 = 100;
const CENTS_PER_WAN: i64 = 1_000_000;
/// 9,999,999.99 万元, a hundred billion yuan: more is a slip of the finger.
const MAX_CENTS: i64 = 10_000_000 * CENTS_PER_WAN - CENTS_PER_WAN / 100;

value_error! {
    /// Why an amount was refused.
    pub enum MoneyError {
        Empty => "money.empty",
        NotANumber => "money.not_a_number",
        Negative => "money.negative",
        TooManyDecimals { max: usize } => "money.too_many_decimals",
        /// The largest amount, in 万元.
        TooLarge { max: String } => "money.too_large",
    }
}

impl From<DecimalFault> for MoneyError {
    fn from(fault: DecimalFault) -> Self {
        match fault {
            DecimalFault::Empty => Self::Empty,
            DecimalFault::NotANumber => Self::NotANumber,
            DecimalFault::Negative => Self::Negative,
            DecimalFault::TooManyDecimals => Self::TooManyDecimals { max: 2 },
            DecimalFault::TooLarge => Self::TooLarge {
                max: Cents(MAX_CENTS).format_wan(),
            },
        }
    }
}

/// Money 金额 in whole cents 分 (S-40); people type and read it in 万元 (M-305, M-308, M-506). Never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Cents(i64);

impl Cents {
    pub const ZERO: Self = Self(0);
    /// More is a slip of the finger.
    pub const MAX: Self = Self(MAX_CENTS);

    /// From storage or a calculation.
    pub fn new(cents: i64) -> Result<Self, MoneyError> {
        match cents {
            ..0 => Err(MoneyError::Negative),
            0..=MAX_CENTS => Ok(Self(cents)),
            _ => Err(DecimalFault::TooLarge.into()),
        }
    }

    /// Typed in 万元 with at most two decimals: `300`, `1,000.50`.
    pub fn parse_wan(text: &str) -> Result<Self, MoneyError> {
        Ok(Self(
            parse_scaled(text, 2, MAX_CENTS / (CENTS_PER_WAN / 100))? * (CENTS_PER_WAN / 100),
        ))
    }

    /// Typed in 元 with at most two decimals.
    pub fn parse_yuan(text: &str) -> Result<Self, MoneyError> {
        Ok(Self(parse_scaled(text, 2, MAX_CENTS)?))
    }

    /// Whole 万元, for rules and demonstration data.
    pub fn from_wan(wan: u32) -> Result<Self, MoneyError> {
        Self::new(i64::from(wan) * CENTS_PER_WAN)
    }

    pub fn cents(self) -> i64 {
        self.0
    }

    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0
            .checked_add(other.0)
            .and_then(|sum| Self::new(sum).ok())
    }

    pub fn checked_sub(self, other: Self) -> Option<Self> {
        Self::new(self.0 - other.0).ok()
    }

    /// In 万元 with two decimals: `1,000.00` (M-305). What two decimals cannot hold gets the digits it needs.
    pub fn format_wan(self) -> String {
        let (whole, rest) = self.split(CENTS_PER_WAN);
        format!("{}.{}", group(whole), fraction_of_wan(rest))
    }

    /// In 万元 for lists: without decimals when whole and without grouping, `3000` (M-519), else `12.50`.
    pub fn format_wan_short(self) -> String {
        match self.split(CENTS_PER_WAN) {
            (whole, 0) => whole.to_string(),
            (whole, rest) => format!("{whole}.{}", fraction_of_wan(rest)),
        }
    }

    /// In 万元 for people who choose: grouped, without decimals when whole, `3,000`, else `1,212.50`.
    pub fn format_wan_brief(self) -> String {
        match self.split(CENTS_PER_WAN) {
            (whole, 0) => group(whole),
            (whole, rest) => format!("{}.{}", group(whole), fraction_of_wan(rest)),
        }
    }

    /// In 元: `10,000.00`.
    pub fn format_yuan(self) -> String {
        let (whole, rest) = self.split(CENTS_PER_YUAN);
        format!("{}.{rest:02}", group(whole))
    }

    fn split(self, unit: i64) -> (u64, u64) {
        (
            (self.0 / unit).unsigned_abs(),
            (self.0 % unit).unsigned_abs(),
        )
    }
}

/// A sum of many amounts in 万元, which may be larger than any of them: rounded to two decimals, `1,234.57`.
pub fn format_sum_in_wan(cents: i64) -> String {
    const HUNDREDTH: u64 = CENTS_PER_WAN.unsigned_abs() / 100;
    let hundredths = (cents.max(0).unsigned_abs() + HUNDREDTH / 2) / HUNDREDTH;
    format!("{}.{:02}", group(hundredths / 100), hundredths % 100)
}

fn fraction_of_wan(rest: u64) -> String {
    let digits = format!("{rest:06}");
    let needed = digits.trim_end_matches('0').len().max(2);
    digits[..needed].to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Cents, MAX_CENTS, MoneyError, format_sum_in_wan};
    use proptest::prelude::*;

    #[test]
    fn a_sum_is_rounded_to_two_decimals_whatever_its_size() {
        assert_eq!(format_sum_in_wan(0), "0.00");
        assert_eq!(format_sum_in_wan(4_999), "0.00");
        assert_eq!(format_sum_in_wan(5_000), "0.01");
        assert_eq!(format_sum_in_wan(1_234_567_890_100), "1,234,567.89");
        assert_eq!(format_sum_in_wan(10 * MAX_CENTS), "99,999,999.90");
    }

    #[test]
    fn amounts_in_wan_are_read_exactly() {
        for (text, cents) in [
            ("1", 1_000_000),
            ("500.00", 500_000_000),
            ("0.01", 10_000),
            ("1,000.5", 1_000_500_000),
            (" ３００．２５ ", 300_250_000),
            ("0", 0),
            ("007", 7_000_000),
        ] {
            assert_eq!(Cents::parse_wan(text).expect(text).cents(), cents, "{text}");
        }
        assert_eq!(
            Cents::parse_yuan("1,234.56").expect("valid").cents(),
            123_456
        );
    }

    #[test]
    fn each_fault_has_its_own_reason() {
        for (text, why) in [
            ("", MoneyError::Empty),
            ("-1", MoneyError::Negative),
            ("1.234", MoneyError::TooManyDecimals { max: 2 }),
            ("1.000", MoneyError::TooManyDecimals { max: 2 }),
            (
                "10000000",
                MoneyError::TooLarge {
                    max: "9,999,999.99".to_owned(),
                },
            ),
            (
                "99999999999999999999999",
                MoneyError::TooLarge {
                    max: "9,999,999.99".to_owned(),
                },
            ),
            ("1e5", MoneyError::NotANumber),
            ("1,00", MoneyError::NotANumber),
            ("1.", MoneyError::NotANumber),
            (".5", MoneyError::NotANumber),
            ("+5", MoneyError::NotANumber),
            ("1 000", MoneyError::NotANumber),
            ("NaN", MoneyError::NotANumber),
            ("三百", MoneyError::NotANumber),
            ("1\u{0}", MoneyError::NotANumber),
            ("--1", MoneyError::NotANumber),
            ("٣", MoneyError::NotANumber),
        ] {
            assert_eq!(Cents::parse_wan(text), Err(why), "{text}");
        }
    }

    #[test]
    fn the_full_and_the_list_form() {
        for (cents, full, short) in [
            (1_000_000_000, "1,000.00", "1000"),
            (10_000_000, "10.00", "10"),
            (12_500_000, "12.50", "12.50"),
            (0, "0.00", "0"),
            (10_000, "0.01", "0.01"),
            (1_000_001, "1.000001", "1.000001"),
            (1_234_567_890_000, "1,234,567.89", "1234567.89"),
        ] {
            let money = Cents::new(cents).expect("valid");
            assert_eq!(
                (
                    money.format_wan().as_str(),
                    money.format_wan_short().as_str()
                ),
                (full, short)
            );
        }
        assert_eq!(
            Cents::from_wan(1).expect("valid").format_yuan(),
            "10,000.00"
        );
    }

    #[test]
    fn calculations_never_leave_the_range() {
        let max = Cents::new(MAX_CENTS).expect("valid");
        let one = Cents::new(1).expect("valid");
        assert_eq!(max.checked_add(one), None);
        assert_eq!(Cents::ZERO.checked_sub(one), None);
        assert_eq!(one.checked_add(one).map(Cents::cents), Some(2));
        assert_eq!(Cents::new(-1), Err(MoneyError::Negative));
        assert!(Cents::new(i64::MAX).is_err());
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(hundredths in 0i64..=999_999_999) {
            let money = Cents::new(hundredths * 10_000).expect("in range");
            prop_assert_eq!(Cents::parse_wan(&money.format_wan()), Ok(money));
            prop_assert_eq!(Cents::parse_wan(&money.format_wan_short()), Ok(money));
        }

        #[test]
        fn any_text_is_parsed_without_a_panic(text in ".{0,40}") {
            let _ = Cents::parse_wan(&text);
        }
    }
}
