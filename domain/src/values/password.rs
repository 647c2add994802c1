use super::PhoneNumber;
use super::error::value_error;

const MIN: usize = 8;
const MAX: usize = 20;
const CLASSES: usize = 3;
/// Shorter runs of a name say nothing: "co" or "ltd" may stand in a password.
const NAME_RUN: usize = 4;
/// So many last digits of the phone are as good as the phone.
const PHONE_RUN: usize = 8;

/// The 3,000 commonest of 8 to 20 signs, small letters, sorted (see `common_passwords.LICENSE`).
const COMMON: &str = include_str!("common_passwords.txt");

value_error! {
    /// Why a new password was refused.
    pub enum PasswordError {
        Empty => "password.empty",
        TooShort { min: usize } => "password.too_short",
        TooLong { max: usize } => "password.too_long",
        HasSpace => "password.has_space",
        HasControl => "password.has_control",
        /// Only letters, digits and punctuation of the keyboard: a Chinese or full-width sign is refused by name.
        HasForeignSign => "password.has_foreign_sign",
        TooFewClasses { found: usize, needed: usize } => "password.too_few_classes",
        Common => "password.common",
        ContainsPhone => "password.contains_phone",
        ContainsName => "password.contains_name",
    }
}

/// What a new password may not contain: the person's phone, and the names of enterprise and platform (S-21).
#[derive(Debug, Clone, Copy, Default)]
pub struct ForbiddenInPassword<'a> {
    pub phone: Option<&'a PhoneNumber>,
    /// Names as they are written; their runs of Latin letters and digits are looked for.
    pub names: &'a [&'a str],
}

/// New password 密码 that keeps the rule (M-209, A-01, S-21). A password typed at sign-in is not one: it is only compared.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    pub fn parse(text: &str, forbidden: ForbiddenInPassword<'_>) -> Result<Self, PasswordError> {
        refuse_foreign_signs(text)?;
        let length = text.chars().count();
        if length < MIN {
            return Err(PasswordError::TooShort { min: MIN });
        }
        if length > MAX {
            return Err(PasswordError::TooLong { max: MAX });
        }
        let found = classes(text);
        if found < CLASSES {
            return Err(PasswordError::TooFewClasses {
                found,
                needed: CLASSES,
            });
        }
        let small = text.to_ascii_lowercase();
        if forbidden
            .phone
            .is_some_and(|phone| small.contains(&phone.as_str()[11 - PHONE_RUN..]))
        {
            return Err(PasswordError::ContainsPhone);
        }
        if forbidden
            .names
            .iter()
            .any(|name| contains_name(&small, name))
        {
            return Err(PasswordError::ContainsName);
        }
        if is_common(&small) {
            return Err(PasswordError::Common);
        }
        Ok(Self(text.to_owned()))
    }

    /// The secret itself, for the hash and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(***)")
    }
}

fn refuse_foreign_signs(text: &str) -> Result<(), PasswordError> {
    if text.is_empty() {
        return Err(PasswordError::Empty);
    }
    for sign in text.chars() {
        match sign {
            '\u{21}'..='\u{7E}' => {}
            ' ' | '\u{3000}' | '\u{A0}' => return Err(PasswordError::HasSpace),
            _ if sign.is_control() => return Err(PasswordError::HasControl),
            _ => return Err(PasswordError::HasForeignSign),
        }
    }
    Ok(())
}

fn classes(text: &str) -> usize {
    let has = |of: fn(&char) -> bool| usize::from(text.chars().any(|c| of(&c)));
    has(char::is_ascii_uppercase)
        + has(char::is_ascii_lowercase)
        + has(char::is_ascii_digit)
        + has(char::is_ascii_punctuation)
}

fn contains_name(small: &str, name: &str) -> bool {
    let name = super::half_width(name).to_ascii_lowercase();
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|run| run.len() >= NAME_RUN && small.contains(run))
}

/// As typed, without punctuation at the ends, and with the usual disguises (`P@ssw0rd!`) taken off.
fn is_common(small: &str) -> bool {
    let plain: String = small.chars().map(undisguise).collect();
    let ends = |c: char| c.is_ascii_punctuation();
    [
        small,
        small.trim_matches(ends),
        &plain,
        plain.trim_matches(ends),
    ]
    .iter()
    .any(|text| is_listed(text))
}

fn undisguise(c: char) -> char {
    match c {
        '@' | '4' => 'a',
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '$' | '5' => 's',
        '7' => 't',
        other => other,
    }
}

