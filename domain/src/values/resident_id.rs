use super::error::{prints_masked, value_error};
use super::half_width;
use time::{Date, Month};

/// Full age 成年: the years that a person must have to sign for an enterprise.
pub const ADULT_AGE: i32 = 18;

const LENGTH: usize = 18;
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: &[u8; 11] = b"10X98765432";

value_error! {
    /// Why a resident number was refused.
    pub enum ResidentIdError {
        Empty => "resident_id.empty",
        /// The old numbers of fifteen digits are no longer taken.
        FifteenDigits => "resident_id.fifteen_digits",
        WrongLength { length: usize, expected: usize } => "resident_id.wrong_length",
        NotDigits => "resident_id.not_digits",
        UnknownProvince => "resident_id.unknown_province",
        NoSuchDate => "resident_id.no_such_date",
        WrongCheck => "resident_id.wrong_check",
        BornInTheFuture => "resident_id.born_in_the_future",
        NotAdult { age: i32 } => "resident_id.not_adult",
    }
}

/// Resident number 公民身份号码 (GB 11643-1999; M-412).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ResidentId(String);

impl ResidentId {
    /// Form, birth date, check sign, and full age today. There is no upper age: only numbers of long ago belong to nobody.
    pub fn parse(text: &str, today: Date) -> Result<Self, ResidentIdError> {
        let id = Self::restore(text)?;
        if id.birth_date() > today {
            return Err(ResidentIdError::BornInTheFuture);
        }
        match id.age_on(today) {
            age if age < ADULT_AGE => Err(ResidentIdError::NotAdult { age }),
            _ => Ok(id),
        }
    }

    /// For storage: everything but the age, which only a day can tell.
    pub fn restore(text: &str) -> Result<Self, ResidentIdError> {
        let typed: String = half_width(text)
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let length = typed.chars().count();
        match length {
            0 => return Err(ResidentIdError::Empty),
            15 if typed.bytes().all(|b| b.is_ascii_digit()) => {
                return Err(ResidentIdError::FifteenDigits);
            }
            LENGTH => {}
            _ => {
                return Err(ResidentIdError::WrongLength {
                    length,
                    expected: LENGTH,
                });
            }
        }
        let (body, check) = typed
            .split_at_checked(17)
            .ok_or(ResidentIdError::NotDigits)?;
        if !body.bytes().all(|b| b.is_ascii_digit())
            || !check.bytes().all(|b| b.is_ascii_digit() || b == b'X')
        {
            return Err(ResidentIdError::NotDigits);
        }
        if !is_province(&body[..2]) {
            return Err(ResidentIdError::UnknownProvince);
        }
        birth_date(body).ok_or(ResidentIdError::NoSuchDate)?;
        if check.as_bytes()[0] != check_sign(body) {
            return Err(ResidentIdError::WrongCheck);
        }
        Ok(Self(typed))
    }

    /// The full number: only for sealing and for the face check.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn birth_date(&self) -> Date {
        birth_date(&self.0).unwrap_or(Date::MIN)
    }

    /// Full years of life on a day.
    pub fn age_on(&self, day: Date) -> i32 {
        let born = self.birth_date();
        let had_birthday = (day.month() as u8, day.day()) >= (born.month() as u8, born.day());
        day.year() - born.year() - i32::from(!had_birthday)
    }

    /// `130***********1234` (S-29).
    pub fn masked(&self) -> String {
        format!("{}***********{}", &self.0[..3], &self.0[14..])
    }
}

prints_masked!(ResidentId);

fn is_province(code: &str) -> bool {
    matches!(
        code.parse(),
        Ok(11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83)
    )
}

fn birth_date(number: &str) -> Option<Date> {
    let month: u8 = number[10..12].parse().ok()?;
    let day = number[12..14].parse().ok()?;
    Date::from_calendar_date(
        number[6..10].parse().ok()?,
        Month::try_from(month).ok()?,
        day,
    )
    .ok()
}

