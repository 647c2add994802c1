//! Devices 登录设备 on PostgreSQL: the row of a device is locked while its tokens change.

use application::ports::{
    accounts::DoorEntry,
    devices::{Devices, NewDevice, Renewal, Renewed},
    store::StoreError,
};
use async_trait::async_trait;
use domain::ids::UserId;
use sqlx::{FromRow, Postgres, Transaction};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{accounts::audit, door::PgDoor, errors::store_error};

type Tx = Transaction<'static, Postgres>;

#[derive(FromRow)]
struct Presented {
    device_id: Uuid,
    user_id: Uuid,
    device_hash: Vec<u8>,
    expires_at: OffsetDateTime,
    ended: bool,
    used: bool,
}

/// Ends devices and the sessions on them.
async fn end(tx: &mut Tx, ids: &[Uuid], why: &str, at: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query(
        "with gone as (update devices set ended_at = $3, ended_why = $2 where id = any($1) and ended_at is null returning id)
         update sessions set ended_at = $3 where ended_at is null and device_id in (select id from gone)",
    )
    .bind(ids)
    .bind(why)
    .bind(at)
    .execute(&mut **tx)
    .await
    .map_err(store_error)?;
    Ok(())
}

async fn add_token(
    tx: &mut Tx,
    hash: &[u8; 32],
    device: Uuid,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into refresh_tokens (token_hash, tenant_id, device_id, created_at)
         select $1, tenant_id, id, $3 from devices where id = $2",
    )
    .bind(hash.as_slice())
    .bind(device)
    .bind(at)
    .execute(&mut **tx)
    .await
    .map_err(store_error)?;
    Ok(())
}

/// Told to the person too: it stands among their sign-ins.
async fn note_copy(
    tx: &mut Tx,
    entry: &DoorEntry,
    user: Uuid,
    agent: &str,
) -> Result<(), StoreError> {
    let entry = DoorEntry {
        user: Some(UserId(user)),
        ..entry.clone()
    };
    sqlx::query(
        "insert into sign_in_records (id, tenant_id, user_id, at, outcome, ip, agent)
         select $1, tenant_id, id, $3, 'blocked', $4, $5 from users where id = $2",
    )
    .bind(entry.id)
    .bind(user)
    .bind(entry.at)
    .bind(&entry.ip)
    .bind(agent)
    .execute(&mut **tx)
    .await
    .map_err(store_error)?;
    audit(tx, &entry).await
}

