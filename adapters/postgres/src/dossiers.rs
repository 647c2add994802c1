//! Dossiers 企业资料 on PostgreSQL: visible exactly to those who see the application now.

use application::ports::{
    dossiers::{Appealed, Dossier, DossierFile, Dossiers, SupplementItem},
    scanner::Scan,
    store::StoreError,
};
use async_trait::async_trait;
use domain::ids::{EnterpriseId, FileId, FinancingApplicationId, SupplementItemId};
use sqlx::{FromRow, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{consents::consent_stands, errors::store_error, store::PgUnitOfWork};

#[derive(FromRow)]
struct FileRow {
    file_id: Uuid,
    kind: String,
    label: String,
    object_key: String,
    media_type: String,
    round: i32,
    added_at: OffsetDateTime,
    scan: String,
}

impl From<FileRow> for DossierFile {
    fn from(row: FileRow) -> Self {
        Self {
            id: FileId(row.file_id),
            kind: row.kind,
            label: row.label,
            object_key: row.object_key,
            media_type: row.media_type,
            round: row.round,
            added_at: row.added_at,
            scan: Scan::from_code(&row.scan).unwrap_or(Scan::Unknown),
        }
    }
}

#[derive(FromRow)]
struct ItemRow {
    id: Uuid,
    round: i32,
    position: i32,
    label: String,
    hint: String,
    required: bool,
    file_ids: Vec<Uuid>,
    answer: String,
    answered_at: Option<OffsetDateTime>,
}

impl From<ItemRow> for SupplementItem {
    fn from(row: ItemRow) -> Self {
        Self {
            id: SupplementItemId(row.id),
            round: row.round,
            position: row.position,
            label: row.label,
            hint: row.hint,
            required: row.required,
            files: row.file_ids.into_iter().map(FileId).collect(),
            answer: row.answer,
            answered_at: row.answered_at,
        }
    }
}

#[async_trait]
impl Dossiers for PgUnitOfWork {
    async fn give(
        &mut self,
        application: FinancingApplicationId,
        dossier: &Dossier,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into application_dossiers (application_id, tenant_id, enterprise_id, shown, sealed, created_at)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(application.0)
        .bind(self.city.0)
        .bind(dossier.enterprise.0)
        .bind(Json(&dossier.shown))
        .bind(&dossier.sealed)
        .bind(dossier.created_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn find(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Option<Dossier>, StoreError> {
        let row: Option<(Uuid, Json<_>, Vec<u8>, OffsetDateTime)> = sqlx::query_as(
            "select enterprise_id, shown, sealed, created_at from application_dossiers
             where tenant_id = $1 and application_id = $2",
        )
        .bind(self.city.0)
        .bind(application.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(
            row.map(|(enterprise, Json(shown), sealed, created_at)| Dossier {
                enterprise: EnterpriseId(enterprise),
                shown,
                sealed,
                created_at,
            }),
        )
    }

    async fn add_file(
        &mut self,
        application: FinancingApplicationId,
        file: &DossierFile,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into application_files
               (tenant_id, application_id, file_id, kind, label, object_key, media_type, round, added_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(self.city.0)
        .bind(application.0)
        .bind(file.id.0)
        .bind(&file.kind)
        .bind(&file.label)
        .bind(&file.object_key)
        .bind(&file.media_type)
        .bind(file.round)
        .bind(file.added_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn files(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<DossierFile>, StoreError> {
        let rows: Vec<FileRow> = sqlx::query_as(
            "select f.file_id, f.kind, f.label, f.object_key, f.media_type, f.round, f.added_at, f.scan from application_files f
             left join lateral (select i.position, array_position(i.file_ids, f.file_id) as place from supplement_items i
               where i.tenant_id = f.tenant_id and i.application_id = f.application_id and i.round = f.round
                 and f.file_id = any (i.file_ids) limit 1) as item on true
             where f.tenant_id = $1 and f.application_id = $2
             order by f.round, item.position, item.place, f.added_at, f.file_id",
        )
        .bind(self.city.0)
        .bind(application.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn file(
        &mut self,
        application: FinancingApplicationId,
        file: FileId,
    ) -> Result<Option<DossierFile>, StoreError> {
        let row: Option<FileRow> = sqlx::query_as(
            "select file_id, kind, label, object_key, media_type, round, added_at, scan from application_files
             where tenant_id = $1 and application_id = $2 and file_id = $3",
        )
        .bind(self.city.0)
        .bind(application.0)
        .bind(file.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(row.map(Into::into))
    }

    async fn ask_items(
        &mut self,
        application: FinancingApplicationId,
        items: &[SupplementItem],
    ) -> Result<(), StoreError> {
        for item in items {
            sqlx::query(
                "insert into supplement_items (id, tenant_id, application_id, round, position, label, hint, required)
                 values ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(item.id.0)
            .bind(self.city.0)
            .bind(application.0)
            .bind(item.round)
            .bind(item.position)
            .bind(&item.label)
            .bind(&item.hint)
            .bind(item.required)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        }
        Ok(())
    }

    async fn keep_note(
        &mut self,
        application: FinancingApplicationId,
        round: i32,
        note: &str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into supplement_notes (tenant_id, application_id, round, note) values ($1, $2, $3, $4)
             on conflict (tenant_id, application_id, round) do update set note = excluded.note",
        )
        .bind(self.city.0)
        .bind(application.0)
        .bind(round)
        .bind(note)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn kept_note(
        &mut self,
        application: FinancingApplicationId,
        round: i32,
    ) -> Result<String, StoreError> {
        let note: Option<String> = sqlx::query_scalar(
            "select note from supplement_notes where tenant_id = $1 and application_id = $2 and round = $3",
        )
        .bind(self.city.0)
        .bind(application.0)
        .bind(round)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(note.unwrap_or_default())
    }

    async fn answer_item(
        &mut self,
        application: FinancingApplicationId,
        item: &SupplementItem,
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "update supplement_items set file_ids = $4, answer = $5, answered_at = $6
             where tenant_id = $1 and application_id = $2 and id = $3",
        )
        .bind(self.city.0)
        .bind(application.0)
        .bind(item.id.0)
        .bind(item.files.iter().map(|f| f.0).collect::<Vec<_>>())
        .bind(&item.answer)
        .bind(item.answered_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        if done.rows_affected() == 0 {
            return Err(StoreError::Stale);
        }
        Ok(())
    }

    async fn items(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<SupplementItem>, StoreError> {
        let rows: Vec<ItemRow> = sqlx::query_as(
            "select id, round, position, label, hint, required, file_ids, answer, answered_at from supplement_items
             where tenant_id = $1 and application_id = $2 order by round, position, id",
        )
        .bind(self.city.0)
        .bind(application.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn appealed(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Option<Appealed>, StoreError> {
        let found: Option<(Option<OffsetDateTime>,)> = sqlx::query_as(
            "select settled_at from reconsiderations where tenant_id = $1 and application_id = $2",
        )
        .bind(self.city.0)
        .bind(application.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(found.map(|(settled_at,)| Appealed { settled_at }))
    }

    async fn open_elsewhere(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<i32, StoreError> {
        sqlx::query_scalar(
            "select coalesce((select others from open_elsewhere where tenant_id = $1 and application_id = $2), 0)",
        )
        .bind(self.city.0)
        .bind(application.0)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn consent_stands(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<bool, StoreError> {
        sqlx::query_scalar(concat!("select ", consent_stands!("$1", "$2")))
            .bind(self.city.0)
            .bind(application.0)
            .fetch_one(&mut *self.tx)
            .await
            .map_err(store_error)
    }
}
