//! Imports 导入: what was sent and how far it is, and the rows that were not taken.

use async_trait::async_trait;
use domain::{
    ids::{TenantId, UserId},
    vocabulary,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::store::StoreError;

vocabulary! {
    /// What a file holds.
    ImportKind {
        Draws = "draws" / "放款记录",
        Repayments = "repayments" / "还款记录",
        Referrals = "referrals" / "推荐清单",
        Visits = "visits" / "走访清单",
    }
}

vocabulary! {
    /// How far an import has come.
    ImportStatus {
        Queued = "queued" / "排队中",
        Working = "working" / "导入中",
        Done = "done" / "已完成",
        Failed = "failed" / "未完成",
    }
}

/// A stored import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredImport {
    pub id: Uuid,
    pub tenant: TenantId,
    pub kind: ImportKind,
    pub content_hash: Vec<u8>,
    pub asked_by: UserId,
    pub asked_name: String,
    pub asked_at: OffsetDateTime,
    pub status: ImportStatus,
    pub rows_total: i32,
    pub rows_done: i32,
    pub rows_kept: i32,
    pub tries: i32,
    pub cause: String,
    pub object_key: Option<String>,
    pub ended_at: Option<OffsetDateTime>,
}

impl StoredImport {
    /// Rows that were not taken.
    pub fn rows_bad(&self) -> i32 {
        self.rows_done - self.rows_kept
    }
}

/// A row that was not taken; its cells are sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    pub id: Uuid,
    /// As the spreadsheet program counts.
    pub number: i32,
    pub cells_sealed: Vec<u8>,
    /// The column, as the texts name it.
    pub field: String,
    pub cause: String,
    /// What fills the text; further faults of the row stand among them ([`Self::faults`]).
    pub params: Vec<(String, String)>,
}

/// One fault of a row: its column, the key of its text, and what fills it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowFault {
    pub field: String,
    pub cause: String,
    pub params: Vec<(String, String)>,
}

impl BadRow {
    /// Everything that is wrong with the row, the first column first.
    pub fn faults(&self) -> Vec<RowFault> {
        let (more, own): (Vec<_>, Vec<_>) = self
            .params
            .iter()
            .cloned()
            .partition(|(name, _)| name.starts_with('+'));
        let first = RowFault {
            field: self.field.clone(),
            cause: self.cause.clone(),
            params: own,
        };
        let others = more.iter().map(|(_, text)| {
            let mut parts = text.split('|').map(str::to_owned);
            RowFault {
                field: parts.next().unwrap_or_default(),
                cause: parts.next().unwrap_or_default(),
                params: parts
                    .filter_map(|pair| {
                        let (name, value) = pair.split_once('=')?;
                        Some((name.to_owned(), value.to_owned()))
                    })
                    .collect(),
            }
        });
        std::iter::once(first).chain(others).collect()
    }
}

#[async_trait]
pub trait Imports: Send {
    /// `Conflict` when this file was sent before.
    async fn insert_import(&mut self, import: &StoredImport) -> Result<(), StoreError>;

    async fn import(&mut self, id: Uuid) -> Result<Option<StoredImport>, StoreError>;

    /// The same file, unless it failed.
    async fn import_of_file(
        &mut self,
        kind: ImportKind,
        content_hash: &[u8],
    ) -> Result<Option<StoredImport>, StoreError>;

    /// Newest first; only these kinds.
    async fn imports(
        &mut self,
        kinds: &[ImportKind],
        most: i64,
    ) -> Result<Vec<StoredImport>, StoreError>;

    /// The files of a 走访清单, newest first.
    async fn imports_of_list(
        &mut self,
        list: Uuid,
        most: i64,
    ) -> Result<Vec<StoredImport>, StoreError>;

    /// In order of their numbers.
    async fn bad_rows(&mut self, import: Uuid, most: i64) -> Result<Vec<BadRow>, StoreError>;

    /// Whom the worker has something to work off for; read by the city.
    async fn imports_due(
        &mut self,
        now: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<(Uuid, UserId)>, StoreError>;

    /// Takes it up: nobody else does until the lease is over. `None` when somebody was faster.
    async fn take_import(
        &mut self,
        id: Uuid,
        now: OffsetDateTime,
        lease_until: OffsetDateTime,
    ) -> Result<Option<StoredImport>, StoreError>;

    /// Notes how far it is, with the rows that were not taken since; `false` when another worker has taken it up.
    async fn note_import(
        &mut self,
        import: &StoredImport,
        bad: &[BadRow],
        lease_until: OffsetDateTime,
    ) -> Result<bool, StoreError>;

    /// It ends before its last row; answers the key of the upload, which nothing names any more.
    async fn end_import(
        &mut self,
        id: Uuid,
        cause: &str,
        at: OffsetDateTime,
    ) -> Result<Option<String>, StoreError>;
}