fn is_listed(text: &str) -> bool {
    static LIST: std::sync::LazyLock<Vec<&'static str>> =
        std::sync::LazyLock::new(|| COMMON.lines().collect());
    LIST.binary_search(&text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{COMMON, ForbiddenInPassword, Password, PasswordError, is_listed};
    use crate::values::PhoneNumber;

    fn parse(text: &str) -> Result<(), PasswordError> {
        Password::parse(text, ForbiddenInPassword::default()).map(|_| ())
    }

    #[test]
    fn three_of_four_classes_are_enough_and_two_are_not() {
        for text in ["Abcdefg7", "abcdefg7!", "ABCDEFG7!", "Abcdefg!", "Kf7#mQ2x"] {
            assert_eq!(parse(text), Ok(()), "{text}");
        }
        for text in ["abcdefg7", "ABCDEFGH", "1234567!", "aBcDeFgH"] {
            assert!(
                matches!(
                    parse(text),
                    Err(PasswordError::TooFewClasses { needed: 3, .. })
                ),
                "{text}"
            );
        }
    }

    #[test]
    fn every_punctuation_sign_of_the_keyboard_counts() {
        for sign in (b'!'..=b'~')
            .map(char::from)
            .filter(char::is_ascii_punctuation)
        {
            assert_eq!(parse(&format!("abqkw7x{sign}")), Ok(()), "{sign}");
        }
    }

    #[test]
    fn eight_to_twenty_signs() {
        assert_eq!(parse("Abqkw7x"), Err(PasswordError::TooShort { min: 8 }));
        assert_eq!(parse("Abqkw7xZ"), Ok(()));
        assert_eq!(parse("Abqkw7xZAbqkw7xZAbqk"), Ok(()));
        assert_eq!(
            parse("Abqkw7xZAbqkw7xZAbqkw"),
            Err(PasswordError::TooLong { max: 20 })
        );
        assert_eq!(parse(""), Err(PasswordError::Empty));
    }

    #[test]
    fn signs_outside_the_keyboard_are_refused_by_name() {
        assert_eq!(parse("Abq kw7xZ"), Err(PasswordError::HasSpace));
        assert_eq!(parse("Abq\u{0}kw7xZ"), Err(PasswordError::HasControl));
        assert_eq!(parse("Abqkw7密码"), Err(PasswordError::HasForeignSign));
        assert_eq!(parse("Abqkw7xZ！"), Err(PasswordError::HasForeignSign));
        assert_eq!(parse("Abqkw7xZ😀"), Err(PasswordError::HasForeignSign));
    }

    #[test]
    fn common_passwords_are_refused_in_every_disguise() {
        for text in ["Passw0rd", "P@ssw0rd", "Password1!", "!Passw0rd#"] {
            assert_eq!(parse(text), Err(PasswordError::Common), "{text}");
        }
    }

    #[test]
    fn phone_company_and_platform_are_refused() {
        let phone = PhoneNumber::parse("13800138000").expect("valid");
        let forbidden = ForbiddenInPassword {
            phone: Some(&phone),
            names: &["沧州ＨＵＡＢＥＩ管件有限公司", "czjrkg"],
        };
        let parse = |text: &str| Password::parse(text, forbidden).map(|_| ());
        assert_eq!(parse("Ab13800138000"), Err(PasswordError::ContainsPhone));
        assert_eq!(parse("Ab!00138000"), Err(PasswordError::ContainsPhone));
        assert_eq!(parse("Huabei#2026"), Err(PasswordError::ContainsName));
        assert_eq!(parse("CZJRKG#2026"), Err(PasswordError::ContainsName));
        assert_eq!(parse("Kf7#mQ2x"), Ok(()));
    }

    #[test]
    fn the_list_is_sorted_and_holds_three_thousand_that_could_be_typed() {
        let list: Vec<_> = COMMON.lines().collect();
        assert_eq!(list.len(), 3000);
        assert!(list.is_sorted());
        assert!(
            list.iter()
                .all(|text| (8..=20).contains(&text.len()) && *text == text.to_ascii_lowercase())
        );
        assert!(is_listed("password") && !is_listed("kf7#mq2x"));
    }

    #[test]
    fn a_password_never_prints() {
        let password = Password::parse("Kf7#mQ2x", ForbiddenInPassword::default()).expect("valid");
        assert_eq!(format!("{password:?}"), "Password(***)");
        assert_eq!(password.expose(), "Kf7#mQ2x");
    }
}
