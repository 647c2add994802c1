//! Second chance 其他适合的产品 (W17; rows 10 and 22): after a refusal, what else the enterprise may ask for. It names products
//! only: nothing of the dossier goes anywhere before the enterprise asks anew and agrees anew.

use std::{cmp::Reverse, sync::Arc};

use domain::{
    eligibility::EligibilityRule,
    financing::{ApplicationRecord, Stage},
    ids::ProductId,
    values::{Term, TermUnit},
};

use super::{Financing, form::cool_down};
use crate::{
    access::{Action, Actor, Room},
    catalogue::{Fit, OwnFacts, OwnProfile, Snapshot},
    error::UseResult,
    ports::catalogue::{Catalogue, Product},
};

/// More than these are no advice but a list, and that is 金融超市.
const MOST: usize = 3;
/// So many are looked at for a running 冷静期; who was refused more often than that is better served by talking.
const LOOKED_AT: usize = 20;

/// The room.
#[derive(Clone)]
pub struct SecondChances {
    pub financing: Financing,
    pub own: OwnFacts,
    pub catalogue: Arc<dyn Catalogue>,
}

/// What may be asked for instead, the best fit first.
#[derive(Clone, Debug)]
pub struct SecondChance {
    pub snapshot: Arc<Snapshot>,
    pub products: Vec<(ProductId, Fit)>,
}

impl SecondChances {
    /// `None`: it was not refused, this person may not ask for another, or nothing fits.
    pub async fn after(
        &self,
        actor: &Actor,
        refused: &ApplicationRecord,
    ) -> UseResult<Option<SecondChance>> {
        let guard = &self.financing.guard;
        if !matches!(refused.stage, Stage::Rejected | Stage::RefusedIntake)
            || !guard.may(actor, Room::Financing, Action::Save).await
        {
            return Ok(None);
        }
        let Some(own) = self.own.profile(actor).await? else {
            return Ok(None);
        };
        let snapshot = self.catalogue.snapshot(actor.city).await?;
        let ranked = ranked(&snapshot, &own, refused);
        let products = self.cooled(actor, ranked).await?;
        Ok((!products.is_empty()).then_some(SecondChance { snapshot, products }))
    }

    /// The first of them of which no 冷静期 runs.
    async fn cooled(
        &self,
        actor: &Actor,
        ranked: Vec<(ProductId, Fit)>,
    ) -> UseResult<Vec<(ProductId, Fit)>> {
        let financing = &self.financing;
        let city = financing.city(actor)?;
        let permit = financing
            .guard
            .permit(actor, Room::Financing, Action::View)
            .await?;
        let mut work = financing.store.begin(&permit).await?;
        let now = financing.clock.now();
        let mut products = Vec::new();
        for (product, fit) in ranked.into_iter().take(LOOKED_AT) {
            let refusal = work.drafts().last_refusal(product).await?;
            if cool_down(&city, refusal.as_ref(), now).is_none() {
                products.push((product, fit));
            }
            if products.len() == MOST {
                break;
            }
        }
        Ok(products)
    }
}

/// Every other product that some branch carries and no rule speaks against: those that give what was asked for first, then the best
/// fit, then the same 担保方式.
fn ranked(
    snapshot: &Snapshot,
    own: &OwnProfile,
    refused: &ApplicationRecord,
) -> Vec<(ProductId, Fit)> {
    let guarantee = snapshot.product(refused.product).map(|p| p.guarantee);
    let fits = |rules: &[EligibilityRule]| Some(own.fit(rules)).filter(|fit| fit.may());
    let mut found: Vec<(&Product, Fit)> = snapshot
        .products()
        .filter(|p| p.id != refused.product && snapshot.carriers(p).next().is_some())
        .filter_map(|p| fits(&p.rules).map(|fit| (p, fit)))
        .collect();
    found.sort_by_cached_key(|(p, fit)| {
        (
            !gives(p, refused),
            fit.rank(),
            Some(p.guarantee) != guarantee,
            p.range.rate_min,
            Reverse(p.published_at),
            p.id,
        )
    });
    found.into_iter().map(|(p, fit)| (p.id, fit)).collect()
}

/// Amount and term of the refused one lie within it.
fn gives(product: &Product, refused: &ApplicationRecord) -> bool {
    let range = &product.range;
    let amount = range.amount_min <= refused.amount && refused.amount <= range.amount_max;
    let term = in_unit(refused.term, range.term_unit)
        .is_some_and(|n| range.term_min <= n && n <= range.term_max);
    amount && term
}

/// A term in another unit; nothing where only a part of a year would say it.
pub(super) fn in_unit(term: Term, unit: TermUnit) -> Option<u16> {
    let months = term.months();
    let each = match unit {
        TermUnit::Month => 1,
        TermUnit::Year => 12,
    };
    months.is_multiple_of(each).then(|| months / each)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_taken_over_in_the_other_unit_only_where_it_is_the_same_term() {
        let term = |n, unit| Term::new(n, unit).expect("a term");
        let (month, year) = (TermUnit::Month, TermUnit::Year);
        assert_eq!(in_unit(term(2, year), month), Some(24));
        assert_eq!(in_unit(term(24, month), year), Some(2));
        assert_eq!(in_unit(term(18, month), year), None);
        assert_eq!(in_unit(term(18, month), month), Some(18));
    }
}
