//! Lending 放款与还款: the bank records draws and repayments, answers doubts, and closes what is paid back (rows 25, 26, 28).

mod answer;
mod books;
mod correct;
mod defer;
pub(crate) mod draw;
mod due;
mod invite;
pub(crate) mod repay;
mod running;
mod settle;

use domain::{
    calendar::parse_day,
    financing::{ActingPerson, ApplicationRecord, FinancingApplication, TransitionError},
    ids::UserId,
    tenant::{Role, TenantKind},
    values::Cents,
};
use time::Date;

pub use answer::AnswerDispute;
pub use correct::{
    CorrectDraw, CorrectRepayment, SettleLoanCorrection, WithdrawLoanCorrection, none_waits,
    open_correction,
};
pub(crate) use defer::day_fault;
pub use defer::{AnswerDeferral, SettleDeferral, deferral_at, no_deferral, open_deferral};
pub use draw::RecordDraw;
pub(crate) use due::next_due;
pub use due::unpaid;
pub use invite::DueList;
pub use repay::{Owed, RecordRepayment};
pub use running::{LOANS_PAGE, LoanBook};
pub use settle::{SettleLoan, open_disputes};

use crate::{
    access::Actor,
    error::{Checks, FieldError, UseError, UseResult},
    ports::{lending::StoredRepayment, loans::LoanSide, store::UnitOfWork},
    review::Review,
};

/// How it was told: one by one, in a form or by the bank's own system, or as a row of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Single,
    Import,
}

impl Source {
    fn code(self, actor: &Actor) -> &'static str {
        match self {
            Self::Single => actor.source(),
            Self::Import => "import",
        }
    }
}

/// The room of those who record a loan.
#[derive(Clone)]
pub struct Lending {
    pub review: Review,
}

/// 客户经理 record only what they hold; heads and headquarters all of theirs.
pub(crate) fn is_recorder(actor: &Actor, holder: Option<UserId>) -> bool {
    let above = [Role::BranchHead, Role::HqAdministrator];
    above.into_iter().any(|role| actor.has(role)) || holder == Some(actor.user)
}

/// The same for the deed itself, which the bank's own system does too.
fn check_recorder(application: &FinancingApplication, actor: &Actor) -> UseResult<()> {
    let record = application.record();
    if is_recorder(actor, record.holder) || actor.has(Role::System) {
        return Ok(());
    }
    let holder = record.holder_name.clone();
    Err(TransitionError::NotHolder { holder }.into())
}

/// The role in which a person records; whoever is a head too records what another manager holds.
fn recorder(application: &FinancingApplication, actor: &Actor) -> ActingPerson {
    if application.record().holder == Some(actor.user) {
        return actor.acting_as(&[
            Role::CustomerManager,
            Role::BranchHead,
            Role::HqAdministrator,
        ]);
    }
    actor.acting_as(&[Role::BranchHead, Role::HqAdministrator])
}

/// A deferral goes on only while its loan is not held (row 31), and not over.
pub(crate) fn check_lent(record: &ApplicationRecord) -> UseResult<()> {
    if record.frozen {
        return Err(UseError::conflict("financing.frozen"));
    }
    if !record.stage.is_lent() {
        let stage = record.stage.zh();
        return Err(UseError::conflict("financing.not_allowed").with("stage", stage));
    }
    Ok(())
}

/// The loans of the own branch; for a headquarters, those of its institution.
fn side_of(actor: &Actor) -> LoanSide {
    match actor.tenant_kind {
        TenantKind::Bank => LoanSide::Institution,
        _ => LoanSide::Branch,
    }
}

/// The principal that came back, in cents.
fn paid_back(repaid: &[StoredRepayment]) -> i64 {
    repaid.iter().map(|one| one.principal.cents()).sum()
}

/// What is still owed of what was drawn.
pub(crate) fn balance(record: &ApplicationRecord, repaid: &[StoredRepayment]) -> Cents {
    Cents::new(record.drawn.cents() - paid_back(repaid)).unwrap_or(Cents::ZERO)
}

/// A day as typed; empty and wrong are told apart.
pub(crate) fn day(checks: &mut Checks, field: &'static str, typed: &str) -> Option<Date> {
    let typed = typed.trim();
    if typed.is_empty() {
        checks.push(FieldError::new(field, "date.empty"));
        return None;
    }
    let day = parse_day(typed);
    if day.is_none() {
        checks.push(FieldError::new(field, "date.format"));
    }
    day
}

/// A notice of what is no step of the table: the worker makes the messages, which name the sum and the day it is about.
pub(crate) async fn note(
    work: &mut dyn UnitOfWork,
    id: uuid::Uuid,
    application: domain::ids::FinancingApplicationId,
    (what, of): (&'static str, uuid::Uuid),
    about: Option<(Cents, Date)>,
    at: time::OffsetDateTime,
) -> UseResult<()> {
    let payload = serde_json::json!({
        "application": application.0,
        "what": what,
        "of": of,
        "sum": about.map(|(sum, _)| sum.cents()),
        "on": about.map(|(_, on)| on.to_string()),
    });
    Ok(work
        .outbox()
        .push(id, "application.note", payload, at)
        .await?)
}
