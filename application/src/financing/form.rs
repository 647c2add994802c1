//! 需求申请 (M-303 to M-317): the form with the product on top, and what was typed before.

use domain::{
    calendar::local_date,
    financing::{FinancingApplication, Stage},
    ids::{FinancingApplicationId, ProductId},
};
use time::{Duration, OffsetDateTime};

use super::{Financing, Follows, renew, save};
use crate::{
    access::{Action, Actor, Room},
    city::City,
    error::{UseError, UseResult},
    ports::{
        drafts::{LastRefusal, Typed},
        product_offers::{Offer, OfferBranch},
    },
};

/// What the page shows.
#[derive(Clone, Debug)]
pub struct ApplyForm {
    /// `None` when the product went off the shelf while a draft of it is kept.
    pub offer: Option<Offer>,
    pub product_name: String,
    pub branches: Vec<OfferBranch>,
    pub draft: Option<FinancingApplicationId>,
    pub typed: Typed,
    /// The request that this one follows.
    pub again: Option<FinancingApplicationId>,
    /// Its 申请编号; empty when there is none.
    pub again_number: String,
    /// 续贷: the loan that this one renews.
    pub renews: Option<FinancingApplicationId>,
    /// Its 申请编号; empty when there is none.
    pub renews_number: String,
    pub cool_down: Option<CoolDown>,
    pub profile_complete: bool,
    pub face_verified: bool,
    /// 账户冻结: nothing new may be submitted; what is typed is kept.
    pub frozen: bool,
}

/// 冷静期 after a refusal: when the same product may be asked for again, because of which reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoolDown {
    pub until: OffsetDateTime,
    pub reasons: Vec<String>,
}

/// The longest wait that the given reasons ask for; nothing once it is over.
pub(super) fn cool_down(
    city: &City,
    refusal: Option<&LastRefusal>,
    now: OffsetDateTime,
) -> Option<CoolDown> {
    let refusal = refusal?;
    let waits: Vec<_> = city
        .rejection_reasons
        .iter()
        .filter(|r| r.reapply_days > 0 && refusal.reason_codes.contains(&r.code))
        .collect();
    let days = waits.iter().map(|r| r.reapply_days).max()?;
    let until = refusal.decided_at + Duration::days(days.into());
    (until > now).then(|| CoolDown {
        until,
        reasons: waits.iter().map(|r| r.label.clone()).collect(),
    })
}

impl Financing {
    pub async fn form(
        &self,
        actor: &Actor,
        product: ProductId,
        follows: Follows,
    ) -> UseResult<ApplyForm> {
        let permit = self
            .guard
            .permit(actor, Room::Financing, Action::Save)
            .await?;
        let city = self.city(actor)?;
        let mut work = self.store.begin(&permit).await?;
        let offer = work.product_offers().offer(product).await?;
        let draft = work.drafts().of_product(product).await?;
        let product_name = match (&offer, &draft) {
            (Some(offer), _) => offer.name.clone(),
            (None, Some(draft)) => draft.application.record().product_name.clone(),
            (None, None) => return Err(UseError::not_found()),
        };
        let mut branches = work.product_offers().branches_of(product).await?;
        let standing = work.enterprises().standing(actor.user).await?;
        let refusal = work.drafts().last_refusal(product).await?;
        // A draft knows itself what it follows, and nothing that was typed is lost to another request.
        let again = draft
            .as_ref()
            .map_or(follows.again, |d| d.application.record().previous);
        let kept = draft.as_ref().and_then(|d| d.application.record().renews);
        let today = local_date(self.clock.now());
        let loan = (follows.renews, kept);
        let renewed =
            renew::renewed(&mut *work, loan, today, offer.as_ref(), &mut branches).await?;
        let older = match again {
            Some(id) => work.application_board().one(id).await?,
            None => None,
        };
        let older = older.filter(|a| a.record().stage != Stage::Draft);
        let taken_over = older.as_ref().zip(offer.as_ref());
        let renewal = renewed.as_ref().zip(offer.as_ref());
        let mut typed = draft
            .as_ref()
            .map(save::typed_of)
            .or_else(|| renewal.map(|(one, offer)| one.typed(offer, &branches)))
            .or_else(|| taken_over.map(|(a, offer)| save::retyped_for(a, offer, &branches)))
            .unwrap_or_default();
        if let (Some(_), [only]) = (&renewed, branches.as_slice()) {
            typed.branch = only.id.to_string();
        }
        Ok(ApplyForm {
            cool_down: cool_down(&city, refusal.as_ref(), self.clock.now()),
            draft: draft.map(|d| d.application.record().id),
            again: older.as_ref().map(|a: &FinancingApplication| a.record().id),
            again_number: older
                .and_then(|a| a.record().number.as_ref().map(ToString::to_string))
                .unwrap_or_default(),
            renews: renewed.as_ref().map(|one| one.application.record().id),
            renews_number: renewed
                .and_then(|one| {
                    one.application
                        .record()
                        .number
                        .as_ref()
                        .map(ToString::to_string)
                })
                .unwrap_or_default(),
            profile_complete: standing.is_some_and(|s| s.profile_complete),
            face_verified: standing.is_some_and(|s| s.face_verified),
            frozen: standing.is_some_and(|s| s.frozen),
            offer,
            product_name,
            branches,
            typed,
        })
    }
}
