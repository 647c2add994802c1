use super::error::value_error;
use super::half_width;

value_error! {
    /// Why a code was refused before it was even compared.
    pub enum SmsCodeError {
        Empty => "sms_code.empty",
        Malformed { digits: usize } => "sms_code.malformed",
    }
}

const DIGITS: usize = 6;

/// One-time code 短信验证码 / 手机验证码: six digits (M-109, M-208, M-421, section 6 of the security rules).
#[derive(Clone, PartialEq, Eq)]
pub struct SmsCode(String);

impl SmsCode {
    pub fn parse(text: &str) -> Result<Self, SmsCodeError> {
        let typed: String = half_width(text)
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect();
        if typed.is_empty() {
            return Err(SmsCodeError::Empty);
        }
        let well_formed = typed.len() == DIGITS && typed.bytes().all(|b| b.is_ascii_digit());
        if well_formed {
            Ok(Self(typed))
        } else {
            Err(SmsCodeError::Malformed { digits: DIGITS })
        }
    }

    /// From a drawn number; only its last six digits count, so draw it below a million.
    pub fn from_draw(drawn: u32) -> Self {
        Self(format!("{:06}", drawn % 1_000_000))
    }

    /// The code itself, for sending and for the keyed hash.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SmsCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SmsCode(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::{SmsCode, SmsCodeError};

    #[test]
    fn six_digits_are_a_code() {
        assert_eq!(
            SmsCode::parse(" ０12 345 ").expect("valid").expose(),
            "012345"
        );
        assert_eq!(SmsCode::from_draw(42).expose(), "000042");
        assert_eq!(SmsCode::from_draw(999_999).expose(), "999999");
    }

    #[test]
    fn anything_else_is_not() {
        for text in ["12345", "1234567", "12345a", "１２３４５六"] {
            assert_eq!(
                SmsCode::parse(text).map(|_| ()),
                Err(SmsCodeError::Malformed { digits: 6 }),
                "{text}"
            );
        }
        assert_eq!(SmsCode::parse(" ").map(|_| ()), Err(SmsCodeError::Empty));
    }

    #[test]
    fn a_code_never_prints() {
        assert_eq!(format!("{:?}", SmsCode::from_draw(123_456)), "SmsCode(***)");
    }
}
