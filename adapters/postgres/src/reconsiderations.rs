//! Reconsiderations 复议申请 on PostgreSQL: asked by the enterprise, changed only by headquarters.

use application::ports::{
    reconsiderations::{Reconsideration, ReconsiderationStatus, Reconsiderations},
    store::StoreError,
};
use async_trait::async_trait;
use domain::ids::{FinancingApplicationId, UserId};
use sqlx::FromRow;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

#[derive(FromRow)]
struct Row {
    facts: String,
    asked_by: Uuid,
    asked_name: String,
    asked_at: OffsetDateTime,
    status: String,
    note: String,
}

#[async_trait]
impl Reconsiderations for PgUnitOfWork {
    async fn ask_reconsideration(&mut self, ask: &Reconsideration) -> Result<(), StoreError> {
        sqlx::query(
            "insert into reconsiderations (tenant_id, application_id, facts, asked_by, asked_name, asked_at)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(self.city.0)
        .bind(ask.application.0)
        .bind(&ask.facts)
        .bind(ask.asked_by.0)
        .bind(&ask.asked_name)
        .bind(ask.asked_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn reconsideration(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Option<Reconsideration>, StoreError> {
        let row: Option<Row> = sqlx::query_as(
            "select facts, asked_by, asked_name, asked_at, status, note from reconsiderations
             where tenant_id = $1 and application_id = $2",
        )
        .bind(self.city.0)
        .bind(application.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        row.map(|row| {
            Ok(Reconsideration {
                application,
                facts: row.facts,
                asked_by: UserId(row.asked_by),
                asked_name: row.asked_name,
                asked_at: row.asked_at,
                status: ReconsiderationStatus::from_code(&row.status)
                    .ok_or_else(|| StoreError::Broken("an unknown status of a 复议".into()))?,
                note: row.note,
            })
        })
        .transpose()
    }
}
