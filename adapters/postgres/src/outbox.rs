//! Outbox 发件箱 on PostgreSQL.

use application::ports::{
    outbox::{Outbox, OutboxNotice},
    store::StoreError,
};
use async_trait::async_trait;
use sqlx::FromRow;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

#[derive(FromRow)]
struct Stored {
    id: Uuid,
    topic: String,
    payload: serde_json::Value,
    tries: i32,
    created_at: OffsetDateTime,
    waiting_since: Option<OffsetDateTime>,
    wechat_asked_at: Option<OffsetDateTime>,
}

impl From<Stored> for OutboxNotice {
    fn from(row: Stored) -> Self {
        Self {
            id: row.id,
            topic: row.topic,
            payload: row.payload,
            tries: row.tries,
            created_at: row.created_at,
            waiting_since: row.waiting_since,
            wechat_asked_at: row.wechat_asked_at,
        }
    }
}

#[async_trait]
impl Outbox for PgUnitOfWork {
    async fn push(
        &mut self,
        id: Uuid,
        topic: &str,
        payload: serde_json::Value,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into outbox (id, tenant_id, topic, payload, created_at, next_at) values ($1, $2, $3, $4, $5, $5)",
        )
        .bind(id)
        .bind(self.city.0)
        .bind(topic)
        .bind(payload)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn take_due(
        &mut self,
        now: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<OutboxNotice>, StoreError> {
        let rows: Vec<Stored> = sqlx::query_as(
            "select id, topic, payload, tries, created_at, waiting_since, wechat_asked_at from outbox
             where tenant_id = $1 and done_at is null and parked_at is null and next_at <= $2
             order by next_at, id limit $3 for update skip locked",
        )
        .bind(self.city.0)
        .bind(now)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(OutboxNotice::from).collect())
    }

    async fn put_off(&mut self, id: Uuid, until: OffsetDateTime) -> Result<(), StoreError> {
        sqlx::query("update outbox set next_at = $3 where tenant_id = $1 and id = $2")
            .bind(self.city.0)
            .bind(id)
            .bind(until)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn hold(
        &mut self,
        id: Uuid,
        until: OffsetDateTime,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update outbox set next_at = $3, waiting_since = waiting_since + ($3::timestamptz - $4::timestamptz)
             where tenant_id = $1 and id = $2",
        )
        .bind(self.city.0)
        .bind(id)
        .bind(until)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn wait(
        &mut self,
        id: Uuid,
        until: OffsetDateTime,
        why: &str,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update outbox set next_at = $3, last_error = $4, waiting_since = coalesce(waiting_since, $5)
             where tenant_id = $1 and id = $2",
        )
        .bind(self.city.0)
        .bind(id)
        .bind(until)
        .bind(why)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn asked_wechat(
        &mut self,
        id: Uuid,
        at: Option<OffsetDateTime>,
    ) -> Result<(), StoreError> {
        sqlx::query("update outbox set wechat_asked_at = $3 where tenant_id = $1 and id = $2")
            .bind(self.city.0)
            .bind(id)
            .bind(at)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn done(&mut self, id: Uuid, at: OffsetDateTime) -> Result<(), StoreError> {
        sqlx::query(
            "update outbox set done_at = $3, last_error = '', payload = payload - 'phone_sealed'
             where tenant_id = $1 and id = $2",
        )
        .bind(self.city.0)
        .bind(id)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn failed(
        &mut self,
        id: Uuid,
        next_at: Option<OffsetDateTime>,
        error: &str,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update outbox set tries = tries + 1, last_error = $3, next_at = coalesce($4, next_at),
             parked_at = case when $4::timestamptz is null then $5 end where tenant_id = $1 and id = $2",
        )
        .bind(self.city.0)
        .bind(id)
        .bind(error)
        .bind(next_at)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }
}
