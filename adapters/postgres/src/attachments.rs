//! Attachments 附件 on PostgreSQL.

use application::ports::{
    attachments::{Attachment, AttachmentKind, Attachments},
    store::StoreError,
};
use async_trait::async_trait;
use sqlx::FromRow;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

#[derive(FromRow)]
struct Stored {
    id: Uuid,
    article_id: Uuid,
    title: String,
    kind: String,
    object_key: String,
    byte_size: i32,
    drafted: bool,
}

impl Stored {
    fn read(self) -> Option<Attachment> {
        Some(Attachment {
            id: self.id,
            article: self.article_id,
            title: self.title,
            kind: AttachmentKind::from_code(&self.kind)?,
            object_key: self.object_key,
            byte_size: self.byte_size,
            drafted: self.drafted,
        })
    }
}

#[async_trait]
impl Attachments for PgUnitOfWork {
    async fn attachments_of(&mut self, article: Uuid) -> Result<Vec<Attachment>, StoreError> {
        let rows: Vec<Stored> = sqlx::query_as(
            "select id, article_id, title, kind, object_key, byte_size, drafted from article_attachments
             where tenant_id = $1 and article_id = $2 order by position, id",
        )
        .bind(self.city.0)
        .bind(article)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().filter_map(Stored::read).collect())
    }

    async fn attachment(
        &mut self,
        article: Uuid,
        id: Uuid,
    ) -> Result<Option<Attachment>, StoreError> {
        let row: Option<Stored> = sqlx::query_as(
            "select id, article_id, title, kind, object_key, byte_size, drafted from article_attachments
             where tenant_id = $1 and article_id = $2 and id = $3",
        )
        .bind(self.city.0)
        .bind(article)
        .bind(id)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(row.and_then(Stored::read))
    }
}
