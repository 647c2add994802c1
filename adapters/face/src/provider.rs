//! What every provider's file shares: how it works, how faults are told, how a score is read.

use application::ports::face::{FaceError, FaceVerdict};
use outbound::{Fault, Line, NotReached, Secret};
use secrecy::SecretString;
use serde::Deserialize;

/// A face provider's whole call (S-43).
pub(crate) const PATIENCE: std::time::Duration = std::time::Duration::from_secs(15);

/// 核验方式 that a city chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// 跳转核验: filmed by the provider, with its check for a living person.
    Hosted,
    /// 照片比对: one photo against the official source; no check for a living person.
    Photo,
}

/// Attempts a day and person that may cost money without success; below what the providers allow.
pub(crate) const fn charged_per_day() -> u32 {
    3
}

/// An answer that is whole: a call that was fine, or what it says about the person.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reply<T> {
    Good(T),
    Person(FaceVerdict),
}

pub(crate) fn error(fault: Fault) -> FaceError {
    match fault {
        Fault::Refused { code, .. } => FaceError::Refused(code),
        Fault::Throttled { code, .. } => FaceError::Unreachable(code),
        Fault::Unreachable(why) => FaceError::Unreachable(why.to_string()),
        Fault::Unclear { what } => FaceError::Unclear(what),
    }
}

pub(crate) fn secret(line: &Line, secret: &Secret) -> Result<SecretString, Fault> {
    secret
        .read()
        .map_err(|_| line.note(Fault::Unreachable(NotReached::Secret)))
}

/// Hundredths of a point of a score between 0 and 100, whether it is written as a number or as a text.
pub(crate) fn score(value: Option<&serde_json::Value>) -> Option<i32> {
    let points = match value? {
        serde_json::Value::Number(number) => number.as_f64()?,
        serde_json::Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    if !(0.0..=100.0).contains(&points) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "between 0 and 10 000 by the line above"
    )]
    Some((points * 100.0).round() as i32)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_score_is_read_as_number_and_as_text_and_nothing_else_is_one() {
        assert_eq!(score(Some(&json!("95.51"))), Some(9551));
        assert_eq!(score(Some(&json!(89.88))), Some(8988));
        for bad in [
            json!(null),
            json!("x"),
            json!(100.01),
            json!(-1),
            json!([1]),
        ] {
            assert_eq!(score(Some(&bad)), None, "{bad}");
        }
        assert_eq!(score(None), None);
    }
}
