//! Addresses that we call 推送地址: a public https name on the usual port, and behind it nothing that is not public (S-44).

use std::net::IpAddr;

use outbound::is_public;
use reqwest::Url;

const LONGEST: usize = 300;
/// Names that mean this machine or its own network.
const INNER: [&str; 7] = [
    "localhost",
    "local",
    "internal",
    "intranet",
    "lan",
    "home.arpa",
    "localdomain",
];

/// What an installation may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// The public internet and nothing else.
    Public,
    /// This very machine too, over plain http: demonstrations and tests, by construction only.
    AndLoopback,
}

impl Allowed {
    /// The address in its plain form, or the code of what is wrong with it.
    pub(crate) fn form(self, typed: &str) -> Result<Url, &'static str> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err("hook.empty");
        }
        if typed.chars().count() > LONGEST {
            return Err("hook.too_long");
        }
        let url = Url::parse(typed).map_err(|_| "hook.form")?;
        if self == Self::AndLoopback && is_loopback(&url) {
            return Ok(url);
        }
        if url.scheme() != "https" {
            return Err("hook.not_https");
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err("hook.form");
        }
        if !matches!(url.port(), None | Some(8443)) {
            return Err("hook.port");
        }
        match url.domain() {
            Some(name) if is_public_name(name) => Ok(url),
            _ => Err("hook.not_public"),
        }
    }

    /// Whether an address behind a name may be called.
    pub(crate) fn admits(self, address: IpAddr) -> bool {
        is_public(address) || (self == Self::AndLoopback && address.is_loopback())
    }
}

fn is_loopback(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
}

fn is_public_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name.contains('.')
        && !INNER
            .iter()
            .any(|inner| name == *inner || name.ends_with(&format!(".{inner}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_names_of_the_public_internet_are_taken() {
        for good in [
            "https://hooks.bank.example/yjr",
            "https://hooks.bank.example:8443/a?b=c",
            "https://hooks.bank.example:443/",
        ] {
            assert!(Allowed::Public.form(good).is_ok(), "{good}");
        }
        for (bad, code) in [
            ("", "hook.empty"),
            ("hooks.bank.example", "hook.form"),
            ("http://hooks.bank.example/", "hook.not_https"),
            ("ftp://hooks.bank.example/", "hook.not_https"),
            ("file:///etc/passwd", "hook.not_https"),
            ("https://user:x@hooks.bank.example/", "hook.form"),
            ("https://hooks.bank.example/#x", "hook.form"),
            ("https://hooks.bank.example:22/", "hook.port"),
            ("https://127.0.0.1/", "hook.not_public"),
            ("https://8.8.8.8/", "hook.not_public"),
            ("https://2130706433/", "hook.not_public"),
            ("https://0x7f.1/", "hook.not_public"),
            ("https://[::1]/", "hook.not_public"),
            ("https://[::ffff:10.0.0.1]/", "hook.not_public"),
            ("https://localhost/", "hook.not_public"),
            ("https://intranet/", "hook.not_public"),
            ("https://db.internal/", "hook.not_public"),
            ("https://printer.local./", "hook.not_public"),
        ] {
            assert_eq!(Allowed::Public.form(bad).map(|_| ()), Err(code), "{bad}");
        }
        let long = format!("https://hooks.bank.example/{}", "a".repeat(300));
        assert_eq!(
            Allowed::Public.form(&long).map(|_| ()),
            Err("hook.too_long")
        );
    }

    #[test]
    fn loopback_is_allowed_only_where_the_program_was_built_so() {
        for own in ["http://127.0.0.1:9/x", "http://localhost:9/x"] {
            assert!(Allowed::AndLoopback.form(own).is_ok());
            assert!(Allowed::Public.form(own).is_err());
        }
        assert!(Allowed::AndLoopback.form("http://10.0.0.1/").is_err());
        assert!(
            Allowed::AndLoopback
                .form("http://hooks.bank.example/")
                .is_err()
        );
        let own = IpAddr::from([127, 0, 0, 1]);
        assert!(Allowed::AndLoopback.admits(own) && !Allowed::Public.admits(own));
        assert!(!Allowed::AndLoopback.admits(IpAddr::from([192, 168, 1, 1])));
    }
}
