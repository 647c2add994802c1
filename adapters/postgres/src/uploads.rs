//! Uploads 分段上传 on PostgreSQL.

use application::ports::{
    store::StoreError,
    uploads::{Upload, Uploads},
};
use async_trait::async_trait;
use domain::ids::{EnterpriseId, FileId, UserId};
use sqlx::FromRow;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    enterprise_id: Uuid,
    user_id: Uuid,
    byte_size: i32,
    received: i32,
    created_at: OffsetDateTime,
    expires_at: OffsetDateTime,
    file_id: Option<Uuid>,
    became: String,
}

impl From<Row> for Upload {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            enterprise: EnterpriseId(row.enterprise_id),
            user: UserId(row.user_id),
            byte_size: row.byte_size,
            received: row.received,
            created_at: row.created_at,
            expires_at: row.expires_at,
            file: row.file_id.map(FileId),
            became: row.became,
        }
    }
}

#[async_trait]
impl Uploads for PgUnitOfWork {
    async fn add_upload(&mut self, upload: &Upload) -> Result<(), StoreError> {
        sqlx::query(
            "insert into uploads (id, tenant_id, enterprise_id, user_id, byte_size, created_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(upload.id)
        .bind(self.tenant.0)
        .bind(upload.enterprise.0)
        .bind(upload.user.0)
        .bind(upload.byte_size)
        .bind(upload.created_at)
        .bind(upload.expires_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn upload(&mut self, id: Uuid, at: OffsetDateTime) -> Result<Option<Upload>, StoreError> {
        let row: Option<Row> = sqlx::query_as(
            "select id, enterprise_id, user_id, byte_size, received, created_at, expires_at, file_id, became
             from uploads
             where tenant_id = $1 and id = $2 and user_id = $3 and expires_at > $4 for update",
        )
        .bind(self.tenant.0)
        .bind(id)
        .bind(self.person)
        .bind(at)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(row.map(Into::into))
    }

    async fn make_room(&mut self, at: OffsetDateTime, most: i64) -> Result<(), StoreError> {
        sqlx::query(
            "with old as (select id from uploads
                 where tenant_id = $1 and user_id = $2 and expires_at > $3 and file_id is null
                 order by created_at desc, id desc offset $4),
               gone as (delete from upload_pieces p using old where p.tenant_id = $1 and p.upload_id = old.id)
             update uploads u set expires_at = $3 from old where u.tenant_id = $1 and u.id = old.id",
        )
        .bind(self.tenant.0)
        .bind(self.person)
        .bind(at)
        .bind(most)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn add_piece(
        &mut self,
        upload: &Upload,
        bytes: i32,
        sealed: &[u8],
    ) -> Result<(), StoreError> {
        sqlx::query(
            "with piece as (
               insert into upload_pieces (tenant_id, enterprise_id, upload_id, starts_at, sealed) values ($1, $2, $3, $4, $6))
             update uploads set received = received + $5 where tenant_id = $1 and id = $3",
        )
        .bind(self.tenant.0)
        .bind(upload.enterprise.0)
        .bind(upload.id)
        .bind(upload.received)
        .bind(bytes)
        .bind(sealed)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn pieces(&mut self, id: Uuid) -> Result<Vec<(i32, Vec<u8>)>, StoreError> {
        sqlx::query_as(
            "select starts_at, sealed from upload_pieces where tenant_id = $1 and upload_id = $2 order by starts_at",
        )
        .bind(self.tenant.0)
        .bind(id)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn claim_upload(
        &mut self,
        id: Uuid,
        file: FileId,
        became: &str,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update uploads set file_id = $3, became = $4 where tenant_id = $1 and id = $2 and file_id is null",
        )
        .bind(self.tenant.0)
        .bind(id)
        .bind(file.0)
        .bind(became)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn release_upload(&mut self, id: Uuid) -> Result<(), StoreError> {
        sqlx::query(
            "update uploads set file_id = null, became = '' where tenant_id = $1 and id = $2",
        )
        .bind(self.tenant.0)
        .bind(id)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn drop_pieces(&mut self, id: Uuid) -> Result<(), StoreError> {
        sqlx::query("delete from upload_pieces where tenant_id = $1 and upload_id = $2")
            .bind(self.tenant.0)
            .bind(id)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn end_upload(&mut self, id: Uuid, at: OffsetDateTime) -> Result<(), StoreError> {
        self.drop_pieces(id).await?;
        sqlx::query("update uploads set expires_at = $3 where tenant_id = $1 and id = $2")
            .bind(self.tenant.0)
            .bind(id)
            .bind(at)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(())
    }
}
