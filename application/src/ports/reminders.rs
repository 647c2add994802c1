//! Reminders 提醒: requests whose clock is about to matter, and phones to tell.

use async_trait::async_trait;
use domain::{
    financing::FinancingApplication,
    ids::{FinancingApplicationId, UserId},
};
use time::OffsetDateTime;

use super::store::StoreError;

/// First words of the keys under which a reminder is told once.
pub const SUPPLEMENT_WARNING: &str = "supplement-warning";
pub const UNACCEPTED_NOTICE: &str = "unaccepted-notice";

#[async_trait]
pub trait Reminders: Send {
    /// One application, without a lock.
    async fn look_at(
        &mut self,
        id: FinancingApplicationId,
    ) -> Result<Option<FinancingApplication>, StoreError>;

    /// 退回补充 that ends before `due_before`, whose enterprise was not yet warned (row 15).
    async fn supplement_warnings(
        &mut self,
        due_before: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<FinancingApplication>, StoreError>;

    /// Submitted before `submitted_before`, accepted by nobody, and nobody told of it (row 30).
    async fn unaccepted(
        &mut self,
        submitted_before: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<FinancingApplication>, StoreError>;

    /// The sealed sign-in phone of a person of an enterprise.
    async fn phone_of(&mut self, user: UserId) -> Result<Option<Vec<u8>>, StoreError>;
}
