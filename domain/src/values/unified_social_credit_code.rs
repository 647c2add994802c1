use super::error::{prints_plain, value_error};
use super::half_width;

/// GB 32100: 31 signs, the position is the value; I, O, S, V and Z do not exist.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const WEIGHTS: [u32; 17] = [
    1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
];
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
const LENGTH: usize = 18;

value_error! {
    /// Why a code was refused. The two doubtful ones may be overridden by staff: genuine early codes fail them.
    pub enum UnifiedSocialCreditCodeError {
        Empty => "unified_social_credit_code.empty",
        WrongLength { length: usize, expected: usize } => "unified_social_credit_code.wrong_length",
        /// A sign outside the alphabet; position counts from 1.
        ForeignSign { position: usize, sign: char } => "unified_social_credit_code.foreign_sign",
        /// As before, but reading O as 0, I as 1, S as 5, Z as 2 gives a code whose checks are right.
        Misread { position: usize, sign: char, suggestion: String } => "unified_social_credit_code.misread",
        /// Signs 3 to 8 name the administrative division and are digits.
        DivisionNotDigits { position: usize } => "unified_social_credit_code.division_not_digits",
        DoubtfulCheckCharacter => "unified_social_credit_code.doubtful_check_character",
        DoubtfulOrganisationCode => "unified_social_credit_code.doubtful_organisation_code",
    }
}

impl UnifiedSocialCreditCodeError {
    /// Whether the form is right and only a check failed, so that staff may take it with a reason.
    pub fn doubt(&self) -> Option<CodeDoubt> {
        match self {
            Self::DoubtfulCheckCharacter => Some(CodeDoubt::CheckCharacter),
            Self::DoubtfulOrganisationCode => Some(CodeDoubt::OrganisationCode),
            _ => None,
        }
    }
}

/// Doubt 存疑: which check a well-formed code fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeDoubt {
    /// The 18th sign (GB 32100).
    CheckCharacter,
    /// The 17th sign, which closes the embedded organisation code (GB 11714).
    OrganisationCode,
}

/// Unified social credit code 统一社会信用代码 (GB 32100-2015; M-409).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnifiedSocialCreditCode(String);

impl UnifiedSocialCreditCode {
    /// Takes a code whose form and both checks are right.
    pub fn parse(text: &str) -> Result<Self, UnifiedSocialCreditCodeError> {
        let code = Self::accept_doubtful(text)?;
        match code.doubt() {
            None => Ok(code),
            Some(CodeDoubt::CheckCharacter) => {
                Err(UnifiedSocialCreditCodeError::DoubtfulCheckCharacter)
            }
            Some(CodeDoubt::OrganisationCode) => {
                Err(UnifiedSocialCreditCodeError::DoubtfulOrganisationCode)
            }
        }
    }

