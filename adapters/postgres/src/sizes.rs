//! Size declarations 企业划型 on PostgreSQL: only ever added to.

use application::ports::{
    sizes::{SizeDeclaration, SizeDeclarations},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    ids::{EnterpriseId, UserId},
    size_class::{SizeClass, SizeFigures},
    values::{Cents, Headcount},
};
use sqlx::{FromRow, Row as _, postgres::PgRow};

use crate::{errors::store_error, store::PgUnitOfWork};

struct Stored(SizeDeclaration);

impl FromRow<'_, PgRow> for Stored {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let class: &str = row.try_get("size_class")?;
        let cents = |column| -> Result<Option<Cents>, sqlx::Error> {
            let found: Option<i64> = row.try_get(column)?;
            Ok(found.and_then(|cents| Cents::new(cents).ok()))
        };
        let employees: Option<i32> = row.try_get("employees")?;
        Ok(Self(SizeDeclaration {
            id: row.try_get("id")?,
            year: row.try_get("year")?,
            number: row.try_get("number")?,
            industry: row.try_get("industry_code")?,
            figures: SizeFigures {
                employees: employees.and_then(|n| Headcount::new(n.into()).ok()),
                revenue: cents("revenue_cents")?,
                assets: cents("assets_cents")?,
            },
            class: SizeClass::from_code(class)
                .ok_or_else(|| sqlx::Error::Decode(format!("no such class: {class}").into()))?,
            declared_by: UserId(row.try_get("declared_by")?),
            declared_name: row.try_get("declared_name")?,
            declared_at: row.try_get("declared_at")?,
        }))
    }
}

#[async_trait]
impl SizeDeclarations for PgUnitOfWork {
    async fn latest_size(
        &mut self,
        of: EnterpriseId,
    ) -> Result<Option<SizeDeclaration>, StoreError> {
        Ok(self.size_history(of, 1).await?.pop())
    }

    async fn size_history(
        &mut self,
        of: EnterpriseId,
        most: i64,
    ) -> Result<Vec<SizeDeclaration>, StoreError> {
        let rows: Vec<Stored> = sqlx::query_as(
            "select * from size_declarations where tenant_id = $1 and enterprise_id = $2
             order by year desc, number desc limit $3",
        )
        .bind(self.city.0)
        .bind(of.0)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    async fn declare_size(
        &mut self,
        of: EnterpriseId,
        d: &SizeDeclaration,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into size_declarations (id, tenant_id, enterprise_id, year, number, industry_code, employees, revenue_cents,
               assets_cents, size_class, declared_by, declared_name, declared_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(d.id)
        .bind(self.city.0)
        .bind(of.0)
        .bind(d.year)
        .bind(d.number)
        .bind(&d.industry)
        .bind(d.figures.employees.and_then(|n| i32::try_from(n.persons()).ok()))
        .bind(d.figures.revenue.map(Cents::cents))
        .bind(d.figures.assets.map(Cents::cents))
        .bind(d.class.as_str())
        .bind(d.declared_by.0)
        .bind(&d.declared_name)
        .bind(d.declared_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }
}
