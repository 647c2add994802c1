//! Enterprise files 企业材料: rows that say what a sealed object is.

use async_trait::async_trait;
use domain::ids::{EnterpriseId, FileId, UserId};
use time::OffsetDateTime;

use super::{scanner::Scan, store::StoreError};

/// A stored file: its object is sealed under `enterprise_files / <id> / object`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow {
    pub id: FileId,
    pub enterprise: EnterpriseId,
    /// `licence`, `id_front`, `id_back`, or the code of a material.
    pub kind: String,
    pub object_key: String,
    /// `image/jpeg` or `application/pdf`.
    pub media_type: String,
    pub byte_size: i32,
    pub width: Option<i32>,
    pub height: Option<i32>,
    pub sha256: Vec<u8>,
    /// What is known of it (S-26).
    pub scan: Scan,
    pub created_by: UserId,
    pub created_at: OffsetDateTime,
}

/// How much an enterprise keeps (S-26).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub files: i64,
    pub bytes: i64,
}

#[async_trait]
pub trait EnterpriseFiles: Send {
    /// Files that are not replaced, oldest first.
    async fn current_files(&mut self, of: EnterpriseId) -> Result<Vec<FileRow>, StoreError>;
    /// One of them.
    async fn current_file(&mut self, id: FileId) -> Result<Option<FileRow>, StoreError>;
    /// One of them, or one that was replaced since and that an application still holds.
    async fn own_file(&mut self, id: FileId) -> Result<Option<FileRow>, StoreError>;
    async fn insert_file(&mut self, file: &FileRow) -> Result<(), StoreError>;
    /// Takes the current files of a kind out of use; answers them.
    async fn retire_files(
        &mut self,
        of: EnterpriseId,
        kind: &str,
        at: OffsetDateTime,
    ) -> Result<Vec<FileRow>, StoreError>;
    /// Takes one file out of use, unless an application holds it; answers it when it went.
    async fn retire_file(
        &mut self,
        id: FileId,
        at: OffsetDateTime,
    ) -> Result<Option<FileRow>, StoreError>;
    /// Whether an application holds this object, so that it must stay.
    async fn in_application(&mut self, object_key: &str) -> Result<bool, StoreError>;
    /// Files of which nothing is known and that were not asked about since `before`, the longest unasked first. For the city's
    /// worker.
    async fn to_scan(
        &mut self,
        before: OffsetDateTime,
        at_most: i64,
    ) -> Result<Vec<FileRow>, StoreError>;
    /// What came out, here and wherever an application holds the file; an infected one goes out of use. Answers whether it was
    /// still in use.
    async fn set_scan(
        &mut self,
        file: &FileRow,
        scan: Scan,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError>;
    /// Nothing came out, and it counts as asked about at `asked`.
    async fn put_off_scan(&mut self, id: FileId, asked: OffsetDateTime) -> Result<(), StoreError>;
    async fn usage(&mut self, of: EnterpriseId) -> Result<Usage, StoreError>;
    /// Retention (S-35): files of enterprises whose information is not complete and that have neither added nor removed one since
    /// `since`, held by no application; locked together with their enterprise. For the city's worker.
    async fn unsent_files(
        &mut self,
        since: OffsetDateTime,
        at_most: i64,
    ) -> Result<Vec<FileRow>, StoreError>;
    /// Takes the rows away; their objects go after them.
    async fn forget_files(&mut self, ids: &[FileId]) -> Result<(), StoreError>;
}
