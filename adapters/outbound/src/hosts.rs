//! Hosts 供应商地址: the documented names of a kind and nothing else, unless the installation allows an origin by name (S-44).

use reqwest::Url;

/// What this installation may call beside the documented hosts.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// This very machine over plain HTTP: demonstrations and tests, by construction only.
    pub(crate) loopback: bool,
    /// Origins that the installation names, such as its own egress proxy: `https://egress.example:8443`.
    pub(crate) origins: Vec<Url>,
}

/// Why an address cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    #[error("{0} is none of the documented hosts of this kind")]
    NotDocumented(String),
    #[error("{0} is not an origin such as https://host:port")]
    NotAnOrigin(String),
    #[error("base_url {0} is not allowed here: name it in YJR_OUTBOUND_ALLOW or leave it out")]
    NotAllowed(String),
}

/// Whom to sign for, and where to dial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The provider's host: what is signed and sent as `Host`.
    pub host: String,
    /// What is dialled: the host itself, or an allowed stand-in.
    pub(crate) base: Url,
}

impl Reach {
    /// The documented hosts and the origins that the installation names.
    pub fn public(origins: &[String]) -> Result<Self, EndpointError> {
        Ok(Self {
            loopback: false,
            origins: origins
                .iter()
                .filter(|origin| !origin.trim().is_empty())
                .map(|origin| as_origin(origin))
                .collect::<Result<_, _>>()?,
        })
    }

    /// This machine too. No setting leads here.
    #[must_use]
    pub fn and_loopback(mut self) -> Self {
        self.loopback = true;
        self
    }

    /// The endpoint of a kind. `documented` holds names, or `*.suffix` for their regional ones.
    pub fn endpoint(
        &self,
        documented: &[&str],
        host: &str,
        base_url: Option<&str>,
    ) -> Result<Endpoint, EndpointError> {
        let host = host.trim().to_ascii_lowercase();
        if !documented.iter().any(|pattern| fits(pattern, &host)) {
            return Err(EndpointError::NotDocumented(host));
        }
        let base = match base_url {
            None => as_origin(&format!("https://{host}"))?,
            Some(typed) => {
                let base = as_origin(typed)?;
                let allowed = self.origins.contains(&base) || (self.loopback && is_loopback(&base));
                if !allowed {
                    return Err(EndpointError::NotAllowed(typed.to_owned()));
                }
                base
            }
        };
        Ok(Endpoint { host, base })
    }

    /// Names that may lead to private addresses: only what the installation named, and this machine where allowed.
    pub(crate) fn exempt(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .origins
            .iter()
            .filter_map(|origin| origin.host_str().map(str::to_owned))
            .collect();
        if self.loopback {
            names.push("localhost".to_owned());
        }
        names
    }
}

fn fits(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        None => pattern == host,
        // One label, and one that can be a region: no dots, no tricks.
        Some(suffix) => host
            .strip_suffix(suffix)
            .and_then(|rest| rest.strip_suffix('.'))
            .is_some_and(|label| {
                !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            }),
    }
}

fn is_loopback(url: &Url) -> bool {
    matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
}

/// Scheme, host and port, nothing behind them; https but for this machine.
fn as_origin(typed: &str) -> Result<Url, EndpointError> {
    let wrong = || EndpointError::NotAnOrigin(typed.to_owned());
    let url = Url::parse(typed.trim()).map_err(|_| wrong())?;
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && url.host_str().is_some();
    let scheme = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    if bare && scheme {
        Ok(url)
    } else {
        Err(wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMS: [&str; 2] = ["sms.tencentcloudapi.com", "*.sms.example.com"];

    #[test]
    fn only_documented_names_are_called() {
        let reach = Reach::default();
        let fine = reach.endpoint(&SMS, "SMS.tencentcloudapi.com ", None);
        assert_eq!(
            fine.expect("documented").base.as_str(),
            "https://sms.tencentcloudapi.com/"
        );
        assert!(
            reach
                .endpoint(&SMS, "cn-north-4.sms.example.com", None)
                .is_ok()
        );
        for bad in [
            "evil.com",
            "sms.tencentcloudapi.com.evil.com",
            "a.b.sms.example.com",
            ".sms.example.com",
            "sms.example.com",
            "evil.com/x.sms.example.com",
            "user@x.sms.example.com",
            "169.254.169.254",
        ] {
            assert!(
                matches!(
                    reach.endpoint(&SMS, bad, None),
                    Err(EndpointError::NotDocumented(_))
                ),
                "{bad}"
            );
        }
    }

    #[test]
    fn a_stand_in_needs_the_installations_word() {
        let own = "http://127.0.0.1:9";
        let host = "sms.tencentcloudapi.com";
        let not_allowed = |reach: &Reach, base| {
            matches!(
                reach.endpoint(&SMS, host, Some(base)),
                Err(EndpointError::NotAllowed(_))
            )
        };
        let public = Reach::public(&["https://egress.bank.example:8443".to_owned()]).expect("one");
        assert!(not_allowed(&public, own));
        assert!(not_allowed(&public, "https://egress.bank.example"));
        assert!(not_allowed(&public, "https://10.0.0.1"));
        let through = public.endpoint(&SMS, host, Some("https://egress.bank.example:8443/"));
        assert_eq!(through.expect("named").host, host);
        assert!(
            Reach::default()
                .and_loopback()
                .endpoint(&SMS, host, Some(own))
                .is_ok()
        );
    }

    #[test]
    fn what_the_installation_names_is_an_origin_over_https() {
        for bad in [
            "egress.example",
            "http://egress.example",
            "https://egress.example/path",
            "https://u:p@egress.example",
            "ftp://egress.example",
        ] {
            assert!(Reach::public(&[bad.to_owned()]).is_err(), "{bad}");
        }
    }
}
