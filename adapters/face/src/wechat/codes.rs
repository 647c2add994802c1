//! `verify_ret` and `errcode` in our words; what is not documented is unclear.

use application::ports::face::{FaceEnd, FaceFailure, FaceVerdict};
use outbound::{Fault, Reason};

/// Passed is 10000 and nothing else.
pub(super) const fn verdict(verify_ret: i64) -> FaceVerdict {
    match verify_ret {
        10000 => FaceVerdict::Passed { score: None },
        90001 | 90008..=90010 | 90109 => FaceVerdict::Ended(FaceEnd::Device),
        90002..=90006 | 90017 | 90107 => FaceVerdict::Ended(FaceEnd::Left),
        90007 | 90012 | 90018 | 90104..=90106 | 90110 | 90199 => {
            FaceVerdict::Ended(FaceEnd::System)
        }
        90011 | 90013 | 90014 => FaceVerdict::Failed {
            why: FaceFailure::PoorPhoto,
            charged: false,
        },
        _ => FaceVerdict::Unclear,
    }
}

/// Only the global codes are documented.
pub(super) fn fault(code: i64) -> Fault {
    let text = code.to_string();
    match code {
        45009 => Fault::refused(text, Reason::Quota),
        45011 => Fault::throttled(text, Some(std::time::Duration::from_mins(1))),
        48001 => Fault::refused(text, Reason::Permission),
        40003 | 47001 | 44002 | 43302 => Fault::refused(text, Reason::Parameters),
        40013 | 40164 => Fault::refused(text, Reason::Credentials),
        // -1, busy, among everything that nobody has described.
        _ => Fault::unclear(text),
    }
}
