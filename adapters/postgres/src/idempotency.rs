//! Idempotency 幂等键 on PostgreSQL: the unique row makes a second request wait for the first one's commit.

use application::ports::{
    idempotency::{Claim, Idempotency},
    store::StoreError,
};
use async_trait::async_trait;
use serde_json::Value;
use time::OffsetDateTime;

use crate::{errors::store_error, store::PgUnitOfWork};

#[async_trait]
impl Idempotency for PgUnitOfWork {
    async fn claim(
        &mut self,
        action: &str,
        key: &str,
        body_hash: &[u8; 32],
        at: OffsetDateTime,
    ) -> Result<Claim, StoreError> {
        let taken = sqlx::query(
            "insert into idempotency_keys (tenant_id, user_id, action, key, body_hash, created_at)
             values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        )
        .bind(self.tenant.0)
        .bind(self.person)
        .bind(action)
        .bind(key)
        .bind(body_hash.as_slice())
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        if taken.rows_affected() > 0 {
            return Ok(Claim::Fresh);
        }
        let (hash, answer): (Vec<u8>, Value) = sqlx::query_as(
            "select body_hash, answer from idempotency_keys
             where tenant_id = $1 and user_id = $2 and action = $3 and key = $4",
        )
        .bind(self.tenant.0)
        .bind(self.person)
        .bind(action)
        .bind(key)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(if hash == body_hash {
            Claim::Replay(answer)
        } else {
            Claim::Other
        })
    }

    async fn answer(&mut self, action: &str, key: &str, answer: Value) -> Result<(), StoreError> {
        sqlx::query(
            "update idempotency_keys set answer = $5
             where tenant_id = $1 and user_id = $2 and action = $3 and key = $4",
        )
        .bind(self.tenant.0)
        .bind(self.person)
        .bind(action)
        .bind(key)
        .bind(answer)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }
}
