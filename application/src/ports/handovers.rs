//! Hand-overs 手机接力: a one-time link by which a phone goes on with what a desktop began.

use async_trait::async_trait;
use domain::{
    ids::{EnterpriseId, HandoverId, TenantId, UserId},
    tenant::Role,
};
use time::OffsetDateTime;

use super::store::StoreError;

/// A link, as its maker sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    pub id: HandoverId,
    pub enterprise: EnterpriseId,
    pub user: UserId,
    /// Where the desktop goes afterwards: an own path, or empty.
    pub next: String,
    pub created_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
    pub opened_at: Option<OffsetDateTime>,
    pub done_at: Option<OffsetDateTime>,
    /// Empty, `passed`, `failed` or `unclear`.
    pub outcome: String,
}

/// A link with the person for whom it speaks, as the door sees it.
#[derive(Clone, Debug)]
pub struct OpenHandover {
    pub handover: Handover,
    pub city: TenantId,
    pub city_name: String,
    pub person_name: String,
    pub enterprise_name: String,
    pub roles: Vec<Role>,
    /// Fingerprint of the browser that took it up.
    pub opened_by: Option<Vec<u8>>,
}

/// The maker's side, inside a unit of work.
#[async_trait]
pub trait Handovers: Send {
    /// A new link; open ones of the same person end here.
    async fn add_handover(
        &mut self,
        handover: &Handover,
        token_hash: &[u8; 32],
    ) -> Result<(), StoreError>;
    async fn handover(&mut self, id: HandoverId) -> Result<Option<Handover>, StoreError>;
}

/// The phone's side: whoever holds the link, before anybody is signed in.
#[async_trait]
pub trait HandoverDoor: Send + Sync {
    /// A link of an active person in an active city, whatever its state.
    async fn find_handover(
        &self,
        token_hash: &[u8; 32],
    ) -> Result<Option<OpenHandover>, StoreError>;
    /// Gives the link to one browser; `false` when another one has it, or it is over.
    async fn take_up(
        &self,
        id: HandoverId,
        browser: &[u8; 32],
        at: OffsetDateTime,
    ) -> Result<bool, StoreError>;
    /// Notes an outcome; `done` ends the link.
    async fn note_outcome(
        &self,
        id: HandoverId,
        outcome: &str,
        done: bool,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;
}
