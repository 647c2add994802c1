//! Consents 授权记录 on PostgreSQL.

use application::ports::{
    branch_board::{Cursor, Leaf},
    consents::{ConsentRow, Consents, Granted, Looks, Over},
    store::StoreError,
    view_log::ViewEntry,
};
use async_trait::async_trait;
use domain::{
    financing::FinancingApplication,
    ids::{ConsentId, EnterpriseId, FinancingApplicationId, TenantId, UserId},
};
use sqlx::{FromRow, QueryBuilder, Row as _, postgres::PgRow};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, financing_applications::Restored, store::PgUnitOfWork};

/// Whether a consent, as `c`, ended and was not given anew since 重新授权: no newer one of the same text stands for its application.
macro_rules! lapsed {
    () => {
        "(c.withdrawn_at is not null
          and not exists (select from consents n where n.tenant_id = c.tenant_id and n.application_id = c.application_id
            and n.agreement_code = c.agreement_code and n.id <> c.id and n.granted_at >= c.granted_at
            and n.withdrawn_at is null))"
    };
}

/// Whether what was granted for an application stands 授权有效: there is something, nothing of it lapsed, and the application is not over
/// for good; how long a refusal leaves it standing is asked of the clocks. Tenant and application are SQL.
macro_rules! consent_stands {
    ($tenant:literal, $application:literal) => {
        concat!(
            "(exists (select from consents c where c.tenant_id = ",
            $tenant,
            " and c.application_id = ",
            $application,
            ") and not exists (select from consents c where c.tenant_id = ",
            $tenant,
            " and c.application_id = ",
            $application,
            " and ",
            crate::consents::lapsed!(),
            ") and not exists (select from financing_applications o where o.tenant_id = ",
            $tenant,
            " and o.id = ",
            $application,
            " and o.stage in ('settled', 'not_drawn', 'withdrawn', 'expired')))"
        )
    };
}

pub(crate) use {consent_stands, lapsed};

/// What is read of the consents of whoever asks.
macro_rules! consents {
    () => {
        concat!(
            "select c.id, c.agreement_code, c.agreement_version, c.agreement_title, c.purpose, c.recipient,
                c.application_id, c.channel, c.granted_at, c.withdrawn_at, c.ended_with_application, c.user_id, u.name as person, a.application_no,
                coalesce(a.stage in ('submitted', 'returned_to_hq', 'accepted', 'due_diligence',
                  'need_supplement', 'in_approval'), false) as application_open, ",
            lapsed!(),
            " as lapsed
         from consents c join users u on u.id = c.user_id
         left join financing_applications a on a.tenant_id = c.tenant_id and a.id = c.application_id
         where c.tenant_id = $1 and c.enterprise_id = current_enterprise()"
        )
    };
}

struct Stored(ConsentRow);

impl FromRow<'_, PgRow> for Stored {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self(ConsentRow {
            id: ConsentId(row.try_get("id")?),
            code: row.try_get("agreement_code")?,
            version: row.try_get("agreement_version")?,
            title: row.try_get("agreement_title")?,
            purpose: row.try_get("purpose")?,
            recipient: row.try_get("recipient")?,
            application: row
                .try_get::<Option<Uuid>, _>("application_id")?
                .map(FinancingApplicationId),
            application_no: row.try_get("application_no")?,
            application_open: row.try_get("application_open")?,
            lapsed: row.try_get("lapsed")?,
            user: UserId(row.try_get("user_id")?),
            person: row.try_get("person")?,
            channel: row.try_get("channel")?,
            granted_at: row.try_get("granted_at")?,
            withdrawn_at: row.try_get("withdrawn_at")?,
            ended_with_application: row.try_get("ended_with_application")?,
        }))
    }
}

