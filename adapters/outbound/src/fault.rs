//! Faults 故障: the four ways in which a call does not succeed. There is no fifth: what nobody knows is *unclear*.

use std::time::Duration;

use application::ports::providers::Reason;

/// Why a call did not succeed for certain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The provider said no: the same request will not succeed.
    #[error("refused with {code}: {}", .reason.code())]
    Refused {
        /// The provider's own code, for operators and logs.
        code: String,
        reason: Reason,
    },
    /// Too much at once; nothing was done, the same request may succeed later.
    #[error("throttled with {code}")]
    Throttled {
        code: String,
        /// How long the provider asks us to wait, where it says so.
        after: Option<Duration>,
    },
    /// The request never got there: nothing was done.
    #[error("not reached: {0}")]
    Unreachable(NotReached),
    /// It may have been done or not; ask again, never take it for success.
    #[error("unclear: {what}")]
    Unclear {
        /// What was seen, without a word of the answer itself but its code.
        what: String,
    },
}

/// Why a request never got there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotReached {
    #[error("nobody answers at its address")]
    Connect,
    #[error("its name leads to an address that is not public")]
    NotPublic,
    #[error("it failed too often and rests for a while")]
    Resting,
    #[error("too many calls are waiting for it")]
    Busy,
    #[error("its secret cannot be read")]
    Secret,
    #[error("the request could not be formed")]
    Form,
}

impl Fault {
    pub fn refused(code: impl Into<String>, reason: Reason) -> Self {
        Self::Refused {
            code: short(&code.into()),
            reason,
        }
    }

    pub fn throttled(code: impl Into<String>, after: Option<Duration>) -> Self {
        Self::Throttled {
            code: short(&code.into()),
            after,
        }
    }

    pub fn unclear(what: impl Into<String>) -> Self {
        Self::Unclear {
            what: short(&what.into()),
        }
    }

    /// Whether the provider itself is in trouble: what the breaker counts. A no is an answer, and so is "slower".
    pub(crate) fn counts(&self) -> bool {
        match self {
            Self::Refused { .. } | Self::Throttled { .. } => false,
            Self::Unreachable(why) => matches!(why, NotReached::Connect),
            Self::Unclear { .. } => true,
        }
    }

    /// The class as a word: `refused`, `throttled`, `unreachable`, `unclear`.
    pub const fn class(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "refused",
            Self::Throttled { .. } => "throttled",
            Self::Unreachable(_) => "unreachable",
            Self::Unclear { .. } => "unclear",
        }
    }

    /// What the provider called it, or what was seen: for operators who ask the provider.
    pub fn code(&self) -> String {
        match self {
            Self::Refused { code, .. } | Self::Throttled { code, .. } => code.clone(),
            Self::Unreachable(why) => why.to_string(),
            Self::Unclear { what } => what.clone(),
        }
    }

    /// What people read.
    pub fn reason(&self) -> Reason {
        match self {
            Self::Refused { reason, .. } => *reason,
            Self::Throttled { .. } => Reason::Frequency,
            Self::Unreachable(NotReached::Secret) => Reason::Secret,
            Self::Unreachable(NotReached::NotPublic | NotReached::Form) => Reason::Integration,
            Self::Unreachable(NotReached::Connect) => Reason::Unreachable,
            Self::Unreachable(NotReached::Resting) => Reason::Resting,
            Self::Unreachable(NotReached::Busy) => Reason::Busy,
            Self::Unclear { what } if HALF.contains(&what.as_str()) => Reason::NoAnswer,
            Self::Unclear { .. } => Reason::Unknown,
        }
    }
}

/// What is unclear because little or nothing came.
const HALF: [&str; 4] = [
    "silence",
    "no answer in time",
    "the connection broke off",
    "half an answer",
];

/// A provider's code is its text: short, and only what a code is made of.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_provider_wrote_stays_short_and_on_one_line() {
        let fault = Fault::refused(format!("isv.X\n{}", "y".repeat(500)), Reason::Unknown);
        let Fault::Refused { code, .. } = fault else {
            panic!("another class")
        };
        assert_eq!(code.chars().count(), 120);
        assert!(!code.contains('\n'));
    }

    #[test]
    fn what_we_noted_ourselves_has_words_for_people() {
        for (fault, reason) in [
            (Fault::unclear("no answer in time"), Reason::NoAnswer),
            (Fault::unclear("isp.SOMETHING"), Reason::Unknown),
            (Fault::Unreachable(NotReached::Secret), Reason::Secret),
            (Fault::Unreachable(NotReached::Connect), Reason::Unreachable),
        ] {
            assert_eq!(fault.reason(), reason, "{fault}");
        }
    }

    #[test]
    fn only_trouble_of_the_provider_counts_against_it() {
        assert!(!Fault::refused("x", Reason::Template).counts());
        assert!(!Fault::throttled("x", None).counts());
        assert!(!Fault::Unreachable(NotReached::Secret).counts());
        assert!(Fault::Unreachable(NotReached::Connect).counts());
        assert!(Fault::unclear("x").counts());
    }
}
