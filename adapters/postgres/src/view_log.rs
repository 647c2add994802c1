//! View log 查看记录 on PostgreSQL.

use application::ports::{
    store::StoreError,
    view_log::{ViewEntry, ViewLog, Viewer},
};
use async_trait::async_trait;
use domain::ids::{EnterpriseId, FinancingApplicationId, TenantId, UserId};
use sqlx::FromRow;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

#[derive(FromRow)]
struct ViewRow {
    id: Uuid,
    enterprise_id: Uuid,
    viewer_id: Uuid,
    viewer_name: String,
    viewer_tenant_id: Uuid,
    viewer_node: String,
    application_id: Option<Uuid>,
    fields: String,
    reason: String,
    request_id: String,
    at: OffsetDateTime,
}

impl From<ViewRow> for ViewEntry {
    fn from(row: ViewRow) -> Self {
        Self {
            id: row.id,
            enterprise: EnterpriseId(row.enterprise_id),
            viewer: UserId(row.viewer_id),
            viewer_name: row.viewer_name,
            viewer_tenant: TenantId(row.viewer_tenant_id),
            viewer_node: row.viewer_node,
            application: row.application_id.map(FinancingApplicationId),
            fields: row.fields,
            reason: row.reason,
            request_id: row.request_id,
            at: row.at,
        }
    }
}

#[async_trait]
impl ViewLog for PgUnitOfWork {
    async fn write(&mut self, entry: ViewEntry) -> Result<(), StoreError> {
        sqlx::query(
            "insert into view_entries
               (id, tenant_id, enterprise_id, viewer_id, viewer_name, viewer_tenant_id, viewer_node, application_id,
                fields, reason, request_id, at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(entry.id)
        .bind(self.city.0)
        .bind(entry.enterprise.0)
        .bind(entry.viewer.0)
        .bind(&entry.viewer_name)
        .bind(entry.viewer_tenant.0)
        .bind(&entry.viewer_node)
        .bind(entry.application.map(|a| a.0))
        .bind(&entry.fields)
        .bind(&entry.reason)
        .bind(&entry.request_id)
        .bind(entry.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn unmaskings_since(
        &mut self,
        viewer: UserId,
        since: OffsetDateTime,
    ) -> Result<i64, StoreError> {
        sqlx::query_scalar(
            "select count(*) from view_entries
             where tenant_id = $1 and viewer_id = $2 and at > $3 and fields not like '材料%'
               and fields not like '导出%'",
        )
        .bind(self.city.0)
        .bind(viewer.0)
        .bind(since)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn viewer(&mut self, viewer: UserId) -> Result<Option<Viewer>, StoreError> {
        let row: Option<(String, Uuid, String, Option<Uuid>)> = sqlx::query_as(
            "select u.name, t.id, t.name, b.bank_id from users u join tenants t on t.id = u.tenant_id
             left join branches b on b.tenant_id = t.id where u.city_id = $1 and u.id = $2",
        )
        .bind(self.city.0)
        .bind(viewer.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(row.map(|(name, node, node_name, bank)| Viewer {
            name,
            node: TenantId(node),
            node_name,
            headquarters: bank.map(TenantId),
        }))
    }

    async fn of_application(
        &mut self,
        application: FinancingApplicationId,
        most: i64,
    ) -> Result<Vec<ViewEntry>, StoreError> {
        let rows: Vec<ViewRow> = sqlx::query_as(
            "select id, enterprise_id, viewer_id, viewer_name, viewer_tenant_id, viewer_node, application_id, fields,
                    reason, request_id, at
             from view_entries where tenant_id = $1 and application_id = $2 order by at desc, id desc limit $3",
        )
        .bind(self.city.0)
        .bind(application.0)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}
