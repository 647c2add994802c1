//! Call-backs 回访工单 on PostgreSQL.

use application::ports::{
    callbacks::{Answers, Bank, Call, Callback, CallbackPage, Callbacks, Draw},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    callback::{CallbackStatus, Measure, Reply},
    financing::Stage,
    ids::{EnterpriseId, FinancingApplicationId, TenantId, UserId},
};
use sqlx::{FromRow, Row as _, postgres::PgRow};
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

/// What is closed for a sample: decided against, given up, or paid out.
const CLOSED: [&str; 5] = [
    "disbursed",
    "settled",
    "not_drawn",
    "rejected",
    "refused_intake",
];

/// Closed in the days $2 to $3 in Asia/Shanghai, of institution $4 or of all, and never drawn.
macro_rules! closed {
    ($select:literal, $rest:literal) => {
        concat!(
            "select ",
            $select,
            " from financing_applications a join tenants b on b.id = a.bank_id join tenants h on h.id = a.handler_tenant_id
             where a.tenant_id = $1 and a.decided_at >= ($2::date::timestamp at time zone 'Asia/Shanghai')
               and a.decided_at < (($3::date + 1)::timestamp at time zone 'Asia/Shanghai')
               and ($4::uuid is null or a.bank_id = $4) and a.stage = any ($5) and a.archived_at is null
               and not exists (select from callbacks c where c.tenant_id = a.tenant_id and c.application_id = a.id) ",
            $rest
        )
    };
}

fn known<T>(found: Option<T>) -> Result<T, sqlx::Error> {
    found.ok_or_else(|| sqlx::Error::Decode("an unknown word of a call-back".into()))
}

struct Stored(Callback);

impl FromRow<'_, PgRow> for Stored {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self(Callback {
            id: row.try_get("id")?,
            draw: row.try_get("draw_id")?,
            application: FinancingApplicationId(row.try_get("application_id")?),
            application_no: row.try_get("application_no")?,
            masked_name: row.try_get("masked_name")?,
            bank: TenantId(row.try_get("bank_id")?),
            bank_name: row.try_get("bank_name")?,
            branch: TenantId(row.try_get("branch_id")?),
            branch_name: row.try_get("branch_name")?,
            stage: known(Stage::from_code(row.try_get("stage")?))?,
            decided_at: row.try_get("decided_at")?,
            status: known(CallbackStatus::from_code(row.try_get("status")?))?,
            calls: row.try_get("calls")?,
            done_at: row.try_get("done_at")?,
            complaint: row.try_get("complaint_id")?,
            version: row.try_get("version")?,
        }))
    }
}

struct StoredDraw(Draw);

impl FromRow<'_, PgRow> for StoredDraw {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let bank: Option<Uuid> = row.try_get("bank_id")?;
        let (found, drawn): (i32, i32) = (row.try_get("found")?, row.try_get("drawn")?);
        Ok(Self(Draw {
            id: row.try_get("id")?,
            from: row.try_get("closed_from")?,
            until: row.try_get("closed_until")?,
            bank: bank.map(TenantId),
            bank_name: row.try_get("bank_name")?,
            measure: known(Measure::from_code(row.try_get("measure")?))?,
            amount: row.try_get("amount")?,
            found: found.into(),
            drawn: drawn.into(),
            drawn_by: UserId(row.try_get("drawn_by")?),
            drawn_name: row.try_get("drawn_name")?,
            drawn_at: row.try_get("drawn_at")?,
        }))
    }
}

struct StoredCall(Call);

impl FromRow<'_, PgRow> for StoredCall {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let reply = |column: &str| known(Reply::from_code(row.try_get(column)?));
        let answers = if row.try_get("reached")? {
            Some(Answers {
                disbursed: reply("disbursed")?,
                amount_matches: reply("amount_matches")?,
                extra_fees: reply("extra_fees")?,
                satisfaction: row.try_get("satisfaction")?,
            })
        } else {
            None
        };
        Ok(Self(Call {
            id: row.try_get("id")?,
            answers,
            note: row.try_get("note")?,
            by: UserId(row.try_get("by_id")?),
            by_name: row.try_get("by_name")?,
            at: row.try_get("at")?,
        }))
    }
}

