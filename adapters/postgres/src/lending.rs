//! Lending 放款与还款 on PostgreSQL: visible exactly to those who see the application; the enterprise may only answer.

use std::collections::HashMap;

use application::ports::{
    lending::{Lending, Standing, StoredDraw, StoredRepayment},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    ids::{DrawId, FinancingApplicationId, RepaymentId, UserId},
    values::{Cents, Rate},
};
use sqlx::FromRow;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

fn broken(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Broken(Box::new(error))
}

#[derive(FromRow)]
struct DrawRow {
    id: Uuid,
    number: i32,
    amount_cents: i64,
    rate: i32,
    drawn_on: Date,
    due_on: Option<Date>,
    contract_no: String,
    recorded_by: Option<Uuid>,
    recorded_name: String,
    at: OffsetDateTime,
    confirmed_at: Option<OffsetDateTime>,
    disputed_at: Option<OffsetDateTime>,
    dispute: String,
    settled_note: String,
    settled_at: Option<OffsetDateTime>,
}

impl TryFrom<DrawRow> for StoredDraw {
    type Error = StoreError;

    fn try_from(row: DrawRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: DrawId(row.id),
            number: u16::try_from(row.number).map_err(broken)?,
            amount: Cents::new(row.amount_cents).map_err(broken)?,
            rate: Rate::new(row.rate).map_err(broken)?,
            on: row.drawn_on,
            due_on: row.due_on,
            contract_no: row.contract_no,
            recorded_by: row.recorded_by.map(UserId),
            recorded_name: row.recorded_name,
            at: row.at,
            confirmed_at: row.confirmed_at,
            disputed_at: row.disputed_at,
            dispute: row.dispute,
            settled_note: row.settled_note,
            settled_at: row.settled_at,
        })
    }
}

#[derive(FromRow)]
struct RepaymentRow {
    id: Uuid,
    principal_cents: i64,
    paid_on: Date,
    balance_cents: i64,
    recorded_by: Option<Uuid>,
    recorded_name: String,
    at: OffsetDateTime,
}

impl TryFrom<RepaymentRow> for StoredRepayment {
    type Error = StoreError;

    fn try_from(row: RepaymentRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: RepaymentId(row.id),
            principal: Cents::new(row.principal_cents).map_err(broken)?,
            on: row.paid_on,
            balance: Cents::new(row.balance_cents).map_err(broken)?,
            recorded_by: row.recorded_by.map(UserId),
            recorded_name: row.recorded_name,
            at: row.at,
        })
    }
}

