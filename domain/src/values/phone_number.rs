use super::error::{prints_masked, value_error};
use super::half_width;

value_error! {
    /// Why a mobile number was refused.
    pub enum PhoneNumberError {
        Empty => "phone_number.empty",
        Malformed => "phone_number.malformed",
    }
}

/// Mobile number 手机号 of the mainland: eleven digits, without country code (M-107, M-207).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Spaces, hyphens and a leading `+86`, `86` or `0086` are forgiven; the carrier is not asked, numbers are portable.
    pub fn parse(text: &str) -> Result<Self, PhoneNumberError> {
        let plain: String = half_width(text)
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '‐' | '‑' | '–'))
            .collect();
        if plain.is_empty() {
            return Err(PhoneNumberError::Empty);
        }
        let national = ["+86", "0086", "86"]
            .iter()
            .find_map(|code| plain.strip_prefix(code))
            .unwrap_or(&plain);
        let digits = national.as_bytes();
        let well_formed = digits.len() == 11
            && digits.iter().all(u8::is_ascii_digit)
            && digits[0] == b'1'
            && (b'3'..=b'9').contains(&digits[1]);
        if well_formed {
            Ok(Self(national.to_owned()))
        } else {
            Err(PhoneNumberError::Malformed)
        }
    }

    /// The eleven digits, for storage and sending.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// With country code, as providers want it.
    pub fn e164(&self) -> String {
        format!("+86{}", self.0)
    }

    /// `138****0001` (S-29).
    pub fn masked(&self) -> String {
        format!("{}****{}", &self.0[..3], &self.0[7..])
    }
}

prints_masked!(PhoneNumber);

#[cfg(test)]
mod tests {
    use super::{PhoneNumber, PhoneNumberError};
    use proptest::prelude::*;

    #[test]
    fn the_usual_ways_of_writing_a_number_are_one_number() {
        for text in [
            "13800138000",
            "+86 138-0013-8000",
            "008613800138000",
            "8613800138000",
            " １３８００１３８０００ ",
        ] {
            let phone = PhoneNumber::parse(text).expect(text);
            assert_eq!(phone.as_str(), "13800138000");
            assert_eq!(phone.e164(), "+8613800138000");
        }
        assert!(PhoneNumber::parse("19200000000").is_ok());
        assert!(PhoneNumber::parse("16600000000").is_ok());
    }

    #[test]
    fn what_is_no_mainland_mobile_number_is_refused() {
        for text in [
            "12345678901",
            "1380013800",
            "138001380000",
            "23800138000",
            "1380013800a",
            "+85212345678",
            "<b>",
            "138\u{0}0138000",
        ] {
            assert_eq!(
                PhoneNumber::parse(text),
                Err(PhoneNumberError::Malformed),
                "{text}"
            );
        }
        assert_eq!(PhoneNumber::parse(" 　"), Err(PhoneNumberError::Empty));
    }

    #[test]
    fn printing_a_number_shows_only_its_mask() {
        let phone = PhoneNumber::parse("13800130001").expect("valid");
        assert_eq!(phone.to_string(), "138****0001");
        assert_eq!(format!("{phone:?}"), "PhoneNumber(138****0001)");
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_without_a_panic(text in ".{0,40}") {
            if let Ok(phone) = PhoneNumber::parse(&text) {
                prop_assert_eq!(PhoneNumber::parse(phone.as_str()), Ok(phone));
            }
        }
    }
}
