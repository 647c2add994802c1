//! SMS log 短信记录 on PostgreSQL: written by the door, read by the city.

use application::ports::{
    providers::Reason,
    sms_log::{
        EarlierTry, LoggedTry, NewTry, Outcome, Receipt, SendState, SmsLog, SmsTries, Tally, TryAsk,
    },
    store::StoreError,
};
use async_trait::async_trait;
use domain::ids::TenantId;
use sqlx::{FromRow, Postgres, QueryBuilder};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{door::PgDoor, errors::store_error, store::PgUnitOfWork};

/// Providers' texts are cut to what the column takes.
fn short(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

fn state(code: &str) -> Result<SendState, StoreError> {
    SendState::from_code(code).ok_or_else(|| StoreError::Conflict(format!("sms state {code}")))
}

#[async_trait]
impl SmsLog for PgDoor {
    async fn open(&self, new: &NewTry) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "insert into sms_tries (id, tenant_id, message_id, template, phone_masked, provider, state, at)
             values ($1, $2, $3, $4, $5, $6, 'sending', $7)",
        )
        .bind(new.id)
        .bind(new.city.0)
        .bind(new.message)
        .bind(&new.template)
        .bind(&new.phone_masked)
        .bind(&new.provider)
        .bind(new.at)
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        tx.commit().await.map_err(store_error)
    }

    async fn close(
        &self,
        city: TenantId,
        id: Uuid,
        outcome: &Outcome,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        // A receipt may be faster than the answer: what it said stays.
        sqlx::query(
            "update sms_tries set state = $3, code = $5, reason = $6, settled_at = $7,
               provider_ref = case when $4 = '' then provider_ref else $4 end
             where tenant_id = $1 and id = $2 and state in ('sending', 'unclear')",
        )
        .bind(city.0)
        .bind(id)
        .bind(outcome.state.code())
        .bind(short(&outcome.provider_ref, 128))
        .bind(short(&outcome.code, 120))
        .bind(outcome.reason.map(Reason::code))
        .bind(at)
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        tx.commit().await.map_err(store_error)
    }

    async fn may_be_out(
        &self,
        city: TenantId,
        message: Uuid,
    ) -> Result<Vec<EarlierTry>, StoreError> {
        let mut tx = self.begin().await?;
        let rows: Vec<(Uuid, String, String, String, OffsetDateTime, bool)> = sqlx::query_as(
            "select id, provider, provider_ref, state, at, let_go from sms_tries where tenant_id = $1 and message_id = $2
               and state in ('sending', 'accepted', 'delivered', 'unclear') order by at, id",
        )
        .bind(city.0)
        .bind(message)
        .fetch_all(&mut *tx)
        .await
        .map_err(store_error)?;
        rows.into_iter()
            .map(|(id, provider, provider_ref, code, at, let_go)| {
                Ok(EarlierTry {
                    id,
                    provider,
                    provider_ref,
                    state: state(&code)?,
                    at,
                    let_go,
                })
            })
            .collect()
    }

    async fn sent_besides_counted(
        &self,
        city: TenantId,
        since: OffsetDateTime,
    ) -> Result<i64, StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query_scalar(
            "select count(*) from sms_tries where tenant_id = $1 and at >= $2 and template not in ('code', 'enterprise_invite')
               and state in ('sending', 'accepted', 'delivered', 'failed', 'unclear')",
        )
        .bind(city.0)
        .bind(since)
        .fetch_one(&mut *tx)
        .await
        .map_err(store_error)
    }

    async fn receive(
        &self,
        city: TenantId,
        provider: &str,
        receipt: &Receipt,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        // By our own id alone it may be any of the tries: a refused one never was out, and one that is settled was told about.
        let found: Option<Uuid> = sqlx::query_scalar(
            "select id from sms_tries where tenant_id = $1 and provider = $2
               and ((provider_ref <> '' and provider_ref = $3) or message_id = $4)
             order by (provider_ref = $3) desc, (state in ('sending', 'accepted', 'unclear')) desc, at desc limit 1 for update",
        )
        .bind(city.0)
        .bind(provider)
        .bind(&receipt.provider_ref)
        .bind(receipt.message)
        .fetch_optional(&mut *tx)
        .await
        .map_err(store_error)?;
        let Some(id) = found else {
            return Ok(false);
        };
        // The first receipt counts; a second one changes nothing.
        sqlx::query(
            "update sms_tries set state = $3, code = $4, reason = $5, settled_at = $6,
               provider_ref = case when provider_ref = '' then $7 else provider_ref end
             where tenant_id = $1 and id = $2 and state in ('sending', 'accepted', 'unclear')",
        )
        .bind(city.0)
        .bind(id)
        .bind(if receipt.delivered {
            "delivered"
        } else {
            "failed"
        })
        .bind(short(&receipt.code, 120))
        .bind(receipt.reason.map(Reason::code))
        .bind(at)
        .bind(short(&receipt.provider_ref, 128))
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }
}

