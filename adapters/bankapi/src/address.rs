//! Addresses that we call 推送地址: a public https name on the usual port, and behind it nothing that is not public (S-44).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

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

pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    !(a == 0
        || a == 10
        || a == 127
        || (a == 100 && (64..128).contains(&b))
        || (a == 169 && b == 254)
        || (a == 172 && (16..32).contains(&b))
        || (a == 192 && b == 168)
        || (a == 192 && b == 0 && (c == 0 || c == 2))
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19))
        || (a == 198 && b == 51 && c == 100)
        || (a == 203 && b == 0 && c == 113)
        || a >= 224)
}

/// Only global unicast, and none of its corners that lead back to IPv4 or are for documents.
fn is_public_v6(v6: Ipv6Addr) -> bool {
    let [first, second, ..] = v6.segments();
    let global = (0x2000..0x4000).contains(&first);
    let teredo_or_special = first == 0x2001 && second < 0x0200;
    let documents = first == 0x2001 && second == 0x0db8 || first == 0x3fff && second < 0x1000;
    let six_to_four = first == 0x2002;
    global && !teredo_or_special && !documents && !six_to_four
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

    #[test]
    fn no_private_link_local_or_special_address_counts_as_public() {
        for inner in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "64:ff9b::a00:1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:a00:1::1",
        ] {
            assert!(!is_public(inner.parse().expect("an address")), "{inner}");
        }
        for outer in [
            "8.8.8.8",
            "100.63.0.1",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "223.5.5.5",
            "2400:3200::1",
            "2606:4700::1",
        ] {
            assert!(is_public(outer.parse().expect("an address")), "{outer}");
        }
    }
}
