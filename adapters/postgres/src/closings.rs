//! Closings 注销 on PostgreSQL: what the city's worker takes away when an account is closed, and after an archive's time.

use std::collections::HashSet;

use application::ports::{
    enterprise_files::FileRow,
    own_data::{Archived, Closing, Closings, OwnExport},
    store::StoreError,
};
use async_trait::async_trait;
use domain::ids::{EnterpriseId, UserId};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    enterprise_files::StoredFile,
    errors::store_error,
    own_data::{StoredClosing, StoredExport},
    store::PgUnitOfWork,
};

/// What goes with an account, in this order; $1 is the city, $2 the enterprise, $3 the moment.
const SHUT: [&str; 20] = [
    "update enterprises set status = 'closed', name = '已注销企业', legal_representative = '已注销', region_code = '',
       unified_social_credit_code = null, registered_capital_cents = null, legal_id_sealed = null, legal_id_index = null,
       contact_phone_sealed = null, industry_code = null, address = null, recommender_tenant_id = null, email_sealed = null,
       profile_completed_at = null, version = version + 1
     where tenant_id = $1 and id = $2 and $3::timestamptz is not null",
    // A phone that nobody has: it signs in nowhere and is free for a new registration.
    "update users set status = 'closed', name = '已注销用户', phone_sealed = '', phone_index = '', face_verified_at = null,
       face_method = null
     where tenant_id = $1 and enterprise_id = $2 and $3::timestamptz is not null",
    "delete from credentials c using users u
     where u.id = c.user_id and u.tenant_id = $1 and u.enterprise_id = $2 and u.status = 'closed' and $3::timestamptz is not null",
    "delete from sessions s using users u
     where u.id = s.user_id and u.tenant_id = $1 and u.enterprise_id = $2 and u.status = 'closed' and $3::timestamptz is not null",
    "delete from wechat_grants g using users u
     where g.tenant_id = $1 and u.id = g.user_id and u.tenant_id = $1 and u.enterprise_id = $2 and $3::timestamptz is not null",
    "delete from wechat_accounts w using users u
     where w.tenant_id = $1 and u.id = w.user_id and u.tenant_id = $1 and u.enterprise_id = $2 and $3::timestamptz is not null",
    "delete from financing_applications
     where tenant_id = $1 and enterprise_id = $2 and stage in ('draft', 'pending_face') and $3::timestamptz is not null",
    "update financing_applications set archived_at = $3 where tenant_id = $1 and enterprise_id = $2 and archived_at is null",
    "delete from enterprise_files f
     where f.tenant_id = $1 and f.enterprise_id = $2 and $3::timestamptz is not null and not exists (
       select from application_files a where a.tenant_id = f.tenant_id and a.object_key = f.object_key)",
    "delete from own_data_exports where tenant_id = $1 and enterprise_id = $2 and $3::timestamptz is not null",
    "delete from profile_drafts where tenant_id = $1 and enterprise_id = $2 and $3::timestamptz is not null",
    "delete from size_declarations where tenant_id = $1 and enterprise_id = $2 and $3::timestamptz is not null",
    "delete from estimates where tenant_id = $1 and enterprise_id = $2 and $3::timestamptz is not null",
    // What was claimed and paid is the city's record; where it was to be paid to is not.
    "update subsidy_claims set account_sealed = null, version = version + 1
     where tenant_id = $1 and enterprise_id = $2 and account_sealed is not null and $3::timestamptz is not null",
    "delete from messages where tenant_id = $1 and enterprise_id = $2 and $3::timestamptz is not null",
    "update face_checks set status = 'cancelled', settled_at = $3, page = '', ask_at = null
     where tenant_id = $1 and enterprise_id = $2 and status in ('started', 'unclear', 'manual_requested')",
    "update face_reviews set status = case when status in ('requested', 'proposed') then 'cancelled' else status end,
       settled_at = coalesce(settled_at, $3), photo_until = $3
     where tenant_id = $1 and enterprise_id = $2 and object_key <> ''",
    // What was complained about and how it was answered is the city's record; whose it was is not.
    "update complaints set enterprise_name = '已注销企业', status = 'closed', closed_at = coalesce(closed_at, $3), version = version + 1
     where tenant_id = $1 and enterprise_id = $2",
    "update ratings set masked_name = '已注销企业' where tenant_id = $1 and enterprise_id = $2 and $3::timestamptz is not null",
    "update consents set withdrawn_at = $3 where tenant_id = $1 and enterprise_id = $2 and withdrawn_at is null",
];

