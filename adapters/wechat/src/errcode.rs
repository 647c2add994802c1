//! Error codes 错误码: the platform's numbers in our classes. They stay in this crate.

use std::time::Duration;

use application::ports::wechat::WechatError;
use outbound::{Answer, Fault, Reason};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// Codes that tell that the access token is no good: it is fetched anew, and the call repeated once.
const TOKEN: [&str; 3] = ["40001", "40014", "42001"];
const MINUTE: Duration = Duration::from_mins(1);
/// A day's quota is asked about again every hour.
const HOUR: Duration = Duration::from_hours(1);

#[derive(Deserialize)]
struct Outcome {
    #[serde(default)]
    errcode: i64,
    #[serde(default)]
    errmsg: String,
}

/// Reads an answer by its content, whatever type it claims: a failure is a code that is not zero, with HTTP 200.
pub(crate) fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, Fault> {
    if answer.status != 200 {
        return Err(answer.foreign());
    }
    let unknown = |_| Fault::unclear("HTTP 200 with an unknown body");
    // An object and nothing else: a list would be read as one whose members all took their defaults.
    let body: Map<String, Value> = serde_json::from_slice(&answer.body).map_err(unknown)?;
    let body = Value::Object(body);
    let outcome = Outcome::deserialize(&body).map_err(unknown)?;
    if outcome.errcode != 0 {
        return Err(fault(outcome.errcode, &outcome.errmsg));
    }
    serde_json::from_value(body).map_err(unknown)
}

/// The class of a code. One that is not documented is unclear.
fn fault(code: i64, message: &str) -> Fault {
    let reason = match code {
        -1 => return Fault::throttled("-1", None),
        45_011 => return Fault::throttled("45011", Some(MINUTE)),
        45_009 => return Fault::throttled("45009", Some(HOUR)),
        40_001 | 40_013 | 40_014 | 40_125 | 41_001 | 41_002 | 41_004 | 42_001 => {
            Reason::Credentials
        }
        40_243 => Reason::Account,
        40_164 | 61_004 | 89_503 | 89_506 | 89_507 | 48_001 | 48_004 | 43_107 | 61_007 | 61_016 => {
            Reason::Permission
        }
        40_037 => Reason::Template,
        47_003 | 45_002 | 40_097 | 40_169 | 85_096 => Reason::Parameters,
        40_002 | 40_066 | 40_129 | 41_008 | 41_030 | 43_001 | 43_002 | 43_003 | 43_302 | 44_002
        | 47_001 => Reason::Integration,
        40_003 | 40_029 | 40_163 | 40_226 | 43_101 | 43_104 | 50_002 | 61_010 => Reason::Recipient,
        _ => return Fault::unclear(format!("errcode {code}{}", rid(message))),
    };
    Fault::refused(format!("{code}{}", rid(message)), reason)
}

/// The request id that the platform's support asks for; nothing else of the message is kept.
fn rid(message: &str) -> String {
    let Some((_, after)) = message.split_once("rid:") else {
        return String::new();
    };
    let id: String = after
        .trim_start()
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
        .take(60)
        .collect();
    format!(" rid {id}")
}

/// The number of a refusal.
pub(crate) fn number(fault: &Fault) -> Option<&str> {
    match fault {
        Fault::Refused { code, .. } => code.split(' ').next(),
        _ => None,
    }
}

pub(crate) fn is_about_the_token(fault: &Fault) -> bool {
    number(fault).is_some_and(|code| TOKEN.contains(&code))
}

/// As the callers of the ports hear it.
pub(crate) fn told(fault: &Fault) -> WechatError {
    match fault {
        Fault::Refused { reason, .. } => WechatError::Refused { reason: *reason },
        Fault::Throttled { after, .. } => WechatError::Throttled { after: *after },
        Fault::Unreachable(_) => WechatError::Unreachable,
        Fault::Unclear { .. } => WechatError::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_id_is_kept_and_nothing_else_of_the_message() {
        let fault = fault(
            40_164,
            "invalid ip 1.2.3.4 ipv6 ::1, not in whitelist rid: 6221-a b",
        );
        assert_eq!(
            fault,
            Fault::refused("40164 rid 6221-a", Reason::Permission)
        );
        assert_eq!(number(&fault), Some("40164"));
    }

    #[test]
    fn a_code_that_is_not_documented_is_unclear() {
        assert_eq!(fault(99_999, "?"), Fault::unclear("errcode 99999"));
    }
}