#[async_trait]
impl Devices for PgDoor {
    async fn pair(&self, new: &NewDevice) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        // The person is locked: two sign-ins at once do not both count themselves in.
        let user: Option<Uuid> = sqlx::query_scalar(
            "select u.id from users u join sessions s on s.user_id = u.id
             where s.id_hash = $1 and s.kind = 'device' and s.ended_at is null and s.device_id is null for no key update of u",
        )
        .bind(new.session.as_slice())
        .fetch_optional(&mut *tx)
        .await
        .map_err(store_error)?;
        let Some(user) = user else {
            return Ok(false);
        };
        let replaced: Vec<Uuid> = sqlx::query_scalar(
            "select id from devices where user_id = $1 and ended_at is null and (device_hash = $2 or id not in (
               select id from devices where user_id = $1 and ended_at is null and device_hash <> $2
               order by seen_at desc, id desc limit $3))",
        )
        .bind(user)
        .bind(new.device.as_slice())
        .bind(new.at_once - 1)
        .fetch_all(&mut *tx)
        .await
        .map_err(store_error)?;
        end(&mut tx, &replaced, "replaced", new.at).await?;
        sqlx::query(
            "insert into devices (id, tenant_id, user_id, device_hash, agent, ip, created_at, seen_at, expires_at)
             select $1, tenant_id, id, $3, $4, $5, $6, $6, $7 from users where id = $2",
        )
        .bind(new.id)
        .bind(user)
        .bind(new.device.as_slice())
        .bind(&new.agent)
        .bind(&new.ip)
        .bind(new.at)
        .bind(new.expires_at)
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        add_token(&mut tx, &new.refresh, new.id, new.at).await?;
        sqlx::query("update sessions set device_id = $2 where id_hash = $1")
            .bind(new.session.as_slice())
            .bind(new.id)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn renew(&self, ask: &Renewal) -> Result<Renewed, StoreError> {
        let mut tx = self.begin().await?;
        let device: Option<Uuid> = sqlx::query_scalar(
            // At the door of another city it is no token at all.
            "select d.id from devices d join refresh_tokens r on r.device_id = d.id join users u on u.id = d.user_id
             where r.token_hash = $1 and u.city_id = $2 for update of d",
        )
        .bind(ask.refresh.as_slice())
        .bind(ask.entry.city.0)
        .fetch_optional(&mut *tx)
        .await
        .map_err(store_error)?;
        let Some(device) = device else {
            return Ok(Renewed::Over);
        };
        // Read after the lock: of two that present the same token, the second one sees that it was used.
        let found: Option<Presented> = sqlx::query_as(
            "select d.id as device_id, d.user_id, d.device_hash, d.expires_at, r.used_at is not null as used,
                    (d.ended_at is not null or d.expires_at <= $3 or u.status <> 'active' or t.status <> 'active') as ended
             from devices d join refresh_tokens r on r.device_id = d.id join users u on u.id = d.user_id
             join tenants t on t.id = d.tenant_id where d.id = $1 and r.token_hash = $2",
        )
        .bind(device)
        .bind(ask.refresh.as_slice())
        .bind(ask.at)
        .fetch_optional(&mut *tx)
        .await
        .map_err(store_error)?;
        let Some(found) = found.filter(|f| !f.ended) else {
            return Ok(Renewed::Over);
        };
        if found.used || found.device_hash != ask.device {
            end(&mut tx, &[found.device_id], "reused", ask.at).await?;
            note_copy(&mut tx, &ask.entry, found.user_id, &ask.agent).await?;
            tx.commit().await.map_err(store_error)?;
            return Ok(Renewed::Copied);
        }
        turn(&mut tx, ask, &found).await?;
        tx.commit().await.map_err(store_error)?;
        Ok(Renewed::Fresh {
            user: UserId(found.user_id),
            ends: found.expires_at,
        })
    }

    async fn sign_out(&self, device: Uuid, at: OffsetDateTime) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        end(&mut tx, &[device], "signed_out", at).await?;
        tx.commit().await.map_err(store_error)
    }
}

/// The old tokens are done with, the new ones live.
async fn turn(tx: &mut Tx, ask: &Renewal, found: &Presented) -> Result<(), StoreError> {
    sqlx::query("update refresh_tokens set used_at = $2 where token_hash = $1")
        .bind(ask.refresh.as_slice())
        .bind(ask.at)
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    add_token(tx, &ask.next_refresh, found.device_id, ask.at).await?;
    sqlx::query("update sessions set ended_at = $2 where device_id = $1 and ended_at is null")
        .bind(found.device_id)
        .bind(ask.at)
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    sqlx::query(
        "insert into sessions (id_hash, public_id, user_id, tenant_id, kind, created_at, seen_at, expires_at, ip, agent, device_id)
         select $1, $2, user_id, tenant_id, 'device', $4, $4, $5, $6, $7, id from devices where id = $3",
    )
    .bind(ask.next_session.as_slice())
    .bind(ask.public_id)
    .bind(found.device_id)
    .bind(ask.at)
    .bind(ask.session_ends)
    .bind(&ask.ip)
    .bind(&ask.agent)
    .execute(&mut **tx)
    .await
    .map_err(store_error)?;
    sqlx::query("update devices set seen_at = $2 where id = $1")
        .bind(found.device_id)
        .bind(ask.at)
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    Ok(())
}
