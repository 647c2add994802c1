//! 核对信息: everything once more before the binding click, or why it has not come to that.

use domain::{financing::FinancingApplication, ids::ProductId};

use super::{CoolDown, Financing, form::cool_down, terms};
use crate::{
    access::{Action, Actor, Room},
    error::{UseError, UseResult},
    ports::product_offers::{Offer, OfferBranch},
};

/// What the check page shows.
#[derive(Clone, Debug)]
pub struct CheckSheet {
    pub application: FinancingApplication,
    pub offer: Offer,
    pub branch: OfferBranch,
    /// Numbers of open requests for the same product and branch.
    pub duplicates: Vec<String>,
    pub cool_down: Option<CoolDown>,
}

/// Why there is nothing to check yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standstill {
    /// Nothing was typed, or it must be corrected first.
    Form,
    Profile,
    Face,
}

impl Financing {
    /// For those who are verified first and submit then (M-401).
    pub async fn check(
        &self,
        actor: &Actor,
        product: ProductId,
    ) -> UseResult<Result<CheckSheet, Standstill>> {
        let sheet = self.look_over(actor, product).await?;
        Ok(match sheet {
            Ok((sheet, true)) => Ok(sheet),
            Ok((_, false)) => Err(Standstill::Face),
            Err(why) => Err(why),
        })
    }

    /// The same for those who submit first (M-707), and whether the person was ever verified.
    pub async fn look_over(
        &self,
        actor: &Actor,
        product: ProductId,
    ) -> UseResult<Result<(CheckSheet, bool), Standstill>> {
        let permit = self
            .guard
            .permit(actor, Room::Financing, Action::Submit)
            .await?;
        let city = self.city(actor)?;
        let mut work = self.store.begin(&permit).await?;
        let Some(draft) = work.drafts().of_product(product).await? else {
            return Ok(Err(Standstill::Form));
        };
        let Some(offer) = work.product_offers().offer(product).await? else {
            return Err(UseError::conflict("financing.product_unavailable"));
        };
        let branches = work.product_offers().branches_of(product).await?;
        let read = terms::read(&draft.typed, &offer, &branches, &city);
        let record = draft.application.record();
        let branch = branches.iter().find(|b| Some(b.id) == record.handler);
        let Some(branch) =
            branch.filter(|_| read.problems.is_empty() && record.product_version == offer.version)
        else {
            return Ok(Err(Standstill::Form));
        };
        let standing = work.enterprises().standing(actor.user).await?;
        if !standing.is_some_and(|s| s.profile_complete) {
            return Ok(Err(Standstill::Profile));
        }
        let verified = standing.is_some_and(|s| s.face_verified);
        let duplicates = work.drafts().open_requests(product, branch.id).await?;
        let refusal = work.drafts().last_refusal(product).await?;
        let sheet = CheckSheet {
            branch: branch.clone(),
            cool_down: cool_down(&city, refusal.as_ref(), self.clock.now()),
            application: draft.application,
            offer,
            duplicates,
        };
        Ok(Ok((sheet, verified)))
    }
}
