//! Deliveries 消息投递: notices that were parked because they could not be delivered, for people to look at (S-42).

use async_trait::async_trait;
use time::OffsetDateTime;
use uuid::Uuid;

use super::store::StoreError;

/// A notice that waits for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkedNotice {
    pub id: Uuid,
    pub topic: String,
    pub payload: serde_json::Value,
    pub tries: i32,
    pub created_at: OffsetDateTime,
    pub parked_at: OffsetDateTime,
    /// As the worker noted it; not for people.
    pub last_error: String,
}

/// 放弃投递.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenUp {
    pub by_name: String,
    pub reason: String,
    pub at: OffsetDateTime,
}

#[async_trait]
pub trait Deliveries: Send {
    /// Oldest first.
    async fn parked(&mut self, most: i64) -> Result<Vec<ParkedNotice>, StoreError>;
    /// One of them, locked.
    async fn parked_one(&mut self, id: Uuid) -> Result<Option<ParkedNotice>, StoreError>;
    /// The worker takes it again as if it were new.
    async fn take_up_again(&mut self, id: Uuid, at: OffsetDateTime) -> Result<(), StoreError>;
    /// Nobody tries it again.
    async fn give_up(&mut self, id: Uuid, how: &GivenUp) -> Result<(), StoreError>;
}