#[derive(FromRow)]
struct Stored {
    at: OffsetDateTime,
    template: String,
    phone_masked: String,
    provider: String,
    state: String,
    code: String,
    reason: Option<String>,
    settled_at: Option<OffsetDateTime>,
}

impl Stored {
    fn read(self) -> Result<LoggedTry, StoreError> {
        Ok(LoggedTry {
            at: self.at,
            template: self.template,
            phone_masked: self.phone_masked,
            provider: self.provider,
            state: state(&self.state)?,
            code: self.code,
            reason: self.reason.as_deref().and_then(Reason::from_code),
            settled_at: self.settled_at,
        })
    }
}

fn narrow(query: &mut QueryBuilder<Postgres>, city: TenantId, ask: &TryAsk) {
    query.push(" where tenant_id = ").push_bind(city.0);
    if let Some(state) = ask.state {
        query.push(" and state = ").push_bind(state.code());
    }
    if let Some(template) = &ask.template {
        query.push(" and template = ").push_bind(template.clone());
    }
    if let Some(from) = ask.from {
        query.push(" and at >= ").push_bind(from);
    }
    if let Some(until) = ask.until {
        query.push(" and at < ").push_bind(until);
    }
}

#[async_trait]
impl SmsTries for PgUnitOfWork {
    async fn tries(
        &mut self,
        ask: &TryAsk,
        skip: i64,
        most: i64,
    ) -> Result<Vec<LoggedTry>, StoreError> {
        let mut query = QueryBuilder::new(
            "select at, template, phone_masked, provider, state, code, reason, settled_at from sms_tries",
        );
        narrow(&mut query, self.city, ask);
        query
            .push(" order by at desc, id desc offset ")
            .push_bind(skip)
            .push(" limit ")
            .push_bind(most);
        let rows: Vec<Stored> = query
            .build_query_as()
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(Stored::read).collect()
    }

    async fn count_tries(&mut self, ask: &TryAsk) -> Result<u64, StoreError> {
        let mut query = QueryBuilder::new("select count(*) from sms_tries");
        narrow(&mut query, self.city, ask);
        let count: i64 = query
            .build_query_scalar()
            .fetch_one(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(count.unsigned_abs())
    }

    async fn tally_tries(
        &mut self,
        from: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Result<Vec<Tally>, StoreError> {
        let rows: Vec<(String, String, i64)> = sqlx::query_as(
            "select template, state, count(*) from sms_tries where tenant_id = $1 and at >= $2 and at < $3
             group by template, state order by template, state",
        )
        .bind(self.city.0)
        .bind(from)
        .bind(until)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        rows.into_iter()
            .map(|(template, code, tries)| {
                Ok(Tally {
                    template,
                    state: state(&code)?,
                    tries: tries.unsigned_abs(),
                })
            })
            .collect()
    }

    async fn troubles_since(
        &mut self,
        since: OffsetDateTime,
    ) -> Result<Vec<(String, Reason)>, StoreError> {
        let rows: Vec<(String, String)> = sqlx::query_as(
            "select distinct provider, reason from sms_tries where tenant_id = $1 and at >= $2
               and reason in ('account', 'credentials', 'secret', 'permission', 'clock', 'quota', 'template', 'signature', 'integration')
             order by provider, reason",
        )
        .bind(self.city.0)
        .bind(since)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .filter_map(|(provider, reason)| Some((provider, Reason::from_code(&reason)?)))
            .collect())
    }

    async fn may_be_out(&mut self, message: Uuid) -> Result<bool, StoreError> {
        sqlx::query_scalar(
            "select exists (select from sms_tries where tenant_id = $1 and message_id = $2
               and (state in ('accepted', 'delivered') or state in ('sending', 'unclear') and not let_go))",
        )
        .bind(self.city.0)
        .bind(message)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn sent_since(&mut self, since: OffsetDateTime) -> Result<i64, StoreError> {
        sqlx::query_scalar(
            "select count(*) from sms_tries where tenant_id = $1 and at >= $2
               and state in ('sending', 'accepted', 'delivered', 'failed', 'unclear')",
        )
        .bind(self.city.0)
        .bind(since)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)
    }
}
