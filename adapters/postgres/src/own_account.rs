//! Own account 账号安全 on PostgreSQL.

use application::ports::{
    codes::CodeTry,
    own_account::{OwnAccount, OwnAccounts, OwnDevice, OwnSession, OwnSignIn},
    store::StoreError,
};
use async_trait::async_trait;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{codes::use_code, errors::store_error, store::PgUnitOfWork};

type SessionRow = (Uuid, OffsetDateTime, OffsetDateTime, String, String);

#[async_trait]
impl OwnAccounts for PgUnitOfWork {
    async fn own_account(&mut self) -> Result<Option<OwnAccount>, StoreError> {
        let row: Option<(String, String, Vec<u8>, Uuid, OffsetDateTime)> = sqlx::query_as(
            "select account, name, phone_sealed, city_id, created_at from users where tenant_id = $1 and id = $2",
        )
        .bind(self.tenant.0)
        .bind(self.person)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(row.map(
            |(account, name, phone_sealed, city, created_at)| OwnAccount {
                account,
                name,
                phone_sealed,
                city,
                created_at,
            },
        ))
    }

    async fn own_sessions(
        &mut self,
        now: OffsetDateTime,
        idle_since: OffsetDateTime,
    ) -> Result<Vec<OwnSession>, StoreError> {
        let rows: Vec<SessionRow> = sqlx::query_as(
            "select public_id, created_at, seen_at, ip, agent from sessions
             where tenant_id = $1 and user_id = $2 and kind <> 'device' and ended_at is null and expires_at > $3 and seen_at > $4
             order by created_at desc, public_id desc",
        )
        .bind(self.tenant.0)
        .bind(self.person)
        .bind(now)
        .bind(idle_since)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(id, created_at, seen_at, ip, agent)| OwnSession {
                id,
                created_at,
                seen_at,
                ip,
                agent,
            })
            .collect())
    }

    async fn own_sign_ins(&mut self, most: i64) -> Result<Vec<OwnSignIn>, StoreError> {
        let rows: Vec<(OffsetDateTime, String, String, String)> = sqlx::query_as(
            "select at, outcome, ip, agent from sign_in_records where tenant_id = $1 and user_id = $2
             order by at desc, id desc limit $3",
        )
        .bind(self.tenant.0)
        .bind(self.person)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(at, outcome, ip, agent)| OwnSignIn {
                at,
                outcome,
                ip,
                agent,
            })
            .collect())
    }

    async fn end_own_session(&mut self, id: Uuid, at: OffsetDateTime) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update sessions set ended_at = $4 where tenant_id = $1 and user_id = $2 and public_id = $3 and ended_at is null",
        )
        .bind(self.tenant.0)
        .bind(self.person)
        .bind(id)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() > 0)
    }

    async fn own_devices(&mut self, now: OffsetDateTime) -> Result<Vec<OwnDevice>, StoreError> {
        let rows: Vec<SessionRow> = sqlx::query_as(
            "select id, created_at, seen_at, ip, agent from devices
             where tenant_id = $1 and user_id = $2 and ended_at is null and expires_at > $3
             order by created_at desc, id desc",
        )
        .bind(self.tenant.0)
        .bind(self.person)
        .bind(now)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(id, created_at, seen_at, ip, agent)| OwnDevice {
                id,
                created_at,
                seen_at,
                ip,
                agent,
            })
            .collect())
    }

    async fn end_own_device(&mut self, id: Uuid, at: OffsetDateTime) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update devices set ended_at = $4, ended_why = 'ended'
             where tenant_id = $1 and user_id = $2 and id = $3 and ended_at is null",
        )
        .bind(self.tenant.0)
        .bind(self.person)
        .bind(id)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query(
            "update sessions set ended_at = $4 where tenant_id = $1 and user_id = $2 and device_id = $3 and ended_at is null",
        )
        .bind(self.tenant.0)
        .bind(self.person)
        .bind(id)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(true)
    }

    async fn end_other_sessions(
        &mut self,
        keep: Uuid,
        at: OffsetDateTime,
    ) -> Result<u64, StoreError> {
        sqlx::query(
            "update devices set ended_at = $4, ended_why = 'ended' where tenant_id = $1 and user_id = $2 and ended_at is null
               and id is distinct from (select device_id from sessions where user_id = $2 and public_id = $3)",
        )
        .bind(self.tenant.0)
        .bind(self.person)
        .bind(keep)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        let done = sqlx::query(
            "update sessions set ended_at = $4 where tenant_id = $1 and user_id = $2 and public_id <> $3 and ended_at is null",
        )
        .bind(self.tenant.0)
        .bind(self.person)
        .bind(keep)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected())
    }

    async fn use_own_code(&mut self, code: &CodeTry) -> Result<(), StoreError> {
        use_code(&mut self.tx, code).await
    }

    async fn set_own_password(&mut self, hash: &str, at: OffsetDateTime) -> Result<(), StoreError> {
        let done = sqlx::query(
            "update credentials set password_hash = $2, changed_at = $3 where user_id = $1",
        )
        .bind(self.person)
        .bind(hash)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        if done.rows_affected() == 1 {
            Ok(())
        } else {
            Err(StoreError::Stale)
        }
    }

    async fn set_own_phone(&mut self, sealed: &[u8], index: &[u8; 32]) -> Result<(), StoreError> {
        let done = sqlx::query(
            "update users set phone_sealed = $3, phone_index = $4 where tenant_id = $1 and id = $2 and status = 'active'",
        )
        .bind(self.tenant.0)
        .bind(self.person)
        .bind(sealed)
        .bind(index.as_slice())
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        if done.rows_affected() == 1 {
            Ok(())
        } else {
            Err(StoreError::Stale)
        }
    }
}