#[derive(FromRow)]
struct LookRow {
    id: Uuid,
    enterprise_id: Uuid,
    viewer_id: Uuid,
    viewer_name: String,
    viewer_tenant_id: Uuid,
    viewer_node: String,
    application_id: Option<Uuid>,
    fields: String,
    reason: String,
    request_id: String,
    at: OffsetDateTime,
}

#[async_trait]
impl Consents for PgUnitOfWork {
    async fn grant(&mut self, consents: &[Granted]) -> Result<(), StoreError> {
        for c in consents {
            sqlx::query(
                "insert into consents (id, tenant_id, enterprise_id, user_id, agreement_code, agreement_version,
                   agreement_title, body_hash, purpose, recipient, application_id, channel, ip, granted_at)
                 values ($1, $2, current_enterprise(), $3, $4, $5, $6, sha256(convert_to($7, 'UTF8')), $8, $9, $10,
                   $11, $12, $13)",
            )
            .bind(c.id.0)
            .bind(self.city.0)
            .bind(self.person)
            .bind(&c.code)
            .bind(&c.version)
            .bind(&c.title)
            .bind(&c.body)
            .bind(c.purpose)
            .bind(&c.recipient)
            .bind(c.application.map(|a| a.0))
            .bind(&c.channel)
            .bind(&c.ip)
            .bind(c.at)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        }
        Ok(())
    }

    async fn consents(&mut self, skip: i64, most: i64) -> Result<Vec<ConsentRow>, StoreError> {
        let rows: Vec<Stored> = sqlx::query_as(concat!(
            consents!(),
            " order by c.granted_at desc, c.id desc offset $2 limit $3"
        ))
        .bind(self.city.0)
        .bind(skip)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|r| r.0).collect())
    }

    async fn consents_after(
        &mut self,
        after: Option<(OffsetDateTime, Uuid)>,
        most: i64,
    ) -> Result<Vec<ConsentRow>, StoreError> {
        // Whoever begins at the top asks for what is older than any time to come.
        let (at, id) = after.unwrap_or((
            OffsetDateTime::new_utc(time::Date::MAX, time::Time::MIDNIGHT),
            Uuid::nil(),
        ));
        let rows: Vec<Stored> = sqlx::query_as(concat!(
            consents!(),
            " and (c.granted_at, c.id) < ($2, $3) order by c.granted_at desc, c.id desc limit $4"
        ))
        .bind(self.city.0)
        .bind(at)
        .bind(id)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|r| r.0).collect())
    }

    async fn count_consents(&mut self) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar(
            "select count(*) from (select 1 from consents
             where tenant_id = $1 and enterprise_id = current_enterprise() limit 1000) capped",
        )
        .bind(self.city.0)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(count.unsigned_abs())
    }

    async fn consent(&mut self, id: ConsentId) -> Result<Option<ConsentRow>, StoreError> {
        let row: Option<Stored> = sqlx::query_as(concat!(consents!(), " and c.id = $2"))
            .bind(self.city.0)
            .bind(id.0)
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(row.map(|r| r.0))
    }

    async fn lapsed_consents(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<ConsentRow>, StoreError> {
        let rows: Vec<Stored> = sqlx::query_as(concat!(
            consents!(),
            " and c.application_id = $2 and ",
            lapsed!(),
            " order by c.granted_at desc, c.id desc"
        ))
        .bind(self.city.0)
        .bind(application.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|r| r.0).collect())
    }

    async fn withdraw_consent(
        &mut self,
        id: ConsentId,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update consents set withdrawn_at = $3
             where tenant_id = $1 and id = $2 and enterprise_id = current_enterprise() and withdrawn_at is null",
        )
        .bind(self.city.0)
        .bind(id.0)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() > 0)
    }

    async fn owed_again(&mut self, at: OffsetDateTime) -> Result<Vec<String>, StoreError> {
        sqlx::query_scalar(
            "select f.code from (select code, max(published_at) as since from agreements
                                 where tenant_id = $1 and reconsent and published_at <= $3 group by code) f
             join (select c.agreement_code as code, max(a.published_at) as latest
                   from consents c join agreements a
                     on a.tenant_id = c.tenant_id and a.code = c.agreement_code and a.version = c.agreement_version
                   where c.tenant_id = $1 and c.user_id = $2 and c.enterprise_id = current_enterprise()
                     and c.withdrawn_at is null group by 1) g using (code)
             where g.latest < f.since order by 1",
        )
        .bind(self.city.0)
        .bind(self.person)
        .bind(at)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn over_with_consents(
        &mut self,
        over: &Over,
        most: i64,
    ) -> Result<Vec<FinancingApplication>, StoreError> {
        // From the consents that stand: they are few, and what is over has none soon.
        let rows: Vec<Restored> = sqlx::query_as(
            "select a.* from (select distinct application_id from consents
               where tenant_id = $1 and application_id is not null and withdrawn_at is null) c
             join financing_applications a on a.tenant_id = $1 and a.id = c.application_id
             where (a.stage in ('settled', 'not_drawn', 'withdrawn', 'expired')
                 or (a.stage = 'refused_intake' and a.decided_at < $3)
                 or (a.stage = 'rejected' and a.decided_at < case when a.reconsidered then $3 else $2 end))
               and not exists (select from reconsiderations r
                 where r.tenant_id = $1 and r.application_id = a.id and r.status = 'open')
             limit $4",
        )
        .bind(self.city.0)
        .bind(over.not_reconsidered)
        .bind(over.not_corrected)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|r| r.0).collect())
    }

    async fn end_consents(
        &mut self,
        application: FinancingApplicationId,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update consents set withdrawn_at = greatest(granted_at, $3), ended_with_application = true
             where tenant_id = $1 and application_id = $2 and withdrawn_at is null",
        )
        .bind(self.city.0)
        .bind(application.0)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn looks(&mut self, leaf: Leaf, most: i64) -> Result<Looks, StoreError> {
        let (cursor, backwards) = match leaf {
            Leaf::First => (None, false),
            Leaf::After(cursor) => (Some(cursor), false),
            Leaf::Before(cursor) => (Some(cursor), true),
        };
        let mut query = QueryBuilder::new(
            "select id, enterprise_id, viewer_id, viewer_name, viewer_tenant_id, viewer_node, application_id, fields,
                    reason, request_id, at
             from view_entries where enterprise_id = current_enterprise() and tenant_id = ",
        );
        query.push_bind(self.city.0);
        if let Some(Cursor { at, id }) = cursor {
            query
                .push(if backwards {
                    " and (at, id) > ("
                } else {
                    " and (at, id) < ("
                })
                .push_bind(at)
                .push(", ")
                .push_bind(id)
                .push(")");
        }
        query
            .push(if backwards {
                " order by at, id limit "
            } else {
                " order by at desc, id desc limit "
            })
            .push_bind(most + 1);
        let rows: Vec<LookRow> = query
            .build_query_as()
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        let more = i64::try_from(rows.len()).unwrap_or(i64::MAX) > most;
        let mut rows: Vec<ViewEntry> = rows
            .into_iter()
            .take(usize::try_from(most).unwrap_or(usize::MAX))
            .map(|r| ViewEntry {
                id: r.id,
                enterprise: EnterpriseId(r.enterprise_id),
                viewer: UserId(r.viewer_id),
                viewer_name: r.viewer_name,
                viewer_tenant: TenantId(r.viewer_tenant_id),
                viewer_node: r.viewer_node,
                application: r.application_id.map(FinancingApplicationId),
                fields: r.fields,
                reason: r.reason,
                request_id: r.request_id,
                at: r.at,
            })
            .collect();
        if backwards {
            rows.reverse();
        }
        Ok(Looks {
            rows,
            before: if backwards { more } else { cursor.is_some() },
            after: backwards || more,
        })
    }
}
