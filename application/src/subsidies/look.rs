//! The lists and one claim, as both sides read them; what one may do, for the buttons.

use domain::subsidy::{ClaimStatus, ClaimStep, Granted, LoanFault};
use uuid::Uuid;

use super::{Account, SubsidyRoom};
use crate::{
    access::{Action, Actor, Room},
    error::UseResult,
    leaf,
    ports::{
        subsidies::{LoanFacts, SubsidyOffer},
        subsidy_claims::{Claim, ClaimAsk, ClaimCursor},
    },
};

/// Rows of a page of a list.
pub const PAGE: i64 = 20;

/// One page of a list.
#[derive(Clone, Debug)]
pub struct ClaimLeaf {
    pub rows: Vec<Claim>,
    /// Where the next page begins; `None`: there is none.
    pub next: Option<ClaimCursor>,
    /// Policies to choose from; for the city.
    pub policies: Vec<(Uuid, String)>,
}

/// What this person may do now; each use case checks again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClaimPowers {
    pub propose: bool,
    pub approve: bool,
    pub refuse: bool,
    pub pay: bool,
    pub account: bool,
}

/// One claim with its loan and its policy as they stand now.
#[derive(Clone, Debug)]
pub struct SeenClaim {
    pub claim: Claim,
    pub facts: Option<LoanFacts>,
    /// In the version that it was filed under; the enterprise reads it while it is published.
    pub offer: Option<SubsidyOffer>,
    /// What keeps the loan out by now; nothing: it qualifies.
    pub faults: Vec<LoanFault>,
    /// What it comes to by now.
    pub granted: Option<Granted>,
    /// Masked; empty: none is kept.
    pub account: String,
    /// For the city: every other claim of the same request, under whatever policy, newest first.
    pub beside: Vec<Claim>,
    pub powers: ClaimPowers,
}

impl SubsidyRoom {
    /// Claims within reach: the enterprise's own, or all of the city.
    pub async fn list(&self, actor: &Actor, ask: ClaimAsk) -> UseResult<ClaimLeaf> {
        let permit = self
            .watch
            .permit(actor, Room::Subsidies, Action::View, actor.tenant)
            .await?;
        let ask = ClaimAsk {
            most: PAGE + 1,
            ..ask
        };
        let mut work = self.store.begin(&permit).await?;
        let mut rows = work.subsidy_claims().subsidy_claims(&ask).await?;
        let policies = if actor.enterprise.is_some() {
            Vec::new()
        } else {
            work.subsidies().subsidy_policies().await?
        };
        drop(work);
        let more = leaf::cut(&mut rows, PAGE);
        let last = rows.last().filter(|_| more);
        Ok(ClaimLeaf {
            next: last.map(|claim| ClaimCursor {
                at: claim.filed_at,
                id: claim.id,
            }),
            policies: policies
                .into_iter()
                .map(|offer| (offer.policy, offer.title))
                .collect(),
            rows,
        })
    }

    /// One claim.
    pub async fn view(&self, actor: &Actor, id: Uuid) -> UseResult<SeenClaim> {
        let permit = self
            .watch
            .permit(actor, Room::Subsidies, Action::View, id)
            .await?;
        self.sealer.ready(actor.city.0).await?;
        let mut work = self.store.begin(&permit).await?;
        let Some(claim) = work.subsidy_claims().subsidy_claim(id).await? else {
            drop(work);
            let missing = self.watch.missing(actor, Room::Subsidies, Action::View, id);
            return Err(missing.await);
        };
        let facts = work.subsidies().subsidy_loan(claim.draw).await?;
        let (policy, version) = (claim.policy, claim.policy_version);
        let offer = work.subsidies().subsidy_version(policy, version).await?;
        let mut beside = Vec::new();
        if actor.enterprise.is_none() {
            let claims = work.subsidy_claims();
            beside = claims.subsidy_claims_of(claim.application).await?;
            beside.retain(|other| other.id != claim.id);
        }
        drop(work);
        let both = offer.as_ref().zip(facts.as_ref());
        let account = Account::of(&*self.sealer, actor.city, &claim)?;
        Ok(SeenClaim {
            faults: both.map_or_else(Vec::new, |(offer, facts)| offer.faults(facts)),
            granted: both.and_then(|(offer, facts)| offer.grants(facts)),
            account: account.map_or_else(String::new, |account| account.masked()),
            powers: self.powers(actor, &claim).await,
            beside,
            claim,
            facts,
            offer,
        })
    }

    async fn powers(&self, actor: &Actor, claim: &Claim) -> ClaimPowers {
        if actor.enterprise.is_some() {
            return ClaimPowers::default();
        }
        let guard = &self.watch.guard;
        let may = |action| guard.may(actor, Room::Subsidies, action);
        let leads = |step| claim.status.after(step).is_some();
        let check = may(Action::Check).await;
        let payable = !claim.lost_its_account();
        let first = claim.proposed.as_ref();
        ClaimPowers {
            propose: check && payable && leads(ClaimStep::Propose),
            approve: check
                && payable
                && leads(ClaimStep::Approve)
                && first.is_some_and(|first| first.by != actor.user),
            refuse: check && leads(ClaimStep::Refuse),
            pay: leads(ClaimStep::Pay) && may(Action::Record).await,
            account: claim.status == ClaimStatus::Approved
                && claim.account_sealed.is_some()
                && may(Action::Unmask).await,
        }
    }
}
