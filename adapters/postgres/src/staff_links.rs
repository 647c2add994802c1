//! One-time links of staff 一次性链接 on PostgreSQL, behind the sign-in door.

use application::ports::{
    accounts::DoorEntry,
    people::{LinkKind, OpenLink, StaffLinks},
    store::StoreError,
};
use async_trait::async_trait;
use domain::ids::{TenantId, UserId};
use sqlx::{Postgres, Transaction};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{accounts::audit, door::PgDoor, errors::store_error};

type LinkRow = (String, Uuid, String, String, String, Vec<u8>);

/// Uses a link up: whoever is faster has it.
async fn used(
    tx: &mut Transaction<'static, Postgres>,
    token_hash: &[u8; 32],
    kind: LinkKind,
    at: OffsetDateTime,
) -> Result<Option<Uuid>, StoreError> {
    sqlx::query_scalar(
        "update staff_links set used_at = $3 where token_hash = $1 and kind = $2 and used_at is null
           and cancelled_at is null and expires_at > $3 returning user_id",
    )
    .bind(token_hash.as_slice())
    .bind(kind.code())
    .bind(at)
    .fetch_optional(&mut **tx)
    .await
    .map_err(store_error)
}

#[async_trait]
impl StaffLinks for PgDoor {
    async fn open_link(
        &self,
        city: TenantId,
        token_hash: &[u8; 32],
        now: OffsetDateTime,
    ) -> Result<Option<OpenLink>, StoreError> {
        let mut tx = self.begin().await?;
        let row: Option<LinkRow> = sqlx::query_as(
            "select l.kind, u.id, u.account, u.name, t.name, u.phone_sealed
             from staff_links l join users u on u.id = l.user_id join tenants t on t.id = u.tenant_id
             where l.token_hash = $2 and u.city_id = $1 and l.used_at is null and l.cancelled_at is null and l.expires_at > $3
               and t.status = 'active' and u.status = case when l.kind = 'invite' then 'invited' else 'active' end",
        )
        .bind(city.0)
        .bind(token_hash.as_slice())
        .bind(now)
        .fetch_optional(&mut *tx)
        .await
        .map_err(store_error)?;
        Ok(row.map(
            |(kind, user, account, name, node_name, phone_sealed)| OpenLink {
                kind: if kind == "invite" {
                    LinkKind::Invite
                } else {
                    LinkKind::Rebind
                },
                user: UserId(user),
                account,
                name,
                node_name,
                phone_sealed,
            },
        ))
    }

    async fn use_invite(
        &self,
        token_hash: &[u8; 32],
        password_hash: &str,
        entry: &DoorEntry,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let Some(user) = used(&mut tx, token_hash, LinkKind::Invite, entry.at).await? else {
            return Ok(false);
        };
        sqlx::query("update users set status = 'active' where id = $1 and status = 'invited'")
            .bind(user)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        sqlx::query(
            "insert into credentials (user_id, tenant_id, password_hash, changed_at)
             select u.id, u.tenant_id, $2, $3 from users u where u.id = $1
             on conflict (user_id) do update set password_hash = excluded.password_hash, changed_at = excluded.changed_at,
               consecutive_failures = 0",
        )
        .bind(user)
        .bind(password_hash)
        .bind(entry.at)
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        audit(&mut tx, entry).await?;
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn use_rebind(
        &self,
        token_hash: &[u8; 32],
        entry: &DoorEntry,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let Some(user) = used(&mut tx, token_hash, LinkKind::Rebind, entry.at).await? else {
            return Ok(false);
        };
        for sql in [
            "update second_factors set totp_secret = null, new_secret = null, new_for = null, enrolled_at = null where user_id = $1",
            "delete from recovery_codes where user_id = $1",
        ] {
            sqlx::query(sql)
                .bind(user)
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        }
        audit(&mut tx, entry).await?;
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }
}
