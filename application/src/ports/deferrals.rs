//! Deferrals 延期申请: asked for by the enterprise, answered by one person of the bank and agreed to by another.

use async_trait::async_trait;
use domain::{
    deferral::DeferralStatus,
    ids::{DrawId, FinancingApplicationId, UserId},
};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::{appeals::Settled, store::StoreError};

/// 延期申请 of one draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deferral {
    pub id: Uuid,
    pub application: FinancingApplicationId,
    pub draw: DrawId,
    pub number: u16,
    pub old_due_on: Date,
    pub wanted_on: Date,
    pub reason: String,
    pub asked_by: UserId,
    pub asked_name: String,
    pub asked_at: OffsetDateTime,
    pub status: DeferralStatus,
    /// The day that the bank answers with.
    pub new_due_on: Option<Date>,
    /// Its words; may be empty where it agrees.
    pub answer: String,
    pub answered: Option<Settled>,
    pub checked: Option<Settled>,
    /// Taken back, or over with the loan.
    pub ended_at: Option<OffsetDateTime>,
}

#[async_trait]
pub trait Deferrals: Send {
    /// `Conflict` while one of the loan is open.
    async fn ask_deferral(&mut self, ask: &Deferral) -> Result<(), StoreError>;

    /// Oldest first.
    async fn deferrals(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<Deferral>, StoreError>;

    /// By the enterprise; `false` when it was answered before.
    async fn withdraw_deferral(&mut self, id: Uuid, at: OffsetDateTime)
    -> Result<bool, StoreError>;

    /// 拟同意, for a second person; `false` when it was answered before.
    async fn propose_deferral(
        &mut self,
        id: Uuid,
        new_due_on: Date,
        answer: &str,
        by: &Settled,
    ) -> Result<bool, StoreError>;

    /// 不同意; `false` when it was answered before.
    async fn decline_deferral(
        &mut self,
        id: Uuid,
        answer: &str,
        by: &Settled,
    ) -> Result<bool, StoreError>;

    /// The second person sends it back to be answered anew; `false` when it does not wait for one.
    async fn return_deferral(&mut self, id: Uuid) -> Result<bool, StoreError>;

    /// The second person agrees: the draw is due on the new day. `false` when it does not wait for one, or the draw says another day.
    async fn agree_deferral(&mut self, ask: &Deferral, by: &Settled) -> Result<bool, StoreError>;

    /// 结清: what waits is over.
    async fn lapse_deferrals(
        &mut self,
        application: FinancingApplicationId,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;
}