/// ISO 7064 MOD 11-2.
fn check_sign(body: &str) -> u8 {
    let sum: u32 = body
        .bytes()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    CHECKS[(sum % 11) as usize]
}

#[cfg(test)]
mod tests {
    use super::{ResidentId, ResidentIdError};
    use proptest::prelude::*;
    use time::{Date, macros::date};

    const TODAY: Date = date!(2026 - 11 - 25);
    const VALID: [&str; 9] = [
        "11010519491231002X",
        "440524188001010014",
        "110105188001010009",
        "110105188001010017",
        "110105188001010041",
        "110105188001010180",
        "11010518800101005X",
        "110105188001010092",
        "130921189602290028",
    ];

    #[test]
    fn the_verified_examples_are_taken() {
        for text in VALID {
            assert_eq!(ResidentId::parse(text, TODAY).expect(text).as_str(), text);
        }
    }

    #[test]
    fn a_small_x_full_width_and_spaces_are_normalised() {
        let id = ResidentId::parse(" １1010519491231 002x", TODAY).expect("normalised");
        assert_eq!(id.as_str(), "11010519491231002X");
        assert_eq!(id.birth_date(), date!(1949 - 12 - 31));
    }

    #[test]
    fn each_fault_has_its_own_reason() {
        for (text, why) in [
            ("", ResidentIdError::Empty),
            ("110105194912310021", ResidentIdError::WrongCheck),
            ("110105188001010018", ResidentIdError::WrongCheck),
            ("110105188001100017", ResidentIdError::WrongCheck),
            ("130921190002290014", ResidentIdError::NoSuchDate),
            ("110105209912310010", ResidentIdError::BornInTheFuture),
            ("310101199801011234", ResidentIdError::WrongCheck),
            (
                "11010518800101001",
                ResidentIdError::WrongLength {
                    length: 17,
                    expected: 18,
                },
            ),
            ("110105800101001", ResidentIdError::FifteenDigits),
            ("990105188001010017", ResidentIdError::UnknownProvince),
            ("11010518800101001A", ResidentIdError::NotDigits),
            ("1101051880010100沧7", ResidentIdError::NotDigits),
            ("11010518801301001X", ResidentIdError::NoSuchDate),
        ] {
            assert_eq!(
                ResidentId::parse(text, TODAY).map(|_| ()),
                Err(why),
                "{text}"
            );
        }
    }

    #[test]
    fn one_is_of_age_on_the_eighteenth_birthday_and_not_the_day_before() {
        let number = "11010519491231002X";
        let refused = ResidentId::parse(number, date!(1967 - 12 - 30)).map(|_| ());
        assert_eq!(refused, Err(ResidentIdError::NotAdult { age: 17 }));
        assert!(ResidentId::parse(number, date!(1967 - 12 - 31)).is_ok());
        assert!(ResidentId::restore(number).is_ok());
    }

    #[test]
    fn printing_a_number_shows_only_its_mask() {
        let id = ResidentId::restore("130921189602290028").expect("valid");
        assert_eq!(id.to_string(), "130***********0028");
        assert!(!format!("{id:?}").contains("1896"));
    }

    proptest! {
        #[test]
        fn every_single_wrong_digit_is_noticed(which in 0usize..9, at in 0usize..17, digit in b'0'..=b'9') {
            let mut digits = VALID[which].as_bytes().to_vec();
            prop_assume!(digits[at] != digit);
            digits[at] = digit;
            prop_assert!(ResidentId::parse(std::str::from_utf8(&digits).expect("ascii"), TODAY).is_err());
        }

        #[test]
        fn any_text_is_parsed_without_a_panic(text in "[0-9Xx沧 ]{0,20}") {
            let _ = ResidentId::parse(&text, TODAY).map(|id| (id.masked(), id.age_on(TODAY)));
        }
    }
}
