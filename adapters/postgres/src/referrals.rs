//! Referrals 推荐清单 on PostgreSQL: an institution sees its own, a branch what it was given.

use application::ports::{
    referrals::{ReferralBranch, ReferralFilter, ReferralStep, Referrals, StoredReferral},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    ids::{TenantId, UserId},
    referral::{Demand, ReferralStatus, Refusal},
};
use sqlx::{FromRow, Postgres, QueryBuilder, Row as _, postgres::PgRow};
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

struct Stored(StoredReferral);

impl FromRow<'_, PgRow> for Stored {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let branch: Option<Uuid> = row.try_get("branch_id")?;
        Ok(Self(StoredReferral {
            id: row.try_get("id")?,
            tenant: TenantId(row.try_get("tenant_id")?),
            branch: branch.map(TenantId),
            branch_name: row.try_get("branch_name")?,
            credit_code: row.try_get("credit_code")?,
            company_name: row.try_get("company_name")?,
            contact_shown: row.try_get("contact_shown")?,
            contact_sealed: row.try_get("contact_sealed")?,
            source: row.try_get("source")?,
            note: row.try_get("note")?,
            status: ReferralStatus::from_code(row.try_get("status")?)
                .ok_or_else(|| sqlx::Error::Decode("an unknown status of a referral".into()))?,
            reason: row.try_get("reason")?,
            refusal: Refusal::from_code(row.try_get("refusal")?),
            demand: row
                .try_get::<Option<&str>, _>("demand")?
                .and_then(Demand::from_code),
            demand_at: row.try_get("demand_at")?,
            contacted_at: row.try_get("contacted_at")?,
            visited_at: row.try_get("visited_at")?,
            ended_at: row.try_get("ended_at")?,
            import: row.try_get("import_id")?,
            version: row.try_get("version")?,
            created_at: row.try_get("created_at")?,
            changed_name: row.try_get("changed_name")?,
            changed_at: row.try_get("changed_at")?,
        }))
    }
}

struct Step(ReferralStep);

impl FromRow<'_, PgRow> for Step {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self(ReferralStep {
            id: row.try_get("id")?,
            what: row.try_get("what")?,
            note: row.try_get("note")?,
            by: UserId(row.try_get("by_id")?),
            by_name: row.try_get("by_name")?,
            at: row.try_get("at")?,
        }))
    }
}

/// `%` and `_` are letters here, not wildcards.
fn like(keyword: &str) -> String {
    let escaped = keyword
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    format!("%{escaped}%")
}

impl PgUnitOfWork {
    fn of_referrals(&self, query: &mut QueryBuilder<Postgres>, filter: &ReferralFilter) {
        query
            .push(" where (tenant_id = ")
            .push_bind(self.tenant.0)
            .push(" or branch_id = any ((select current_reach())::uuid[]))");
        if let Some(status) = filter.status {
            query.push(" and status = ").push_bind(status.code());
        }
        if filter.unassigned {
            query.push(" and branch_id is null");
        }
        if let Some(keyword) = &filter.keyword {
            query
                .push(" and (company_name ilike ")
                .push_bind(like(keyword))
                .push(" or credit_code = ")
                .push_bind(keyword.to_ascii_uppercase())
                .push(")");
        }
    }
}

