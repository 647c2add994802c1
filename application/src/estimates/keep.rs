//! 试算 for whoever looks, kept nowhere; 试算 of an enterprise, kept with what it was made of; and 删除.

use domain::ids::ProductId;
use serde_json::json;
use uuid::Uuid;

use super::{EstimateAnswer, EstimateInputs, EstimateRoom, KEPT, TypedEstimate, answer::Names};
use crate::{
    access::{Action, Actor, Permit, Room},
    catalogue::Snapshot,
    city::City,
    error::{UseError, UseResult},
    once::Once,
    ports::{
        audit::AuditEntry,
        catalogue::{Catalogue as _, Product},
        estimates::StoredEstimate,
    },
};

const SAVE: &str = "estimate.save";
const DELETE: &str = "estimate.delete";

/// What was asked and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    pub inputs: EstimateInputs,
    pub answer: EstimateAnswer,
}

/// An enterprise's own estimate.
#[derive(Clone, Debug)]
pub struct MakeEstimate {
    pub product: ProductId,
    pub typed: TypedEstimate,
    pub once: Once,
}

impl EstimateRoom {
    /// Whether what this person tries is kept for their enterprise; others are told and nothing stays.
    pub async fn keeps(&self, actor: &Actor) -> bool {
        let guard = &self.watch.guard;
        actor.enterprise.is_some() && guard.may(actor, Room::Estimates, Action::Save).await
    }

    /// Computed and told; nothing is stored.
    pub async fn try_out(
        &self,
        city: &City,
        product: ProductId,
        typed: &TypedEstimate,
    ) -> UseResult<Tried> {
        let snapshot = self.portal.snapshot(city.id).await?;
        self.tried(city, Self::product(&snapshot, product)?, typed)
    }

    fn tried(&self, city: &City, product: &Product, typed: &TypedEstimate) -> UseResult<Tried> {
        let inputs = typed.read(product, &*self.industries, &self.counties(city))?;
        let names = Names {
            industries: &*self.industries,
            regions: &*self.regions,
        };
        let answer = EstimateAnswer::of(product, &inputs, &names);
        Ok(Tried { inputs, answer })
    }

    /// 试算 of the actor's enterprise; answers the id under which it is kept.
    pub async fn make(&self, actor: &Actor, city: &City, ask: MakeEstimate) -> UseResult<Uuid> {
        let permit = self
            .watch
            .permit(actor, Room::Estimates, Action::Save, ask.product)
            .await?;
        let snapshot = self.portal.snapshot(city.id).await?;
        self.write(actor, &permit, (city, &snapshot), &ask).await
    }

    async fn write(
        &self,
        actor: &Actor,
        permit: &Permit,
        (city, snapshot): (&City, &Snapshot),
        ask: &MakeEstimate,
    ) -> UseResult<Uuid> {
        let enterprise = Self::enterprise(actor)?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if let Some(answer) = ask.once.replayed(&mut *work, SAVE, at).await? {
            let id = answer["estimate"].as_str().and_then(|t| t.parse().ok());
            return id.ok_or_else(UseError::not_found);
        }
        let product = Self::product(snapshot, ask.product)?;
        let Tried { inputs, answer } = self.tried(city, product, &ask.typed)?;
        let bank = snapshot.institution(product.institution);
        let estimate = StoredEstimate {
            id: self.watch.clock.new_id(),
            product: product.id,
            version: product.version,
            product_name: product.name.clone(),
            bank_name: bank.map_or_else(String::new, |b| b.name.clone()),
            inputs,
            answer,
            made_by: actor.user,
            made_name: actor.name.clone(),
            made_at: at,
        };
        work.estimates()
            .insert_estimate(enterprise, &estimate)
            .await?;
        work.estimates().trim_estimates(enterprise, KEPT).await?;
        // The log of the city says that something was tried, not what.
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), SAVE, estimate.id, at);
        work.audit().write(entry).await?;
        let answer = json!({ "estimate": estimate.id });
        ask.once.done(&mut *work, SAVE, answer).await?;
        work.commit().await?;
        Ok(estimate.id)
    }

    /// 删除试算: gone for everybody of the enterprise.
    pub async fn delete(&self, actor: &Actor, id: Uuid) -> UseResult<()> {
        let permit = self
            .watch
            .permit(actor, Room::Estimates, Action::Save, id)
            .await?;
        let enterprise = Self::enterprise(actor)?;
        let mut work = self.store.begin(&permit).await?;
        if !work.estimates().delete_estimate(enterprise, id).await? {
            drop(work);
            let room = Room::Estimates;
            return Err(self.watch.missing(actor, room, Action::Save, id).await);
        }
        let at = self.watch.clock.now();
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), DELETE, id, at);
        work.audit().write(entry).await?;
        Ok(work.commit().await?)
    }
}
