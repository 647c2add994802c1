//! Webhooks 事件推送: where an institution hears of its applications, what waits to be told, and who tells it.

use async_trait::async_trait;
use domain::{
    ids::{TenantId, UserId},
    vocabulary,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::store::StoreError;

/// 推送地址 of an institution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredHook {
    /// The row of the sealed secret; new with every address.
    pub id: Uuid,
    pub url: String,
    pub active: bool,
    pub set_by: UserId,
    pub set_name: String,
    pub set_at: OffsetDateTime,
}

vocabulary! {
    /// 推送状态.
    DeliveryStatus {
        Waiting = "waiting" / "待推送",
        Done = "done" / "已送达",
        Parked = "parked" / "推送失败",
    }
}

/// 推送记录.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub id: Uuid,
    pub event: String,
    pub created_at: OffsetDateTime,
    pub tries: i32,
    pub status: DeliveryStatus,
    /// The HTTP status of the last try.
    pub answered: Option<i32>,
    pub last_error: String,
}

/// A bank for whom something is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueHook {
    pub bank: TenantId,
    pub url: String,
    /// Since when the first of it is due.
    pub since: OffsetDateTime,
}

/// Something to tell, and to whom.
#[derive(Clone, Debug)]
pub struct DueDelivery {
    pub tenant: TenantId,
    pub id: Uuid,
    pub event: String,
    pub body: String,
    pub tries: i32,
    pub hook: Uuid,
    pub url: String,
    pub secret_sealed: Vec<u8>,
}

/// How a try ended.
#[derive(Clone, Debug)]
pub struct Told {
    pub status: Option<u16>,
    pub error: String,
    /// When to try again; `None` with an error: people look at it.
    pub next_at: Option<OffsetDateTime>,
    pub delivered: bool,
}

#[async_trait]
pub trait Webhooks: Send {
    /// The address of an institution within reach.
    async fn hook(&mut self, bank: TenantId) -> Result<Option<StoredHook>, StoreError>;
    /// Sets the address of the own institution; what waited goes there.
    async fn set_hook(&mut self, hook: &StoredHook, secret_sealed: &[u8])
    -> Result<(), StoreError>;
    /// 停止推送: what waited is parked; `false` when nothing was set.
    async fn stop_hook(&mut self, at: OffsetDateTime) -> Result<bool, StoreError>;
    /// Adds something to tell; the same id once only.
    async fn put_delivery(
        &mut self,
        bank: TenantId,
        id: Uuid,
        event: &str,
        body: &str,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;
    /// Newest first.
    async fn deliveries(&mut self, most: i64) -> Result<Vec<Delivery>, StoreError>;
    /// Sends a parked one again; `false` when it is not parked.
    async fn send_again(&mut self, id: Uuid, at: OffsetDateTime) -> Result<bool, StoreError>;
    /// The institutions within reach for whom something is due, however much it is.
    async fn due_hooks(&mut self, now: OffsetDateTime) -> Result<Vec<DueHook>, StoreError>;
    /// What has been due to an institution within reach for the longest, leased until an instant.
    async fn take_due_delivery(
        &mut self,
        bank: TenantId,
        now: OffsetDateTime,
        lease_until: OffsetDateTime,
    ) -> Result<Option<DueDelivery>, StoreError>;
    async fn told(
        &mut self,
        bank: TenantId,
        id: Uuid,
        outcome: &Told,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;
}

/// One call, signed already.
#[derive(Clone, Debug)]
pub struct Call {
    pub url: String,
    pub id: Uuid,
    pub event: String,
    pub timestamp: i64,
    /// Hexadecimal.
    pub signature: String,
    pub body: String,
}

/// Why nobody answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The address is not one that we call.
    #[error("the address is not allowed: {0}")]
    NotAllowed(&'static str),
    #[error("{0}")]
    Unreachable(String),
}

/// Who calls 推送服务: out-bound, to addresses that banks have named (S-44).
#[async_trait]
pub trait HookCaller: Send + Sync {
    /// The address in its plain form, or the code of what is wrong with it.
    fn admits(&self, url: &str) -> Result<String, &'static str>;
    /// True for a while after an address was silent too often in a row (S-43): it is left alone then.
    fn rests(&self, url: &str) -> bool;
    /// The status that came back. Never follows a redirect, never reaches into a private network.
    async fn call(&self, call: &Call) -> Result<u16, CallError>;
}
