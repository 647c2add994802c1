//! Ratings 评价 (W22): an enterprise rates the branch that decided its request, once; the rated one replies once; the city hides
//! what must not stand there.

mod look;
pub(crate) mod notices;
mod rate;
mod reply;

use std::sync::Arc;

use domain::ids::TenantId;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

pub use look::{Own, RatingLeaf, RatingPowers, SeenRating};
pub use rate::Rate;
pub use reply::{Hide, Reply};

use crate::{
    access::{Actor, Guard},
    audit::Watch,
    error::UseResult,
    ports::{
        audit::AuditEntry,
        ratings::{PublicRatings, Rating},
        store::{Store, UnitOfWork},
    },
};

/// Rows of a page of a list.
pub const PAGE: i64 = 20;
/// Ratings that an institution's public page shows.
const NEWEST: i64 = 10;

/// The room of all three sides.
#[derive(Clone)]
pub struct RatingRoom {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
}

/// What everybody reads.
#[derive(Clone)]
pub struct ShownRatings {
    pub guard: Guard,
    pub store: Arc<dyn Store>,
}

impl ShownRatings {
    /// Of one institution, with its branches.
    pub async fn of(&self, city: TenantId, bank: TenantId) -> UseResult<PublicRatings> {
        let permit = self.guard.visitor(city).await?;
        let mut work = self.store.begin(&permit).await?;
        Ok(work.ratings().public_ratings(bank, NEWEST).await?)
    }
}

impl RatingRoom {
    /// The entry in the log, and the notice for whoever has to hear of it.
    async fn note(
        &self,
        work: &mut dyn UnitOfWork,
        actor: &Actor,
        rating: &Rating,
        action: &'static str,
        at: OffsetDateTime,
    ) -> UseResult<()> {
        let payload = json!({ "rating": rating.id, "what": action });
        let id: Uuid = self.watch.clock.new_id();
        work.outbox().push(id, notices::TOPIC, payload, at).await?;
        let id = self.watch.clock.new_id();
        let entry = AuditEntry::by(actor, id, action, rating.id, at)
            .detail(json!({ "application": rating.application.0 }));
        Ok(work.audit().write(entry).await?)
    }
}
