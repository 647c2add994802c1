//! Moves 跨支行转派: headquarters asks the enterprise whether another branch may take over what a branch had accepted (row 17).
//!
//! Headquarters asks, the enterprise answers, headquarters completes or calls it off; the walls of the table follow the application.

use async_trait::async_trait;
use domain::{
    ids::{FinancingApplicationId, TenantId, UserId},
    vocabulary,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::store::StoreError;

vocabulary! {
    /// 转派征询 stands at.
    MoveStatus {
        Open = "open" / "等待企业答复",
        Agreed = "agreed" / "企业已同意",
        Declined = "declined" / "企业不同意",
        Done = "done" / "已转派",
        Cancelled = "cancelled" / "已取消",
    }
}

impl MoveStatus {
    /// Something is still to be done: by the enterprise while open, by headquarters once it agreed.
    pub const fn is_running(self) -> bool {
        matches!(self, Self::Open | Self::Agreed)
    }
}

/// One question to the enterprise, with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoveRequest {
    pub id: Uuid,
    pub application: FinancingApplicationId,
    pub to_branch: TenantId,
    pub to_branch_name: String,
    /// Told to the enterprise: it decides on it.
    pub reason: String,
    pub asked_by: UserId,
    pub asked_name: String,
    pub asked_at: OffsetDateTime,
    pub status: MoveStatus,
    pub answered_at: Option<OffsetDateTime>,
    pub answer_note: String,
}

#[async_trait]
pub trait Moves: Send {
    /// Headquarters asks; `Conflict("move_requests_one_open")` while one is running.
    async fn ask_move(&mut self, ask: &MoveRequest) -> Result<(), StoreError>;

    /// The question that is running (open or agreed), if any. Both sides read it.
    async fn running_move(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Option<MoveRequest>, StoreError>;

    /// Every question about an application, newest first. Both sides read them.
    async fn moves_of(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<MoveRequest>, StoreError>;

    /// The enterprise answers; `false` when the question is no longer open. Whoever calls it pushes `move.answered`
    /// (`application`, `move`, `branch`, `agreed`) into the outbox: headquarters reads it as a message.
    async fn answer_move(
        &mut self,
        id: Uuid,
        agreed: bool,
        note: &str,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError>;

    /// Headquarters ends a running question as [`MoveStatus::Done`] or [`MoveStatus::Cancelled`]; `false` when it is over already.
    async fn end_move(&mut self, id: Uuid, status: MoveStatus) -> Result<bool, StoreError>;
}
