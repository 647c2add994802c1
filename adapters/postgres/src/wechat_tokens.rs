//! Access tokens 接口调用凭据 on PostgreSQL: a row per mini-program, which one process at a time renews.

use application::ports::{
    store::StoreError,
    wechat::{AccessTokens, LeaseTerm, SharedToken},
};
use async_trait::async_trait;
use domain::ids::TenantId;
use time::OffsetDateTime;

use crate::{door::PgDoor, errors::store_error};

#[async_trait]
impl AccessTokens for PgDoor {
    async fn read(&self, city: TenantId, app_id: &str) -> Result<Option<SharedToken>, StoreError> {
        let mut tx = self.begin().await?;
        let row: Option<(Vec<u8>, OffsetDateTime)> = sqlx::query_as(
            "select token_sealed, expires_at from wechat_tokens
             where tenant_id = $1 and app_id = $2 and token_sealed is not null",
        )
        .bind(city.0)
        .bind(app_id)
        .fetch_optional(&mut *tx)
        .await
        .map_err(store_error)?;
        Ok(row.map(|(sealed, expires_at)| SharedToken { sealed, expires_at }))
    }

    async fn lease(
        &self,
        city: TenantId,
        app_id: &str,
        term: LeaseTerm,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "insert into wechat_tokens (tenant_id, app_id, lease_until) values ($1, $2, $4)
             on conflict (tenant_id, app_id) do update set lease_until = $4
             where (wechat_tokens.lease_until is null or wechat_tokens.lease_until <= $3)
               and (wechat_tokens.expires_at is null or wechat_tokens.expires_at <= $5)",
        )
        .bind(city.0)
        .bind(app_id)
        .bind(term.now)
        .bind(term.until)
        .bind(term.fresh_after)
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        tx.commit().await.map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn put(
        &self,
        city: TenantId,
        app_id: &str,
        token: &SharedToken,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "insert into wechat_tokens (tenant_id, app_id, token_sealed, expires_at) values ($1, $2, $3, $4)
             on conflict (tenant_id, app_id) do update set token_sealed = $3, expires_at = $4, lease_until = null",
        )
        .bind(city.0)
        .bind(app_id)
        .bind(&token.sealed)
        .bind(token.expires_at)
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        tx.commit().await.map_err(store_error)
    }

    async fn drop_if(&self, city: TenantId, app_id: &str, sealed: &[u8]) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "update wechat_tokens set token_sealed = null, expires_at = null
             where tenant_id = $1 and app_id = $2 and token_sealed = $3",
        )
        .bind(city.0)
        .bind(app_id)
        .bind(sealed)
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        tx.commit().await.map_err(store_error)
    }
}
