//! Demo inbox 演示收件箱: what the demonstration SMS provider "sent"; unused in production.

use async_trait::async_trait;
use domain::ids::TenantId;
use time::OffsetDateTime;
use uuid::Uuid;

use super::store::StoreError;

/// A message as the demonstration shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoSms {
    pub phone_masked: String,
    pub text: String,
    pub at: OffsetDateTime,
}

#[async_trait]
pub trait DemoInbox: Send + Sync {
    /// `id` is time-ordered, so that the newest of one instant is known as well.
    async fn put(&self, city: TenantId, id: Uuid, sms: &DemoSms) -> Result<(), StoreError>;
    /// Newest first.
    async fn latest(&self, city: TenantId, most: i64) -> Result<Vec<DemoSms>, StoreError>;
}
