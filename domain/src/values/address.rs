use super::error::value_error;
use super::width::{is_harmless, is_invisible};

const MIN: usize = 2;
const MAX: usize = 200;

value_error! {
    /// Why an address was refused.
    pub enum AddressError {
        Empty => "address.empty",
        TooShort { min: usize } => "address.too_short",
        TooLong { max: usize } => "address.too_long",
        ForeignSign => "address.foreign_sign",
        NoLetters => "address.no_letters",
    }
}

/// Street address 详细地址 (M-416): one line below the region. Personal for a sole proprietor, so it prints masked (S-29).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Address(String);

impl Address {
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let line = text.replace(is_harmless, "");
        let line = line.trim();
        if line.is_empty() {
            return Err(AddressError::Empty);
        }
        if line
            .chars()
            .any(|c| is_invisible(c) || matches!(c, '<' | '>') || is_picture(c))
        {
            return Err(AddressError::ForeignSign);
        }
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        let length = line.chars().count();
        if length < MIN {
            return Err(AddressError::TooShort { min: MIN });
        }
        if length > MAX {
            return Err(AddressError::TooLong { max: MAX });
        }
        if !line.chars().any(char::is_alphabetic) {
            return Err(AddressError::NoLetters);
        }
        Ok(Self(line))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Address(***)")
    }
}

/// Emoji and other pictures, with what joins and varies them.
fn is_picture(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27BF}' | '\u{FE00}'..='\u{FE0F}' | '\u{1F000}'..='\u{1FAFF}' | '\u{E0000}'..='\u{E01EF}')
}

#[cfg(test)]
mod tests {
    use super::{Address, AddressError};

    #[test]
    fn an_address_is_one_tidy_line() {
        let address = Address::parse("  解放西路　１2号,\t颐和大厦 ")
            .map(|address| address.as_str().to_owned());
        assert_eq!(
            address,
            Err(AddressError::ForeignSign),
            "a tab is no sign of an address"
        );
        let address = Address::parse("  解放西路　 12号B座（北门）#3 ").expect("valid");
        assert_eq!(address.as_str(), "解放西路 12号B座（北门）#3");
        assert_eq!(format!("{address:?}"), "Address(***)");
    }

    #[test]
    fn each_fault_has_its_own_reason() {
        for (text, why) in [
            (" ", AddressError::Empty),
            ("路", AddressError::TooShort { min: 2 }),
            ("12-3", AddressError::NoLetters),
            ("解放\u{0}路", AddressError::ForeignSign),
            ("解放\n西路", AddressError::ForeignSign),
            ("<b>解放西路", AddressError::ForeignSign),
            ("解放西路😀", AddressError::ForeignSign),
            ("解放\u{202E}西路", AddressError::ForeignSign),
        ] {
            assert_eq!(Address::parse(text), Err(why), "{text}");
        }
        assert!(Address::parse(&"路".repeat(200)).is_ok());
        assert_eq!(
            Address::parse(&"路".repeat(201)),
            Err(AddressError::TooLong { max: 200 })
        );
    }
}
