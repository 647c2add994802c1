//! Bank API 系统接口 on PostgreSQL: the institution's own rows behind the tenant wall; the gate looks from its door.

use application::ports::{
    bank_api::{
        BankApi, ChangeMark, DoorKey, KeptAnswer, KeyKind, KeyStatus, MachineDoor, StoredKey,
    },
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    financing::FinancingApplication,
    ids::{FinancingApplicationId, TenantId, UserId},
};
use serde_json::Value;
use sqlx::FromRow;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{
    door::PgDoor, errors::store_error, financing_applications::Restored, store::PgUnitOfWork,
};

#[derive(FromRow)]
struct KeyRow {
    id: Uuid,
    kind: String,
    name: String,
    status: String,
    created_by: Uuid,
    created_name: String,
    created_at: OffsetDateTime,
    enabled_name: String,
    enabled_at: Option<OffsetDateTime>,
    revoked_name: String,
    revoked_at: Option<OffsetDateTime>,
    last_used_at: Option<OffsetDateTime>,
}

fn broken() -> StoreError {
    StoreError::Broken("a key holds a word that the program does not know".into())
}

fn kind(code: &str) -> Result<KeyKind, StoreError> {
    KeyKind::from_code(code).ok_or_else(broken)
}

fn status(code: &str) -> Result<KeyStatus, StoreError> {
    KeyStatus::from_code(code).ok_or_else(broken)
}

impl KeyRow {
    fn key(self) -> Result<StoredKey, StoreError> {
        Ok(StoredKey {
            id: self.id,
            kind: kind(&self.kind)?,
            name: self.name,
            status: status(&self.status)?,
            created_by: UserId(self.created_by),
            created_name: self.created_name,
            created_at: self.created_at,
            enabled_name: self.enabled_name,
            enabled_at: self.enabled_at,
            revoked_name: self.revoked_name,
            revoked_at: self.revoked_at,
            last_used_at: self.last_used_at,
        })
    }
}

macro_rules! key {
    ($rest:literal) => {
        concat!(
            "select id, kind, name, status, created_by, created_name, created_at, enabled_name, enabled_at, revoked_name,
               revoked_at, last_used_at from bank_api_keys where tenant_id = $1 ",
            $rest
        )
    };
}

/// How long a repeat gets the first answer.
const ANSWERS_KEPT: Duration = Duration::days(7);

