//! 可享政策 of a loan, the form of an application and one's own claims: the enterprise's side.

use domain::{
    calendar::local_date,
    ids::{DrawId, FinancingApplicationId},
    subsidy::{ClaimStatus, Granted, LoanFault},
};
use uuid::Uuid;

use super::{SubsidyRoom, granted};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{UseError, UseResult},
    ports::{
        store::UnitOfWork,
        subsidies::{LoanFacts, SubsidyOffer},
        subsidy_claims::Claim,
    },
};

/// One policy beside a loan that it is for.
#[derive(Clone, Debug)]
pub struct Offered {
    pub offer: SubsidyOffer,
    /// What it comes to.
    pub granted: Option<Granted>,
    /// The claim that stands, or the one that was refused last.
    pub claim: Option<Claim>,
    /// The enterprise has to confirm the draw first.
    pub unconfirmed: bool,
    /// This person may apply now.
    pub may_apply: bool,
}

/// 可享政策 of a draw.
#[derive(Clone, Debug)]
pub struct LoanOffers {
    pub draw: DrawId,
    pub offers: Vec<Offered>,
}

/// What the form of an application shows.
#[derive(Clone, Debug)]
pub struct SeenOffer {
    pub offer: SubsidyOffer,
    pub facts: LoanFacts,
    pub granted: Granted,
}

/// The claim of a loan under a policy: the one that stands, else the last one that was refused.
pub(super) fn claim_of(claims: &[Claim], draw: DrawId, policy: Uuid) -> Option<&Claim> {
    let mut own = claims
        .iter()
        .filter(|claim| claim.draw == draw && claim.policy == policy);
    let stands = own
        .clone()
        .find(|claim| claim.status != ClaimStatus::Refused);
    stands.or_else(|| own.next())
}

/// It keeps the loan from being claimed again.
pub(super) fn stands(claim: Option<&Claim>) -> bool {
    claim.is_some_and(|claim| claim.status != ClaimStatus::Refused)
}

impl SubsidyRoom {
    /// 可享政策 of every draw of a request; draws without any are left out.
    pub async fn of_loan(
        &self,
        actor: &Actor,
        application: FinancingApplicationId,
    ) -> UseResult<Vec<LoanOffers>> {
        let permit = self
            .watch
            .permit(actor, Room::Subsidies, Action::View, application)
            .await?;
        let guard = &self.watch.guard;
        let may_submit = guard.may(actor, Room::Subsidies, Action::Submit).await;
        let at = self.watch.clock.now();
        let today = local_date(at);
        let mut work = self.store.begin(&permit).await?;
        let offers = work.subsidies().subsidy_offers(at).await?;
        if offers.is_empty() {
            return Ok(Vec::new());
        }
        let loans = work.subsidies().subsidy_loans(application).await?;
        let claims = work.subsidy_claims().subsidy_claims_of(application).await?;
        drop(work);
        let beside = |facts: &LoanFacts, offer: &SubsidyOffer| {
            let claim = claim_of(&claims, facts.draw, offer.policy).cloned();
            let faults = offer.faults(facts);
            let unconfirmed = faults == [LoanFault::Unconfirmed];
            let open = !offer.is_over(today);
            let fits = faults.is_empty() || (unconfirmed && open);
            // What is over is told of only where something came of it.
            let told = claim.is_some() || (fits && (open || offer.handling.is_listed()));
            told.then(|| Offered {
                granted: offer.grants(facts),
                may_apply: may_submit
                    && faults.is_empty()
                    && open
                    && !offer.handling.is_listed()
                    && !stands(claim.as_ref()),
                unconfirmed,
                claim,
                offer: offer.clone(),
            })
        };
        let beside_each = loans.iter().map(|facts| LoanOffers {
            draw: facts.draw,
            offers: offers
                .iter()
                .filter_map(|offer| beside(facts, offer))
                .collect(),
        });
        Ok(beside_each.filter(|one| !one.offers.is_empty()).collect())
    }

    /// What the form of an application starts with, or why there is nothing to apply for.
    pub async fn offered(
        &self,
        actor: &Actor,
        application: FinancingApplicationId,
        draw: DrawId,
        policy: Uuid,
    ) -> UseResult<SeenOffer> {
        let permit = self
            .watch
            .permit(actor, Room::Subsidies, Action::Submit, draw)
            .await?;
        let outcome = self.look_up(&permit, application, draw, policy).await;
        self.watch
            .refused(actor, Room::Subsidies, Action::Submit, draw, outcome)
            .await
    }

    async fn look_up(
        &self,
        permit: &Permit,
        application: FinancingApplicationId,
        draw: DrawId,
        policy: Uuid,
    ) -> UseResult<SeenOffer> {
        let mut work = self.store.begin(permit).await?;
        self.open_offer(&mut *work, application, draw, policy).await
    }

    /// The policy and the loan as they stand, while the one may be applied for by the other.
    pub(super) async fn open_offer(
        &self,
        work: &mut dyn UnitOfWork,
        application: FinancingApplicationId,
        draw: DrawId,
        policy: Uuid,
    ) -> UseResult<SeenOffer> {
        let at = self.watch.clock.now();
        let facts = work.subsidies().subsidy_loan(draw).await?;
        let facts = facts
            .filter(|facts| facts.application == application)
            .ok_or_else(UseError::not_found)?;
        let offer = work.subsidies().subsidy_offer(policy, at).await?;
        let offer = offer.ok_or_else(UseError::not_found)?;
        let claims = work.subsidy_claims().subsidy_claims_of(application).await?;
        if stands(claim_of(&claims, draw, policy)) {
            return Err(UseError::conflict("subsidy.claimed"));
        }
        if offer.handling.is_listed() {
            return Err(UseError::conflict("subsidy.nothing_to_apply"));
        }
        if let Some(last) = offer.deadline.filter(|_| offer.is_over(local_date(at))) {
            return Err(UseError::conflict("subsidy.over").with("deadline", last));
        }
        Ok(SeenOffer {
            granted: granted(&offer, &facts)?,
            offer,
            facts,
        })
    }
}
