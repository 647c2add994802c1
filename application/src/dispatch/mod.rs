//! Dispatch 派单: which branch works on a request. Rows 7, 9, 10 and 17.

mod assign;
mod look;
mod moving;
mod refuse;
mod rules;

use std::sync::Arc;

use domain::{
    financing::{FinancingApplication, NewBranch},
    ids::TenantId,
    values::FreeText,
};
use uuid::Uuid;

pub use assign::AssignBranch;
pub use look::{DispatchCase, DispatchList, Place, ReturnedRow, Way};
pub use moving::{AskMove, SettleMove};
pub use refuse::RefuseIntake;
pub use rules::{AddRule, Choice, RuleStep, RulesCase, ShownRule, Trial};

use crate::{
    error::{Checks, FieldError, UseError, UseResult},
    ports::{reference::RegionDirectory, store::UnitOfWork},
    review::Review,
};

/// The room of those who dispatch.
pub struct Dispatch {
    pub review: Review,
    pub regions: Arc<dyn RegionDirectory>,
}

/// A branch and a reason as typed, parsed; all errors at once.
fn parse(branch: &str, reason: &str) -> UseResult<(TenantId, String)> {
    let mut checks = Checks::default();
    let branch = Uuid::try_parse(branch.trim()).ok().map(TenantId);
    if branch.is_none() {
        checks.push(FieldError::new("branch", "dispatch.branch_empty"));
    }
    let reason = checks.take("move_reason", FreeText::<500>::parse(reason));
    match (branch, reason) {
        (Some(branch), Some(reason)) if checks.is_empty() => {
            Ok((branch, reason.as_str().to_owned()))
        }
        _ => Err(checks.into_error()),
    }
}

/// The branch that was picked, as it stands now; one out of reach is as unknown as one that does not exist.
async fn new_branch(
    work: &mut dyn UnitOfWork,
    application: &FinancingApplication,
    branch: TenantId,
) -> UseResult<NewBranch> {
    let places = work
        .dispatch_board()
        .places(application.record().product)
        .await?;
    let place = places
        .into_iter()
        .find(|p| p.id == branch)
        .ok_or_else(|| UseError::field("branch", "dispatch.branch_unknown"))?;
    if !place.carries {
        return Err(UseError::field("branch", "dispatch.branch_does_not_carry"));
    }
    Ok(NewBranch {
        id: place.id,
        name: place.name,
        carries: true,
    })
}

/// A branch that gave it back is not sent the same request again, however often it changed hands since; one that only let the
/// time run out may be.
async fn said_no(
    work: &mut dyn UnitOfWork,
    application: &FinancingApplication,
    branch: TenantId,
) -> UseResult<()> {
    let id = application.record().id;
    if work
        .dispatch_board()
        .gave_it_back(id)
        .await?
        .contains(&branch)
    {
        return Err(UseError::field("branch", "dispatch.gave_back"));
    }
    Ok(())
}
