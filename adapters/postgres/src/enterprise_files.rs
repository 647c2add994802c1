//! Enterprise files 企业材料 on PostgreSQL.

use application::ports::{
    enterprise_files::{EnterpriseFiles, FileRow, Usage},
    scanner::Scan,
    store::StoreError,
};
use async_trait::async_trait;
use domain::ids::{EnterpriseId, FileId, UserId};
use sqlx::{FromRow, Row as _, postgres::PgRow};
use time::OffsetDateTime;

use crate::{errors::store_error, store::PgUnitOfWork};

pub(crate) struct StoredFile(pub FileRow);

impl FromRow<'_, PgRow> for StoredFile {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self(FileRow {
            id: FileId(row.try_get("id")?),
            enterprise: EnterpriseId(row.try_get("enterprise_id")?),
            kind: row.try_get("kind")?,
            object_key: row.try_get("object_key")?,
            media_type: row.try_get("media_type")?,
            byte_size: row.try_get("byte_size")?,
            width: row.try_get("width")?,
            height: row.try_get("height")?,
            sha256: row.try_get("sha256")?,
            scan: Scan::from_code(row.try_get("scan")?).unwrap_or(Scan::Unknown),
            created_by: UserId(row.try_get("created_by")?),
            created_at: row.try_get("created_at")?,
        }))
    }
}

fn rows(found: Vec<StoredFile>) -> Vec<FileRow> {
    found.into_iter().map(|f| f.0).collect()
}

#[async_trait]
impl EnterpriseFiles for PgUnitOfWork {
    async fn current_files(&mut self, of: EnterpriseId) -> Result<Vec<FileRow>, StoreError> {
        sqlx::query_as(
            "select * from enterprise_files
             where tenant_id = $1 and enterprise_id = $2 and replaced_at is null order by created_at, id",
        )
        .bind(self.city.0)
        .bind(of.0)
        .fetch_all(&mut *self.tx)
        .await
        .map(rows)
        .map_err(store_error)
    }

    async fn current_file(&mut self, id: FileId) -> Result<Option<FileRow>, StoreError> {
        sqlx::query_as(
            "select * from enterprise_files where tenant_id = $1 and id = $2 and replaced_at is null",
        )
        .bind(self.city.0)
        .bind(id.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map(|found: Option<StoredFile>| found.map(|f| f.0))
        .map_err(store_error)
    }

    async fn own_file(&mut self, id: FileId) -> Result<Option<FileRow>, StoreError> {
        sqlx::query_as(
            "select * from enterprise_files f where tenant_id = $1 and id = $2 and (replaced_at is null or exists (
               select from application_files a where a.tenant_id = f.tenant_id and a.object_key = f.object_key))",
        )
        .bind(self.city.0)
        .bind(id.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map(|found: Option<StoredFile>| found.map(|f| f.0))
        .map_err(store_error)
    }

