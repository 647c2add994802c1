//! Reconsiderations 复议申请, the enterprise's side: asked once, and how it stands (row 23).

use async_trait::async_trait;
use domain::{
    ids::{FinancingApplicationId, UserId},
    vocabulary,
};
use time::OffsetDateTime;

use super::store::StoreError;

vocabulary! {
    /// 复议申请 stands at, as the enterprise reads it.
    ReconsiderationStatus {
        Open = "open" / "等待机构总部答复",
        Accepted = "accepted" / "已受理，重新审批",
        Declined = "declined" / "未受理",
    }
}

/// 复议申请.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconsideration {
    pub application: FinancingApplicationId,
    pub facts: String,
    pub asked_by: UserId,
    pub asked_name: String,
    pub asked_at: OffsetDateTime,
    pub status: ReconsiderationStatus,
    /// What headquarters answered.
    pub note: String,
}

#[async_trait]
pub trait Reconsiderations: Send {
    /// `Conflict` when it was asked before.
    async fn ask_reconsideration(&mut self, ask: &Reconsideration) -> Result<(), StoreError>;

    async fn reconsideration(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Option<Reconsideration>, StoreError>;
}
