//! Estimates 额度试算 that an enterprise keeps: what it asked, what it was told, and of which version of the product.

use async_trait::async_trait;
use domain::ids::{EnterpriseId, ProductId, UserId};
use time::OffsetDateTime;
use uuid::Uuid;

use super::store::StoreError;
use crate::estimates::{EstimateAnswer, EstimateInputs};

/// One of them; never changed, only deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEstimate {
    pub id: Uuid,
    pub product: ProductId,
    pub version: i32,
    pub product_name: String,
    pub bank_name: String,
    pub inputs: EstimateInputs,
    pub answer: EstimateAnswer,
    pub made_by: UserId,
    pub made_name: String,
    pub made_at: OffsetDateTime,
}

#[async_trait]
pub trait Estimates: Send {
    async fn insert_estimate(
        &mut self,
        of: EnterpriseId,
        estimate: &StoredEstimate,
    ) -> Result<(), StoreError>;

    /// The newest first, so many at most.
    async fn own_estimates(
        &mut self,
        of: EnterpriseId,
        most: i64,
    ) -> Result<Vec<StoredEstimate>, StoreError>;

    async fn own_estimate(
        &mut self,
        of: EnterpriseId,
        id: Uuid,
    ) -> Result<Option<StoredEstimate>, StoreError>;

    /// False when there is none of that enterprise.
    async fn delete_estimate(&mut self, of: EnterpriseId, id: Uuid) -> Result<bool, StoreError>;

    /// Takes away all but the newest.
    async fn trim_estimates(&mut self, of: EnterpriseId, keep: i64) -> Result<(), StoreError>;
}
