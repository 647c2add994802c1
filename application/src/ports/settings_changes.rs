//! Settings changes 审批设置变更: proposed by one person of the institution, confirmed by another; what stands is read in `approvals`.

use async_trait::async_trait;
use domain::{
    ids::{TenantId, UserId},
    vocabulary,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{approvals::BankSettings, store::StoreError};

vocabulary! {
    /// 设置变更 stands at.
    ChangeStatus {
        Open = "open" / "待复核",
        Confirmed = "confirmed" / "已生效",
        Declined = "declined" / "未同意",
        Withdrawn = "withdrawn" / "已撤回",
    }
}

/// A change that was proposed, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesChange {
    pub id: Uuid,
    pub rules: BankSettings,
    pub asked_by: UserId,
    pub asked_name: String,
    pub asked_at: OffsetDateTime,
    pub status: ChangeStatus,
    pub settled_name: String,
    pub settled_at: Option<OffsetDateTime>,
    /// Why it was taken back; may be empty.
    pub withdrawal: String,
}

#[async_trait]
pub trait SettingsChanges: Send {
    /// `Conflict` while another change waits.
    async fn propose_rules(&mut self, change: &RulesChange) -> Result<(), StoreError>;

    /// The change that waits, if any.
    async fn open_change(&mut self) -> Result<Option<RulesChange>, StoreError>;

    /// One change, and whose it is.
    async fn change(&mut self, id: Uuid) -> Result<Option<(TenantId, RulesChange)>, StoreError>;

    /// Newest first.
    async fn changes(&mut self, most: i64) -> Result<Vec<RulesChange>, StoreError>;

    /// `false` when it was settled before; a confirmed one stands from now on.
    async fn settle_rules(
        &mut self,
        change: &RulesChange,
        confirmed: bool,
        by: UserId,
        name: &str,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError>;

    /// 撤回 by whoever asked; `false` when it was settled before.
    async fn withdraw_rules(
        &mut self,
        change: &RulesChange,
        reason: &str,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError>;
}
