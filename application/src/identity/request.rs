//! Request 人工核验: a check at the counter of a branch, instead of the camera.

use domain::{
    identity::CheckStatus,
    ids::{FaceCheckId, TenantId},
};

use serde_json::json;

use super::{Identity, notices::REQUESTED, status::masked, verdict::ended};
use crate::{
    access::{Action, Actor, Room},
    error::{UseError, UseResult},
    ports::{
        audit::AuditEntry,
        face_checks::{Counter, FaceCheck},
    },
};

/// A counter with its county, as the list shows it.
#[derive(Clone, Debug)]
pub struct CounterChoice {
    pub counter: Counter,
    pub county: String,
}

impl Identity {
    /// Branches that check at the counter, those of the enterprise's own county first.
    pub async fn counters(&self, actor: &Actor) -> UseResult<Vec<CounterChoice>> {
        let permit = self
            .guard
            .permit(actor, Room::Identity, Action::View)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let facts = work
            .enterprises()
            .facts(Self::enterprise(actor)?)
            .await?
            .ok_or_else(UseError::not_found)?;
        let county: String = facts.region_code.chars().take(6).collect();
        let counters = work.face_checks().counters(&county).await?;
        Ok(counters
            .into_iter()
            .map(|counter| CounterChoice {
                county: self
                    .regions
                    .find(&counter.region_code)
                    .map(|r| r.name)
                    .unwrap_or_default(),
                counter,
            })
            .collect())
    }

    /// Asks a branch to check this person at its counter; answers the reference to be named there.
    pub async fn request_counter(&self, actor: &Actor, branch: &str) -> UseResult<String> {
        let permit = self
            .guard
            .permit(actor, Room::Identity, Action::Verify)
            .await?;
        let branch = uuid::Uuid::parse_str(branch.trim())
            .map(TenantId)
            .map_err(|_| UseError::field("branch", "counter.branch"))?;
        let now = self.clock.now();
        let id = FaceCheckId(self.clock.new_id());
        let mut work = self.store.begin(&permit).await?;
        let facts = self.ready_person(&mut *work, actor).await?;
        let checks = work.face_checks();
        if checks
            .open_request(actor.user)
            .await?
            .is_some_and(|r| r.status == CheckStatus::ManualRequested)
        {
            return Err(UseError::conflict("counter.requested"));
        }
        if !checks.counters("").await?.iter().any(|c| c.id == branch) {
            return Err(UseError::field("branch", "counter.branch"));
        }
        let reference = reference(id.0);
        let check = FaceCheck {
            id,
            city: actor.city,
            enterprise: facts.id,
            user: actor.user,
            provider: "counter".to_owned(),
            session_ref: String::new(),
            status: CheckStatus::ManualRequested,
            score: None,
            reason_code: String::new(),
            branch: Some(branch),
            enterprise_name: facts.name.clone(),
            person_name: masked(&facts.legal_representative),
            legal_id_index: facts.legal_id_index.clone(),
            reference: reference.clone(),
            note: String::new(),
            channel: actor.from.channel.to_owned(),
            page: String::new(),
            next: String::new(),
            asks: 0,
            created_at: now,
            settled_at: None,
        };
        checks.add_check(&check).await?;
        let entry = AuditEntry::by(
            actor,
            self.clock.new_id(),
            "identity.request_counter",
            id,
            now,
        );
        work.audit().write(entry).await?;
        let payload = json!({ "check": id.to_string() });
        work.outbox()
            .push(self.clock.new_id(), REQUESTED, payload, now)
            .await?;
        work.commit().await?;
        Ok(reference)
    }

    /// Takes the request back; one that the counter has settled stays as it is.
    pub async fn cancel_request(&self, actor: &Actor) -> UseResult<()> {
        let permit = self
            .guard
            .permit(actor, Room::Identity, Action::Verify)
            .await?;
        let now = self.clock.now();
        let mut work = self.store.begin(&permit).await?;
        work.face_checks().lock_person(actor.user).await?;
        let open = work
            .face_checks()
            .open_request(actor.user)
            .await?
            .filter(|r| r.status == CheckStatus::ManualRequested)
            .ok_or_else(|| UseError::conflict("counter.settled"))?;
        let moved = work
            .face_checks()
            .settle_check(
                open.id,
                ended(CheckStatus::ManualRequested, "counter.cancelled", now),
            )
            .await?;
        if !moved {
            return Err(UseError::conflict("counter.settled"));
        }
        Ok(work.commit().await?)
    }
}

/// Eight signs that people can read to each other; opens nothing.
pub(super) fn reference(id: uuid::Uuid) -> String {
    let hex = id.simple().to_string().to_uppercase();
    format!("{}-{}", &hex[24..28], &hex[28..])
}
