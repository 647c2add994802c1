//! Profile drafts 完善信息草稿 on PostgreSQL: one for each person.

use application::ports::{
    profile_drafts::{ProfileDrafts, SealedDraft},
    store::StoreError,
};
use async_trait::async_trait;
use domain::ids::EnterpriseId;
use time::OffsetDateTime;

use crate::{errors::store_error, store::PgUnitOfWork};

#[async_trait]
impl ProfileDrafts for PgUnitOfWork {
    async fn own_draft(&mut self) -> Result<Option<SealedDraft>, StoreError> {
        let row: Option<(Vec<u8>, OffsetDateTime)> = sqlx::query_as(
            "select typed_sealed, saved_at from profile_drafts where tenant_id = $1 and user_id = $2",
        )
        .bind(self.city.0)
        .bind(self.person)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(row.map(|(typed, saved_at)| SealedDraft { typed, saved_at }))
    }

    async fn keep_own_draft(
        &mut self,
        enterprise: EnterpriseId,
        draft: &SealedDraft,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into profile_drafts (tenant_id, enterprise_id, user_id, typed_sealed, saved_at)
             values ($1, $2, $3, $4, $5)
             on conflict (tenant_id, user_id) do update set typed_sealed = excluded.typed_sealed, saved_at = excluded.saved_at",
        )
        .bind(self.city.0)
        .bind(enterprise.0)
        .bind(self.person)
        .bind(&draft.typed)
        .bind(draft.saved_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn drop_own_draft(&mut self) -> Result<(), StoreError> {
        sqlx::query("delete from profile_drafts where tenant_id = $1 and user_id = $2")
            .bind(self.city.0)
            .bind(self.person)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(())
    }
}
