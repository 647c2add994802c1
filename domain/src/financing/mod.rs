//! 融资需求: the one state machine of a financing application (application-lifecycle.md).

mod application;
mod clocks;
mod eras;
mod event;
mod pauses;
mod replay;
mod report;
mod rules;
mod stage;

pub use application::{
    ApplicationRecord, Approval, ApprovalAsk, Ask, Begun, ContentHash, Decision, Draw, DrawChange,
    DrawFacts, DrawFault, ENTERPRISE_DECLINED, FinancingApplication, MOVES, NewBranch, NewHolder,
    RepaymentChange, RepaymentFacts, SUPPLEMENT_ROUNDS, Signature, Submission, SupplementAsk,
};
pub use clocks::{
    ClockKind, ClockLevel, ClockLimits, ClockStanding, Clocks, OWED, Outcome, REPORT_DAYS,
    RunningClock, is_overdue, running_clocks,
};
pub use eras::{ClockEras, Differing, Era, Started};
pub use event::{ActingPerson, ApplicationEvent, EventDetail};
pub use pauses::Pause;
pub use replay::{Replayed, replay};
pub use report::{Conclusion, DueDiligenceReport};
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
    #[error("the time for this is over")]
    TooLate,
    #[error("at most two moves to another branch")]
    TooManyMoves,
    #[error("it is there already")]
    AlreadyThere,
    #[error("the enterprise has not agreed to the move")]
    EnterpriseHasNotAgreed,
    #[error("the due diligence report is not complete")]
    ReportIncomplete,
    #[error("a consent that this application needs was withdrawn")]
    ConsentEnded,
    #[error("an approval has one to three steps")]
    StepsUnknown,
    #[error("whoever prepared or signed it before does not sign it again")]
    SameEyes,
    #[error("what was signed is not what stands there now")]
    ContentChanged,
    #[error("a second person has to do it too")]
    SecondPersonMissing,
    #[error("it was reconsidered before, or was not refused")]
    AlreadyReconsidered,
    #[error("a draw is positive, and all draws together stay within the approved amount")]
    DrawTooLarge,
    #[error("a draw names its contract")]
    ContractMissing,
    #[error("a draw happens between the decision and today")]
    DrawDateWrong,
    #[error("the rate of a draw, or the day on which it is due, does not fit what was approved")]
    DrawTerms(Vec<DrawFault>),
    #[error("a correction changes something")]
    NothingCorrected,
    #[error("something is still owed")]
    BalanceOpen,
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
            Self::TooLate => "financing.too_late",
            Self::TooManyMoves => "financing.too_many_moves",
            Self::AlreadyThere => "financing.already_there",
            Self::EnterpriseHasNotAgreed => "financing.enterprise_has_not_agreed",
            Self::ReportIncomplete => "financing.report_incomplete",
            Self::ConsentEnded => "financing.consent_ended",
            Self::StepsUnknown => "financing.steps_unknown",
            Self::SameEyes => "financing.same_eyes",
            Self::ContentChanged => "financing.content_changed",
            Self::SecondPersonMissing => "financing.second_person_missing",
            Self::AlreadyReconsidered => "financing.already_reconsidered",
            Self::DrawTooLarge => "financing.draw_too_large",
            Self::ContractMissing => "financing.contract_missing",
            Self::DrawDateWrong => "financing.draw_date_wrong",
            Self::DrawTerms(_) => "financing.draw_terms",
            Self::NothingCorrected => "financing.nothing_corrected",
            Self::BalanceOpen => "financing.balance_open",
        }
    }
}
