//! Corrections 更正放款 and 更正还款: proposed by one person, settled by another; what stood there before stays.

use async_trait::async_trait;
use domain::{
    financing::{DrawChange, RepaymentChange},
    ids::{DrawId, FinancingApplicationId, RepaymentId, UserId},
    tenant::Role,
    values::Cents,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    appeals::{CorrectionStatus, Settled},
    store::StoreError,
};

/// What is corrected: one draw, or one repayment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoanChange {
    Draw(DrawId, DrawChange),
    Repayment(RepaymentId, RepaymentChange),
}

/// 更正 of what was recorded of a loan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoanCorrection {
    pub id: Uuid,
    pub application: FinancingApplicationId,
    pub change: LoanChange,
    pub reason: String,
    pub asked_by: UserId,
    pub asked_name: String,
    /// As which of their roles they proposed it.
    pub asked_role: Role,
    pub asked_at: OffsetDateTime,
    pub status: CorrectionStatus,
    pub settled_name: String,
    pub settled_at: Option<OffsetDateTime>,
    /// Why it was taken back; may be empty.
    pub withdrawal: String,
}

#[async_trait]
pub trait LoanCorrections: Send {
    /// `Conflict` while one of the application is open.
    async fn ask_loan_correction(&mut self, ask: &LoanCorrection) -> Result<(), StoreError>;

    /// Oldest first; an enterprise sees only what was confirmed.
    async fn loan_corrections(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<LoanCorrection>, StoreError>;

    /// `false` when it was settled before.
    async fn settle_loan_correction(
        &mut self,
        id: Uuid,
        confirmed: bool,
        settled: &Settled,
    ) -> Result<bool, StoreError>;

    /// 撤回 by whoever asked; `false` when it was settled before.
    async fn withdraw_loan_correction(
        &mut self,
        id: Uuid,
        reason: &str,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError>;

    /// Writes what a confirmed one says, and what was owed after each of these repayments. A draw is to be confirmed anew.
    async fn apply_loan_correction(
        &mut self,
        correction: &LoanCorrection,
        owed: &[(RepaymentId, Cents)],
    ) -> Result<(), StoreError>;
}
