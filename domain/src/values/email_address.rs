use super::error::{prints_masked, value_error};
use super::half_width;

const MAX: usize = 254;
const MAX_LOCAL: usize = 64;

value_error! {
    /// Why a mail address was refused.
    pub enum EmailAddressError {
        Empty => "email_address.empty",
        TooLong { max: usize } => "email_address.too_long",
        Malformed => "email_address.malformed",
    }
}

/// Mail address 邮箱号 (M-418): the plain form that mail really uses, without quoting and comments.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The domain is stored in small letters; the name before the sign keeps its case.
    pub fn parse(text: &str) -> Result<Self, EmailAddressError> {
        let typed = half_width(text);
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(EmailAddressError::Empty);
        }
        if typed.chars().count() > MAX {
            return Err(EmailAddressError::TooLong { max: MAX });
        }
        let (local, domain) = typed.rsplit_once('@').ok_or(EmailAddressError::Malformed)?;
        if is_local(local) && is_domain(domain) {
            Ok(Self(format!("{local}@{}", domain.to_ascii_lowercase())))
        } else {
            Err(EmailAddressError::Malformed)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `z***@example.com`.
    pub fn masked(&self) -> String {
        let (local, domain) = self.0.split_once('@').unwrap_or_default();
        format!("{}***@{domain}", &local[..1])
    }
}

prints_masked!(EmailAddress);

fn is_local(local: &str) -> bool {
    local.len() <= MAX_LOCAL
        && local.split('.').all(|atom| {
            !atom.is_empty()
                && atom
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b))
        })
}

fn is_domain(domain: &str) -> bool {
    let labels: Vec<_> = domain.split('.').collect();
    labels.len() >= 2
        && labels.iter().all(|label| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
        && labels
            .last()
            .is_some_and(|top| top.len() >= 2 && top.bytes().any(|b| b.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::{EmailAddress, EmailAddressError};

    #[test]
    fn plain_addresses_are_taken() {
        for (text, stored) in [
            (" Zhang.San+rong@Example.COM ", "Zhang.San+rong@example.com"),
            ("a＠example．cn", "a@example.cn"),
            ("1@xn--fiqs8s.cn", "1@xn--fiqs8s.cn"),
        ] {
            assert_eq!(EmailAddress::parse(text).expect(text).as_str(), stored);
        }
    }

    #[test]
    fn what_no_mail_server_would_take_is_refused() {
        for text in [
            "a",
            "a@",
            "@example.com",
            "a@b",
            "a@@example.com",
            "a b@example.com",
            "a@-x.com",
            "a..b@example.com",
            "张@example.com",
            "a@example.1",
            "<a>@example.com",
            "a@exam\u{0}ple.com",
        ] {
            assert_eq!(
                EmailAddress::parse(text),
                Err(EmailAddressError::Malformed),
                "{text}"
            );
        }
        assert_eq!(EmailAddress::parse(""), Err(EmailAddressError::Empty));
        let long = format!("a@{}com", "x.".repeat(130));
        assert_eq!(
            EmailAddress::parse(&long),
            Err(EmailAddressError::TooLong { max: 254 })
        );
    }

    #[test]
    fn printing_an_address_shows_only_its_mask() {
        assert_eq!(
            EmailAddress::parse("zhang@example.com")
                .expect("valid")
                .to_string(),
            "z***@example.com"
        );
    }
}
