//! Their codes in our words; what is not documented is unclear.

use std::time::Duration;

use application::ports::face::{FaceEnd, FaceFailure, FaceVerdict};
use outbound::{Fault, Reason};

const fn failed(why: FaceFailure, charged: bool) -> FaceVerdict {
    FaceVerdict::Failed { why, charged }
}

/// Ours, before anything is sent.
pub(super) const fn poor_photo() -> FaceVerdict {
    failed(FaceFailure::PoorPhoto, false)
}

/// `SubCode` of a check that did not pass. Whether it cost money is nowhere said: counted as if it did.
pub(super) fn refused(sub_code: &str) -> FaceVerdict {
    match sub_code {
        "201" => failed(FaceFailure::Mismatch, true),
        "204" => failed(FaceFailure::Different, true),
        "205" => failed(FaceFailure::NotLive, true),
        // No identity, no photo, a policy of theirs: people have to look.
        _ if sub_code.len() == 3
            && sub_code.starts_with('2')
            && sub_code.bytes().all(|b| b.is_ascii_digit())
            && sub_code != "200" =>
        {
            failed(FaceFailure::CannotCompare, true)
        }
        _ => FaceVerdict::Unclear,
    }
}

/// `Code` that speaks of the person, the device or the session.
pub(super) fn numbered(code: &str) -> Option<FaceVerdict> {
    Some(match code {
        "403" | "424" => FaceVerdict::Pending,
        "406" => FaceVerdict::Ended(FaceEnd::Left),
        "414" | "415" | "416" => FaceVerdict::Ended(FaceEnd::Device),
        "417" | "427" => failed(FaceFailure::CannotCompare, false),
        "418" => failed(FaceFailure::TooOften, false),
        _ => return None,
    })
}

/// `Code` that speaks of the call.
pub(super) fn fault(code: &str) -> Fault {
    match code {
        "400" | "401" | "402" | "404" => Fault::refused(code, Reason::Parameters),
        "410" | "412" => Fault::refused(code, Reason::Account),
        "411" => Fault::refused(code, Reason::Permission),
        _ => Fault::unclear(code),
    }
}

/// What the gateway says before the service is reached.
pub(super) fn gateway(code: &str, after: Option<Duration>) -> Fault {
    let starts = |prefix: &str| code.starts_with(prefix);
    if starts("Throttling") || code == "ServiceUnavailable" {
        return Fault::throttled(code, after);
    }
    let reason = if starts("InvalidAccessKeyId")
        || code == "SignatureDoesNotMatch"
        || code == "IncompleteSignature"
        || starts("InvalidSecurityToken")
    {
        Reason::Credentials
    } else if starts("InvalidTimeStamp") || code == "SignatureNonceUsed" {
        Reason::Clock
    } else if starts("Forbidden") || starts("NoPermission") {
        Reason::Permission
    } else if starts("MissingParameter") || starts("InvalidParameter") {
        Reason::Parameters
    } else if code == "InvalidAction.NotFound" || code == "InvalidVersion" {
        Reason::Integration
    } else {
        return Fault::unclear(code);
    };
    Fault::refused(code, reason)
}