    /// Takes a well-formed code whatever its checks say: for staff who override with a reason, and for storage.
    pub fn accept_doubtful(text: &str) -> Result<Self, UnifiedSocialCreditCodeError> {
        let typed: String = half_width(text.trim())
            .chars()
            .filter(|c| !matches!(c, ' ' | '-'))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let length = typed.chars().count();
        if length == 0 {
            return Err(UnifiedSocialCreditCodeError::Empty);
        }
        if length != LENGTH {
            return Err(UnifiedSocialCreditCodeError::WrongLength {
                length,
                expected: LENGTH,
            });
        }
        if let Some((at, sign)) = typed
            .chars()
            .enumerate()
            .find(|(_, c)| value_of(*c).is_none())
        {
            return Err(foreign_sign(&typed, at + 1, sign));
        }
        if let Some(at) = typed[2..8].bytes().position(|b| !b.is_ascii_digit()) {
            return Err(UnifiedSocialCreditCodeError::DivisionNotDigits { position: at + 3 });
        }
        Ok(Self(typed))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Which check fails, if any: to be recorded beside an override.
    pub fn doubt(&self) -> Option<CodeDoubt> {
        if self.0.chars().nth(17) != Some(check_character(&self.0)) {
            return Some(CodeDoubt::CheckCharacter);
        }
        (organisation_check(&self.0[8..16]) != self.0.chars().nth(16))
            .then_some(CodeDoubt::OrganisationCode)
    }

    /// Whether the register is one that our applicants stand in: companies 91, sole proprietors 92, cooperatives 93.
    pub fn is_market_entity(&self) -> bool {
        ["91", "92", "93"].contains(&&self.0[..2])
    }

    /// The division of the register 登记机关行政区划, six digits.
    pub fn division(&self) -> &str {
        &self.0[2..8]
    }
}

prints_plain!(UnifiedSocialCreditCode);

fn value_of(sign: char) -> Option<u32> {
    ALPHABET
        .iter()
        .zip(0u32..)
        .find_map(|(known, value)| (char::from(*known) == sign).then_some(value))
}

fn check_character(code: &str) -> char {
    let sum: u32 = code
        .chars()
        .zip(WEIGHTS)
        .map(|(sign, weight)| value_of(sign).unwrap_or(0) * weight)
        .sum();
    char::from(ALPHABET[((31 - sum % 31) % 31) as usize])
}

/// GB 11714 counts letters over the whole alphabet: A is 10, Z is 35.
fn organisation_check(body: &str) -> Option<char> {
    let mut sum = 0;
    for (sign, weight) in body.chars().zip(ORGANISATION_WEIGHTS) {
        sum += sign.to_digit(36)? * weight;
    }
    match 11 - sum % 11 {
        10 => Some('X'),
        11 => Some('0'),
        digit => char::from_digit(digit, 10),
    }
}

fn foreign_sign(typed: &str, position: usize, sign: char) -> UnifiedSocialCreditCodeError {
    let read_again: String = typed
        .chars()
        .map(|c| match c {
            'O' => '0',
            'I' => '1',
            'S' => '5',
            'Z' => '2',
            other => other,
        })
        .collect();
    // Only a text that is now whole is read again; anything else would go round for ever.
    let whole = read_again.chars().all(|c| value_of(c).is_some());
    match whole.then(|| UnifiedSocialCreditCode::parse(&read_again)) {
        Some(Ok(code)) => UnifiedSocialCreditCodeError::Misread {
            position,
            sign,
            suggestion: code.0,
        },
        _ => UnifiedSocialCreditCodeError::ForeignSign { position, sign },
    }
}

#[cfg(test)]
mod tests {
    use super::{
        ALPHABET, CodeDoubt, UnifiedSocialCreditCode as Code,
        UnifiedSocialCreditCodeError as Refused, organisation_check,
    };
    use proptest::prelude::*;

    const VALID: [&str; 13] = [
        "91350100M000100Y43",
        "91130900PDY00001XR",
        "91130900PDY000028R",
        "91130900PDY0000792",
        "92130902PDY00001XK",
        "93130921PDY0000799",
        "52110000PDY00001X4",
        "12100000PDY00001X4",
        "11130900PDY00001X2",
        "91130900PDY0003000",
        "91130900PDY000255Y",
        "91130900PDY000132X",
        "91130900PDY000052A",
    ];

    #[test]
    fn the_verified_examples_are_taken() {
        for text in VALID {
            assert_eq!(Code::parse(text).expect(text).as_str(), text);
        }
    }

    #[test]
    fn small_letters_full_width_and_spaces_are_normalised() {
        let code = Code::parse(" ９1130900 pdy0 0001xr ").expect("normalised");
        assert_eq!(code.as_str(), "91130900PDY00001XR");
        assert_eq!(code.division(), "130900");
        assert!(code.is_market_entity());
        assert!(
            !Code::parse("52110000PDY00001X4")
                .expect("valid")
                .is_market_entity()
        );
    }

