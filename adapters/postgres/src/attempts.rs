//! Attempts 登录尝试 on PostgreSQL: captcha, account and counters in one transaction of the door.

use application::ports::{
    accounts::{Account, AccountName},
    attempts::{Attempt, Attempts},
    limits::{LimitAsk, OverLimit},
    sessions::SessionKind,
    store::StoreError,
};
use async_trait::async_trait;
use domain::ids::TenantId;
use sqlx::{Postgres, Transaction};
use time::OffsetDateTime;

use crate::{accounts, codes, door::PgDoor, errors::store_error, limits};

struct PgAttempt(Transaction<'static, Postgres>);

#[async_trait]
impl Attempts for PgDoor {
    async fn begin(&self) -> Result<Box<dyn Attempt>, StoreError> {
        Ok(Box::new(PgAttempt(self.begin().await?)))
    }
}

#[async_trait]
impl Attempt for PgAttempt {
    async fn take_captcha(
        &mut self,
        session_hash: &[u8; 32],
        form: &str,
        at: OffsetDateTime,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        codes::take_captcha(&mut self.0, session_hash, form, at).await
    }

    async fn find(
        &mut self,
        city: TenantId,
        kind: SessionKind,
        name: &AccountName,
    ) -> Result<Option<Account>, StoreError> {
        accounts::find(&mut self.0, city, kind, name).await
    }

    async fn count(
        &mut self,
        asks: &[LimitAsk],
        at: OffsetDateTime,
    ) -> Result<Option<OverLimit>, StoreError> {
        limits::take(&mut self.0, asks, at).await
    }

    async fn done(self: Box<Self>) -> Result<(), StoreError> {
        self.0.commit().await.map_err(store_error)
    }
}