#[async_trait]
impl Callbacks for PgUnitOfWork {
    async fn callback_banks(&mut self) -> Result<Vec<Bank>, StoreError> {
        let rows: Vec<(Uuid, String)> = sqlx::query_as(
            "select t.id, t.name from institutions i join tenants t on t.id = i.tenant_id
             where i.city_id = $1 order by i.position, t.name",
        )
        .bind(self.city.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(id, name)| Bank {
                id: TenantId(id),
                name,
            })
            .collect())
    }

    async fn closed_undrawn(&mut self, draw: &Draw) -> Result<i64, StoreError> {
        sqlx::query_scalar(closed!("count(*)", ""))
            .bind(self.city.0)
            .bind(draw.from)
            .bind(draw.until)
            .bind(draw.bank.map(|b| b.0))
            .bind(&CLOSED[..])
            .fetch_one(&mut *self.tx)
            .await
            .map_err(store_error)
    }

    async fn sample(&mut self, draw: &Draw) -> Result<Vec<Callback>, StoreError> {
        // Whoever draws does not choose: the id of the sample, made by the clock, orders them.
        let rows: Vec<Stored> = sqlx::query_as(closed!(
            "a.id, $6::uuid as draw_id, a.id as application_id, a.application_no, a.enterprise_name as masked_name, b.id as bank_id,
               b.name as bank_name, h.id as branch_id, h.name as branch_name, a.stage, a.decided_at, 'open' as status,
               0::smallint as calls, null::timestamptz as done_at, null::uuid as complaint_id, 1 as version",
            "order by md5(a.id::text || $6::text), a.id limit $7"
        ))
        .bind(self.city.0)
        .bind(draw.from)
        .bind(draw.until)
        .bind(draw.bank.map(|b| b.0))
        .bind(&CLOSED[..])
        .bind(draw.id)
        .bind(draw.drawn)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    async fn keep_draw(&mut self, draw: &Draw, orders: &[Callback]) -> Result<(), StoreError> {
        sqlx::query(
            "insert into callback_draws (id, tenant_id, closed_from, closed_until, bank_id, bank_name, measure, amount, found, drawn,
               drawn_by, drawn_name, drawn_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(draw.id)
        .bind(self.city.0)
        .bind(draw.from)
        .bind(draw.until)
        .bind(draw.bank.map(|b| b.0))
        .bind(&draw.bank_name)
        .bind(draw.measure.code())
        .bind(draw.amount)
        .bind(i32::try_from(draw.found).unwrap_or(i32::MAX))
        .bind(i32::try_from(draw.drawn).unwrap_or(i32::MAX))
        .bind(draw.drawn_by.0)
        .bind(&draw.drawn_name)
        .bind(draw.drawn_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        for order in orders {
            sqlx::query(
                "insert into callbacks (id, tenant_id, draw_id, application_id, application_no, masked_name, bank_id, bank_name,
                   branch_id, branch_name, stage, decided_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            )
            .bind(order.id)
            .bind(self.city.0)
            .bind(draw.id)
            .bind(order.application.0)
            .bind(&order.application_no)
            .bind(&order.masked_name)
            .bind(order.bank.0)
            .bind(&order.bank_name)
            .bind(order.branch.0)
            .bind(&order.branch_name)
            .bind(order.stage.code())
            .bind(order.decided_at)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        }
        Ok(())
    }

    async fn draws(&mut self, most: i64) -> Result<Vec<Draw>, StoreError> {
        let rows: Vec<StoredDraw> = sqlx::query_as(
            "select * from callback_draws where tenant_id = $1 order by drawn_at desc, id desc limit $2",
        )
        .bind(self.city.0)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    async fn callbacks(
        &mut self,
        status: Option<CallbackStatus>,
        draw: Option<Uuid>,
        skip: i64,
        most: i64,
    ) -> Result<CallbackPage, StoreError> {
        let status = status.map(CallbackStatus::code);
        let total: i64 = sqlx::query_scalar(
            "select count(*) from callbacks
             where tenant_id = $1 and ($2::text is null or status = $2) and ($3::uuid is null or draw_id = $3)",
        )
        .bind(self.city.0)
        .bind(status)
        .bind(draw)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)?;
        let rows: Vec<Stored> = sqlx::query_as(
            "select * from callbacks
             where tenant_id = $1 and ($2::text is null or status = $2) and ($3::uuid is null or draw_id = $3)
             order by decided_at, id limit $4 offset $5",
        )
        .bind(self.city.0)
        .bind(status)
        .bind(draw)
        .bind(most)
        .bind(skip)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(CallbackPage {
            rows: rows.into_iter().map(|row| row.0).collect(),
            total,
        })
    }

    async fn callback(&mut self, id: Uuid) -> Result<Option<Callback>, StoreError> {
        let row: Option<Stored> =
            sqlx::query_as("select * from callbacks where tenant_id = $1 and id = $2")
                .bind(self.city.0)
                .bind(id)
                .fetch_optional(&mut *self.tx)
                .await
                .map_err(store_error)?;
        Ok(row.map(|row| row.0))
    }

    async fn callback_for_update(&mut self, id: Uuid) -> Result<Option<Callback>, StoreError> {
        let row: Option<Stored> =
            sqlx::query_as("select * from callbacks where tenant_id = $1 and id = $2 for update")
                .bind(self.city.0)
                .bind(id)
                .fetch_optional(&mut *self.tx)
                .await
                .map_err(store_error)?;
        Ok(row.map(|row| row.0))
    }

    async fn save_callback(&mut self, callback: &Callback) -> Result<(), StoreError> {
        let done = sqlx::query(
            "update callbacks set status = $4, calls = $5, done_at = $6, complaint_id = $7, version = version + 1
             where tenant_id = $1 and id = $2 and version = $3",
        )
        .bind(self.city.0)
        .bind(callback.id)
        .bind(callback.version)
        .bind(callback.status.code())
        .bind(callback.calls)
        .bind(callback.done_at)
        .bind(callback.complaint)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        if done.rows_affected() == 0 {
            return Err(StoreError::Stale);
        }
        Ok(())
    }

    async fn add_call(&mut self, callback: Uuid, call: &Call) -> Result<(), StoreError> {
        let answers = call.answers.as_ref();
        let word = |of: fn(&Answers) -> Reply| answers.map_or("", |a| of(a).code());
        sqlx::query(
            "insert into callback_calls (id, tenant_id, callback_id, reached, disbursed, amount_matches, extra_fees, satisfaction, note,
               by_id, by_name, at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(call.id)
        .bind(self.city.0)
        .bind(callback)
        .bind(answers.is_some())
        .bind(word(|a| a.disbursed))
        .bind(word(|a| a.amount_matches))
        .bind(word(|a| a.extra_fees))
        .bind(answers.map(|a| a.satisfaction))
        .bind(&call.note)
        .bind(call.by.0)
        .bind(&call.by_name)
        .bind(call.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn calls(&mut self, callback: Uuid) -> Result<Vec<Call>, StoreError> {
        let rows: Vec<StoredCall> = sqlx::query_as(
            "select * from callback_calls where tenant_id = $1 and callback_id = $2 order by at, id",
        )
        .bind(self.city.0)
        .bind(callback)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    async fn enterprise_behind(
        &mut self,
        callback: Uuid,
    ) -> Result<Option<(EnterpriseId, String)>, StoreError> {
        let row: Option<(Uuid, String)> = sqlx::query_as(
            "select a.enterprise_id, a.enterprise_name from callbacks c
             join financing_applications a on a.tenant_id = c.tenant_id and a.id = c.application_id
             where c.tenant_id = $1 and c.id = $2",
        )
        .bind(self.city.0)
        .bind(callback)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(row.map(|(id, name)| (EnterpriseId(id), name)))
    }
}
