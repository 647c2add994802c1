//! Moves 跨支行转派 on PostgreSQL.

use application::ports::{
    moves::{MoveRequest, MoveStatus, Moves},
    store::StoreError,
};
use async_trait::async_trait;
use domain::ids::{FinancingApplicationId, TenantId, UserId};
use sqlx::{FromRow, Row as _, postgres::PgRow};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

struct Stored(MoveRequest);

/// A row of `move_requests`, also beside other columns.
pub(crate) fn move_request(row: &PgRow) -> Result<MoveRequest, sqlx::Error> {
    Stored::from_row(row).map(|stored| stored.0)
}

impl FromRow<'_, PgRow> for Stored {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let status = MoveStatus::from_code(row.try_get("status")?)
            .ok_or_else(|| sqlx::Error::Decode("an unknown status of a move".into()))?;
        Ok(Self(MoveRequest {
            id: row.try_get("id")?,
            application: FinancingApplicationId(row.try_get("application_id")?),
            to_branch: TenantId(row.try_get("to_branch_id")?),
            to_branch_name: row.try_get("to_branch_name")?,
            reason: row.try_get("reason")?,
            asked_by: UserId(row.try_get("asked_by")?),
            asked_name: row.try_get("asked_name")?,
            asked_at: row.try_get("asked_at")?,
            status,
            answered_at: row.try_get("answered_at")?,
            answer_note: row.try_get("answer_note")?,
        }))
    }
}

#[async_trait]
impl Moves for PgUnitOfWork {
    async fn ask_move(&mut self, ask: &MoveRequest) -> Result<(), StoreError> {
        sqlx::query(
            "insert into move_requests
               (id, tenant_id, application_id, to_branch_id, to_branch_name, reason, asked_by, asked_name, asked_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(ask.id)
        .bind(self.city.0)
        .bind(ask.application.0)
        .bind(ask.to_branch.0)
        .bind(&ask.to_branch_name)
        .bind(&ask.reason)
        .bind(ask.asked_by.0)
        .bind(&ask.asked_name)
        .bind(ask.asked_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn running_move(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Option<MoveRequest>, StoreError> {
        let found: Option<Stored> = sqlx::query_as(
            "select * from move_requests
             where tenant_id = $1 and application_id = $2 and status in ('open', 'agreed')",
        )
        .bind(self.city.0)
        .bind(application.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(found.map(|s| s.0))
    }

    async fn moves_of(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<MoveRequest>, StoreError> {
        let rows: Vec<Stored> = sqlx::query_as(
            "select * from move_requests where tenant_id = $1 and application_id = $2
             order by asked_at desc, id desc limit 20",
        )
        .bind(self.city.0)
        .bind(application.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|s| s.0).collect())
    }

    async fn answer_move(
        &mut self,
        id: Uuid,
        agreed: bool,
        note: &str,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update move_requests set status = $3, answer_note = $4, answered_at = $5
             where tenant_id = $1 and id = $2 and status = 'open'",
        )
        .bind(self.city.0)
        .bind(id)
        .bind(
            if agreed {
                MoveStatus::Agreed
            } else {
                MoveStatus::Declined
            }
            .code(),
        )
        .bind(note)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn end_move(&mut self, id: Uuid, status: MoveStatus) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update move_requests set status = $3
             where tenant_id = $1 and id = $2 and status in ('open', 'agreed')",
        )
        .bind(self.city.0)
        .bind(id)
        .bind(status.code())
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }
}
