//! Webhooks 事件推送 on PostgreSQL.

use application::ports::{
    store::StoreError,
    webhooks::{Delivery, DeliveryStatus, DueDelivery, DueHook, StoredHook, Told, Webhooks},
};
use async_trait::async_trait;
use domain::ids::{TenantId, UserId};
use sqlx::FromRow;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

#[derive(FromRow)]
struct HookRow {
    id: Uuid,
    url: String,
    status: String,
    set_by: Uuid,
    set_name: String,
    set_at: OffsetDateTime,
}

#[derive(FromRow)]
struct DeliveryRow {
    id: Uuid,
    event: String,
    created_at: OffsetDateTime,
    tries: i32,
    status_code: Option<i32>,
    last_error: String,
    done: bool,
    parked: bool,
}

#[derive(FromRow)]
struct DueRow {
    tenant_id: Uuid,
    id: Uuid,
    event: String,
    body: String,
    tries: i32,
    hook: Uuid,
    url: String,
    secret_sealed: Vec<u8>,
}

#[async_trait]
impl Webhooks for PgUnitOfWork {
    async fn hook(&mut self, bank: TenantId) -> Result<Option<StoredHook>, StoreError> {
        let row: Option<HookRow> = sqlx::query_as(
            "select id, url, status, set_by, set_name, set_at from bank_webhooks where tenant_id = $1",
        )
        .bind(bank.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(row.map(|row| StoredHook {
            id: row.id,
            url: row.url,
            active: row.status == "active",
            set_by: UserId(row.set_by),
            set_name: row.set_name,
            set_at: row.set_at,
        }))
    }

    async fn set_hook(
        &mut self,
        hook: &StoredHook,
        secret_sealed: &[u8],
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into bank_webhooks (tenant_id, id, url, secret_sealed, status, set_by, set_name, set_at)
             values ($1, $2, $3, $4, 'active', $5, $6, $7)
             on conflict (tenant_id) do update set id = excluded.id, url = excluded.url,
               secret_sealed = excluded.secret_sealed, status = 'active', set_by = excluded.set_by,
               set_name = excluded.set_name, set_at = excluded.set_at",
        )
        .bind(self.tenant.0)
        .bind(hook.id)
        .bind(&hook.url)
        .bind(secret_sealed)
        .bind(hook.set_by.0)
        .bind(&hook.set_name)
        .bind(hook.set_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn stop_hook(&mut self, at: OffsetDateTime) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update bank_webhooks set status = 'off' where tenant_id = $1 and status = 'active'",
        )
        .bind(self.tenant.0)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        sqlx::query(
            "update webhook_deliveries set parked_at = $2, last_error = 'stopped'
             where tenant_id = $1 and done_at is null and parked_at is null",
        )
        .bind(self.tenant.0)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn put_delivery(
        &mut self,
        bank: TenantId,
        id: Uuid,
        event: &str,
        body: &str,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into webhook_deliveries (tenant_id, id, event, body, created_at, next_at)
             values ($1, $2, $3, $4, $5, $5) on conflict do nothing",
        )
        .bind(bank.0)
        .bind(id)
        .bind(event)
        .bind(body)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn deliveries(&mut self, most: i64) -> Result<Vec<Delivery>, StoreError> {
        let rows: Vec<DeliveryRow> = sqlx::query_as(
            "select id, event, created_at, tries, status_code, last_error, done_at is not null as done,
               parked_at is not null as parked
             from webhook_deliveries where tenant_id = $1 order by created_at desc, id desc limit $2",
        )
        .bind(self.tenant.0)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|row| Delivery {
                id: row.id,
                event: row.event,
                created_at: row.created_at,
                tries: row.tries,
                status: if row.done {
                    DeliveryStatus::Done
                } else if row.parked {
                    DeliveryStatus::Parked
                } else {
                    DeliveryStatus::Waiting
                },
                answered: row.status_code,
                last_error: row.last_error,
            })
            .collect())
    }

    async fn send_again(&mut self, id: Uuid, at: OffsetDateTime) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update webhook_deliveries set parked_at = null, tries = 0, next_at = $3
             where tenant_id = $1 and id = $2 and parked_at is not null",
        )
        .bind(self.tenant.0)
        .bind(id)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn due_hooks(&mut self, now: OffsetDateTime) -> Result<Vec<DueHook>, StoreError> {
        let rows: Vec<(Uuid, String, OffsetDateTime)> = sqlx::query_as(
            "select w.tenant_id, w.url, d.since from bank_webhooks w
             join (select tenant_id, min(next_at) as since from webhook_deliveries
                   where done_at is null and parked_at is null and next_at <= $1
                     and tenant_id = any ((select current_reach())::uuid[])
                   group by tenant_id) d on d.tenant_id = w.tenant_id
             where w.status = 'active'",
        )
        .bind(now)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(bank, url, since)| DueHook {
                bank: TenantId(bank),
                url,
                since,
            })
            .collect())
    }

    async fn take_due_delivery(
        &mut self,
        bank: TenantId,
        now: OffsetDateTime,
        lease_until: OffsetDateTime,
    ) -> Result<Option<DueDelivery>, StoreError> {
        let row: Option<DueRow> = sqlx::query_as(
            "update webhook_deliveries d set next_at = $3 from bank_webhooks h
             where h.tenant_id = d.tenant_id and (d.tenant_id, d.id) = (
               select x.tenant_id, x.id from webhook_deliveries x
               join bank_webhooks w on w.tenant_id = x.tenant_id and w.status = 'active'
               where x.tenant_id = $1 and x.done_at is null and x.parked_at is null and x.next_at <= $2
                 and x.tenant_id = any ((select current_reach())::uuid[])
               order by x.next_at, x.id limit 1 for update of x skip locked)
             returning d.tenant_id, d.id, d.event, d.body, d.tries, h.id as hook, h.url, h.secret_sealed",
        )
        .bind(bank.0)
        .bind(now)
        .bind(lease_until)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(row.map(|row| DueDelivery {
            tenant: TenantId(row.tenant_id),
            id: row.id,
            event: row.event,
            body: row.body,
            tries: row.tries,
            hook: row.hook,
            url: row.url,
            secret_sealed: row.secret_sealed,
        }))
    }

    async fn told(
        &mut self,
        bank: TenantId,
        id: Uuid,
        outcome: &Told,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update webhook_deliveries set tries = tries + 1, status_code = $3, last_error = $4,
               next_at = coalesce($5, next_at), done_at = case when $6 then $7 end,
               parked_at = case when not $6 and $5::timestamptz is null then $7 end
             where tenant_id = $1 and id = $2 and done_at is null and parked_at is null",
        )
        .bind(bank.0)
        .bind(id)
        .bind(outcome.status.map(i32::from))
        .bind(&outcome.error)
        .bind(outcome.next_at)
        .bind(outcome.delivered)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }
}
