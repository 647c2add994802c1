//! Uploads 分段上传 on their way: what has arrived, and where to go on.

use async_trait::async_trait;
use domain::ids::{EnterpriseId, FileId, UserId};
use time::OffsetDateTime;
use uuid::Uuid;

use super::store::StoreError;

/// An upload under way, of the person who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    pub id: Uuid,
    pub enterprise: EnterpriseId,
    pub user: UserId,
    pub byte_size: i32,
    /// So many bytes have arrived: where the next piece begins.
    pub received: i32,
    pub created_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
    /// What it became, or is becoming.
    pub file: Option<FileId>,
    /// What for, as the field that it was given at.
    pub became: String,
}

#[async_trait]
pub trait Uploads: Send {
    async fn add_upload(&mut self, upload: &Upload) -> Result<(), StoreError>;
    /// One's own and not over; locked, so that pieces come one after the other.
    async fn upload(&mut self, id: Uuid, at: OffsetDateTime) -> Result<Option<Upload>, StoreError>;
    /// Ends one's oldest that are under way, so that `most` are left.
    async fn make_room(&mut self, at: OffsetDateTime, most: i64) -> Result<(), StoreError>;
    /// Adds a sealed piece that begins where the last one ended.
    async fn add_piece(
        &mut self,
        upload: &Upload,
        bytes: i32,
        sealed: &[u8],
    ) -> Result<(), StoreError>;
    /// Every piece with where it begins, in order.
    async fn pieces(&mut self, id: Uuid) -> Result<Vec<(i32, Vec<u8>)>, StoreError>;
    /// It is to become this file; `false` when it became one before.
    async fn claim_upload(
        &mut self,
        id: Uuid,
        file: FileId,
        became: &str,
    ) -> Result<bool, StoreError>;
    /// It became nothing yet.
    async fn release_upload(&mut self, id: Uuid) -> Result<(), StoreError>;
    /// It became a file: the pieces go.
    async fn drop_pieces(&mut self, id: Uuid) -> Result<(), StoreError>;
    /// It is over: nobody finds it any more.
    async fn end_upload(&mut self, id: Uuid, at: OffsetDateTime) -> Result<(), StoreError>;
}
