//! Attempts 登录尝试: all that a sign-in asks of the door before a password is looked at, in one transaction.

use async_trait::async_trait;
use domain::ids::TenantId;
use time::OffsetDateTime;

use super::{
    accounts::{Account, AccountName},
    limits::{LimitAsk, OverLimit},
    sessions::SessionKind,
    store::StoreError,
};

#[async_trait]
pub trait Attempts: Send + Sync {
    async fn begin(&self) -> Result<Box<dyn Attempt>, StoreError>;
}

/// 登录尝试: dropped before it is [`done`](Attempt::done), nothing of it was ever asked; nobody is answered before that.
#[async_trait]
pub trait Attempt: Send {
    /// [`Captchas::take`](super::codes::Captchas::take).
    async fn take_captcha(
        &mut self,
        session_hash: &[u8; 32],
        form: &str,
        at: OffsetDateTime,
    ) -> Result<Option<Vec<u8>>, StoreError>;
    /// [`Accounts::find`](super::accounts::Accounts::find).
    async fn find(
        &mut self,
        city: TenantId,
        kind: SessionKind,
        name: &AccountName,
    ) -> Result<Option<Account>, StoreError>;
    /// [`Limits::take`](super::limits::Limits::take). Last: everybody who names one of the buckets waits until this is done.
    async fn count(
        &mut self,
        asks: &[LimitAsk],
        at: OffsetDateTime,
    ) -> Result<Option<OverLimit>, StoreError>;
    async fn done(self: Box<Self>) -> Result<(), StoreError>;
}
