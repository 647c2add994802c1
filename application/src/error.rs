//! The one error of every use case: what kind it is, a stable code, its parameters, and the fields concerned.

use domain::{
    financing::{DrawFault, TransitionError},
    product::OutOfRange,
    values::{TermUnit, ValueError},
};

use crate::ports::{
    hashing::HashError, plugs::PlugError, sealing::SealError, sms::SmsError, store::StoreError,
};

/// What the caller should do about it; becomes an HTTP status in one place of `web`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// In a room one may see, but not act in: 403.
    Denied,
    /// Missing, or not to be known of: 404, the same bytes for both (S-12).
    NotFound,
    /// Fields to correct: 422, what was typed is kept.
    Invalid,
    /// An upload over the limit: 413.
    TooLarge,
    /// Somebody was faster, or the state moved on: 409.
    Conflict,
    /// Over a limit: 429 with `Retry-After`.
    TooMany,
    /// The sign-in is missing or over: to the sign-in page.
    SignedOut,
    /// A fresh proof is needed first (S-41).
    ProofNeeded,
    /// The database or a provider is away: 503 with `Retry-After`.
    Unavailable,
    /// Ours: 500.
    Bug,
}

/// Parameters of a text: name and already formatted value.
pub type Params = Vec<(&'static str, String)>;

/// One field that must be corrected, named as the form names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    pub field: String,
    pub code: &'static str,
    pub params: Params,
}

impl FieldError {
    pub fn new(field: impl Into<String>, code: &'static str) -> Self {
        Self {
            field: field.into(),
            code,
            params: Vec::new(),
        }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.params.push((name, value.to_string()));
        self
    }
}

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[error("{code}")]
pub struct UseError {
    pub kind: Kind,
    pub code: &'static str,
    pub params: Params,
    pub fields: Vec<FieldError>,
    /// Seconds after which a repeat may succeed.
    pub retry_after: Option<u32>,
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

pub type UseResult<T> = Result<T, UseError>;

impl UseError {
    pub fn new(kind: Kind, code: &'static str) -> Self {
        Self {
            kind,
            code,
            params: Vec::new(),
            fields: Vec::new(),
            retry_after: None,
            source: None,
        }
    }

    pub fn not_found() -> Self {
        Self::new(Kind::NotFound, "not_found")
    }

    pub fn denied() -> Self {
        Self::new(Kind::Denied, "denied")
    }

    pub fn conflict(code: &'static str) -> Self {
        Self::new(Kind::Conflict, code)
    }

    /// Fields to correct, at least one.
    pub fn invalid(fields: Vec<FieldError>) -> Self {
        Self {
            fields,
            ..Self::new(Kind::Invalid, "invalid")
        }
    }

    /// One field to correct.
    pub fn field(field: impl Into<String>, code: &'static str) -> Self {
        Self::invalid(vec![FieldError::new(field, code)])
    }

    pub fn too_many(code: &'static str, retry_after: u32) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(Kind::TooMany, code)
        }
    }

    pub fn unavailable(source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self {
            retry_after: Some(5),
            source: Some(Box::new(source)),
            ..Self::new(Kind::Unavailable, "unavailable")
        }
    }

    pub fn bug(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            source: Some(source.into()),
            ..Self::new(Kind::Bug, "bug")
        }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.params.push((name, value.to_string()));
        self
    }

    /// Every cause, the nearest first: for the log, never for a person.
    pub fn chain(&self) -> String {
        let mut causes = Vec::new();
        let mut next = std::error::Error::source(self);
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        causes.join(": ")
    }
}

impl From<TransitionError> for UseError {
    fn from(error: TransitionError) -> Self {
        use TransitionError as E;
        let refused = Self::conflict(error.code());
        match error {
            E::AlreadyAccepted { by } => refused.with("by", by),
            E::NotHolder { holder } => refused.with("holder", holder),
            E::ItemsMissing { labels } => Self {
                kind: Kind::Invalid,
                ..refused.with("labels", labels.join("、"))
            },
            E::OutOfRange(misses) => {
                Self::invalid(misses.iter().map(|m| out_of_range(m, "")).collect())
            }
            E::TermsOutOfRange(misses) => Self::invalid(
                misses
                    .iter()
                    .map(|m| out_of_range(m, "approved_"))
                    .collect(),
            ),
            E::DrawTerms(faults) => Self::invalid(faults.iter().copied().map(draw_fault).collect()),
            E::NotAllowed { stage, .. } => refused.with("stage", stage.zh()),
            E::NothingAsked | E::NothingCorrected | E::ReasonMissing | E::ValidityInPast => Self {
                kind: Kind::Invalid,
                ..refused
            },
            _ => refused,
        }
    }
}

