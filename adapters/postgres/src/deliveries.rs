//! Deliveries 消息投递 on PostgreSQL.

use application::ports::{
    deliveries::{Deliveries, GivenUp, ParkedNotice},
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
    parked_at: OffsetDateTime,
    last_error: String,
}

impl From<Stored> for ParkedNotice {
    fn from(row: Stored) -> Self {
        Self {
            id: row.id,
            topic: row.topic,
            payload: row.payload,
            tries: row.tries,
            created_at: row.created_at,
            parked_at: row.parked_at,
            last_error: row.last_error,
        }
    }
}

#[async_trait]
impl Deliveries for PgUnitOfWork {
    async fn parked(&mut self, most: i64) -> Result<Vec<ParkedNotice>, StoreError> {
        let rows: Vec<Stored> = sqlx::query_as(
            "select id, topic, payload, tries, created_at, parked_at, last_error from outbox
             where tenant_id = $1 and parked_at is not null and given_up_at is null
             order by parked_at, id limit $2",
        )
        .bind(self.city.0)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(ParkedNotice::from).collect())
    }

    async fn parked_one(&mut self, id: Uuid) -> Result<Option<ParkedNotice>, StoreError> {
        let row: Option<Stored> = sqlx::query_as(
            "select id, topic, payload, tries, created_at, parked_at, last_error from outbox
             where tenant_id = $1 and id = $2 and parked_at is not null and given_up_at is null for update",
        )
        .bind(self.city.0)
        .bind(id)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(row.map(ParkedNotice::from))
    }

    async fn take_up_again(&mut self, id: Uuid, at: OffsetDateTime) -> Result<(), StoreError> {
        sqlx::query(
            "update outbox set parked_at = null, tries = 0, waiting_since = null, wechat_asked_at = null, next_at = $3
             where tenant_id = $1 and id = $2",
        )
        .bind(self.city.0)
        .bind(id)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        // Whoever has it tried again has asked the recipient: what may be out holds it back no more.
        sqlx::query(
            "update sms_tries set let_go = true
             where tenant_id = $1 and message_id = $2 and state in ('sending', 'unclear') and not let_go",
        )
        .bind(self.city.0)
        .bind(id)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn give_up(&mut self, id: Uuid, how: &GivenUp) -> Result<(), StoreError> {
        sqlx::query(
            "update outbox set given_up_at = $3, given_up_name = $4, given_up_reason = $5, payload = payload - 'phone_sealed'
             where tenant_id = $1 and id = $2",
        )
        .bind(self.city.0)
        .bind(id)
        .bind(how.at)
        .bind(&how.by_name)
        .bind(&how.reason)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }
}
