//! Reminders 提醒 on PostgreSQL.

use application::ports::{
    reminders::{Reminders, SUPPLEMENT_WARNING, UNACCEPTED_NOTICE},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    financing::FinancingApplication,
    ids::{FinancingApplicationId, UserId},
};
use time::OffsetDateTime;

use crate::{errors::store_error, financing_applications::Restored, store::PgUnitOfWork};

#[async_trait]
impl Reminders for PgUnitOfWork {
    async fn look_at(
        &mut self,
        id: FinancingApplicationId,
    ) -> Result<Option<FinancingApplication>, StoreError> {
        let found: Option<Restored> =
            sqlx::query_as("select * from financing_applications where tenant_id = $1 and id = $2")
                .bind(self.city.0)
                .bind(id.0)
                .fetch_optional(&mut *self.tx)
                .await
                .map_err(store_error)?;
        Ok(found.map(|r| r.0))
    }

    async fn supplement_warnings(
        &mut self,
        due_before: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<FinancingApplication>, StoreError> {
        let rows: Vec<Restored> = sqlx::query_as(
            "select * from financing_applications a
             where tenant_id = $1 and stage = 'need_supplement' and not frozen and due_at <= $2
               and not exists (select from messages m where m.tenant_id = $1
                 and m.dedupe_key = $3 || ':' || a.id || ':' || a.supplement_rounds)
             order by due_at limit $4",
        )
        .bind(self.city.0)
        .bind(due_before)
        .bind(SUPPLEMENT_WARNING)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|r| r.0).collect())
    }

    async fn unaccepted(
        &mut self,
        submitted_before: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<FinancingApplication>, StoreError> {
        let rows: Vec<Restored> = sqlx::query_as(
            "select * from financing_applications a
             where tenant_id = $1 and stage in ('submitted', 'returned_to_hq') and not frozen and submitted_at <= $2
               and not exists (select from messages m where m.tenant_id = $1
                 and m.dedupe_key = $3 || ':' || a.id || ':city')
             order by submitted_at limit $4",
        )
        .bind(self.city.0)
        .bind(submitted_before)
        .bind(UNACCEPTED_NOTICE)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|r| r.0).collect())
    }

    async fn phone_of(&mut self, user: UserId) -> Result<Option<Vec<u8>>, StoreError> {
        sqlx::query_scalar(
            "select phone_sealed from users where tenant_id = $1 and id = $2 and status = 'active'",
        )
        .bind(self.city.0)
        .bind(user.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)
    }
}
