//! Face checks 人脸核验 on PostgreSQL.

use application::ports::{
    face_checks::{Counter, FaceCheck, FaceChecks, FaceConsent, Settlement, Verified},
    face_reviews::FaceReviews as _,
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    identity::CheckStatus,
    ids::{EnterpriseId, FaceCheckId, TenantId, UserId},
};
use sqlx::{FromRow, Row as _, postgres::PgRow};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

/// When a person `u` was verified; a face check whose consent was withdrawn since counts no more.
macro_rules! standing_face {
    () => {
        "(case when u.face_method in ('face', 'manual') and exists (select from consents c where c.tenant_id = u.tenant_id
            and c.user_id = u.id and c.agreement_code = case u.face_method when 'face' then 'face' else 'face_review' end
            and c.withdrawn_at > u.face_verified_at) then null
          else u.face_verified_at end)"
    };
}
pub(crate) use standing_face;

/// `select *` would name the columns too, but not the score as a whole number.
macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "select id, tenant_id, enterprise_id, user_id, provider, session_ref, status, (score * 100)::int as score, reason_code,
               branch_id, enterprise_name, person_name, legal_id_index, reference, note, channel, page, next_path, asks,
               created_at, settled_at
             from face_checks where ",
            $rest
        )
    };
}

struct Stored(FaceCheck);

impl FromRow<'_, PgRow> for Stored {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let status: &str = row.try_get("status")?;
        Ok(Self(FaceCheck {
            id: FaceCheckId(row.try_get("id")?),
            city: TenantId(row.try_get("tenant_id")?),
            enterprise: EnterpriseId(row.try_get("enterprise_id")?),
            user: UserId(row.try_get("user_id")?),
            provider: row.try_get("provider")?,
            session_ref: row.try_get("session_ref")?,
            status: CheckStatus::from_code(status)
                .ok_or_else(|| sqlx::Error::Decode("an unknown status of a check".into()))?,
            score: row.try_get("score")?,
            reason_code: row.try_get("reason_code")?,
            branch: row.try_get::<Option<Uuid>, _>("branch_id")?.map(TenantId),
            enterprise_name: row.try_get("enterprise_name")?,
            person_name: row.try_get("person_name")?,
            legal_id_index: row.try_get("legal_id_index")?,
            reference: row.try_get("reference")?,
            note: row.try_get("note")?,
            channel: row.try_get("channel")?,
            page: row.try_get("page")?,
            next: row.try_get("next_path")?,
            asks: row.try_get("asks")?,
            created_at: row.try_get("created_at")?,
            settled_at: row.try_get("settled_at")?,
        }))
    }
}

fn one(found: Option<Stored>) -> Option<FaceCheck> {
    found.map(|s| s.0)
}

impl PgUnitOfWork {
    async fn read_verified(
        &mut self,
        sql: &'static str,
        user: UserId,
    ) -> Result<Option<Verified>, StoreError> {
        let row: Option<(Option<OffsetDateTime>, Option<String>)> = sqlx::query_as(sql)
            .bind(self.city.0)
            .bind(user.0)
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(row.map(|(at, method)| Verified { at, method }))
    }
}

#[async_trait]
impl FaceChecks for PgUnitOfWork {
    async fn lock_person(&mut self, user: UserId) -> Result<Option<Verified>, StoreError> {
        self.read_verified(
            concat!(
                "select ",
                standing_face!(),
                " as face_verified_at, u.face_method from users u
             where u.tenant_id = $1 and u.id = $2 for update"
            ),
            user,
        )
        .await
    }

    async fn verified(&mut self, user: UserId) -> Result<Option<Verified>, StoreError> {
        self.read_verified(
            concat!(
                "select ",
                standing_face!(),
                " as face_verified_at, u.face_method from users u
             where u.tenant_id = $1 and u.id = $2"
            ),
            user,
        )
        .await
    }