    #[test]
    fn a_failed_check_is_doubtful_and_can_be_overridden() {
        for text in [
            "91130900PDY00001XP",
            "91130900PDY00010XR",
            "91130900PDY00001RX",
        ] {
            let refused = Code::parse(text).expect_err(text);
            assert_eq!(refused, Refused::DoubtfulCheckCharacter, "{text}");
            assert_eq!(refused.doubt(), Some(CodeDoubt::CheckCharacter));
            assert_eq!(
                Code::accept_doubtful(text).expect(text).doubt(),
                Some(CodeDoubt::CheckCharacter)
            );
        }
    }

    #[test]
    fn a_wrong_embedded_organisation_code_is_told_apart() {
        assert_eq!(
            Code::parse("91130900PDY0000113"),
            Err(Refused::DoubtfulOrganisationCode)
        );
        let code = Code::accept_doubtful("91130900PDY0000113").expect("form is right");
        assert_eq!(code.doubt(), Some(CodeDoubt::OrganisationCode));
    }

    #[test]
    fn a_wrong_form_cannot_be_overridden() {
        for (text, why) in [
            ("", Refused::Empty),
            (
                "91130900PDY00001X",
                Refused::WrongLength {
                    length: 17,
                    expected: 18,
                },
            ),
            (
                "91130900PDY00001XRR",
                Refused::WrongLength {
                    length: 19,
                    expected: 18,
                },
            ),
            (
                "9113A900PDY00001XR",
                Refused::DivisionNotDigits { position: 5 },
            ),
            (
                "91350100M000100Y4V",
                Refused::ForeignSign {
                    position: 18,
                    sign: 'V',
                },
            ),
            (
                "91350100M000100Y4Z",
                Refused::ForeignSign {
                    position: 18,
                    sign: 'Z',
                },
            ),
            (
                "沧130900PDY00001XRX",
                Refused::ForeignSign {
                    position: 1,
                    sign: '沧',
                },
            ),
        ] {
            let refused = Code::accept_doubtful(text).expect_err(text);
            assert_eq!(refused, why);
            assert_eq!(refused.doubt(), None);
        }
    }

    #[test]
    fn letters_taken_for_digits_are_suggested_not_replaced() {
        let suggestion = "91130900PDY00001XR".to_owned();
        assert_eq!(
            Code::parse("9I130900PDY00001XR"),
            Err(Refused::Misread {
                position: 2,
                sign: 'I',
                suggestion: suggestion.clone()
            })
        );
        let refused = Code::parse("9113O9OOPDYOOOO1XR").expect_err("letters");
        assert_eq!(
            refused,
            Refused::Misread {
                position: 5,
                sign: 'O',
                suggestion
            }
        );
        assert_eq!(refused.code(), "unified_social_credit_code.misread");
        assert!(
            refused
                .params()
                .contains(&("suggestion", "91130900PDY00001XR".to_owned()))
        );
    }

    #[test]
    fn the_organisation_check_counts_letters_over_the_whole_alphabet() {
        for (body, check) in [
            ("D2143569", 'X'),
            ("PDY00001", 'X'),
            ("PDY00002", '8'),
            ("PDY00006", '0'),
            ("PDY99999", '4'),
            ("JKL00001", '8'),
        ] {
            assert_eq!(organisation_check(body), Some(check), "{body}");
        }
    }

    proptest! {
        #[test]
        fn every_single_wrong_sign_is_noticed(which in 0usize..13, at in 0usize..18, by in 0usize..31) {
            let mut signs = VALID[which].as_bytes().to_vec();
            prop_assume!(signs[at] != ALPHABET[by]);
            signs[at] = ALPHABET[by];
            let text = String::from_utf8(signs).expect("ascii");
            prop_assert!(Code::parse(&text).is_err());
        }

        #[test]
        fn any_text_is_parsed_without_a_panic(text in ".{0,24}") {
            if let Ok(code) = Code::parse(&text) {
                prop_assert_eq!(code.doubt(), None);
            }
        }
    }
}
