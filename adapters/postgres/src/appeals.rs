//! Appeals 复议 and corrections 更正误操作 on PostgreSQL, headquarters' side.

use application::ports::{
    appeals::{
        Appeal, AppealCursor, AppealStatus, Appeals, Correction, CorrectionStatus, NewCorrection,
        Settled,
    },
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    financing::Stage,
    ids::{FinancingApplicationId, UserId},
    values::Cents,
};
use sqlx::{FromRow, Row as _, postgres::PgRow};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    errors::{store_error, unreadable},
    store::PgUnitOfWork,
};

/// What every reading of an appeal selects, with its own end.
macro_rules! appeals {
    ($rest:literal) => {
        concat!(
            "select r.*, a.application_no, a.enterprise_name, a.product_name, a.handler_name, a.amount_cents
             from reconsiderations r join financing_applications a on a.tenant_id = r.tenant_id and a.id = r.application_id
             where r.tenant_id = $1 and a.bank_id = $2 and ",
            $rest
        )
    };
}

/// The same of a correction.
macro_rules! corrections {
    ($rest:literal) => {
        concat!(
            "select c.*, a.application_no, a.enterprise_name, a.handler_name, a.stage
             from correction_requests c join financing_applications a on a.tenant_id = c.tenant_id and a.id = c.application_id
             where c.tenant_id = $1 and a.bank_id = $2 and ",
            $rest
        )
    };
}

struct AppealRow(Appeal);

impl FromRow<'_, PgRow> for AppealRow {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let number: Option<String> = row.try_get("application_no")?;
        Ok(Self(Appeal {
            application: FinancingApplicationId(row.try_get("application_id")?),
            number: number.unwrap_or_default(),
            enterprise_name: row.try_get("enterprise_name")?,
            product_name: row.try_get("product_name")?,
            handler_name: row.try_get("handler_name")?,
            amount: Cents::new(row.try_get("amount_cents")?)
                .map_err(|_| unreadable("an amount below zero"))?,
            facts: row.try_get("facts")?,
            asked_at: row.try_get("asked_at")?,
            status: AppealStatus::from_code(row.try_get("status")?)
                .ok_or_else(|| unreadable("an unknown status of an appeal"))?,
            settled_name: row.try_get("settled_name")?,
            note: row.try_get("note")?,
            settled_at: row.try_get("settled_at")?,
        }))
    }
}

struct CorrectionRow(Correction);

impl FromRow<'_, PgRow> for CorrectionRow {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let number: Option<String> = row.try_get("application_no")?;
        Ok(Self(Correction {
            id: row.try_get("id")?,
            application: FinancingApplicationId(row.try_get("application_id")?),
            number: number.unwrap_or_default(),
            enterprise_name: row.try_get("enterprise_name")?,
            handler_name: row.try_get("handler_name")?,
            stage: Stage::from_code(row.try_get("stage")?)
                .ok_or_else(|| unreadable("an unknown stage"))?,
            reason: row.try_get("reason")?,
            asked_by: UserId(row.try_get("asked_by")?),
            asked_name: row.try_get("asked_name")?,
            asked_at: row.try_get("asked_at")?,
            status: CorrectionStatus::from_code(row.try_get("status")?)
                .ok_or_else(|| unreadable("an unknown status of a correction"))?,
            settled_name: row.try_get("settled_name")?,
            settled_at: row.try_get("settled_at")?,
        }))
    }
}

#[async_trait]
impl Appeals for PgUnitOfWork {
    async fn open(
        &mut self,
        after: Option<AppealCursor>,
        most: i64,
    ) -> Result<Vec<Appeal>, StoreError> {
        let rows: Vec<AppealRow> = sqlx::query_as(appeals!(
            "r.status = 'open' and ($3::timestamptz is null or (r.asked_at, r.application_id) > ($3, $4))
             order by r.asked_at, r.application_id limit $5"
        ))
        .bind(self.city.0)
        .bind(self.tenant.0)
        .bind(after.map(|a| a.at))
        .bind(after.map(|a| a.id))
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|r| r.0).collect())
    }

    async fn appeal(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Option<Appeal>, StoreError> {
        let found: Option<AppealRow> = sqlx::query_as(appeals!("r.application_id = $3"))
            .bind(self.city.0)
            .bind(self.tenant.0)
            .bind(application.0)
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(found.map(|r| r.0))
    }

    async fn settle_appeal(
        &mut self,
        application: FinancingApplicationId,
        accepted: bool,
        note: &str,
        settled: &Settled,
    ) -> Result<bool, StoreError> {
        let status = if accepted {
            AppealStatus::Accepted
        } else {
            AppealStatus::Declined
        };
        let done = sqlx::query(
            "update reconsiderations set status = $3, note = $4, settled_by = $5, settled_name = $6, settled_at = $7
             where tenant_id = $1 and application_id = $2 and status = 'open'",
        )
        .bind(self.city.0)
        .bind(application.0)
        .bind(status.code())
        .bind(note)
        .bind(settled.by.0)
        .bind(&settled.name)
        .bind(settled.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn ask_correction(&mut self, ask: &NewCorrection) -> Result<(), StoreError> {
        sqlx::query(
            "insert into correction_requests (id, tenant_id, application_id, reason, asked_by, asked_name, asked_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(ask.id)
        .bind(self.city.0)
        .bind(ask.application.0)
        .bind(&ask.reason)
        .bind(ask.asked_by.0)
        .bind(&ask.asked_name)
        .bind(ask.asked_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn open_corrections(&mut self, most: i64) -> Result<Vec<Correction>, StoreError> {
        let rows: Vec<CorrectionRow> = sqlx::query_as(corrections!(
            "c.status = 'open' order by c.asked_at, c.id limit $3"
        ))
        .bind(self.city.0)
        .bind(self.tenant.0)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|r| r.0).collect())
    }

    async fn correction(&mut self, id: Uuid) -> Result<Option<Correction>, StoreError> {
        let found: Option<CorrectionRow> = sqlx::query_as(corrections!("c.id = $3"))
            .bind(self.city.0)
            .bind(self.tenant.0)
            .bind(id)
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(found.map(|r| r.0))
    }

    async fn running_correction(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Option<Uuid>, StoreError> {
        sqlx::query_scalar(
            "select id from correction_requests where tenant_id = $1 and application_id = $2 and status = 'open'",
        )
        .bind(self.city.0)
        .bind(application.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn settle_correction(
        &mut self,
        id: Uuid,
        confirmed: bool,
        settled: &Settled,
    ) -> Result<bool, StoreError> {
        let status = if confirmed {
            CorrectionStatus::Confirmed
        } else {
            CorrectionStatus::Declined
        };
        let done = sqlx::query(
            "update correction_requests set status = $3, settled_by = $4, settled_name = $5, settled_at = $6
             where tenant_id = $1 and id = $2 and status = 'open'",
        )
        .bind(self.city.0)
        .bind(id)
        .bind(status.code())
        .bind(settled.by.0)
        .bind(&settled.name)
        .bind(settled.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn withdraw_correction(
        &mut self,
        id: Uuid,
        reason: &str,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update correction_requests set status = 'withdrawn', settled_by = asked_by, settled_name = asked_name,
               settled_at = $3, withdrawal = $4
             where tenant_id = $1 and id = $2 and status = 'open'",
        )
        .bind(self.city.0)
        .bind(id)
        .bind(at)
        .bind(reason)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }
}
