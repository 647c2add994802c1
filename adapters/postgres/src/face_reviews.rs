//! Face reviews 平台人工核验 on PostgreSQL.

use application::ports::{
    face_reviews::{FaceReview, FaceReviews},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    identity::ReviewStatus,
    ids::{EnterpriseId, FaceReviewId, TenantId, UserId},
};
use sqlx::{FromRow, Row as _, postgres::PgRow};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "select id, tenant_id, enterprise_id, user_id, enterprise_name, person_name, legal_id_index, reference, object_key,
               status, passes, note, proposed_by, proposed_name, proposed_at, created_at, settled_at
             from face_reviews where tenant_id = $1 and ",
            $rest
        )
    };
}

struct Stored(FaceReview);

impl FromRow<'_, PgRow> for Stored {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let status: &str = row.try_get("status")?;
        Ok(Self(FaceReview {
            id: FaceReviewId(row.try_get("id")?),
            city: TenantId(row.try_get("tenant_id")?),
            enterprise: EnterpriseId(row.try_get("enterprise_id")?),
            user: UserId(row.try_get("user_id")?),
            enterprise_name: row.try_get("enterprise_name")?,
            person_name: row.try_get("person_name")?,
            legal_id_index: row.try_get("legal_id_index")?,
            reference: row.try_get("reference")?,
            object_key: row.try_get("object_key")?,
            status: ReviewStatus::from_code(status)
                .ok_or_else(|| sqlx::Error::Decode("an unknown status of a review".into()))?,
            passes: row.try_get("passes")?,
            note: row.try_get("note")?,
            proposed_by: row.try_get::<Option<Uuid>, _>("proposed_by")?.map(UserId),
            proposed_name: row.try_get("proposed_name")?,
            proposed_at: row.try_get("proposed_at")?,
            created_at: row.try_get("created_at")?,
            settled_at: row.try_get("settled_at")?,
        }))
    }
}

#[async_trait]
impl FaceReviews for PgUnitOfWork {
    async fn add_review(&mut self, review: &FaceReview) -> Result<(), StoreError> {
        sqlx::query(
            "insert into face_reviews (id, tenant_id, enterprise_id, user_id, enterprise_name, person_name, legal_id_index,
               reference, object_key, status, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(review.id.0)
        .bind(self.city.0)
        .bind(review.enterprise.0)
        .bind(review.user.0)
        .bind(&review.enterprise_name)
        .bind(&review.person_name)
        .bind(&review.legal_id_index)
        .bind(&review.reference)
        .bind(&review.object_key)
        .bind(review.status.code())
        .bind(review.created_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn review(&mut self, id: FaceReviewId) -> Result<Option<FaceReview>, StoreError> {
        sqlx::query_as(columns!("id = $2"))
            .bind(self.city.0)
            .bind(id.0)
            .fetch_optional(&mut *self.tx)
            .await
            .map(|found: Option<Stored>| found.map(|s| s.0))
            .map_err(store_error)
    }

    async fn latest_review(&mut self, user: UserId) -> Result<Option<FaceReview>, StoreError> {
        sqlx::query_as(columns!(
            "user_id = $2 and status <> 'cancelled' order by created_at desc, id desc limit 1"
        ))
        .bind(self.city.0)
        .bind(user.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map(|found: Option<Stored>| found.map(|s| s.0))
        .map_err(store_error)
    }

    async fn reviews(&mut self, most: i64) -> Result<Vec<FaceReview>, StoreError> {
        sqlx::query_as(columns!(
            "status <> 'cancelled' order by (status not in ('requested', 'proposed')), created_at desc, id desc limit $2"
        ))
        .bind(self.city.0)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map(|found: Vec<Stored>| found.into_iter().map(|s| s.0).collect())
        .map_err(store_error)
    }

    async fn propose(
        &mut self,
        id: FaceReviewId,
        passes: bool,
        note: &str,
        by: (UserId, &str),
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update face_reviews set status = 'proposed', passes = $3, note = $4, proposed_by = $5, proposed_name = $6,
               proposed_at = $7
             where tenant_id = $1 and id = $2 and status = 'requested'",
        )
        .bind(self.city.0)
        .bind(id.0)
        .bind(passes)
        .bind(note)
        .bind(by.0.0)
        .bind(by.1)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn look_again(&mut self, id: FaceReviewId) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update face_reviews set status = 'requested', passes = null, note = '', proposed_by = null, proposed_name = '',
               proposed_at = null
             where tenant_id = $1 and id = $2 and status = 'proposed'",
        )
        .bind(self.city.0)
        .bind(id.0)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn settle_review(
        &mut self,
        id: FaceReviewId,
        passes: bool,
        by: UserId,
        at: OffsetDateTime,
        photo_until: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update face_reviews set status = case when passes then 'passed' else 'refused' end, settled_by = $4,
               settled_at = $5, photo_until = $6
             where tenant_id = $1 and id = $2 and status = 'proposed' and passes = $3",
        )
        .bind(self.city.0)
        .bind(id.0)
        .bind(passes)
        .bind(by.0)
        .bind(at)
        .bind(photo_until)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn cancel_review(
        &mut self,
        id: FaceReviewId,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update face_reviews set status = 'cancelled', settled_at = $3, photo_until = $3
             where tenant_id = $1 and id = $2 and status in ('requested', 'proposed')",
        )
        .bind(self.city.0)
        .bind(id.0)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn stop_review(&mut self, user: UserId, at: OffsetDateTime) -> Result<(), StoreError> {
        sqlx::query(
            "update face_reviews set status = 'cancelled', settled_at = $3, photo_until = $3
             where tenant_id = $1 and user_id = $2 and status in ('requested', 'proposed')",
        )
        .bind(self.city.0)
        .bind(user.0)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn stop_undecided(
        &mut self,
        since: OffsetDateTime,
        at: OffsetDateTime,
    ) -> Result<Vec<FaceReviewId>, StoreError> {
        sqlx::query_scalar(
            "update face_reviews set status = 'cancelled', settled_at = $3, photo_until = $3
             where tenant_id = $1 and created_at < $2 and status in ('requested', 'proposed') returning id",
        )
        .bind(self.city.0)
        .bind(since)
        .bind(at)
        .fetch_all(&mut *self.tx)
        .await
        .map(|ids: Vec<Uuid>| ids.into_iter().map(FaceReviewId).collect())
        .map_err(store_error)
    }

    async fn photos_over(
        &mut self,
        now: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<(FaceReviewId, String)>, StoreError> {
        let rows: Vec<(Uuid, String)> = sqlx::query_as(
            "select id, object_key from face_reviews
             where tenant_id = $1 and object_key <> '' and photo_until <= $2
             order by photo_until limit $3",
        )
        .bind(self.city.0)
        .bind(now)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(id, key)| (FaceReviewId(id), key))
            .collect())
    }

    async fn photo_gone(&mut self, id: FaceReviewId) -> Result<(), StoreError> {
        sqlx::query("update face_reviews set object_key = '' where tenant_id = $1 and id = $2")
            .bind(self.city.0)
            .bind(id.0)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(())
    }
}
