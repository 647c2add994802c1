//! Messages 消息: in-site messages of an enterprise, or of the staff of one node.

use async_trait::async_trait;
use domain::ids::{EnterpriseId, MessageId, TenantId};
use time::OffsetDateTime;

use super::store::StoreError;

/// A message to put into somebody's box, once per key.
#[derive(Clone, Debug)]
pub struct NewMessage {
    pub id: MessageId,
    /// The city for enterprises, the own node for staff.
    pub to: TenantId,
    /// `None`: for the staff of the node.
    pub enterprise: Option<EnterpriseId>,
    /// A second one with the same key is not put in.
    pub dedupe_key: String,
    pub title: String,
    pub body: String,
    /// An own path.
    pub link: String,
    pub at: OffsetDateTime,
}

/// A message as its reader sees it.
#[derive(Clone, Debug)]
pub struct MessageRow {
    pub id: MessageId,
    pub title: String,
    pub body: String,
    pub link: String,
    pub at: OffsetDateTime,
    pub read_at: Option<OffsetDateTime>,
}

#[async_trait]
pub trait Messages: Send {
    /// False when one with this key is there already.
    async fn put(&mut self, message: &NewMessage) -> Result<bool, StoreError>;

    /// The reader's own, newest first.
    async fn messages(
        &mut self,
        unread_only: bool,
        skip: i64,
        most: i64,
    ) -> Result<Vec<MessageRow>, StoreError>;

    /// The reader's own that follow one, newest first: pages that hold while new ones come in.
    async fn messages_after(
        &mut self,
        unread_only: bool,
        after: Option<(OffsetDateTime, uuid::Uuid)>,
        most: i64,
    ) -> Result<Vec<MessageRow>, StoreError>;

    /// How many there are, read and unread.
    async fn count_messages(&mut self) -> Result<(u64, u64), StoreError>;

    async fn message(&mut self, id: MessageId) -> Result<Option<MessageRow>, StoreError>;

    async fn mark_read(&mut self, id: MessageId, at: OffsetDateTime) -> Result<(), StoreError>;

    async fn mark_all_read(&mut self, at: OffsetDateTime) -> Result<u64, StoreError>;
}
