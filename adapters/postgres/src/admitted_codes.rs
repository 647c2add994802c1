//! Admitted codes 已核实的统一社会信用代码 on PostgreSQL.

use application::ports::{
    admitted_codes::{AdmittedCode, AdmittedCodes},
    store::StoreError,
};
use async_trait::async_trait;
use domain::ids::UserId;
use sqlx::FromRow;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

#[derive(FromRow)]
struct Row {
    code: String,
    company_name: String,
    reason: String,
    admitted_by: Uuid,
    admitted_name: String,
    admitted_at: OffsetDateTime,
}

impl From<Row> for AdmittedCode {
    fn from(row: Row) -> Self {
        Self {
            code: row.code,
            company_name: row.company_name,
            reason: row.reason,
            by: UserId(row.admitted_by),
            by_name: row.admitted_name,
            at: row.admitted_at,
        }
    }
}

#[async_trait]
impl AdmittedCodes for PgUnitOfWork {
    async fn is_admitted(&mut self, code: &str) -> Result<bool, StoreError> {
        sqlx::query_scalar(
            "select exists (select from admitted_codes where tenant_id = $1 and code = $2)",
        )
        .bind(self.city.0)
        .bind(code)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn admit(&mut self, code: &AdmittedCode) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "insert into admitted_codes (tenant_id, code, company_name, reason, admitted_by, admitted_name, admitted_at)
             values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
        )
        .bind(self.city.0)
        .bind(&code.code)
        .bind(&code.company_name)
        .bind(&code.reason)
        .bind(code.by.0)
        .bind(&code.by_name)
        .bind(code.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn admitted(&mut self, most: i64) -> Result<Vec<AdmittedCode>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "select code, company_name, reason, admitted_by, admitted_name, admitted_at
             from admitted_codes where tenant_id = $1 order by admitted_at desc, code limit $2",
        )
        .bind(self.city.0)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}
