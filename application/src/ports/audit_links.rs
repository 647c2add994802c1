//! Audit links 日志链: each entry of a city hashed with the one before it, so that nobody edits history unseen (S-30, S-47).

use async_trait::async_trait;
use uuid::Uuid;

use super::store::StoreError;

/// Which log an entry stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    Audit,
    View,
}

impl EntryKind {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::View => "view",
        }
    }
}

/// An entry as the chain reads it: `text` holds every column in one fixed form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainEntry {
    pub kind: EntryKind,
    pub id: Uuid,
    pub text: String,
}

/// A link with the entry that it names; `text` is `None` when the entry is gone, by right when it is `retired` (S-35).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainLink {
    pub seq: i64,
    pub kind: EntryKind,
    pub id: Uuid,
    pub hash: Vec<u8>,
    pub text: Option<String>,
    pub retired: bool,
}

#[async_trait]
pub trait AuditLinks: Send {
    /// The last link; nobody else links this city until the commit.
    async fn lock_last(&mut self) -> Result<Option<(i64, Vec<u8>)>, StoreError>;
    /// Entries without a link, oldest first.
    async fn unlinked(&mut self, most: i64) -> Result<Vec<ChainEntry>, StoreError>;
    async fn link(&mut self, seq: i64, entry: &ChainEntry, hash: &[u8]) -> Result<(), StoreError>;
    /// Links after `seq`, in order, with their entries as they stand now.
    async fn links_after(&mut self, seq: i64, most: i64) -> Result<Vec<ChainLink>, StoreError>;
}
