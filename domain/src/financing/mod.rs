//! 融资需求: the one state machine of a financing application (application-lifecycle.md).

mod application;
mod clocks;
mod event;
mod rules;
mod stage;

pub use application::{
    ApplicationRecord, Ask, Decision, FinancingApplication, SUPPLEMENT_ROUNDS, Submission,
    SupplementAsk,
};
pub use clocks::{ClockLevel, ClockLimits, ClockStanding, Clocks};
pub use event::{ActingPerson, ApplicationEvent, EventDetail};
pub use rules::{RULES, Rule, Target, Verb, rule_for};
pub use stage::{DisbursementStatus, IntakeStatus, ReviewStatus, Stage, columns};

use crate::product::OutOfRange;

/// Why a transition did not happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransitionError {
    #[error("{verb:?} is not allowed from {stage:?} for {role:?}")]
    NotAllowed {
        stage: Stage,
        verb: Verb,
        role: crate::tenant::Role,
    },
    #[error("the application is frozen")]
    Frozen,
    #[error("someone else accepted it first")]
    AlreadyAccepted { by: String },
    #[error("only its holder may do this")]
    NotHolder { holder: String },
    #[error("the profile is not complete")]
    ProfileIncomplete,
    #[error("the face check has not been passed")]
    FaceNotVerified,
    #[error("the product cannot be applied for now")]
    ProductUnavailable,
    #[error("the branch does not carry the product")]
    BranchDoesNotCarry,
    #[error("the ask does not fit the product")]
    OutOfRange(Vec<OutOfRange>),
    #[error("at most three rounds of supplements")]
    TooManyRounds,
    #[error("the list of missing items is empty")]
    NothingAsked,
    #[error("required items are missing")]
    ItemsMissing { labels: Vec<String> },
    #[error("a refusal needs a coded reason and a text")]
    ReasonMissing,
    #[error("the approved terms exceed what the product allows")]
    TermsOutOfRange(Vec<OutOfRange>),
    #[error("an approval needs a validity in the future")]
    ValidityInPast,
    #[error("this bank does not decide in one step")]
    NotSingleStep,
    #[error("the time for this has not come")]
    TooEarly,
}

impl TransitionError {
    /// Stable code for texts and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAllowed { .. } => "financing.not_allowed",
            Self::Frozen => "financing.frozen",
            Self::AlreadyAccepted { .. } => "financing.already_accepted",
            Self::NotHolder { .. } => "financing.not_holder",
            Self::ProfileIncomplete => "financing.profile_incomplete",
            Self::FaceNotVerified => "financing.face_not_verified",
            Self::ProductUnavailable => "financing.product_unavailable",
            Self::BranchDoesNotCarry => "financing.branch_does_not_carry",
            Self::OutOfRange(_) => "financing.out_of_range",
            Self::TooManyRounds => "financing.too_many_rounds",
            Self::NothingAsked => "financing.nothing_asked",
            Self::ItemsMissing { .. } => "financing.items_missing",
            Self::ReasonMissing => "financing.reason_missing",
            Self::TermsOutOfRange(_) => "financing.terms_out_of_range",
            Self::ValidityInPast => "financing.validity_in_past",
            Self::NotSingleStep => "financing.not_single_step",
            Self::TooEarly => "financing.too_early",
        }
    }
}