    async fn add_check(&mut self, check: &FaceCheck) -> Result<(), StoreError> {
        sqlx::query(
            "insert into face_checks (id, tenant_id, enterprise_id, user_id, provider, session_ref, status, branch_id,
               enterprise_name, person_name, legal_id_index, reference, channel, next_path, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        )
        .bind(check.id.0)
        .bind(self.city.0)
        .bind(check.enterprise.0)
        .bind(check.user.0)
        .bind(&check.provider)
        .bind(&check.session_ref)
        .bind(check.status.code())
        .bind(check.branch.map(|b| b.0))
        .bind(&check.enterprise_name)
        .bind(&check.person_name)
        .bind(&check.legal_id_index)
        .bind(&check.reference)
        .bind(&check.channel)
        .bind(&check.next)
        .bind(check.created_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn check(&mut self, id: FaceCheckId) -> Result<Option<FaceCheck>, StoreError> {
        sqlx::query_as(columns!("tenant_id = $1 and id = $2"))
            .bind(self.city.0)
            .bind(id.0)
            .fetch_optional(&mut *self.tx)
            .await
            .map(one)
            .map_err(store_error)
    }

    async fn latest_check(&mut self, user: UserId) -> Result<Option<FaceCheck>, StoreError> {
        sqlx::query_as(columns!(
            "tenant_id = $1 and user_id = $2 and status not like 'manual%' and status <> 'cancelled'
             order by created_at desc, id desc limit 1"
        ))
        .bind(self.city.0)
        .bind(user.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map(one)
        .map_err(store_error)
    }

    async fn open_request(&mut self, user: UserId) -> Result<Option<FaceCheck>, StoreError> {
        sqlx::query_as(columns!(
            "tenant_id = $1 and user_id = $2 and status like 'manual%' order by created_at desc, id desc limit 1"
        ))
        .bind(self.city.0)
        .bind(user.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map(one)
        .map_err(store_error)
    }

    async fn failures_since(
        &mut self,
        user: UserId,
        since: OffsetDateTime,
    ) -> Result<i64, StoreError> {
        sqlx::query_scalar(
            "select count(*) from face_checks
             where tenant_id = $1 and user_id = $2 and status = 'failed' and created_at >= $3",
        )
        .bind(self.city.0)
        .bind(user.0)
        .bind(since)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn charged_since(
        &mut self,
        user: UserId,
        since: OffsetDateTime,
    ) -> Result<i64, StoreError> {
        sqlx::query_scalar(
            "select count(*) from face_checks
             where tenant_id = $1 and user_id = $2 and status <> 'passed' and coalesce(charged, status = 'unclear')
               and created_at >= $3",
        )
        .bind(self.city.0)
        .bind(user.0)
        .bind(since)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn note_session(
        &mut self,
        id: FaceCheckId,
        session: &str,
        page: &str,
        ask_at: Option<OffsetDateTime>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update face_checks set session_ref = $3, page = $4, ask_at = $5 where tenant_id = $1 and id = $2",
        )
        .bind(self.city.0)
        .bind(id.0)
        .bind(session)
        .bind(page)
        .bind(ask_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn settle_check(
        &mut self,
        id: FaceCheckId,
        what: Settlement<'_>,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update face_checks set status = $4, score = $5::numeric / 100, reason_code = $6, settled_at = $8,
               charged = coalesce($7, case when $4 = 'cancelled' then status = 'unclear' end),
               page = '', ask_at = case when $4 in ('started', 'unclear') then ask_at end
             where tenant_id = $1 and id = $2 and status = $3",
        )
        .bind(self.city.0)
        .bind(id.0)
        .bind(what.from.code())
        .bind(what.to.code())
        .bind(what.score)
        .bind(what.reason_code)
        .bind(what.charged)
        .bind(what.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn due_checks(
        &mut self,
        now: OffsetDateTime,
        lease: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<FaceCheck>, StoreError> {
        let ids: Vec<Uuid> = sqlx::query_scalar(
            "update face_checks set ask_at = $3, asks = asks + 1 where id in (
               select id from face_checks
               where tenant_id = $1 and status in ('started', 'unclear') and ask_at <= $2
               order by ask_at limit $4 for update skip locked)
             returning id",
        )
        .bind(self.city.0)
        .bind(now)
        .bind(lease)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        sqlx::query_as(columns!(
            "tenant_id = $1 and id = any($2) order by created_at"
        ))
        .bind(self.city.0)
        .bind(ids)
        .fetch_all(&mut *self.tx)
        .await
        .map(|found: Vec<Stored>| found.into_iter().map(|s| s.0).collect())
        .map_err(store_error)
    }

    async fn ask_again_at(
        &mut self,
        id: FaceCheckId,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update face_checks set ask_at = $3
             where tenant_id = $1 and id = $2 and status in ('started', 'unclear')",
        )
        .bind(self.city.0)
        .bind(id.0)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn mark_verified(
        &mut self,
        user: UserId,
        method: &str,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update users set face_verified_at = $3, face_method = $4
             where tenant_id = $1 and id = $2",
        )
        .bind(self.city.0)
        .bind(user.0)
        .bind(at)
        .bind(method)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        self.stop_review(user, at).await
    }

    async fn clear_verified(
        &mut self,
        enterprise: EnterpriseId,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update users set face_verified_at = null, face_method = null where tenant_id = $1 and enterprise_id = $2",
        )
        .bind(self.city.0)
        .bind(enterprise.0)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        sqlx::query(
            "update face_checks set status = 'cancelled', reason_code = 'face.person_changed', settled_at = $3, page = '',
               ask_at = null, charged = coalesce(charged, status = 'unclear')
             where tenant_id = $1 and enterprise_id = $2 and status in ('started', 'unclear', 'manual_requested')",
        )
        .bind(self.city.0)
        .bind(enterprise.0)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        sqlx::query(
            "update face_reviews set status = 'cancelled', settled_at = $3, photo_until = $3
             where tenant_id = $1 and enterprise_id = $2 and status in ('requested', 'proposed')",
        )
        .bind(self.city.0)
        .bind(enterprise.0)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn add_consent(&mut self, consent: &FaceConsent) -> Result<(), StoreError> {
        sqlx::query(
            "insert into consents (id, tenant_id, enterprise_id, user_id, agreement_code, agreement_version,
               agreement_title, body_hash, purpose, recipient, channel, ip, granted_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(consent.id)
        .bind(self.city.0)
        .bind(consent.enterprise.0)
        .bind(consent.user.0)
        .bind(&consent.code)
        .bind(&consent.version)
        .bind(&consent.title)
        .bind(consent.body_hash.as_slice())
        .bind(consent.purpose)
        .bind(&consent.recipient)
        .bind(consent.channel)
        .bind(&consent.ip)
        .bind(consent.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn has_consent(
        &mut self,
        user: UserId,
        code: &str,
        version: &str,
    ) -> Result<bool, StoreError> {
        sqlx::query_scalar(
            "select exists (select from consents where tenant_id = $1 and user_id = $2 and agreement_code = $3
               and agreement_version = $4 and withdrawn_at is null)",
        )
        .bind(self.city.0)
        .bind(user.0)
        .bind(code)
        .bind(version)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn stands_by(&mut self, user: UserId, code: &str) -> Result<bool, StoreError> {
        sqlx::query_scalar(
            "select exists (select from consents where tenant_id = $1 and user_id = $2 and agreement_code = $3
               and withdrawn_at is null)",
        )
        .bind(self.city.0)
        .bind(user.0)
        .bind(code)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn stop_checks(
        &mut self,
        user: UserId,
        reason_code: &str,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update face_checks set status = 'cancelled', reason_code = $3, charged = coalesce(charged, status = 'unclear'),
               settled_at = $4, page = '', ask_at = null
             where tenant_id = $1 and user_id = $2 and status in ('started', 'unclear')",
        )
        .bind(self.city.0)
        .bind(user.0)
        .bind(reason_code)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn counters(&mut self, county: &str) -> Result<Vec<Counter>, StoreError> {
        let rows: Vec<(Uuid, String, String, String, String, String)> = sqlx::query_as(
            "select b.tenant_id, t.name, b.region_code, b.address, b.phone, b.opening_hours
             from branches b join tenants t on t.id = b.tenant_id
             where b.city_id = $1 and b.status = 'published' and b.counter_check and t.status = 'active'
             order by (b.region_code <> $2), b.region_code, t.name",
        )
        .bind(self.city.0)
        .bind(county)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(
                |(id, name, region_code, address, phone, opening_hours)| Counter {
                    id: TenantId(id),
                    name,
                    region_code,
                    address,
                    phone,
                    opening_hours,
                },
            )
            .collect())
    }

    async fn counter_requests(&mut self, most: i64) -> Result<Vec<FaceCheck>, StoreError> {
        sqlx::query_as(columns!(
            "tenant_id = $1 and branch_id = $2 and status like 'manual%'
             order by (status <> 'manual_requested'), created_at desc, id desc limit $3"
        ))
        .bind(self.city.0)
        .bind(self.tenant.0)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map(|found: Vec<Stored>| found.into_iter().map(|s| s.0).collect())
        .map_err(store_error)
    }

    async fn settle_at_counter(
        &mut self,
        id: FaceCheckId,
        to: CheckStatus,
        note: &str,
        by: UserId,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update face_checks set status = $4, note = $5, settled_by = $6, settled_at = $7
             where tenant_id = $1 and branch_id = $2 and id = $3 and status = 'manual_requested'",
        )
        .bind(self.city.0)
        .bind(self.tenant.0)
        .bind(id.0)
        .bind(to.code())
        .bind(note)
        .bind(by.0)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }
}
