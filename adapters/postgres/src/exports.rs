//! Exports 导出 on PostgreSQL: what was asked for, and how far it is.

use application::ports::{
    exports::{ExportFilter, Exports, StoredExport},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    export::{ExportKind, ExportOrder, ExportStatus},
    ids::{TenantId, UserId},
};
use sqlx::{FromRow, Row as _, postgres::PgRow, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    errors::{store_error, unreadable},
    leases,
    store::PgUnitOfWork,
};

struct Stored(StoredExport);

impl FromRow<'_, PgRow> for Stored {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let kind = ExportKind::from_code(row.try_get("kind")?)
            .ok_or_else(|| unreadable("an unknown kind of export"))?;
        let status = ExportStatus::from_code(row.try_get("status")?)
            .ok_or_else(|| unreadable("an unknown status of an export"))?;
        let checked_by: Option<Uuid> = row.try_get("checked_by")?;
        let Json(filter): Json<ExportFilter> = row.try_get("filter")?;
        let order = ExportOrder::restore(
            kind,
            row.try_get("masked")?,
            row.try_get("reason")?,
            UserId(row.try_get("asked_by")?),
            checked_by.map(UserId),
            status,
        );
        Ok(Self(StoredExport {
            id: row.try_get("id")?,
            tenant: TenantId(row.try_get("tenant_id")?),
            bank: TenantId(row.try_get("bank_id")?),
            node_name: row.try_get("node_name")?,
            number: row.try_get("number")?,
            filter,
            told: row.try_get("told")?,
            order,
            asked_name: row.try_get("asked_name")?,
            asked_at: row.try_get("asked_at")?,
            checked_name: row.try_get("checked_name")?,
            checked_at: row.try_get("checked_at")?,
            rows_total: row.try_get("rows_total")?,
            rows_done: row.try_get("rows_done")?,
            tries: row.try_get("tries")?,
            cause: row.try_get("cause")?,
            object_key: row.try_get("object_key")?,
            byte_size: row.try_get("byte_size")?,
            made_at: row.try_get("made_at")?,
            expires_at: row.try_get("expires_at")?,
            downloads: row.try_get("downloads")?,
            withdrawal: row.try_get("withdrawal")?,
        }))
    }
}

#[async_trait]
impl Exports for PgUnitOfWork {
    async fn insert_export(&mut self, export: &StoredExport) -> Result<(), StoreError> {
        sqlx::query(
            "insert into exports (id, tenant_id, city_id, bank_id, number, node_name, kind, filter, told, masked, reason,
               asked_by, asked_name, asked_at, status)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        )
        .bind(export.id)
        .bind(self.tenant.0)
        .bind(self.city.0)
        .bind(export.bank.0)
        .bind(&export.number)
        .bind(&export.node_name)
        .bind(export.order.kind().code())
        .bind(Json(&export.filter))
        .bind(&export.told)
        .bind(export.order.masked())
        .bind(export.order.reason())
        .bind(export.order.asked_by().0)
        .bind(&export.asked_name)
        .bind(export.asked_at)
        .bind(export.order.status().code())
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn export(&mut self, id: Uuid) -> Result<Option<StoredExport>, StoreError> {
        let found: Option<Stored> = sqlx::query_as(
            "select * from exports where id = $1 and tenant_id = any ((select current_reach())::uuid[])",
        )
        .bind(id)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(found.map(|s| s.0))
    }

    async fn exports(&mut self, most: i64) -> Result<Vec<StoredExport>, StoreError> {
        let rows: Vec<Stored> = sqlx::query_as(
            "select * from exports where tenant_id = any ((select current_reach())::uuid[])
             order by (status = 'to_check') desc, asked_at desc, id desc limit $1",
        )
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|s| s.0).collect())
    }

    async fn own_bank(&mut self) -> Result<Option<TenantId>, StoreError> {
        let bank: Option<Uuid> = sqlx::query_scalar(
            "select coalesce((select bank_id from branches where tenant_id = $1),
                             (select tenant_id from institutions where tenant_id = $1))",
        )
        .bind(self.tenant.0)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(bank.map(TenantId))
    }

    async fn save_check(&mut self, export: &StoredExport) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update exports set status = $2, checked_by = $3, checked_name = $4, checked_at = $5
             where id = $1 and status = 'to_check'",
        )
        .bind(export.id)
        .bind(export.order.status().code())
        .bind(export.order.checked_by().map(|u| u.0))
        .bind(&export.checked_name)
        .bind(export.checked_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn save_withdrawal(&mut self, export: &StoredExport) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update exports set status = $3, withdrawal = $4
             where tenant_id = $1 and id = $2 and status = 'to_check'",
        )
        .bind(self.tenant.0)
        .bind(export.id)
        .bind(export.order.status().code())
        .bind(&export.withdrawal)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn exports_due(
        &mut self,
        now: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<(Uuid, UserId)>, StoreError> {
        self.jobs_due(leases::EXPORTS, now, most).await
    }

    async fn take_export(
        &mut self,
        id: Uuid,
        now: OffsetDateTime,
        lease_until: OffsetDateTime,
    ) -> Result<Option<StoredExport>, StoreError> {
        let taken: Option<Stored> = self.take_job(leases::EXPORTS, id, now, lease_until).await?;
        Ok(taken.map(|s| s.0))
    }

    async fn note_export(
        &mut self,
        export: &StoredExport,
        lease_until: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update exports set rows_total = $4, rows_done = $5, lease_until = $6
             where tenant_id = $1 and id = $2 and status = 'making' and tries = $3",
        )
        .bind(self.tenant.0)
        .bind(export.id)
        .bind(export.tries)
        .bind(export.rows_total)
        .bind(export.rows_done)
        .bind(lease_until)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn save_made(&mut self, export: &StoredExport) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update exports set status = 'ready', object_key = $4, byte_size = $5, made_at = $6, expires_at = $7,
               lease_until = null, cause = ''
             where tenant_id = $1 and id = $2 and status = 'making' and tries = $3",
        )
        .bind(self.tenant.0)
        .bind(export.id)
        .bind(export.tries)
        .bind(&export.object_key)
        .bind(export.byte_size)
        .bind(export.made_at)
        .bind(export.expires_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn end_export(&mut self, id: Uuid, cause: &str) -> Result<(), StoreError> {
        sqlx::query(
            "update exports set status = 'failed', cause = $3, lease_until = null
             where city_id = $1 and id = $2 and status in ('queued', 'making')",
        )
        .bind(self.city.0)
        .bind(id)
        .bind(cause)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn count_download(&mut self, id: Uuid) -> Result<(), StoreError> {
        sqlx::query(
            "update exports set downloads = downloads + 1 where tenant_id = $1 and id = $2",
        )
        .bind(self.tenant.0)
        .bind(id)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn exports_over(
        &mut self,
        now: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<(Uuid, String)>, StoreError> {
        sqlx::query_as(
            "select id, object_key from exports
             where city_id = $1 and object_key is not null and expires_at <= $2 order by expires_at limit $3",
        )
        .bind(self.city.0)
        .bind(now)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn expire_export(&mut self, id: Uuid) -> Result<(), StoreError> {
        sqlx::query(
            "update exports set status = 'expired', object_key = null where city_id = $1 and id = $2",
        )
        .bind(self.city.0)
        .bind(id)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }
}