/// What does not fit in a draw, as a field error of every form of one.
fn draw_fault(fault: DrawFault) -> FieldError {
    match fault {
        DrawFault::RateTooHigh { max } => {
            FieldError::new("draw_rate", "rate.too_high").with("max", max)
        }
        DrawFault::RateZero => FieldError::new("draw_rate", "rate.zero"),
        DrawFault::DueBeforeDraw => FieldError::new("due_on", "lending.due_before_draw"),
        DrawFault::DueTooLate { latest } => {
            FieldError::new("due_on", "lending.due_too_late").with("latest", latest)
        }
    }
}

/// A missed range as a field error; the fields are `amount`, `term` and `rate`, with a prefix for approved terms.
fn out_of_range(miss: &OutOfRange, prefix: &str) -> FieldError {
    match miss {
        OutOfRange::Amount { min, max } => {
            FieldError::new(format!("{prefix}amount"), "product.amount_out_of_range")
                .with("min", min.format_wan_brief())
                .with("max", max.format_wan_brief())
        }
        OutOfRange::Term { min, max, unit } => {
            FieldError::new(format!("{prefix}term"), "product.term_out_of_range")
                .with("min", min)
                .with("max", max)
                // Counted months: 24 个月, not a month of the year.
                .with(
                    "unit",
                    if *unit == TermUnit::Month {
                        "个月"
                    } else {
                        unit.label()
                    },
                )
        }
        OutOfRange::Rate { max_hundredths } => {
            FieldError::new(format!("{prefix}rate"), "product.rate_out_of_range")
                .with("max", max_hundredths / 100)
        }
    }
}

impl From<StoreError> for UseError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Stale => Self::conflict("stale"),
            StoreError::Conflict(_) => Self {
                source: Some(Box::new(error)),
                ..Self::conflict("conflict")
            },
            StoreError::Unavailable(_) => Self::unavailable(error),
            StoreError::Broken(_) => Self::bug(error),
        }
    }
}

impl From<SealError> for UseError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Unavailable(_) => Self::unavailable(error),
            _ => Self::bug(error),
        }
    }
}

impl From<HashError> for UseError {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => Self::unavailable(error),
            HashError::Unreadable | HashError::Stopped => Self::bug(error),
        }
    }
}

impl From<SmsError> for UseError {
    fn from(error: SmsError) -> Self {
        let after = match &error {
            SmsError::Throttled { after: Some(after) } => u32::try_from(after.as_secs()).ok(),
            _ => None,
        };
        let code = error.code();
        let unavailable = Self::unavailable(error);
        Self {
            code,
            retry_after: after.or(unavailable.retry_after),
            ..unavailable
        }
    }
}

impl From<PlugError> for UseError {
    fn from(error: PlugError) -> Self {
        Self::bug(error)
    }
}

/// Collects field errors while a form is parsed, so that all of them are told at once.
#[derive(Debug, Default)]
pub struct Checks(Vec<FieldError>);

impl Checks {
    /// The value, or its error noted under `field`.
    pub fn take<T, E: ValueError>(
        &mut self,
        field: &'static str,
        parsed: Result<T, E>,
    ) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(error) => {
                self.0.push(FieldError {
                    field: field.to_owned(),
                    code: error.code(),
                    params: error.params(),
                });
                None
            }
        }
    }

    pub fn push(&mut self, error: FieldError) {
        self.0.push(error);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Ok when nothing was noted.
    pub fn finish(self) -> UseResult<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(UseError::invalid(self.0))
        }
    }

    /// The errors as a use-case error, for when a parsed value is known to be missing.
    pub fn into_error(self) -> UseError {
        UseError::invalid(self.0)
    }
}
