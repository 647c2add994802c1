//! Diligence papers 尽调报告 on PostgreSQL: behind the wall of the bank's papers.

use application::ports::{
    diligence::{DiligencePapers, DiligencePhoto, StoredReport},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    financing::{Conclusion, DueDiligenceReport},
    ids::{DiligencePhotoId, FinancingApplicationId, UserId},
};
use sqlx::FromRow;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

#[derive(FromRow)]
struct ReportRow {
    visited_on: Option<Date>,
    place: String,
    met_with: String,
    business: String,
    finances: String,
    collateral: String,
    risks: String,
    first_loan: Option<bool>,
    conclusion: String,
    written_by: Uuid,
    written_name: String,
    version: i32,
    updated_at: OffsetDateTime,
}

impl From<ReportRow> for StoredReport {
    fn from(row: ReportRow) -> Self {
        Self {
            report: DueDiligenceReport {
                visited_on: row.visited_on,
                place: row.place,
                met_with: row.met_with,
                business: row.business,
                finances: row.finances,
                collateral: row.collateral,
                risks: row.risks,
                first_loan: row.first_loan,
                // The column's check knows the same words; '' is a conclusion not yet chosen.
                conclusion: Conclusion::from_code(&row.conclusion),
            },
            written_by: UserId(row.written_by),
            written_name: row.written_name,
            version: row.version,
            updated_at: row.updated_at,
        }
    }
}

#[derive(FromRow)]
struct PhotoRow {
    id: Uuid,
    caption: String,
    object_key: String,
    byte_size: i32,
    sha256: Vec<u8>,
    added_by: Uuid,
    added_at: OffsetDateTime,
}

impl From<PhotoRow> for DiligencePhoto {
    fn from(row: PhotoRow) -> Self {
        Self {
            id: DiligencePhotoId(row.id),
            caption: row.caption,
            object_key: row.object_key,
            byte_size: row.byte_size,
            sha256: row.sha256,
            added_by: UserId(row.added_by),
            added_at: row.added_at,
        }
    }
}

#[async_trait]
impl DiligencePapers for PgUnitOfWork {
    async fn report(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Option<StoredReport>, StoreError> {
        let row: Option<ReportRow> = sqlx::query_as(
            "select visited_on, place, met_with, business, finances, collateral, risks, first_loan, conclusion, written_by,
                    written_name, version, updated_at
             from due_diligence_reports where tenant_id = $1 and application_id = $2",
        )
        .bind(self.city.0)
        .bind(application.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(row.map(Into::into))
    }

    async fn save_report(
        &mut self,
        application: FinancingApplicationId,
        stored: &StoredReport,
    ) -> Result<(), StoreError> {
        let r = &stored.report;
        let done = sqlx::query(
            "insert into due_diligence_reports as old
               (tenant_id, application_id, visited_on, place, met_with, business, finances, collateral, risks, conclusion,
                written_by, written_name, version, updated_at, first_loan)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
             on conflict (tenant_id, application_id) do update set
               visited_on = $3, place = $4, met_with = $5, business = $6, finances = $7, collateral = $8, risks = $9,
               conclusion = $10, written_by = $11, written_name = $12, version = $13, updated_at = $14, first_loan = $15
             where old.version = $13 - 1",
        )
        .bind(self.city.0)
        .bind(application.0)
        .bind(r.visited_on)
        .bind(&r.place)
        .bind(&r.met_with)
        .bind(&r.business)
        .bind(&r.finances)
        .bind(&r.collateral)
        .bind(&r.risks)
        .bind(r.conclusion.map_or("", Conclusion::code))
        .bind(stored.written_by.0)
        .bind(&stored.written_name)
        .bind(stored.version)
        .bind(stored.updated_at)
        .bind(r.first_loan)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        if done.rows_affected() == 0 {
            return Err(StoreError::Stale);
        }
        // The report is the bank's alone; by this one answer of it the city counts.
        sqlx::query(
            "update financing_applications set first_loan = $3
             where tenant_id = $1 and id = $2 and first_loan is distinct from $3",
        )
        .bind(self.city.0)
        .bind(application.0)
        .bind(r.first_loan)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn photos(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<DiligencePhoto>, StoreError> {
        let rows: Vec<PhotoRow> = sqlx::query_as(
            "select id, caption, object_key, byte_size, sha256, added_by, added_at from due_diligence_photos
             where tenant_id = $1 and application_id = $2 and removed_at is null order by added_at, id",
        )
        .bind(self.city.0)
        .bind(application.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn add_photo(
        &mut self,
        application: FinancingApplicationId,
        photo: &DiligencePhoto,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into due_diligence_photos
               (tenant_id, id, application_id, caption, object_key, byte_size, sha256, added_by, added_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(self.city.0)
        .bind(photo.id.0)
        .bind(application.0)
        .bind(&photo.caption)
        .bind(&photo.object_key)
        .bind(photo.byte_size)
        .bind(&photo.sha256)
        .bind(photo.added_by.0)
        .bind(photo.added_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn remove_photo(
        &mut self,
        application: FinancingApplicationId,
        photo: DiligencePhotoId,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update due_diligence_photos set removed_at = $4
             where tenant_id = $1 and application_id = $2 and id = $3 and removed_at is null",
        )
        .bind(self.city.0)
        .bind(application.0)
        .bind(photo.0)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }
}