#[async_trait]
impl Referrals for PgUnitOfWork {
    async fn add_referral(&mut self, referral: &StoredReferral) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "insert into referrals (id, tenant_id, city_id, branch_id, branch_name, credit_code, company_name, contact_shown,
               contact_sealed, source, note, status, import_id, created_at, changed_name, changed_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $14)
             on conflict (tenant_id, credit_code) do nothing",
        )
        .bind(referral.id)
        .bind(self.tenant.0)
        .bind(self.city.0)
        .bind(referral.branch.map(|b| b.0))
        .bind(&referral.branch_name)
        .bind(&referral.credit_code)
        .bind(&referral.company_name)
        .bind(&referral.contact_shown)
        .bind(&referral.contact_sealed)
        .bind(&referral.source)
        .bind(&referral.note)
        .bind(referral.status.code())
        .bind(referral.import)
        .bind(referral.created_at)
        .bind(&referral.changed_name)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn referral(&mut self, id: Uuid) -> Result<Option<StoredReferral>, StoreError> {
        let found: Option<Stored> = sqlx::query_as(
            "select * from referrals where id = $2
               and (tenant_id = $1 or branch_id = any ((select current_reach())::uuid[]))",
        )
        .bind(self.tenant.0)
        .bind(id)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(found.map(|s| s.0))
    }

    async fn referrals(
        &mut self,
        filter: &ReferralFilter,
        skip: i64,
        most: i64,
    ) -> Result<Vec<StoredReferral>, StoreError> {
        let mut query = QueryBuilder::new("select * from referrals");
        self.of_referrals(&mut query, filter);
        query
            .push(" order by array_position(array['waiting', 'contacted', 'visited', 'granted', 'declined'], status), created_at desc, id limit ")
            .push_bind(most)
            .push(" offset ")
            .push_bind(skip);
        let rows: Vec<Stored> = query
            .build_query_as()
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|s| s.0).collect())
    }

    async fn referral_counts(&mut self) -> Result<(Vec<(ReferralStatus, i64)>, i64), StoreError> {
        let mut query = QueryBuilder::new(
            "select status, count(*), count(*) filter (where branch_id is null) from referrals",
        );
        self.of_referrals(&mut query, &ReferralFilter::default());
        query.push(" group by status");
        let rows: Vec<(String, i64, i64)> = query
            .build_query_as()
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        let nobodys = rows.iter().map(|(_, _, open)| open).sum();
        let counts = rows
            .iter()
            .filter_map(|(code, count, _)| Some((ReferralStatus::from_code(code)?, *count)))
            .collect();
        Ok((counts, nobodys))
    }

    async fn referrals_found(&mut self, filter: &ReferralFilter) -> Result<i64, StoreError> {
        let mut query = QueryBuilder::new("select count(*) from referrals");
        self.of_referrals(&mut query, filter);
        query
            .build_query_scalar()
            .fetch_one(&mut *self.tx)
            .await
            .map_err(store_error)
    }

    async fn save_referral(
        &mut self,
        referral: &StoredReferral,
        step: &ReferralStep,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update referrals set branch_id = $4, branch_name = $5, status = $6, reason = $7, version = version + 1,
               changed_name = $8, changed_at = $9, refusal = $10, demand = $11, demand_at = $12, contacted_at = $13,
               visited_at = $14, ended_at = $15
             where tenant_id = $1 and id = $2 and version = $3",
        )
        .bind(referral.tenant.0)
        .bind(referral.id)
        .bind(referral.version)
        .bind(referral.branch.map(|b| b.0))
        .bind(&referral.branch_name)
        .bind(referral.status.code())
        .bind(&referral.reason)
        .bind(&step.by_name)
        .bind(step.at)
        .bind(referral.refusal.map_or("", Refusal::code))
        .bind(referral.demand.map(Demand::code))
        .bind(referral.demand_at)
        .bind(referral.contacted_at)
        .bind(referral.visited_at)
        .bind(referral.ended_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        if done.rows_affected() != 1 {
            return Ok(false);
        }
        sqlx::query(
            "insert into referral_steps (id, tenant_id, referral_id, what, note, by_id, by_name, at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(step.id)
        .bind(referral.tenant.0)
        .bind(referral.id)
        .bind(&step.what)
        .bind(&step.note)
        .bind(step.by.0)
        .bind(&step.by_name)
        .bind(step.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(true)
    }

    async fn referral_steps(&mut self, id: Uuid) -> Result<Vec<ReferralStep>, StoreError> {
        let rows: Vec<Step> =
            sqlx::query_as("select * from referral_steps where referral_id = $1 order by at, id")
                .bind(id)
                .fetch_all(&mut *self.tx)
                .await
                .map_err(store_error)?;
        Ok(rows.into_iter().map(|s| s.0).collect())
    }

    async fn referral_branches(&mut self) -> Result<Vec<ReferralBranch>, StoreError> {
        let rows: Vec<(Uuid, String, String, i64)> = sqlx::query_as(
            "select t.id, t.name, b.region_code,
                    (select count(*) from referrals r where r.tenant_id = $2 and r.branch_id = t.id
                       and r.status in ('waiting', 'contacted', 'visited'))
             from branches b join tenants t on t.id = b.tenant_id
             where b.city_id = $1 and b.bank_id = $2 and t.status = 'active' order by t.name limit 500",
        )
        .bind(self.city.0)
        .bind(self.tenant.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(id, name, region_code, load)| ReferralBranch {
                id: TenantId(id),
                name,
                region_code,
                load,
            })
            .collect())
    }
}