#[async_trait]
impl Lending for PgUnitOfWork {
    async fn add_draw(
        &mut self,
        application: FinancingApplicationId,
        draw: &StoredDraw,
        source: &'static str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into disbursements
               (id, tenant_id, application_id, number, amount_cents, rate, drawn_on, due_on, contract_no, source,
                recorded_by, recorded_name, at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(draw.id.0)
        .bind(self.city.0)
        .bind(application.0)
        .bind(i32::from(draw.number))
        .bind(draw.amount.cents())
        .bind(draw.rate.hundredths())
        .bind(draw.on)
        .bind(draw.due_on)
        .bind(&draw.contract_no)
        .bind(source)
        .bind(draw.recorded_by.map(|u| u.0))
        .bind(&draw.recorded_name)
        .bind(draw.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn has_draw(
        &mut self,
        application: FinancingApplicationId,
        contract_no: &str,
        on: Date,
        amount: Cents,
    ) -> Result<bool, StoreError> {
        sqlx::query_scalar(
            "select exists (select from disbursements where tenant_id = $1 and application_id = $2
               and contract_no = $3 and drawn_on = $4 and amount_cents = $5)
             or exists (select from loan_corrections where tenant_id = $1 and application_id = $2 and status = 'confirmed'
               and draw_id is not null and old_contract_no = $3 and old_on = $4 and old_cents = $5)",
        )
        .bind(self.city.0)
        .bind(application.0)
        .bind(contract_no)
        .bind(on)
        .bind(amount.cents())
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn by_numbers(
        &mut self,
        numbers: &[String],
    ) -> Result<HashMap<String, (FinancingApplicationId, i32)>, StoreError> {
        let found: Vec<(String, Uuid, i32)> = sqlx::query_as(
            "select application_no, id, version from financing_applications where tenant_id = $1 and application_no = any ($2)",
        )
        .bind(self.city.0)
        .bind(numbers)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(found
            .into_iter()
            .map(|(number, id, version)| (number, (FinancingApplicationId(id), version)))
            .collect())
    }

    async fn draws(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<StoredDraw>, StoreError> {
        let rows: Vec<DrawRow> = sqlx::query_as(
            "select id, number, amount_cents, rate, drawn_on, due_on, contract_no, recorded_by, recorded_name, at,
                    confirmed_at, disputed_at, dispute, settled_note, settled_at
             from disbursements where tenant_id = $1 and application_id = $2 order by number",
        )
        .bind(self.city.0)
        .bind(application.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    async fn confirm_draw(
        &mut self,
        application: FinancingApplicationId,
        draw: DrawId,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update disbursements set confirmed_at = $4
             where tenant_id = $1 and application_id = $2 and id = $3 and confirmed_at is null",
        )
        .bind(self.city.0)
        .bind(application.0)
        .bind(draw.0)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn dispute_draw(
        &mut self,
        application: FinancingApplicationId,
        draw: DrawId,
        text: &str,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update disbursements set disputed_at = $5, dispute = $4
             where tenant_id = $1 and application_id = $2 and id = $3 and confirmed_at is null and disputed_at is null",
        )
        .bind(self.city.0)
        .bind(application.0)
        .bind(draw.0)
        .bind(text)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn settle_dispute(
        &mut self,
        application: FinancingApplicationId,
        draw: DrawId,
        note: &str,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update disbursements set settled_at = $5, settled_note = $4
             where tenant_id = $1 and application_id = $2 and id = $3 and disputed_at is not null and settled_at is null",
        )
        .bind(self.city.0)
        .bind(application.0)
        .bind(draw.0)
        .bind(note)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn add_repayment(
        &mut self,
        application: FinancingApplicationId,
        repayment: &StoredRepayment,
        source: &'static str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into repayments
               (id, tenant_id, application_id, principal_cents, paid_on, balance_cents, source, recorded_by, recorded_name, at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(repayment.id.0)
        .bind(self.city.0)
        .bind(application.0)
        .bind(repayment.principal.cents())
        .bind(repayment.on)
        .bind(repayment.balance.cents())
        .bind(source)
        .bind(repayment.recorded_by.map(|u| u.0))
        .bind(&repayment.recorded_name)
        .bind(repayment.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn standing(
        &mut self,
        application: FinancingApplicationId,
        principal: Cents,
        on: Date,
    ) -> Result<Standing, StoreError> {
        let (first_draw, repaid, repeated): (Option<Date>, i64, bool) = sqlx::query_as(
            "select (select min(drawn_on) from disbursements where tenant_id = $1 and application_id = $2),
                    coalesce(sum(principal_cents), 0)::bigint,
                    coalesce(bool_or(principal_cents = $3 and paid_on = $4), false)
                      or exists (select from loan_corrections where tenant_id = $1 and application_id = $2
                        and status = 'confirmed' and repayment_id is not null and old_cents = $3 and old_on = $4)
             from repayments where tenant_id = $1 and application_id = $2",
        )
        .bind(self.city.0)
        .bind(application.0)
        .bind(principal.cents())
        .bind(on)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(Standing {
            first_draw,
            repaid: Cents::new(repaid).map_err(|e| StoreError::Broken(Box::new(e)))?,
            repeated,
        })
    }

    async fn repayments(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<StoredRepayment>, StoreError> {
        let rows: Vec<RepaymentRow> = sqlx::query_as(
            "select id, principal_cents, paid_on, balance_cents, recorded_by, recorded_name, at
             from repayments where tenant_id = $1 and application_id = $2 order by at, id",
        )
        .bind(self.city.0)
        .bind(application.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}