#[async_trait]
impl Closings for PgUnitOfWork {
    async fn over_exports(
        &mut self,
        now: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<OwnExport>, StoreError> {
        let rows: Vec<StoredExport> = sqlx::query_as(
            "select * from own_data_exports where tenant_id = $1 and expires_at <= $2
             order by expires_at limit $3",
        )
        .bind(self.city.0)
        .bind(now)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    async fn own_exports_due(
        &mut self,
        now: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<(Uuid, UserId)>, StoreError> {
        let rows: Vec<(Uuid, Uuid)> = sqlx::query_as(
            "select id, user_id from own_data_exports
             where tenant_id = $1 and status in ('queued', 'making') and (lease_until is null or lease_until <= $2)
             order by created_at limit $3",
        )
        .bind(self.city.0)
        .bind(now)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(id, user)| (id, UserId(user)))
            .collect())
    }

    async fn own_export_failed(&mut self, id: Uuid) -> Result<Option<EnterpriseId>, StoreError> {
        let whose: Option<Uuid> = sqlx::query_scalar(
            "update own_data_exports set status = 'failed', lease_until = null
             where tenant_id = $1 and id = $2 and status in ('queued', 'making') returning enterprise_id",
        )
        .bind(self.city.0)
        .bind(id)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(whose.map(EnterpriseId))
    }

    async fn forget_exports(&mut self, ids: &[Uuid]) -> Result<(), StoreError> {
        sqlx::query("delete from own_data_exports where tenant_id = $1 and id = any($2)")
            .bind(self.city.0)
            .bind(ids)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn due_closings(
        &mut self,
        now: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<Uuid>, StoreError> {
        sqlx::query_scalar(
            "select id from account_closings
             where tenant_id = $1 and kept_at is null and done_at is null and effective_at <= $2
             order by effective_at limit $3",
        )
        .bind(self.city.0)
        .bind(now)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn lock_closing(
        &mut self,
        id: Uuid,
        now: OffsetDateTime,
    ) -> Result<Option<Closing>, StoreError> {
        let row: Option<StoredClosing> = sqlx::query_as(
            "select c.* from account_closings c
             join enterprises e on e.tenant_id = c.tenant_id and e.id = c.enterprise_id
             where c.tenant_id = $1 and c.id = $2 and c.kept_at is null and c.done_at is null and c.effective_at <= $3
               and not exists (select from ownership_changes o where o.tenant_id = c.tenant_id and o.enterprise_id = c.enterprise_id
                 and o.kind = 'recovery' and o.status = 'open')
             for update of c, e skip locked",
        )
        .bind(self.city.0)
        .bind(id)
        .bind(now)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(row.map(|row| row.0))
    }

    async fn loose_files(&mut self, of: EnterpriseId) -> Result<Vec<FileRow>, StoreError> {
        sqlx::query_as(
            "select f.* from enterprise_files f
             where f.tenant_id = $1 and f.enterprise_id = $2 and not exists (
               select from application_files a where a.tenant_id = f.tenant_id and a.object_key = f.object_key)",
        )
        .bind(self.city.0)
        .bind(of.0)
        .fetch_all(&mut *self.tx)
        .await
        .map(|found: Vec<StoredFile>| found.into_iter().map(|f| f.0).collect())
        .map_err(store_error)
    }

    async fn exports_of(&mut self, of: EnterpriseId) -> Result<Vec<OwnExport>, StoreError> {
        let rows: Vec<StoredExport> = sqlx::query_as(
            "select * from own_data_exports where tenant_id = $1 and enterprise_id = $2",
        )
        .bind(self.city.0)
        .bind(of.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    async fn shut(&mut self, closing: &Closing, at: OffsetDateTime) -> Result<(), StoreError> {
        for sql in SHUT {
            sqlx::query(sql)
                .bind(self.city.0)
                .bind(closing.enterprise.0)
                .bind(at)
                .execute(&mut *self.tx)
                .await
                .map_err(store_error)?;
        }
        sqlx::query("update account_closings set done_at = $3 where tenant_id = $1 and id = $2")
            .bind(self.city.0)
            .bind(closing.id)
            .bind(at)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn after_archive(
        &mut self,
        before: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<Archived>, StoreError> {
        let rows: Vec<(Uuid, Vec<String>)> = sqlx::query_as(
            "select a.id, array(select f.object_key from application_files f
                where f.tenant_id = a.tenant_id and f.application_id = a.id
                union all select l.object_key from letter_files l
                where l.tenant_id = a.tenant_id and l.application_id = a.id)
             from financing_applications a
             where a.tenant_id = $1 and a.archived_at < $2 and exists (select from application_dossiers d
               where d.tenant_id = a.tenant_id and d.application_id = a.id)
             order by a.archived_at limit $3",
        )
        .bind(self.city.0)
        .bind(before)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(application, object_keys)| Archived {
                application,
                object_keys,
            })
            .collect())
    }

    async fn named_objects(&mut self, keys: &[String]) -> Result<HashSet<String>, StoreError> {
        let named: Vec<String> = sqlx::query_scalar(
            "select object_key from enterprise_files where tenant_id = $1 and object_key = any($2)
             union select object_key from application_files where tenant_id = $1 and object_key = any($2)
             union select object_key from letter_files where tenant_id = $1 and object_key = any($2)
             union select object_key from due_diligence_photos where tenant_id = $1 and object_key = any($2)
             union select object_key from face_reviews where tenant_id = $1 and object_key = any($2)
             union select object_key from own_data_exports where tenant_id = $1 and object_key = any($2)
             union select object_key from article_attachments where tenant_id = $1 and object_key = any($2)
             union select object_key from content_pictures where tenant_id = $1 and object_key = any($2)
             union select object_key from wechat_codes where tenant_id = $1 and object_key = any($2)
             union select object_key from exports where city_id = $1 and object_key = any($2)
             union select object_key from imports where city_id = $1 and object_key = any($2)",
        )
        .bind(self.city.0)
        .bind(keys)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(named.into_iter().collect())
    }

    async fn forget_archived(&mut self, application: Uuid) -> Result<(), StoreError> {
        for sql in [
            "delete from enterprise_files f using application_files a
             where a.tenant_id = $1 and a.application_id = $2 and f.tenant_id = a.tenant_id and f.object_key = a.object_key",
            "delete from application_files where tenant_id = $1 and application_id = $2",
            "delete from letter_files where tenant_id = $1 and application_id = $2",
            "delete from application_dossiers where tenant_id = $1 and application_id = $2",
        ] {
            sqlx::query(sql)
                .bind(self.city.0)
                .bind(application)
                .execute(&mut *self.tx)
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }
}
