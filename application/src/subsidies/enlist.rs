//! 免申即享: the loans that a policy is for, and the list that the city makes of them. Putting a loan on it is the first of the two looks.

use domain::{
    ids::DrawId,
    subsidy::{ClaimStatus, Granted},
};
use serde_json::json;
use uuid::Uuid;

use super::{
    SeenOffer, Step, SubsidyRoom, as_shown, granted, of_the_city,
    own::{claim_of, stands},
    store,
};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{UseError, UseResult},
    leaf,
    once::Once,
    ports::{
        store::UnitOfWork,
        subsidies::{FittingAsk, LoanCursor, LoanFacts, SubsidyOffer},
        subsidy_claims::{Claim, ClaimOrigin, Decided},
    },
};

const LIST: Step = Step {
    action: "subsidy.list",
    code: "listed",
};

/// Rows of a page.
const PAGE: i64 = 20;

/// One page of the loans that a policy is for.
#[derive(Clone, Debug)]
pub struct FittingLeaf {
    pub offer: SubsidyOffer,
    /// With what each of them comes to.
    pub rows: Vec<(LoanFacts, Option<Granted>)>,
    pub next: Option<LoanCursor>,
    /// This person may put them on the list.
    pub may_list: bool,
}

/// 列入名单 as its button says it.
#[derive(Clone, Debug)]
pub struct ListLoan {
    pub policy: Uuid,
    pub draw: DrawId,
    /// The sum in cents that the page showed.
    pub shown: String,
    pub once: Once,
}

impl SubsidyRoom {
    /// Loans of a policy by the day of the draw; those on a 免申即享 list already are left out when the list is made.
    pub async fn fitting(
        &self,
        actor: &Actor,
        policy: Uuid,
        ask: FittingAsk,
    ) -> UseResult<FittingLeaf> {
        of_the_city(actor)?;
        let permit = self
            .watch
            .permit(actor, Room::Subsidies, Action::View, policy)
            .await?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        let shown = work.subsidies().subsidy_offer(policy, at).await?;
        let is_shown = shown.is_some();
        let offer = if is_shown {
            shown
        } else {
            let every = work.subsidies().subsidy_policies().await?;
            every.into_iter().find(|offer| offer.policy == policy)
        };
        let Some(offer) = offer else {
            drop(work);
            let missing = self
                .watch
                .missing(actor, Room::Subsidies, Action::View, policy);
            return Err(missing.await);
        };
        let ask = FittingAsk {
            most: PAGE + 1,
            ..ask
        };
        let mut rows = work.subsidies().fitting_loans(&offer, &ask).await?;
        drop(work);
        let more = leaf::cut(&mut rows, PAGE);
        let last = rows.last().filter(|_| more);
        let next = last.map(|facts| LoanCursor {
            on: facts.loan.on,
            draw: facts.draw,
        });
        let guard = &self.watch.guard;
        let may = guard.may(actor, Room::Subsidies, Action::Confirm).await;
        let with_sums = rows.into_iter().map(|facts| {
            let granted = offer.grants(&facts);
            (facts, granted)
        });
        Ok(FittingLeaf {
            rows: with_sums.collect(),
            next,
            may_list: may && is_shown && offer.handling.is_listed(),
            offer,
        })
    }

    /// What the page that asks for it shows, or why the loan may not be put on the list.
    pub async fn to_list(&self, actor: &Actor, policy: Uuid, draw: DrawId) -> UseResult<SeenOffer> {
        of_the_city(actor)?;
        let permit = self
            .watch
            .permit(actor, Room::Subsidies, Action::Confirm, draw)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let seen = self.listable(&mut *work, policy, draw).await?;
        let claims = work
            .subsidy_claims()
            .subsidy_claims_of(seen.facts.application)
            .await?;
        if stands(claim_of(&claims, draw, policy)) {
            return Err(UseError::conflict("subsidy.claimed"));
        }
        Ok(seen)
    }

    /// A loan that a 免申即享 policy of now is for.
    async fn listable(
        &self,
        work: &mut dyn UnitOfWork,
        policy: Uuid,
        draw: DrawId,
    ) -> UseResult<SeenOffer> {
        let at = self.watch.clock.now();
        let offer = work.subsidies().subsidy_offer(policy, at).await?;
        let facts = work.subsidies().subsidy_loan(draw).await?;
        let (Some(offer), Some(facts)) = (offer, facts) else {
            return Err(UseError::not_found());
        };
        if !offer.handling.is_listed() {
            return Err(UseError::conflict("subsidy.not_listed"));
        }
        Ok(SeenOffer {
            granted: granted(&offer, &facts)?,
            offer,
            facts,
        })
    }

    /// 列入名单: the claim begins with its first look done; another person goes on.
    pub async fn enlist(&self, actor: &Actor, ask: ListLoan) -> UseResult<()> {
        of_the_city(actor)?;
        let object = ask.draw;
        let permit = self
            .watch
            .permit(actor, Room::Subsidies, Action::Confirm, object)
            .await?;
        let outcome = self.put_down(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Subsidies, Action::Confirm, object, outcome)
            .await
    }

    async fn put_down(&self, actor: &Actor, permit: &Permit, ask: &ListLoan) -> UseResult<()> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        let before = ask.once.replayed(&mut *work, LIST.action, at).await?;
        if before.is_some() {
            return Ok(());
        }
        let seen = self.listable(&mut *work, ask.policy, ask.draw).await?;
        as_shown(&ask.shown, seen.granted)?;
        let claim = Claim {
            origin: ClaimOrigin::Listed,
            status: ClaimStatus::Proposed,
            proposed: Some(Decided {
                by: actor.user,
                by_name: actor.name.clone(),
                at,
            }),
            ..self.filed(actor, seen, at)
        };
        store(&mut *work, &claim).await?;
        self.note(&mut *work, actor, &claim, LIST, at).await?;
        ask.once.done(&mut *work, LIST.action, json!({})).await?;
        Ok(work.commit().await?)
    }
}
