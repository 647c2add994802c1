//! Deferrals 延期申请 on PostgreSQL: the enterprise asks and takes back, the bank answers; the database holds the four eyes too.

use application::ports::{
    appeals::Settled,
    deferrals::{Deferral, Deferrals},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    deferral::DeferralStatus,
    ids::{DrawId, FinancingApplicationId, UserId},
};
use sqlx::{FromRow, Row as _, postgres::PgRow};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{
    errors::{store_error, unreadable},
    store::PgUnitOfWork,
};

struct DeferralRow(Deferral);

/// Who said something, in three columns.
fn said(row: &PgRow, [by, name, at]: [&str; 3]) -> Result<Option<Settled>, sqlx::Error> {
    let by: Option<Uuid> = row.try_get(by)?;
    let at: Option<OffsetDateTime> = row.try_get(at)?;
    let name: String = row.try_get(name)?;
    Ok(by.zip(at).map(|(by, at)| Settled {
        by: UserId(by),
        name,
        at,
    }))
}

impl FromRow<'_, PgRow> for DeferralRow {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let number: i32 = row.try_get("number")?;
        Ok(Self(Deferral {
            id: row.try_get("id")?,
            application: FinancingApplicationId(row.try_get("application_id")?),
            draw: DrawId(row.try_get("draw_id")?),
            number: u16::try_from(number).map_err(|_| unreadable("an unknown number"))?,
            old_due_on: row.try_get("old_due_on")?,
            wanted_on: row.try_get("wanted_on")?,
            reason: row.try_get("reason")?,
            asked_by: UserId(row.try_get("asked_by")?),
            asked_name: row.try_get("asked_name")?,
            asked_at: row.try_get("asked_at")?,
            status: DeferralStatus::from_code(row.try_get("status")?)
                .ok_or_else(|| unreadable("an unknown status of a deferral"))?,
            new_due_on: row.try_get("new_due_on")?,
            answer: row.try_get("answer")?,
            answered: said(row, ["answered_by", "answered_name", "answered_at"])?,
            checked: said(row, ["checked_by", "checked_name", "checked_at"])?,
            ended_at: row.try_get("ended_at")?,
        }))
    }
}

#[async_trait]
impl Deferrals for PgUnitOfWork {
    async fn ask_deferral(&mut self, ask: &Deferral) -> Result<(), StoreError> {
        sqlx::query(
            "insert into loan_deferrals
               (id, tenant_id, application_id, draw_id, number, old_due_on, wanted_on, reason, asked_by, asked_name, asked_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(ask.id)
        .bind(self.city.0)
        .bind(ask.application.0)
        .bind(ask.draw.0)
        .bind(i32::from(ask.number))
        .bind(ask.old_due_on)
        .bind(ask.wanted_on)
        .bind(&ask.reason)
        .bind(ask.asked_by.0)
        .bind(&ask.asked_name)
        .bind(ask.asked_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn deferrals(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<Deferral>, StoreError> {
        let rows: Vec<DeferralRow> = sqlx::query_as(
            "select * from loan_deferrals where tenant_id = $1 and application_id = $2 order by asked_at, id",
        )
        .bind(self.city.0)
        .bind(application.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    async fn withdraw_deferral(
        &mut self,
        id: Uuid,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update loan_deferrals set status = 'withdrawn', ended_at = $3 where tenant_id = $1 and id = $2 and status = 'open'",
        )
        .bind(self.city.0)
        .bind(id)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn propose_deferral(
        &mut self,
        id: Uuid,
        new_due_on: Date,
        answer: &str,
        by: &Settled,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update loan_deferrals set status = 'proposed', new_due_on = $3, answer = $4, answered_by = $5, answered_name = $6,
               answered_at = $7
             where tenant_id = $1 and id = $2 and status = 'open'",
        )
        .bind(self.city.0)
        .bind(id)
        .bind(new_due_on)
        .bind(answer)
        .bind(by.by.0)
        .bind(&by.name)
        .bind(by.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn decline_deferral(
        &mut self,
        id: Uuid,
        answer: &str,
        by: &Settled,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update loan_deferrals set status = 'declined', answer = $3, answered_by = $4, answered_name = $5, answered_at = $6
             where tenant_id = $1 and id = $2 and status = 'open'",
        )
        .bind(self.city.0)
        .bind(id)
        .bind(answer)
        .bind(by.by.0)
        .bind(&by.name)
        .bind(by.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn return_deferral(&mut self, id: Uuid) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update loan_deferrals set status = 'open', new_due_on = null, answer = '', answered_by = null, answered_name = '',
               answered_at = null
             where tenant_id = $1 and id = $2 and status = 'proposed'",
        )
        .bind(self.city.0)
        .bind(id)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn agree_deferral(&mut self, ask: &Deferral, by: &Settled) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update loan_deferrals set status = 'agreed', checked_by = $3, checked_name = $4, checked_at = $5
             where tenant_id = $1 and id = $2 and status = 'proposed'",
        )
        .bind(self.city.0)
        .bind(ask.id)
        .bind(by.by.0)
        .bind(&by.name)
        .bind(by.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        if done.rows_affected() != 1 {
            return Ok(false);
        }
        // A statement of its own: the trigger looks for the agreed row.
        let moved = sqlx::query(
            "update disbursements d set due_on = l.new_due_on from loan_deferrals l
             where l.tenant_id = $1 and l.id = $2 and d.tenant_id = l.tenant_id and d.application_id = l.application_id
               and d.id = l.draw_id and d.due_on = l.old_due_on",
        )
        .bind(self.city.0)
        .bind(ask.id)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(moved.rows_affected() == 1)
    }

    async fn lapse_deferrals(
        &mut self,
        application: FinancingApplicationId,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update loan_deferrals set status = 'lapsed', ended_at = $3
             where tenant_id = $1 and application_id = $2 and status in ('open', 'proposed')",
        )
        .bind(self.city.0)
        .bind(application.0)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }
}
