//! Second factors 动态验证码 on PostgreSQL, behind the sign-in door.

use application::ports::{
    accounts::DoorEntry,
    second_factor::{EnrolmentPage, Factor, NewFactor, PendingSignIn, SecondFactors},
    store::StoreError,
};
use async_trait::async_trait;
use domain::ids::{TenantId, UserId};
use sqlx::{Postgres, Transaction};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{accounts::audit, door::PgDoor, errors::store_error};

type Tx = Transaction<'static, Postgres>;
type FactorRow = (String, String, Option<Vec<u8>>, i64);

/// Puts the secret of a sign-in that waits into use, unless another one of the person came first; answers whose tenant it is.
async fn enrol_waiting(
    tx: &mut Tx,
    new: &NewFactor,
    sealed: &[u8],
) -> Result<Option<Uuid>, StoreError> {
    sqlx::query_scalar(
        "with shown as (update pending_sign_ins set new_secret = null
           where tenant_id = $1 and id_hash = $2 and user_id = $3 and new_secret = $4 returning user_id)
         insert into second_factors (tenant_id, user_id, totp_secret, last_step, enrolled_at)
         select u.tenant_id, u.id, $4, $5, $6 from users u join shown s on s.user_id = u.id
         on conflict (tenant_id, user_id) do update set totp_secret = excluded.totp_secret, last_step = excluded.last_step,
           enrolled_at = excluded.enrolled_at, new_secret = null, new_for = null
           where second_factors.totp_secret is null
         returning tenant_id",
    )
    .bind(new.page.city.0)
    .bind(new.page.fingerprint.as_slice())
    .bind(new.page.user.0)
    .bind(sealed)
    .bind(new.step)
    .bind(new.at)
    .fetch_optional(&mut **tx)
    .await
    .map_err(store_error)
}

/// The same for a session, in the place of what was in use before.
async fn enrol_signed_in(
    tx: &mut Tx,
    new: &NewFactor,
    sealed: &[u8],
) -> Result<Option<Uuid>, StoreError> {
    sqlx::query_scalar(
        "update second_factors set totp_secret = new_secret, new_secret = null, new_for = null, last_step = $3, enrolled_at = $4
         where user_id = $1 and new_secret = $2 and new_for = $5 returning tenant_id",
    )
    .bind(new.page.user.0)
    .bind(sealed)
    .bind(new.step)
    .bind(new.at)
    .bind(new.page.fingerprint.as_slice())
    .fetch_optional(&mut **tx)
    .await
    .map_err(store_error)
}

#[async_trait]
impl SecondFactors for PgDoor {
    async fn factor(&self, city: TenantId, user: UserId) -> Result<Option<Factor>, StoreError> {
        let mut tx = self.begin().await?;
        let row: Option<FactorRow> = sqlx::query_as(
            "select u.account, u.name, f.totp_secret,
               (select count(*) from recovery_codes r where r.tenant_id = u.tenant_id and r.user_id = u.id and r.used_at is null)
             from users u join tenants t on t.id = u.tenant_id
             left join second_factors f on f.tenant_id = u.tenant_id and f.user_id = u.id
             where u.id = $2 and u.city_id = $1 and u.status = 'active' and t.status = 'active'",
        )
        .bind(city.0)
        .bind(user.0)
        .fetch_optional(&mut *tx)
        .await
        .map_err(store_error)?;
        Ok(row.map(|(account, name, secret, recovery_left)| Factor {
            user,
            account,
            name,
            secret,
            recovery_left,
        }))
    }

