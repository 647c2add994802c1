//! Kept codes 小程序码 on PostgreSQL.

use application::ports::{
    store::StoreError,
    wechat::{KeptCode, KeptCodes},
};
use async_trait::async_trait;
use domain::scene::Scene;
use sqlx::FromRow;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

#[derive(FromRow)]
struct Stored {
    id: Uuid,
    media_type: String,
    object_key: String,
    byte_size: i32,
    created_at: OffsetDateTime,
}

#[async_trait]
impl KeptCodes for PgUnitOfWork {
    async fn code_of(
        &mut self,
        app_id: &str,
        edition: &'static str,
        scene: &Scene,
    ) -> Result<Option<KeptCode>, StoreError> {
        let row: Option<Stored> = sqlx::query_as(
            "select id, media_type, object_key, byte_size, created_at from wechat_codes
             where tenant_id = $1 and app_id = $2 and edition = $3 and scene = $4",
        )
        .bind(self.city.0)
        .bind(app_id)
        .bind(edition)
        .bind(scene.text())
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(row.map(|stored| KeptCode {
            id: stored.id,
            scene: *scene,
            app_id: app_id.to_owned(),
            edition,
            media_type: stored.media_type,
            object_key: stored.object_key,
            byte_size: stored.byte_size,
            at: stored.created_at,
        }))
    }

    async fn keep_code(&mut self, code: &KeptCode) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "insert into wechat_codes (tenant_id, app_id, edition, scene, id, media_type, object_key, byte_size, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing",
        )
        .bind(self.city.0)
        .bind(&code.app_id)
        .bind(code.edition)
        .bind(code.scene.text())
        .bind(code.id)
        .bind(&code.media_type)
        .bind(&code.object_key)
        .bind(code.byte_size)
        .bind(code.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }
}
