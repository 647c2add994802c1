//! Approvals 审批: what a bank has set, who signed what, and what waits for whom.

use async_trait::async_trait;
use domain::{
    financing::ContentHash,
    ids::{FinancingApplicationId, TenantId, UserId},
    tenant::Role,
    values::Cents,
    vocabulary,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{branch_board::BoardRow, store::StoreError};

/// 审批设置 of an institution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankSettings {
    /// The role of each step, first to last.
    pub steps: Vec<Role>,
    /// Branches decide up to here in one step; `None`: never.
    pub single_step_up_to: Option<Cents>,
}

vocabulary! {
    /// What somebody signed.
    SignedVerdict {
        Agree = "agree" / "同意",
        Approve = "approve" / "通过",
        Reject = "reject" / "不通过",
        Return = "return" / "退回经办",
    }
}

/// 审批签署: one signature over one content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSignature {
    pub id: Uuid,
    pub application: FinancingApplicationId,
    pub round: u16,
    pub step: u8,
    pub signer: UserId,
    pub signer_name: String,
    pub signer_role: Role,
    pub verdict: SignedVerdict,
    pub content: ContentHash,
    /// The very text that the hash is of (H6), whatever is written later; empty where it was signed before the text was kept.
    pub signed: String,
    pub opinion: String,
    pub at: OffsetDateTime,
}

/// One row of 待我审批.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingRow {
    pub row: BoardRow,
    pub handler_name: String,
    /// The proposed amount, and which step of how many.
    pub proposed: Cents,
    pub step: i32,
    pub steps: i32,
}

/// Whose signatures are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingFor {
    pub person: UserId,
    pub roles: Vec<Role>,
    /// Only what this branch itself holds; `None`: everything within reach.
    pub branch: Option<TenantId>,
}

#[async_trait]
pub trait Approvals: Send {
    /// `None`: the bank has set nothing yet.
    async fn settings(&mut self, bank: TenantId) -> Result<Option<BankSettings>, StoreError>;

    async fn sign(&mut self, signature: &StoredSignature) -> Result<(), StoreError>;

    /// Every signature of every round, oldest first.
    async fn signatures(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<StoredSignature>, StoreError>;

    /// What waits for this person's signature, what is due first first.
    async fn waiting(
        &mut self,
        whose: &WaitingFor,
        most: i64,
    ) -> Result<Vec<WaitingRow>, StoreError>;
}
