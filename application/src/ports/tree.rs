//! Tree 机构与支行: the branches of one institution, at any depth.

use async_trait::async_trait;
use domain::ids::{FinancingApplicationId, TenantId};
use time::OffsetDateTime;

use super::store::StoreError;

/// What the portal shows of a branch, and what it serves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BranchFacts {
    pub name: String,
    pub region: String,
    pub address: String,
    pub phone: String,
    pub opening_hours: String,
    /// County codes; empty: the whole city.
    pub serves: Vec<String>,
    pub counter_check: bool,
}

/// A branch in its place.
#[derive(Clone, Debug)]
pub struct TreeBranch {
    pub id: TenantId,
    pub parent: TenantId,
    pub facts: BranchFacts,
    pub suspended: bool,
    pub people: i64,
    /// Requests that somebody there still works on.
    pub open: i64,
}

/// A request that keeps a branch from being suspended.
#[derive(Clone, Debug)]
pub struct OpenRequest {
    pub id: FinancingApplicationId,
    pub number: String,
    pub enterprise: String,
}

#[async_trait]
pub trait Tree: Send {
    /// Of the own institution, parents before children.
    async fn branches(&mut self) -> Result<Vec<TreeBranch>, StoreError>;
    /// Locked until the commit.
    async fn branch(&mut self, id: TenantId) -> Result<Option<TreeBranch>, StoreError>;
    async fn add(
        &mut self,
        id: TenantId,
        parent: TenantId,
        facts: &BranchFacts,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;
    async fn change(&mut self, id: TenantId, facts: &BranchFacts) -> Result<(), StoreError>;
    /// 停用 or 恢复: people and portal follow.
    async fn set_suspended(&mut self, id: TenantId, suspended: bool) -> Result<(), StoreError>;
    async fn open_requests(&mut self, id: TenantId) -> Result<Vec<OpenRequest>, StoreError>;
}
