//! Ownership 企业管理员: who is to become it in place of whom, who asked for that, and who settled it.

use async_trait::async_trait;
use domain::{
    ids::{EnterpriseId, UserId},
    vocabulary,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{store::StoreError, supervision::HoldStatus};

vocabulary! {
    /// How 企业管理员 changes.
    ChangeKind {
        Handover = "handover" / "移交企业管理员",
        Recovery = "recovery" / "更换企业管理员",
    }
}

/// One change that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnershipChange {
    pub id: Uuid,
    pub enterprise: EnterpriseId,
    pub enterprise_name: String,
    pub kind: ChangeKind,
    /// The owner when it was asked for.
    pub from: UserId,
    pub from_name: String,
    pub to: UserId,
    pub to_name: String,
    /// Of the city's operators; empty for a handover.
    pub reason: String,
    pub evidence: String,
    pub asked_by: UserId,
    pub asked_name: String,
    pub asked_at: OffsetDateTime,
    /// A handover may be accepted until then; the city confirms nothing before it.
    pub until: OffsetDateTime,
    pub status: HoldStatus,
    pub settled_by: Option<UserId>,
    pub settled_name: String,
    pub settled_at: Option<OffsetDateTime>,
    /// Why whoever asked took it back; empty: no word was left, or it was not.
    pub withdrawal: String,
}

#[async_trait]
pub trait Ownership: Send {
    /// Of one enterprise, the newest first.
    async fn ownership_changes(
        &mut self,
        enterprise: EnterpriseId,
    ) -> Result<Vec<OwnershipChange>, StoreError>;

    /// One, locked until the commit.
    async fn ownership_change(&mut self, id: Uuid) -> Result<Option<OwnershipChange>, StoreError>;

    /// `Conflict("ownership_changes_one_open")` while another one of its kind waits.
    async fn ask_ownership_change(&mut self, change: &OwnershipChange) -> Result<(), StoreError>;

    /// Writes status and who settled it; `Stale` when it was settled before.
    async fn settle_ownership_change(&mut self, change: &OwnershipChange)
    -> Result<(), StoreError>;

    /// Carries a confirmed change out: the old owner stays as 办理 after a handover, and is out after a recovery, with the links of one
    /// who never came. Whatever else waited is declined by whoever settled this one. `false`: the old one is no owner any more, or the
    /// new one is gone.
    async fn change_owner(&mut self, change: &OwnershipChange) -> Result<bool, StoreError>;

    /// Whether a phone is somebody's of an enterprise of this city.
    async fn phone_taken(&mut self, phone_index: &[u8; 32]) -> Result<bool, StoreError>;
}
