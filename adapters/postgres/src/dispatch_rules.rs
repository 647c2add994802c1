//! Dispatch rules 派单规则 on PostgreSQL.

use application::ports::{
    dispatch_rules::{DispatchRule, DispatchRules},
    store::StoreError,
};
use async_trait::async_trait;
use domain::ids::{ProductId, TenantId, UserId};
use sqlx::FromRow;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    county_code: String,
    product_id: Option<Uuid>,
    most_open: Option<i32>,
    branch_id: Uuid,
    created_by: Uuid,
    created_name: String,
    created_at: OffsetDateTime,
}

impl From<Row> for DispatchRule {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            county_code: row.county_code,
            product: row.product_id.map(ProductId),
            most_open: row.most_open,
            branch: TenantId(row.branch_id),
            created_by: UserId(row.created_by),
            created_name: row.created_name,
            created_at: row.created_at,
        }
    }
}

#[async_trait]
impl DispatchRules for PgUnitOfWork {
    async fn rules(&mut self, to_change: bool) -> Result<Vec<DispatchRule>, StoreError> {
        let sql = if to_change {
            "select * from dispatch_rules where tenant_id = $1 order by position, id limit 200 for update"
        } else {
            "select * from dispatch_rules where tenant_id = $1 order by position, id limit 200"
        };
        let rows: Vec<Row> = sqlx::query_as(sql)
            .bind(self.tenant.0)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn add_rule(&mut self, rule: &DispatchRule) -> Result<(), StoreError> {
        sqlx::query(
            "insert into dispatch_rules (id, tenant_id, position, county_code, product_id, most_open, branch_id, created_by,
               created_name, created_at)
             select $1, $2, coalesce(max(position), 0) + 1, $3, $4, $5, $6, $7, $8, $9 from dispatch_rules where tenant_id = $2",
        )
        .bind(rule.id)
        .bind(self.tenant.0)
        .bind(&rule.county_code)
        .bind(rule.product.map(|p| p.0))
        .bind(rule.most_open)
        .bind(rule.branch.0)
        .bind(rule.created_by.0)
        .bind(&rule.created_name)
        .bind(rule.created_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn remove_rule(&mut self, id: Uuid) -> Result<bool, StoreError> {
        let done = sqlx::query("delete from dispatch_rules where tenant_id = $1 and id = $2")
            .bind(self.tenant.0)
            .bind(id)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn order_rules(&mut self, ids: &[Uuid]) -> Result<(), StoreError> {
        sqlx::query(
            "update dispatch_rules r set position = o.position::int
             from unnest($2::uuid[]) with ordinality as o (id, position) where r.tenant_id = $1 and r.id = o.id",
        )
        .bind(self.tenant.0)
        .bind(ids)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }
}
