//! Outbox 发件箱: written in the same transaction as the change, delivered afterwards, at least once.

use async_trait::async_trait;
use time::OffsetDateTime;
use uuid::Uuid;

use super::store::StoreError;

/// A notice to be delivered. Payloads name people and things by id only.
#[derive(Clone, Debug)]
pub struct OutboxNotice {
    pub id: Uuid,
    pub topic: String,
    pub payload: serde_json::Value,
    pub tries: i32,
    pub created_at: OffsetDateTime,
    /// Since when its provider has been away.
    pub waiting_since: Option<OffsetDateTime>,
    /// When WeChat was asked to send it and did not clearly say no: it may have gone out.
    pub wechat_asked_at: Option<OffsetDateTime>,
}

#[async_trait]
pub trait Outbox: Send {
    /// Adds a notice for the city of this unit of work.
    async fn push(
        &mut self,
        id: Uuid,
        topic: &str,
        payload: serde_json::Value,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;

    /// Due notices, locked against other workers until the commit.
    async fn take_due(
        &mut self,
        now: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<OutboxNotice>, StoreError>;

    /// Leaves it to nobody else until an instant, while its provider is asked; no try is counted.
    async fn put_off(&mut self, id: Uuid, until: OffsetDateTime) -> Result<(), StoreError>;

    /// Puts it off until it may go out: the time until then is no time without its provider.
    async fn hold(
        &mut self,
        id: Uuid,
        until: OffsetDateTime,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;

    /// Puts it off because its provider is away, busy or owes an answer; no try is counted.
    async fn wait(
        &mut self,
        id: Uuid,
        until: OffsetDateTime,
        why: &str,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;

    /// Notes that WeChat is about to be asked, or with `None` that it sent nothing.
    async fn asked_wechat(
        &mut self,
        id: Uuid,
        at: Option<OffsetDateTime>,
    ) -> Result<(), StoreError>;

    async fn done(&mut self, id: Uuid, at: OffsetDateTime) -> Result<(), StoreError>;

    /// Puts it off to `next_at`, or parks it for people when `None`.
    async fn failed(
        &mut self,
        id: Uuid,
        next_at: Option<OffsetDateTime>,
        error: &str,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;
}
