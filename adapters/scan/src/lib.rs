#![doc = include_str!("../README.md")]

pub mod clamd;
pub mod none;

use std::sync::Arc;

use application::ports::scanner::FileScanner;

/// A setting that names no scanner.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("YJR_SCANNER is none, clamd:/path/to/socket or clamd:host:port, not \"{0}\"")]
pub struct UnknownScanner(String);

/// The scanner that a setting names; an empty one names none.
pub fn from_setting(setting: &str) -> Result<Arc<dyn FileScanner>, UnknownScanner> {
    match setting.split_once(':') {
        None if setting.is_empty() || setting == "none" => Ok(Arc::new(none::NoScanner)),
        Some(("clamd", at)) if at.starts_with('/') => Ok(Arc::new(clamd::Clamd::new(
            clamd::Address::Socket(at.into()),
        ))),
        Some(("clamd", at))
            if at
                .rsplit_once(':')
                .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok()) =>
        {
            Ok(Arc::new(clamd::Clamd::new(clamd::Address::Tcp(
                at.to_owned(),
            ))))
        }
        _ => Err(UnknownScanner(setting.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_names_nobody_or_a_daemon_and_nothing_else() {
        for (setting, scans) in [
            ("", false),
            ("none", false),
            ("clamd:/run/clamav/clamd.ctl", true),
            ("clamd:127.0.0.1:3310", true),
            ("clamd:[::1]:3310", true),
        ] {
            let scanner = from_setting(setting).expect(setting);
            assert_eq!(scanner.scans(), scans, "{setting}");
        }
        for wrong in [
            "clam",
            "clamd",
            "clamd:",
            "clamd::3310",
            "clamd:host",
            "clamd:host:x",
            "http://clamd:3310",
        ] {
            assert!(from_setting(wrong).is_err(), "{wrong}");
        }
    }
}
