//! Dispatch rules 派单规则: an ordered list that chooses a branch.

use async_trait::async_trait;
use domain::ids::{ProductId, TenantId, UserId};
use time::OffsetDateTime;
use uuid::Uuid;

use super::store::StoreError;

/// One rule; what it does not name fits everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DispatchRule {
    pub id: Uuid,
    /// 企业所在区县; empty: any.
    pub county_code: String,
    pub product: Option<ProductId>,
    /// Only while the branch has fewer open requests than this.
    pub most_open: Option<i32>,
    pub branch: TenantId,
    pub created_by: UserId,
    pub created_name: String,
    pub created_at: OffsetDateTime,
}

#[async_trait]
pub trait DispatchRules: Send {
    /// In their order, locked when somebody is about to change them.
    async fn rules(&mut self, to_change: bool) -> Result<Vec<DispatchRule>, StoreError>;

    /// Puts one behind the last.
    async fn add_rule(&mut self, rule: &DispatchRule) -> Result<(), StoreError>;

    async fn remove_rule(&mut self, id: Uuid) -> Result<bool, StoreError>;

    /// Gives all of them their places, first to last.
    async fn order_rules(&mut self, ids: &[Uuid]) -> Result<(), StoreError>;
}
