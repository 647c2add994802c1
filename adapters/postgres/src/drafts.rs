//! Drafts 草稿 on PostgreSQL.

use application::ports::{
    drafts::{Draft, Drafts, Held, LastRefusal, Typed, Waiting},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    ids::{FinancingApplicationId, ProductId, TenantId, UserId},
    scene::Scene,
};
use sqlx::{FromRow, Row as _, postgres::PgRow, types::Json};
use time::OffsetDateTime;

use crate::{
    errors::store_error, face_checks::standing_face, financing_applications::Restored,
    store::PgUnitOfWork,
};

struct DraftRow(Draft);

impl FromRow<'_, PgRow> for DraftRow {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let Json(typed): Json<Typed> = row.try_get("draft_typed")?;
        let held: Option<Json<Held>> = row.try_get("held")?;
        Ok(Self(Draft {
            application: Restored::from_row(row)?.0,
            typed,
            held: held.map(|held| held.0),
        }))
    }
}

#[async_trait]
impl Drafts for PgUnitOfWork {
    async fn of_product(&mut self, product: ProductId) -> Result<Option<Draft>, StoreError> {
        // Two first saves of one form (a double click) wait for each other, so that they make one draft.
        sqlx::query("select pg_advisory_xact_lock(hashtextextended(current_enterprise()::text || $1::text, 7))")
            .bind(product.0)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        let found: Option<DraftRow> = sqlx::query_as(
            "select * from financing_applications
             where tenant_id = $1 and enterprise_id = current_enterprise() and product_id = $2 and stage = 'draft'
             order by updated_at desc, id desc limit 1 for update",
        )
        .bind(self.city.0)
        .bind(product.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(found.map(|d| d.0))
    }

    async fn draft(&mut self, id: FinancingApplicationId) -> Result<Option<Draft>, StoreError> {
        let found: Option<DraftRow> = sqlx::query_as(
            "select * from financing_applications
             where tenant_id = $1 and id = $2 and enterprise_id = current_enterprise() for update",
        )
        .bind(self.city.0)
        .bind(id.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(found.map(|d| d.0))
    }

    async fn drafts(&mut self) -> Result<Vec<Draft>, StoreError> {
        let rows: Vec<DraftRow> = sqlx::query_as(
            "select * from financing_applications
             where tenant_id = $1 and enterprise_id = current_enterprise() and stage = 'draft'
             order by updated_at desc, id desc limit 100",
        )
        .bind(self.city.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|d| d.0).collect())
    }

    async fn passed_and_waiting(&mut self, at_most: i64) -> Result<Vec<Waiting>, StoreError> {
        let rows: Vec<(uuid::Uuid, uuid::Uuid)> = sqlx::query_as(concat!(
            // As in the standing of one person: the owner's face check stands for the enterprise (W26).
            "select a.id, a.created_by from financing_applications a
               join users p on p.tenant_id = a.tenant_id and p.id = a.created_by and p.status = 'active'
             where a.tenant_id = $1 and a.stage = 'pending_face'
               and exists (select from users u where u.tenant_id = a.tenant_id and u.enterprise_id = a.enterprise_id
                 and u.status = 'active' and (u.id = a.created_by or 'eo' = any(u.roles)) and ",
            standing_face!(),
            " is not null)
             order by a.updated_at, a.id limit $2"
        ))
        .bind(self.city.0)
        .bind(at_most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        let waiting = rows.into_iter().map(|(id, creator)| Waiting {
            application: FinancingApplicationId(id),
            creator: UserId(creator),
        });
        Ok(waiting.collect())
    }

    async fn hold(&mut self, id: FinancingApplicationId, held: &Held) -> Result<(), StoreError> {
        sqlx::query("update financing_applications set held = $3 where tenant_id = $1 and id = $2 and stage = 'draft'")
            .bind(self.city.0)
            .bind(id.0)
            .bind(Json(held))
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn pending_face(&mut self) -> Result<Vec<Draft>, StoreError> {
        let rows: Vec<DraftRow> = sqlx::query_as(
            "select * from financing_applications
             where tenant_id = $1 and enterprise_id = current_enterprise() and stage = 'pending_face'
             order by updated_at desc, id desc limit 100",
        )
        .bind(self.city.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|d| d.0).collect())
    }

    async fn came_from(
        &mut self,
        id: FinancingApplicationId,
        scene: &Scene,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update financing_applications set scene = $3 where tenant_id = $1 and id = $2 and stage = 'draft' and scene = ''",
        )
        .bind(self.city.0)
        .bind(id.0)
        .bind(scene.text())
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn remember(
        &mut self,
        id: FinancingApplicationId,
        typed: &Typed,
    ) -> Result<(), StoreError> {
        sqlx::query("update financing_applications set draft_typed = $3 where tenant_id = $1 and id = $2 and stage = 'draft'")
            .bind(self.city.0)
            .bind(id.0)
            .bind(Json(typed))
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn open_requests(
        &mut self,
        product: ProductId,
        branch: TenantId,
    ) -> Result<Vec<String>, StoreError> {
        sqlx::query_scalar(
            "select application_no from financing_applications
             where tenant_id = $1 and enterprise_id = current_enterprise() and product_id = $2
               and handler_tenant_id = $3 and application_no is not null
               and stage in ('submitted', 'returned_to_hq', 'accepted', 'due_diligence', 'need_supplement', 'in_approval')
             order by submitted_at desc limit 5",
        )
        .bind(self.city.0)
        .bind(product.0)
        .bind(branch.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn last_refusal(
        &mut self,
        product: ProductId,
    ) -> Result<Option<LastRefusal>, StoreError> {
        let row: Option<(OffsetDateTime, Vec<String>)> = sqlx::query_as(
            "select decided_at, reason_codes from financing_applications
             where tenant_id = $1 and enterprise_id = current_enterprise() and product_id = $2
               and stage in ('rejected', 'refused_intake') and decided_at is not null
             order by decided_at desc limit 1",
        )
        .bind(self.city.0)
        .bind(product.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(row.map(|(decided_at, reason_codes)| LastRefusal {
            decided_at,
            reason_codes,
        }))
    }

    async fn forget_untouched(
        &mut self,
        since: OffsetDateTime,
        at_most: i64,
    ) -> Result<u64, StoreError> {
        let gone = sqlx::query(
            "delete from financing_applications where (tenant_id, id) in (
               select tenant_id, id from financing_applications
               where tenant_id = $1 and stage = 'draft' and updated_at < $2 limit $3)",
        )
        .bind(self.city.0)
        .bind(since)
        .bind(at_most)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(gone.rows_affected())
    }
}
