//! Messages 消息: in-site messages of an enterprise, or of the staff of one node.

use async_trait::async_trait;
use domain::{
    ids::{EnterpriseId, MessageId, TenantId},
    vocabulary,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::store::StoreError;

vocabulary! {
    /// 短信送达 of an in-site message, as its reader reads it.
    Ring {
        Sending = "sending" / "短信：发送中",
        Sent = "sent" / "短信：已发送",
        Delivered = "delivered" / "短信：已送达",
        Failed = "failed" / "短信：未送达",
        Wechat = "wechat" / "微信：已发送",
    }
}

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
    /// How the message to the phone fares that goes with it, if there is one (W13).
    pub sms: Option<Ring>,
}

#[async_trait]
pub trait Messages: Send {
    /// False when one with this key is there already.
    async fn put(&mut self, message: &NewMessage) -> Result<bool, StoreError>;

    /// A notice to a phone goes with the city's message of this key.
    async fn rings(&mut self, key: &str, notice: Uuid) -> Result<(), StoreError>;

    /// It went out, or people have to look at it.
    async fn rang(&mut self, notice: Uuid, out: bool) -> Result<(), StoreError>;

    /// What the providers' receipts say of messages since an instant.
    async fn hear_receipts(&mut self, since: OffsetDateTime) -> Result<(), StoreError>;

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
        after: Option<(OffsetDateTime, Uuid)>,
        most: i64,
    ) -> Result<Vec<MessageRow>, StoreError>;

    /// How many there are, read and unread.
    async fn count_messages(&mut self) -> Result<(u64, u64), StoreError>;

    async fn message(&mut self, id: MessageId) -> Result<Option<MessageRow>, StoreError>;

    async fn mark_read(&mut self, id: MessageId, at: OffsetDateTime) -> Result<(), StoreError>;

    async fn mark_all_read(&mut self, at: OffsetDateTime) -> Result<u64, StoreError>;
}
