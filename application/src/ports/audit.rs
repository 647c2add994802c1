//! Audit 操作日志: who did what to what, insert-only, in the same transaction as the change (S-47).

use async_trait::async_trait;
use domain::ids::{TenantId, UserId};
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::store::StoreError;
use crate::access::Actor;

/// One line of the log. `detail` names people and things by id only, never by a value that is masked elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    pub id: Uuid,
    /// `None` for the system and for people who are not signed in.
    pub actor: Option<UserId>,
    pub actor_name: String,
    pub actor_tenant: Option<TenantId>,
    /// Stable code, such as `application.accept`.
    pub action: &'static str,
    /// The id of what it was done to.
    pub object: String,
    /// `ok`, or the code of the refusal.
    pub outcome: &'static str,
    pub detail: Value,
    pub ip: String,
    pub request_id: String,
    pub at: OffsetDateTime,
}

impl AuditEntry {
    /// What a signed-in person did.
    pub fn by(
        actor: &Actor,
        id: Uuid,
        action: &'static str,
        object: impl std::fmt::Display,
        at: OffsetDateTime,
    ) -> Self {
        Self {
            id,
            actor: Some(actor.user),
            actor_name: actor.name.clone(),
            actor_tenant: Some(actor.tenant),
            action,
            object: object.to_string(),
            outcome: "ok",
            detail: json!({}),
            ip: actor.from.ip.clone(),
            request_id: actor.from.request_id.clone(),
            at,
        }
    }

    /// What the program did by itself, such as at the end of a term.
    pub fn by_system(
        id: Uuid,
        action: &'static str,
        object: impl std::fmt::Display,
        at: OffsetDateTime,
    ) -> Self {
        Self {
            id,
            actor: None,
            actor_name: String::new(),
            actor_tenant: None,
            action,
            object: object.to_string(),
            outcome: "ok",
            detail: json!({}),
            ip: String::new(),
            request_id: String::new(),
            at,
        }
    }

    #[must_use]
    pub fn outcome(mut self, outcome: &'static str) -> Self {
        self.outcome = outcome;
        self
    }

    #[must_use]
    pub fn detail(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }
}

/// The log of the unit of work: an entry stands or falls with the change.
#[async_trait]
pub trait Audit: Send {
    async fn write(&mut self, entry: AuditEntry) -> Result<(), StoreError>;
}

/// The log of those who have no unit of work: sign-in, and refusals that ended before one was opened.
#[async_trait]
pub trait DoorAudit: Send + Sync {
    async fn note(&self, city: TenantId, entry: AuditEntry) -> Result<(), StoreError>;
}
