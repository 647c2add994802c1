//! Imports 导入 on PostgreSQL.

use application::ports::{
    imports::{BadRow, ImportKind, ImportStatus, Imports, StoredImport},
    store::StoreError,
};
use async_trait::async_trait;
use domain::ids::{TenantId, UserId};
use sqlx::{FromRow, Row as _, postgres::PgRow, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    errors::{store_error, unreadable},
    leases,
    store::PgUnitOfWork,
};

struct Stored(StoredImport);

impl FromRow<'_, PgRow> for Stored {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self(StoredImport {
            id: row.try_get("id")?,
            tenant: TenantId(row.try_get("tenant_id")?),
            kind: ImportKind::from_code(row.try_get("kind")?)
                .ok_or_else(|| unreadable("an unknown kind of import"))?,
            content_hash: row.try_get("content_hash")?,
            asked_by: UserId(row.try_get("asked_by")?),
            asked_name: row.try_get("asked_name")?,
            asked_at: row.try_get("asked_at")?,
            status: ImportStatus::from_code(row.try_get("status")?)
                .ok_or_else(|| unreadable("an unknown status of an import"))?,
            rows_total: row.try_get("rows_total")?,
            rows_done: row.try_get("rows_done")?,
            rows_kept: row.try_get("rows_kept")?,
            tries: row.try_get("tries")?,
            cause: row.try_get("cause")?,
            object_key: row.try_get("object_key")?,
            ended_at: row.try_get("ended_at")?,
        }))
    }
}

struct Bad(BadRow);

impl FromRow<'_, PgRow> for Bad {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let Json(params): Json<std::collections::BTreeMap<String, String>> =
            row.try_get("params")?;
        Ok(Self(BadRow {
            id: row.try_get("id")?,
            number: row.try_get("row_number")?,
            cells_sealed: row.try_get("cells_sealed")?,
            field: row.try_get("field")?,
            cause: row.try_get("cause")?,
            params: params.into_iter().collect(),
        }))
    }
}

#[async_trait]
impl Imports for PgUnitOfWork {
    async fn insert_import(&mut self, import: &StoredImport) -> Result<(), StoreError> {
        sqlx::query(
            "insert into imports (id, tenant_id, city_id, kind, content_hash, asked_by, asked_name, asked_at, status,
               rows_total, object_key)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(import.id)
        .bind(self.tenant.0)
        .bind(self.city.0)
        .bind(import.kind.code())
        .bind(&import.content_hash)
        .bind(import.asked_by.0)
        .bind(&import.asked_name)
        .bind(import.asked_at)
        .bind(import.status.code())
        .bind(import.rows_total)
        .bind(&import.object_key)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn import(&mut self, id: Uuid) -> Result<Option<StoredImport>, StoreError> {
        let found: Option<Stored> =
            sqlx::query_as("select * from imports where tenant_id = $1 and id = $2")
                .bind(self.tenant.0)
                .bind(id)
                .fetch_optional(&mut *self.tx)
                .await
                .map_err(store_error)?;
        Ok(found.map(|s| s.0))
    }

    async fn import_of_file(
        &mut self,
        kind: ImportKind,
        content_hash: &[u8],
    ) -> Result<Option<StoredImport>, StoreError> {
        let found: Option<Stored> = sqlx::query_as(
            "select * from imports where tenant_id = $1 and kind = $2 and content_hash = $3 and status <> 'failed'",
        )
        .bind(self.tenant.0)
        .bind(kind.code())
        .bind(content_hash)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(found.map(|s| s.0))
    }

    async fn imports(
        &mut self,
        kinds: &[ImportKind],
        most: i64,
    ) -> Result<Vec<StoredImport>, StoreError> {
        let codes: Vec<&'static str> = kinds.iter().map(|kind| kind.code()).collect();
        let rows: Vec<Stored> = sqlx::query_as(
            "select * from imports where tenant_id = $1 and kind = any ($2::text[])
             order by asked_at desc, id desc limit $3",
        )
        .bind(self.tenant.0)
        .bind(codes)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|s| s.0).collect())
    }

    async fn imports_of_list(
        &mut self,
        list: Uuid,
        most: i64,
    ) -> Result<Vec<StoredImport>, StoreError> {
        let rows: Vec<Stored> = sqlx::query_as(
            "select i.* from visit_files f join imports i on i.tenant_id = f.tenant_id and i.id = f.import_id
             where f.tenant_id = $1 and f.list_id = $2 order by i.asked_at desc, i.id desc limit $3",
        )
        .bind(self.tenant.0)
        .bind(list)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|s| s.0).collect())
    }

    async fn bad_rows(&mut self, import: Uuid, most: i64) -> Result<Vec<BadRow>, StoreError> {
        let rows: Vec<Bad> = sqlx::query_as(
            "select * from import_rows where tenant_id = $1 and import_id = $2 order by row_number limit $3",
        )
        .bind(self.tenant.0)
        .bind(import)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|b| b.0).collect())
    }

    async fn imports_due(
        &mut self,
        now: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<(Uuid, UserId)>, StoreError> {
        self.jobs_due(leases::IMPORTS, now, most).await
    }

    async fn take_import(
        &mut self,
        id: Uuid,
        now: OffsetDateTime,
        lease_until: OffsetDateTime,
    ) -> Result<Option<StoredImport>, StoreError> {
        let taken: Option<Stored> = self.take_job(leases::IMPORTS, id, now, lease_until).await?;
        Ok(taken.map(|s| s.0))
    }

    async fn note_import(
        &mut self,
        import: &StoredImport,
        bad: &[BadRow],
        lease_until: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update imports set status = $4, rows_done = $5, rows_kept = $6, lease_until = $7, object_key = $8, ended_at = $9
             where tenant_id = $1 and id = $2 and status = 'working' and tries = $3",
        )
        .bind(self.tenant.0)
        .bind(import.id)
        .bind(import.tries)
        .bind(import.status.code())
        .bind(import.rows_done)
        .bind(import.rows_kept)
        .bind(lease_until)
        .bind(&import.object_key)
        .bind(import.ended_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        for row in bad {
            let params: std::collections::BTreeMap<&str, &str> = row
                .params
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            sqlx::query(
                "insert into import_rows (id, tenant_id, import_id, row_number, cells_sealed, field, cause, params)
                 values ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(row.id)
            .bind(self.tenant.0)
            .bind(import.id)
            .bind(row.number)
            .bind(&row.cells_sealed)
            .bind(&row.field)
            .bind(&row.cause)
            .bind(Json(params))
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        }
        Ok(done.rows_affected() == 1)
    }

    async fn end_import(
        &mut self,
        id: Uuid,
        cause: &str,
        at: OffsetDateTime,
    ) -> Result<Option<String>, StoreError> {
        let key: Option<(Option<String>,)> = sqlx::query_as(
            "select object_key from imports where city_id = $1 and id = $2 and status in ('queued', 'working')",
        )
        .bind(self.city.0)
        .bind(id)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        sqlx::query(
            "update imports set status = 'failed', cause = $3, ended_at = $4, lease_until = null, object_key = null
             where city_id = $1 and id = $2 and status in ('queued', 'working')",
        )
        .bind(self.city.0)
        .bind(id)
        .bind(cause)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(key.and_then(|(key,)| key))
    }
}
