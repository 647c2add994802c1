//! Estimates 额度试算 on PostgreSQL: written once, read by their enterprise alone.

use application::{
    estimates::{EstimateAnswer, EstimateInputs, OwnFigures},
    ports::{
        estimates::{Estimates, StoredEstimate},
        store::StoreError,
    },
};
use async_trait::async_trait;
use domain::{
    ids::{EnterpriseId, ProductId, UserId},
    values::{Cents, Term, TermUnit},
};
use sqlx::{FromRow, Row as _, postgres::PgRow, types::Json};
use uuid::Uuid;

use crate::{
    errors::{decode, store_error},
    store::PgUnitOfWork,
};

struct Stored(StoredEstimate);

impl FromRow<'_, PgRow> for Stored {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let term = u16::try_from(row.try_get::<i32, _>("term")?).map_err(decode)?;
        let unit = TermUnit::parse(row.try_get("term_unit")?).map_err(decode)?;
        let figures: Json<OwnFigures> = row.try_get("figures")?;
        let answer: Json<EstimateAnswer> = row.try_get("answer")?;
        Ok(Self(StoredEstimate {
            id: row.try_get("id")?,
            product: ProductId(row.try_get("product_id")?),
            version: row.try_get("product_version")?,
            product_name: row.try_get("product_name")?,
            bank_name: row.try_get("bank_name")?,
            inputs: EstimateInputs {
                amount: Cents::new(row.try_get("amount_cents")?).map_err(decode)?,
                term: Term::new(term, unit).map_err(decode)?,
                figures: figures.0,
            },
            answer: answer.0,
            made_by: UserId(row.try_get("made_by")?),
            made_name: row.try_get("made_name")?,
            made_at: row.try_get("made_at")?,
        }))
    }
}

#[async_trait]
impl Estimates for PgUnitOfWork {
    async fn insert_estimate(
        &mut self,
        of: EnterpriseId,
        estimate: &StoredEstimate,
    ) -> Result<(), StoreError> {
        let inputs = &estimate.inputs;
        sqlx::query(
            "insert into estimates (id, tenant_id, enterprise_id, product_id, product_version, product_name, bank_name,
               amount_cents, term, term_unit, figures, low_cents, high_cents, answer, made_by, made_name, made_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        )
        .bind(estimate.id)
        .bind(self.city.0)
        .bind(of.0)
        .bind(estimate.product.0)
        .bind(estimate.version)
        .bind(&estimate.product_name)
        .bind(&estimate.bank_name)
        .bind(inputs.amount.cents())
        .bind(i32::from(inputs.term.value()))
        .bind(inputs.term.unit().as_str())
        .bind(Json(&inputs.figures))
        .bind(estimate.answer.low)
        .bind(estimate.answer.high)
        .bind(Json(&estimate.answer))
        .bind(estimate.made_by.0)
        .bind(&estimate.made_name)
        .bind(estimate.made_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn own_estimates(
        &mut self,
        of: EnterpriseId,
        most: i64,
    ) -> Result<Vec<StoredEstimate>, StoreError> {
        let rows: Vec<Stored> = sqlx::query_as(
            "select * from estimates where tenant_id = $1 and enterprise_id = $2
             order by made_at desc, id desc limit $3",
        )
        .bind(self.city.0)
        .bind(of.0)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    async fn own_estimate(
        &mut self,
        of: EnterpriseId,
        id: Uuid,
    ) -> Result<Option<StoredEstimate>, StoreError> {
        let row: Option<Stored> = sqlx::query_as(
            "select * from estimates where tenant_id = $1 and enterprise_id = $2 and id = $3",
        )
        .bind(self.city.0)
        .bind(of.0)
        .bind(id)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(row.map(|row| row.0))
    }

    async fn delete_estimate(&mut self, of: EnterpriseId, id: Uuid) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "delete from estimates where tenant_id = $1 and enterprise_id = $2 and id = $3",
        )
        .bind(self.city.0)
        .bind(of.0)
        .bind(id)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() > 0)
    }

    async fn trim_estimates(&mut self, of: EnterpriseId, keep: i64) -> Result<(), StoreError> {
        sqlx::query(
            "delete from estimates where tenant_id = $1 and enterprise_id = $2 and id in (
               select id from estimates where tenant_id = $1 and enterprise_id = $2
               order by made_at desc, id desc offset $3)",
        )
        .bind(self.city.0)
        .bind(of.0)
        .bind(keep)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }
}
