//! Approval 审批: proposed by the holder, signed step by step by others, over a content that nobody changed (rows 18 to 22).

mod content;
mod propose;
mod queue;
mod sign;

use domain::{ids::TenantId, tenant::Role, values::Cents};

pub use content::{Content, ProposedTerms, content_of};
pub use propose::Propose;
pub use queue::{Queue, Waiting};
pub use sign::{SignStep, Verdict};

use crate::{city::City, error::UseResult, ports::store::UnitOfWork, review::Review};

/// The room of those who propose and sign.
pub struct Approval {
    pub review: Review,
}

/// Up to here a branch of this bank decides in one step: the bank's own word, else the city's.
pub(crate) async fn single_step_limit(
    work: &mut dyn UnitOfWork,
    city: &City,
    bank: TenantId,
) -> UseResult<Option<Cents>> {
    if let Some(settings) = work.approvals().settings(bank).await? {
        return Ok(settings.single_step_up_to);
    }
    let limit = city.single_step_up_to_cents;
    Ok(limit.and_then(|cents| Cents::new(cents).ok()))
}

/// The steps of this bank; one step by the branch's approver where it has set nothing. For whoever opens an approval.
pub async fn steps_of(work: &mut dyn UnitOfWork, bank: TenantId) -> UseResult<Vec<Role>> {
    let settings = work.approvals().settings(bank).await?;
    Ok(settings.map_or_else(|| vec![Role::BranchApprover], |set| set.steps))
}
