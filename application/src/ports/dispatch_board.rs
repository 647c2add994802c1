//! Dispatch board 派单: which branches could take a request, what they serve, and how much lies there.

use async_trait::async_trait;
use domain::{
    financing::Stage,
    ids::{FinancingApplicationId, ProductId, TenantId},
};

use super::{moves::MoveRequest, store::StoreError};

/// A branch within reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchPlace {
    pub id: TenantId,
    pub name: String,
    /// Where it stands.
    pub region_code: String,
    /// County codes served; empty: the whole city.
    pub serves: Vec<String>,
    /// 待接单.
    pub waiting: i64,
    /// 办理中.
    pub working: i64,
    /// It carries the product, and it is open.
    pub carries: bool,
}

/// A question to an enterprise that is still running, with what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningMove {
    pub request: MoveRequest,
    pub number: String,
    pub enterprise_name: String,
    pub handler_name: String,
    pub stage: Stage,
}

#[async_trait]
pub trait DispatchBoard: Send {
    /// Branches within reach, by name, at most 200: those that carry the product and those that do not.
    async fn places(&mut self, product: ProductId) -> Result<Vec<BranchPlace>, StoreError>;

    /// Questions to enterprises that still run in the own institution, oldest first.
    async fn running_moves(&mut self, most: i64) -> Result<Vec<RunningMove>, StoreError>;

    /// Why each was given back last: the note of the branch, or that its time was over.
    async fn returned_because(
        &mut self,
        applications: &[FinancingApplicationId],
    ) -> Result<Vec<(FinancingApplicationId, Returned)>, StoreError>;

    /// 拒单: every branch that ever gave it back; one that only let the time run out is none of them.
    async fn gave_it_back(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<TenantId>, StoreError>;
}

/// 退回机构: by whom, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Returned {
    /// Empty: the clock did it.
    pub by: String,
    pub reason_codes: Vec<String>,
    pub note: String,
}

impl Returned {
    /// 超时未接单: no branch said no, the time ran out.
    pub fn is_timeout(&self) -> bool {
        self.by.is_empty()
    }
}