    async fn propose(
        &self,
        page: &EnrolmentPage,
        sealed: &[u8],
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let mut tx = self.begin().await?;
        let mut kept: Option<Vec<u8>> = sqlx::query_scalar(
            "update pending_sign_ins set new_secret = coalesce(new_secret, $4)
             where tenant_id = $1 and id_hash = $2 and user_id = $3 returning new_secret",
        )
        .bind(page.city.0)
        .bind(page.fingerprint.as_slice())
        .bind(page.user.0)
        .bind(sealed)
        .fetch_optional(&mut *tx)
        .await
        .map_err(store_error)?;
        if kept.is_none() {
            // Nobody waits: the session sets up another phone. A secret that another session was shown is shown to none any more.
            kept = sqlx::query_scalar(
                "insert into second_factors (tenant_id, user_id, new_secret, new_for)
                 select u.tenant_id, u.id, $2, s.id_hash from users u join sessions s on s.user_id = u.id
                 where u.id = $1 and s.id_hash = $3 and s.ended_at is null
                 on conflict (tenant_id, user_id) do update
                   set new_secret = case when second_factors.new_for = excluded.new_for
                     then coalesce(second_factors.new_secret, excluded.new_secret) else excluded.new_secret end,
                   new_for = excluded.new_for
                 returning new_secret",
            )
            .bind(page.user.0)
            .bind(sealed)
            .bind(page.fingerprint.as_slice())
            .fetch_optional(&mut *tx)
            .await
            .map_err(store_error)?;
        }
        tx.commit().await.map_err(store_error)?;
        Ok(kept)
    }

    async fn proposed(&self, page: &EnrolmentPage) -> Result<Option<Vec<u8>>, StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query_scalar(
            "select new_secret from pending_sign_ins
             where tenant_id = $1 and id_hash = $2 and user_id = $3 and new_secret is not null
             union all
             select new_secret from second_factors where user_id = $3 and new_for = $2 and new_secret is not null",
        )
        .bind(page.city.0)
        .bind(page.fingerprint.as_slice())
        .bind(page.user.0)
        .fetch_optional(&mut *tx)
        .await
        .map_err(store_error)
    }

    async fn enrol(&self, new: &NewFactor, sealed: &[u8]) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let mut tenant = enrol_waiting(&mut tx, new, sealed).await?;
        if tenant.is_none() {
            tenant = enrol_signed_in(&mut tx, new, sealed).await?;
        }
        let Some(tenant) = tenant else {
            return Ok(false);
        };
        // The codes of the phone that was there before open nothing any more.
        sqlx::query("delete from recovery_codes where user_id = $1")
            .bind(new.page.user.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        for hash in &new.recovery_hashes {
            sqlx::query(
                "insert into recovery_codes (tenant_id, user_id, code_hash) values ($1, $2, $3)",
            )
            .bind(tenant)
            .bind(new.page.user.0)
            .bind(hash.as_slice())
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        }
        audit(&mut tx, &new.entry).await?;
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn take_step(&self, user: UserId, step: i64) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "update second_factors set last_step = $2 where user_id = $1 and last_step < $2 and totp_secret is not null",
        )
        .bind(user.0)
        .bind(step)
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        tx.commit().await.map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn take_recovery(
        &self,
        user: UserId,
        hash: &[u8; 32],
        entry: &DoorEntry,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "update recovery_codes set used_at = $3 where user_id = $1 and code_hash = $2 and used_at is null",
        )
        .bind(user.0)
        .bind(hash.as_slice())
        .bind(entry.at)
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        audit(&mut tx, entry).await?;
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn wait(&self, pending: &PendingSignIn) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "insert into pending_sign_ins (tenant_id, id_hash, user_id, created_at, expires_at) values ($1, $2, $3, $4, $5)",
        )
        .bind(pending.city.0)
        .bind(pending.fingerprint.as_slice())
        .bind(pending.user.0)
        .bind(pending.at)
        .bind(pending.expires_at)
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        tx.commit().await.map_err(store_error)
    }

    async fn waiting(
        &self,
        city: TenantId,
        fingerprint: &[u8; 32],
        now: OffsetDateTime,
    ) -> Result<Option<UserId>, StoreError> {
        let mut tx = self.begin().await?;
        let user: Option<Uuid> = sqlx::query_scalar(
            "select user_id from pending_sign_ins where tenant_id = $1 and id_hash = $2 and expires_at > $3",
        )
        .bind(city.0)
        .bind(fingerprint.as_slice())
        .bind(now)
        .fetch_optional(&mut *tx)
        .await
        .map_err(store_error)?;
        Ok(user.map(UserId))
    }

    async fn arrived(&self, city: TenantId, fingerprint: &[u8; 32]) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let done =
            sqlx::query("delete from pending_sign_ins where tenant_id = $1 and id_hash = $2")
                .bind(city.0)
                .bind(fingerprint.as_slice())
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        tx.commit().await.map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }
}