#[async_trait]
impl BankApi for PgUnitOfWork {
    async fn add_key(&mut self, key: &StoredKey, secret_sealed: &[u8]) -> Result<(), StoreError> {
        sqlx::query(
            "insert into bank_api_keys (tenant_id, id, kind, name, secret_sealed, status, created_by, created_name, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(self.tenant.0)
        .bind(key.id)
        .bind(key.kind.code())
        .bind(&key.name)
        .bind(secret_sealed)
        .bind(key.status.code())
        .bind(key.created_by.0)
        .bind(&key.created_name)
        .bind(key.created_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn keys(&mut self) -> Result<Vec<StoredKey>, StoreError> {
        let rows: Vec<KeyRow> = sqlx::query_as(key!(
            "order by status = 'revoked', created_at desc, id desc limit 50"
        ))
        .bind(self.tenant.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        rows.into_iter().map(KeyRow::key).collect()
    }

    async fn key(&mut self, id: Uuid) -> Result<Option<StoredKey>, StoreError> {
        let row: Option<KeyRow> = sqlx::query_as(key!("and id = $2 for update"))
            .bind(self.tenant.0)
            .bind(id)
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(store_error)?;
        row.map(KeyRow::key).transpose()
    }

    async fn enable_key(
        &mut self,
        id: Uuid,
        by: (UserId, &str),
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update bank_api_keys set status = 'active', enabled_by = $3, enabled_name = $4, enabled_at = $5
             where tenant_id = $1 and id = $2 and status = 'waiting'",
        )
        .bind(self.tenant.0)
        .bind(id)
        .bind(by.0.0)
        .bind(by.1)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn revoke_key(
        &mut self,
        id: Uuid,
        by: (UserId, &str),
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update bank_api_keys set status = 'revoked', revoked_by = $3, revoked_name = $4, revoked_at = $5
             where tenant_id = $1 and id = $2 and status <> 'revoked'",
        )
        .bind(self.tenant.0)
        .bind(id)
        .bind(by.0.0)
        .bind(by.1)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn answer_of(&mut self, id: Uuid, key: &str) -> Result<Option<KeptAnswer>, StoreError> {
        let row: Option<(Vec<u8>, Value)> = sqlx::query_as(
            "select body_hash, answer from bank_api_answers where tenant_id = $1 and access_key_id = $2 and key = $3",
        )
        .bind(self.tenant.0)
        .bind(id)
        .bind(key)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        row.map(|(hash, answer)| {
            let body_hash = hash.try_into().map_err(|_| broken())?;
            Ok(KeptAnswer { body_hash, answer })
        })
        .transpose()
    }

    async fn keep_answer(
        &mut self,
        id: Uuid,
        key: &str,
        answer: &KeptAnswer,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "with old as (delete from bank_api_answers where tenant_id = $1 and access_key_id = $2 and created_at < $7)
             insert into bank_api_answers (tenant_id, access_key_id, key, body_hash, answer, created_at)
             values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        )
        .bind(self.tenant.0)
        .bind(id)
        .bind(key)
        .bind(answer.body_hash.as_slice())
        .bind(&answer.answer)
        .bind(at)
        .bind(at - ANSWERS_KEPT)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn sandbox(&mut self, id: Uuid) -> Result<Vec<(Uuid, Value)>, StoreError> {
        // The key's row stands for its whole sandbox: two requests at once do not both begin it.
        sqlx::query("select from bank_api_keys where tenant_id = $1 and id = $2 for update")
            .bind(self.tenant.0)
            .bind(id)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        sqlx::query_as(
            "select id, state from bank_api_sandbox where tenant_id = $1 and access_key_id = $2 order by position",
        )
        .bind(self.tenant.0)
        .bind(id)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn put_sandbox(
        &mut self,
        id: Uuid,
        application: Uuid,
        position: i32,
        state: Value,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into bank_api_sandbox (tenant_id, access_key_id, id, position, state) values ($1, $2, $3, $4, $5)
             on conflict (tenant_id, access_key_id, id) do update set state = excluded.state",
        )
        .bind(self.tenant.0)
        .bind(id)
        .bind(application)
        .bind(position)
        .bind(state)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn clear_sandbox(&mut self, id: Uuid) -> Result<(), StoreError> {
        for sql in [
            "delete from bank_api_sandbox where tenant_id = $1 and access_key_id = $2",
            "delete from bank_api_answers where tenant_id = $1 and access_key_id = $2",
        ] {
            sqlx::query(sql)
                .bind(self.tenant.0)
                .bind(id)
                .execute(&mut *self.tx)
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }

    async fn changed(
        &mut self,
        since: Option<OffsetDateTime>,
        after: Option<ChangeMark>,
        most: i64,
    ) -> Result<Vec<FinancingApplication>, StoreError> {
        let (after_at, after_id) = after.map_or((None, Uuid::nil()), |(at, id)| (Some(at), id));
        let rows: Vec<Restored> = sqlx::query_as(
            "select * from financing_applications
             where tenant_id = $1 and bank_id = $2 and stage not in ('draft', 'pending_face')
               and handler_tenant_id = any ((select current_reach())::uuid[])
               and ($3::timestamptz is null or updated_at >= $3)
               and ($4::timestamptz is null or (updated_at, id) > ($4, $5))
             order by updated_at, id limit $6",
        )
        .bind(self.city.0)
        .bind(self.tenant.0)
        .bind(since)
        .bind(after_at)
        .bind(after_id)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    async fn look_at(
        &mut self,
        id: FinancingApplicationId,
    ) -> Result<Option<FinancingApplication>, StoreError> {
        let found: Option<Restored> = sqlx::query_as(
            "select * from financing_applications
             where tenant_id = $1 and id = $2 and bank_id = $3 and stage not in ('draft', 'pending_face')
               and handler_tenant_id = any ((select current_reach())::uuid[])",
        )
        .bind(self.city.0)
        .bind(id.0)
        .bind(self.tenant.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(found.map(|row| row.0))
    }
}

#[derive(FromRow)]
struct DoorRow {
    id: Uuid,
    kind: String,
    status: String,
    name: String,
    secret_sealed: Vec<u8>,
    bank: Uuid,
    bank_name: String,
}

#[async_trait]
impl MachineDoor for PgDoor {
    async fn access_key(&self, city: TenantId, id: Uuid) -> Result<Option<DoorKey>, StoreError> {
        let mut tx = self.begin().await?;
        let row: Option<DoorRow> = sqlx::query_as(
            "select k.id, k.kind, k.status, k.name, k.secret_sealed, t.id as bank, t.name as bank_name
             from bank_api_keys k join tenants t on t.id = k.tenant_id
             where k.id = $2 and t.city_id = $1 and t.kind = 'bank' and t.status = 'active'",
        )
        .bind(city.0)
        .bind(id)
        .fetch_optional(&mut *tx)
        .await
        .map_err(store_error)?;
        drop(tx);
        let Some(row) = row else {
            return Ok(None);
        };
        Ok(Some(DoorKey {
            id: row.id,
            kind: kind(&row.kind)?,
            status: status(&row.status)?,
            name: row.name,
            secret_sealed: row.secret_sealed,
            bank: TenantId(row.bank),
            bank_name: row.bank_name,
            reach: self.reach(TenantId(row.bank)).await?,
        }))
    }

    async fn take_nonce(
        &self,
        id: Uuid,
        nonce: &str,
        expires_at: OffsetDateTime,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "insert into bank_api_nonces (access_key_id, nonce, expires_at) values ($1, $2, $3) on conflict do nothing",
        )
        .bind(id)
        .bind(nonce)
        .bind(expires_at)
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        // To the minute is enough for the page, and spares the row.
        sqlx::query(
            "update bank_api_keys set last_used_at = $2 where id = $1 and (last_used_at is null or last_used_at < $3)",
        )
        .bind(id)
        .bind(at)
        .bind(at - Duration::minutes(1))
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }
}
