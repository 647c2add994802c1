//! Their codes in our words; what is not documented is unclear.

use std::time::Duration;

use application::ports::face::{FaceEnd, FaceFailure, FaceVerdict};
use outbound::{Fault, Reason};

const fn failed(why: FaceFailure, charged: bool) -> FaceVerdict {
    FaceVerdict::Failed { why, charged }
}

/// `Text.ErrCode` of the hosted flow, but 0.
pub(super) const fn numbered(code: i64) -> FaceVerdict {
    match code {
        // Their own faults, ours, or the engine's: nothing was compared.
        1..=4 | 8 | 10 | 12 | 13 | 201..=204 | 1001 | 2001 | 2004 | 2017 => {
            FaceVerdict::Ended(FaceEnd::System)
        }
        15 => FaceVerdict::Ended(FaceEnd::Left),
        16 | 2005 | 2007..=2009 => failed(FaceFailure::CannotCompare, false),
        17 => FaceVerdict::Pending,
        301 | 303 => failed(FaceFailure::Card, false),
        302 => failed(FaceFailure::CardExpired, false),
        // Charged in one edition: counted as if it were in all.
        1002 => failed(FaceFailure::NotLive, true),
        1003..=1008 | 1101..=1109 | 1201..=1205 => failed(FaceFailure::NotLive, false),
        2002 | 2003 => failed(FaceFailure::Mismatch, false),
        2006 => failed(FaceFailure::Mismatch, true),
        2010..=2015 => failed(FaceFailure::PoorPhoto, false),
        2016 => failed(FaceFailure::Different, true),
        // 14: finished already; the stored result is asked for again.
        _ => FaceVerdict::Unclear,
    }
}

/// What the operator has to know of, although the person only sees that it did not work.
pub(super) fn operators(code: i64) -> Option<Fault> {
    let reason = match code {
        1..=3 => Reason::Parameters,
        203 | 204 => Reason::Permission,
        _ => return None,
    };
    Some(Fault::refused(code.to_string(), reason))
}

/// Names that speak of the person or of the session.
pub(super) fn named(code: &str) -> Option<FaceVerdict> {
    let short = code.strip_prefix("FailedOperation.").unwrap_or(code);
    Some(match short {
        "IdNameMisMatch" => failed(FaceFailure::Mismatch, true),
        "IdFormatError" | "NameFormatError" => failed(FaceFailure::Mismatch, false),
        "IdNoExistSystem" | "IdPhotoNoExist" | "IdPhotoPoorQuality" => {
            failed(FaceFailure::CannotCompare, false)
        }
        "CompareLowSimilarity" => failed(FaceFailure::Different, true),
        "IdentityAuthLimitExceeded" => failed(FaceFailure::TooOften, false),
        "LivessDetectFail" | "LivessDetectFake" => failed(FaceFailure::NotLive, false),
        "CompareLibServiceUnavailable"
        | "CompareSystemError"
        | "UnKnown"
        | "DownLoadTimeoutError"
        | "InternalError" => FaceVerdict::Ended(FaceEnd::System),
        "InvalidParameterValue.BizTokenExpired" | "InvalidParameterValue.BizTokenIllegal" => {
            FaceVerdict::Ended(FaceEnd::Left)
        }
        _ if short.starts_with("LifePhoto") => failed(FaceFailure::PoorPhoto, false),
        _ if code.starts_with("FailedOperation.")
            && ["Silent", "Lip", "Action"]
                .iter()
                .any(|kind| short.starts_with(kind)) =>
        {
            failed(FaceFailure::NotLive, false)
        }
        _ => return None,
    })
}

/// Names that speak of the call.
pub(super) fn fault(code: &str) -> Fault {
    let refused = |reason| Fault::refused(code, reason);
    match code {
        "RequestLimitExceeded"
        | "RequestLimitExceeded.UinLimitExceeded"
        | "RequestLimitExceeded.GlobalRegionUinLimitExceeded"
        | "RequestLimitExceeded.IPLimitExceeded" => {
            Fault::throttled(code, Some(Duration::from_secs(1)))
        }
        "InvalidParameterValue.RuleIdNotExist"
        | "InvalidParameterValue.RuleIdDisabled"
        | "InvalidParameter"
        | "InvalidParameterValue"
        | "MissingParameter"
        | "UnknownParameter" => refused(Reason::Parameters),
        "UnauthorizedOperation.Arrears"
        | "UnauthorizedOperation.Nonactivated"
        | "UnauthorizedOperation.ChargeStatusException" => refused(Reason::Account),
        "UnauthorizedOperation.NonAuthorize"
        | "UnauthorizedOperation"
        | "AuthFailure.UnauthorizedOperation" => refused(Reason::Permission),
        "AuthFailure.SignatureExpire" => refused(Reason::Clock),
        "AuthFailure.SignatureFailure"
        | "AuthFailure.SecretIdNotFound"
        | "AuthFailure.TokenFailure"
        | "AuthFailure.InvalidSecretId" => refused(Reason::Credentials),
        "InvalidAction" | "NoSuchVersion" | "RequestSizeLimitExceeded" => {
            refused(Reason::Integration)
        }
        _ => Fault::unclear(code),
    }
}
