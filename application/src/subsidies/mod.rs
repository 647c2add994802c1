//! Subsidies 贴息补贴 (W20, G5): an enterprise applies for what a policy gives for one of its loans, or the city puts the loan on the list of
//! a 免申即享 policy; two people of the city decide, the payment is noted, and what came of each policy is told month by month.

mod account;
mod apply;
mod decide;
mod effects;
mod enlist;
mod look;
pub(crate) mod notices;
mod own;
mod take;

use std::sync::Arc;

use domain::subsidy::{ClaimStatus, Granted, LoanFault};
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

pub use account::{Account, AskedAccount};
pub use apply::{ApplySubsidy, DECLARATION};
pub use decide::{ClaimDeed, DecideClaim};
pub use effects::{EffectAsk, EffectMonth, SeenEffects};
pub use enlist::{FittingLeaf, ListLoan};
pub use look::{ClaimLeaf, ClaimPowers, PAGE, SeenClaim};
pub use own::{LoanOffers, Offered, SeenOffer};

use crate::{
    access::Actor,
    audit::Watch,
    error::{UseError, UseResult},
    ports::{
        audit::AuditEntry,
        sealing::Sealer,
        store::{Store, StoreError, UnitOfWork},
        subsidies::{LoanFacts, SubsidyOffer},
        subsidy_claims::{Claim, ClaimOrigin},
        workbooks::Workbooks,
    },
};

/// The room of both sides.
#[derive(Clone)]
pub struct SubsidyRoom {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub sealer: Arc<dyn Sealer>,
    pub workbooks: Arc<dyn Workbooks>,
}

/// What has happened to a claim: the line in the log and the word in its notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Step {
    action: &'static str,
    code: &'static str,
}

impl SubsidyRoom {
    /// A claim as it is filed: for the loan and under the policy as both stand now, and nobody has decided on it.
    fn filed(&self, actor: &Actor, seen: SeenOffer, at: OffsetDateTime) -> Claim {
        let SeenOffer {
            offer,
            facts,
            granted,
        } = seen;
        Claim {
            id: self.watch.clock.new_id(),
            enterprise: facts.enterprise,
            enterprise_name: facts.enterprise_name,
            policy: offer.policy,
            policy_version: offer.version,
            policy_title: offer.title,
            application: facts.application,
            application_no: facts.application_no,
            draw: facts.draw,
            draw_number: facts.number,
            origin: ClaimOrigin::Applied,
            status: ClaimStatus::Filed,
            days: granted.days,
            sum: granted.sum,
            account_sealed: None,
            declared: String::new(),
            filed_by: actor.user,
            filed_at: at,
            proposed: None,
            approved: None,
            refused: None,
            refusal: String::new(),
            paid: None,
            version: 1,
        }
    }

    /// The line in the log, and the notice for whoever has to hear of it.
    async fn note(
        &self,
        work: &mut dyn UnitOfWork,
        actor: &Actor,
        claim: &Claim,
        step: Step,
        at: OffsetDateTime,
    ) -> UseResult<()> {
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), step.action, claim.id, at)
            .detail(json!({
                "status": claim.status.code(),
                "sum_cents": claim.sum.cents(),
                "title": claim.policy_title,
            }));
        work.audit().write(entry).await?;
        let payload = json!({ "claim": claim.id, "step": step.code });
        let id = self.watch.clock.new_id();
        Ok(work.outbox().push(id, notices::TOPIC, payload, at).await?)
    }
}

/// The pages of the city are nobody's else: there they do not exist.
fn of_the_city(actor: &Actor) -> UseResult<()> {
    if actor.enterprise.is_none() && actor.tenant == actor.city {
        return Ok(());
    }
    Err(UseError::not_found())
}

/// 不符合条件, with every reason.
pub fn not_for_loan(faults: &[LoanFault]) -> UseError {
    let words: Vec<&str> = faults.iter().map(|fault| fault.zh()).collect();
    UseError::conflict("subsidy.not_for_loan").with("faults", words.join("、"))
}

/// What the policy gives for the loan as both stand now, or why it gives nothing.
fn granted(offer: &SubsidyOffer, facts: &LoanFacts) -> UseResult<Granted> {
    let faults = offer.faults(facts);
    if !faults.is_empty() {
        return Err(not_for_loan(&faults));
    }
    offer
        .grants(facts)
        .ok_or_else(|| not_for_loan(&[LoanFault::Nothing]))
}

/// What the page showed is what is decided on: a loan that was corrected meanwhile is looked at anew.
fn as_shown(shown: &str, granted: Granted) -> UseResult<()> {
    if shown.parse() == Ok(granted.sum.cents()) {
        return Ok(());
    }
    Err(UseError::conflict("subsidy.sum_moved").with("sum", granted.sum.format_yuan()))
}

/// One loan gets one subsidy of a policy, whoever was faster.
async fn store(work: &mut dyn UnitOfWork, claim: &Claim) -> UseResult<()> {
    match work.subsidy_claims().file_subsidy_claim(claim).await {
        Err(StoreError::Conflict(name)) if name == "subsidy_claims_once" => {
            Err(UseError::conflict("subsidy.claimed"))
        }
        done => Ok(done?),
    }
}

async fn locked(work: &mut dyn UnitOfWork, id: Uuid) -> UseResult<Claim> {
    let found = work.subsidy_claims().subsidy_claim_for_update(id).await?;
    found.ok_or_else(UseError::not_found)
}
