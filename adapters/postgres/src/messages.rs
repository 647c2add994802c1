//! Messages 消息 on PostgreSQL. Whose box it is follows from the unit of work: an enterprise's, or the staff's of a node.

use application::ports::{
    messages::{MessageRow, Messages, NewMessage, Ring},
    store::StoreError,
};
use async_trait::async_trait;
use domain::ids::MessageId;
use sqlx::FromRow;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

#[derive(FromRow)]
struct Stored {
    id: Uuid,
    title: String,
    body: String,
    link: String,
    created_at: OffsetDateTime,
    read_at: Option<OffsetDateTime>,
    sms: String,
}

impl From<Stored> for MessageRow {
    fn from(row: Stored) -> Self {
        Self {
            id: MessageId(row.id),
            title: row.title,
            body: row.body,
            link: row.link,
            at: row.created_at,
            read_at: row.read_at,
            sms: Ring::from_code(&row.sms),
        }
    }
}

#[async_trait]
impl Messages for PgUnitOfWork {
    async fn put(&mut self, message: &NewMessage) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "insert into messages (id, tenant_id, enterprise_id, dedupe_key, title, body, link, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (tenant_id, dedupe_key) do nothing",
        )
        .bind(message.id.0)
        .bind(message.to.0)
        .bind(message.enterprise.map(|e| e.0))
        .bind(&message.dedupe_key)
        .bind(&message.title)
        .bind(&message.body)
        .bind(&message.link)
        .bind(message.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() > 0)
    }

    async fn rings(&mut self, key: &str, notice: Uuid) -> Result<(), StoreError> {
        sqlx::query(
            "update messages set sms = 'sending', sms_notice = $3
             where tenant_id = $1 and dedupe_key = $2 and sms_notice is null",
        )
        .bind(self.city.0)
        .bind(key)
        .bind(notice)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn rang(&mut self, notice: Uuid, out: bool) -> Result<(), StoreError> {
        // What WeChat took leaves no try behind.
        sqlx::query(
            "update messages m set sms = case when not $3 then 'failed'
                 when exists (select from outbox o where o.tenant_id = $1 and o.id = $2 and o.wechat_asked_at is not null)
                   and not exists (select from sms_tries t where t.tenant_id = $1 and t.message_id = $2) then 'wechat'
                 else 'sent' end
             where m.tenant_id = $1 and m.sms_notice = $2 and m.sms in ('sending', 'failed')",
        )
        .bind(self.city.0)
        .bind(notice)
        .bind(out)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn hear_receipts(&mut self, since: OffsetDateTime) -> Result<(), StoreError> {
        sqlx::query(
            "update messages m set sms = t.state
             from sms_tries t
             where m.tenant_id = $1 and m.sms = 'sent' and m.created_at > $2
               and t.tenant_id = $1 and t.message_id = m.sms_notice and t.state in ('delivered', 'failed')
               and not exists (select from sms_tries n where n.tenant_id = $1 and n.message_id = t.message_id
                 and (n.at, n.id) > (t.at, t.id))",
        )
        .bind(self.city.0)
        .bind(since)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn messages(
        &mut self,
        unread_only: bool,
        skip: i64,
        most: i64,
    ) -> Result<Vec<MessageRow>, StoreError> {
        let sql = if unread_only {
            "select id, title, body, link, created_at, read_at, sms from messages
             where tenant_id = $1 and enterprise_id is not distinct from current_enterprise() and read_at is null
             order by created_at desc, id desc offset $2 limit $3"
        } else {
            "select id, title, body, link, created_at, read_at, sms from messages
             where tenant_id = $1 and enterprise_id is not distinct from current_enterprise()
             order by created_at desc, id desc offset $2 limit $3"
        };
        let rows: Vec<Stored> = sqlx::query_as(sql)
            .bind(self.tenant.0)
            .bind(skip)
            .bind(most)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn messages_after(
        &mut self,
        unread_only: bool,
        after: Option<(OffsetDateTime, Uuid)>,
        most: i64,
    ) -> Result<Vec<MessageRow>, StoreError> {
        // Whoever begins at the top asks for what is older than any time to come.
        let (at, id) = after.unwrap_or((
            OffsetDateTime::new_utc(time::Date::MAX, time::Time::MIDNIGHT),
            Uuid::nil(),
        ));
        let sql = if unread_only {
            "select id, title, body, link, created_at, read_at, sms from messages
             where tenant_id = $1 and enterprise_id is not distinct from current_enterprise() and read_at is null
               and (created_at, id) < ($2, $3) order by created_at desc, id desc limit $4"
        } else {
            "select id, title, body, link, created_at, read_at, sms from messages
             where tenant_id = $1 and enterprise_id is not distinct from current_enterprise()
               and (created_at, id) < ($2, $3) order by created_at desc, id desc limit $4"
        };
        let rows: Vec<Stored> = sqlx::query_as(sql)
            .bind(self.tenant.0)
            .bind(at)
            .bind(id)
            .bind(most)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn count_messages(&mut self) -> Result<(u64, u64), StoreError> {
        let (all, unread): (i64, i64) = sqlx::query_as(
            "select count(*), count(*) filter (where read_at is null) from (select read_at from messages
             where tenant_id = $1 and enterprise_id is not distinct from current_enterprise()
             order by created_at desc limit 1000) capped",
        )
        .bind(self.tenant.0)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok((all.unsigned_abs(), unread.unsigned_abs()))
    }

    async fn message(&mut self, id: MessageId) -> Result<Option<MessageRow>, StoreError> {
        let row: Option<Stored> = sqlx::query_as(
            "select id, title, body, link, created_at, read_at, sms from messages
             where tenant_id = $1 and id = $2 and enterprise_id is not distinct from current_enterprise()",
        )
        .bind(self.tenant.0)
        .bind(id.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(row.map(Into::into))
    }

    async fn mark_read(&mut self, id: MessageId, at: OffsetDateTime) -> Result<(), StoreError> {
        sqlx::query(
            "update messages set read_at = $3 where tenant_id = $1 and id = $2 and read_at is null
               and enterprise_id is not distinct from current_enterprise()",
        )
        .bind(self.tenant.0)
        .bind(id.0)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn mark_all_read(&mut self, at: OffsetDateTime) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "update messages set read_at = $2 where tenant_id = $1 and read_at is null
               and enterprise_id is not distinct from current_enterprise()",
        )
        .bind(self.tenant.0)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected())
    }
}