    async fn insert_file(&mut self, file: &FileRow) -> Result<(), StoreError> {
        sqlx::query(
            "insert into enterprise_files (id, tenant_id, enterprise_id, kind, object_key, media_type, byte_size, width,
               height, sha256, scan, created_by, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(file.id.0)
        .bind(self.city.0)
        .bind(file.enterprise.0)
        .bind(&file.kind)
        .bind(&file.object_key)
        .bind(&file.media_type)
        .bind(file.byte_size)
        .bind(file.width)
        .bind(file.height)
        .bind(&file.sha256)
        .bind(file.scan.code())
        .bind(file.created_by.0)
        .bind(file.created_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn retire_files(
        &mut self,
        of: EnterpriseId,
        kind: &str,
        at: OffsetDateTime,
    ) -> Result<Vec<FileRow>, StoreError> {
        sqlx::query_as(
            "update enterprise_files set replaced_at = $4
             where tenant_id = $1 and enterprise_id = $2 and kind = $3 and replaced_at is null returning *",
        )
        .bind(self.city.0)
        .bind(of.0)
        .bind(kind)
        .bind(at)
        .fetch_all(&mut *self.tx)
        .await
        .map(rows)
        .map_err(store_error)
    }

    async fn retire_file(
        &mut self,
        id: FileId,
        at: OffsetDateTime,
    ) -> Result<Option<FileRow>, StoreError> {
        sqlx::query_as(
            "update enterprise_files f set replaced_at = $3
             where f.tenant_id = $1 and f.id = $2 and f.replaced_at is null and not exists (
               select from application_files a where a.tenant_id = f.tenant_id and a.object_key = f.object_key)
             returning f.*",
        )
        .bind(self.city.0)
        .bind(id.0)
        .bind(at)
        .fetch_optional(&mut *self.tx)
        .await
        .map(|found: Option<StoredFile>| found.map(|f| f.0))
        .map_err(store_error)
    }

    async fn in_application(&mut self, object_key: &str) -> Result<bool, StoreError> {
        sqlx::query_scalar(
            "select exists (select from application_files where tenant_id = $1 and object_key = $2)",
        )
        .bind(self.city.0)
        .bind(object_key)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn to_scan(
        &mut self,
        before: OffsetDateTime,
        at_most: i64,
    ) -> Result<Vec<FileRow>, StoreError> {
        // The object of a replaced file is kept only where a bank holds it. A file that was given to a bank while the answer was on its way is told to it the next time.
        sqlx::query_as(
            "select f.* from enterprise_files f
             where f.tenant_id = $1 and (f.scan_asked_at is null or f.scan_asked_at < $2)
               and (f.replaced_at is null or exists (select from application_files a
                 where a.tenant_id = f.tenant_id and a.object_key = f.object_key))
               and (f.scan in ('unknown', 'unscanned') or exists (select from application_files a
                 where a.tenant_id = f.tenant_id and a.file_id = f.id and a.scan = 'unknown'))
             order by f.scan_asked_at nulls first, f.created_at limit $3",
        )
        .bind(self.city.0)
        .bind(before)
        .bind(at_most)
        .fetch_all(&mut *self.tx)
        .await
        .map(rows)
        .map_err(store_error)
    }

    async fn set_scan(
        &mut self,
        file: &FileRow,
        scan: Scan,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        // Locked, so that it is the current one or not until this is written.
        let current: Option<bool> = sqlx::query_scalar(
            "select replaced_at is null from enterprise_files where tenant_id = $1 and id = $2 for update",
        )
        .bind(self.city.0)
        .bind(file.id.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        for text in [
            "update enterprise_files set scan = $3, scan_asked_at = $4,
               replaced_at = case $3 when 'infected' then coalesce(replaced_at, $4) else replaced_at end
             where tenant_id = $1 and id = $2",
            "update application_files set scan = $3
             where tenant_id = $1 and file_id = $2 and $4::timestamptz is not null",
        ] {
            sqlx::query(text)
                .bind(self.city.0)
                .bind(file.id.0)
                .bind(scan.code())
                .bind(at)
                .execute(&mut *self.tx)
                .await
                .map_err(store_error)?;
        }
        Ok(current == Some(true))
    }

    async fn put_off_scan(&mut self, id: FileId, asked: OffsetDateTime) -> Result<(), StoreError> {
        sqlx::query(
            "update enterprise_files set scan_asked_at = $3 where tenant_id = $1 and id = $2",
        )
        .bind(self.city.0)
        .bind(id.0)
        .bind(asked)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn usage(&mut self, of: EnterpriseId) -> Result<Usage, StoreError> {
        let (files, bytes): (i64, i64) = sqlx::query_as(
            "select count(*), coalesce(sum(byte_size), 0)::bigint from enterprise_files
             where tenant_id = $1 and enterprise_id = $2 and replaced_at is null",
        )
        .bind(self.city.0)
        .bind(of.0)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(Usage { files, bytes })
    }

    async fn unsent_files(
        &mut self,
        since: OffsetDateTime,
        at_most: i64,
    ) -> Result<Vec<FileRow>, StoreError> {
        sqlx::query_as(
            "select f.* from enterprise_files f
             join enterprises e on e.tenant_id = f.tenant_id and e.id = f.enterprise_id
             where f.tenant_id = $1 and f.created_at < $2 and e.profile_completed_at is null
               and not exists (select from application_files a
                 where a.tenant_id = f.tenant_id and a.object_key = f.object_key)
               and not exists (select from enterprise_files n
                 where n.tenant_id = f.tenant_id and n.enterprise_id = f.enterprise_id
                   and greatest(n.created_at, coalesce(n.replaced_at, n.created_at)) >= $2)
             limit $3 for update of f, e skip locked",
        )
        .bind(self.city.0)
        .bind(since)
        .bind(at_most)
        .fetch_all(&mut *self.tx)
        .await
        .map(rows)
        .map_err(store_error)
    }

    async fn forget_files(&mut self, ids: &[FileId]) -> Result<(), StoreError> {
        let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
        sqlx::query("delete from enterprise_files where tenant_id = $1 and id = any($2)")
            .bind(self.city.0)
            .bind(ids)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(())
    }
}
