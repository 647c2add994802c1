//! How far the rows of a list are: as it stood when the list was closed, else as the 推荐清单 of their institutions and the requests of the
//! city say now.

use application::ports::{
    store::StoreError,
    visits::{VisitCounts, VisitCoverage, VisitFilter, VisitRow},
};
use async_trait::async_trait;
use domain::{
    ids::TenantId,
    referral::Refusal,
    visit::{VisitProgress, VisitStage},
};
use sqlx::{FromRow, Row as _, postgres::PgRow};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{branch_board::like, errors::store_error, store::PgUnitOfWork};

/// Rows of the list $2 of the city $1 with the instants of their steps. A request counts from the moment on at which its enterprise was
/// sent to that institution; what was granted outweighs what was refused, and nothing is refused while another request is under way.
macro_rules! facts {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            "(select v.id, v.list_id, v.row_number, v.credit_code, v.company_name, v.district, v.contact_shown, v.contact_sealed, v.note,
               v.bank_id, coalesce(b.name, '') as bank_name, v.version, v.created_at, v.sent_at,
               case when v.frozen then v.registered_at else e.created_at end as registered_at,
               case when v.frozen then v.contacted_at
                 when r.status <> 'waiting' then coalesce(r.contacted_at, r.changed_at) end as contacted_at,
               case when v.frozen then v.visited_at when r.visited_at is not null then r.visited_at
                 when r.status in ('visited', 'granted') then r.changed_at end as visited_at,
               case when v.frozen then v.demand_at when r.demand = 'wanted' then r.demand_at else a.applied_at end as demand_at,
               case when v.frozen then v.applied_at else a.applied_at end as applied_at,
               case when v.frozen then v.granted_at when a.approved_at is not null then a.approved_at
                 when r.status = 'granted' then coalesce(r.ended_at, r.changed_at) end as granted_at,
               case when v.frozen then v.declined_at when a.approved_at is not null or r.status = 'granted' then null
                 when r.status = 'declined' then coalesce(r.ended_at, r.changed_at)
                 when not a.under_way then a.refused_at end as declined_at,
               case when v.frozen then v.refusal when r.status = 'declined' then r.refusal else '' end as refusal,
               case when v.frozen then v.reason when r.status = 'declined' then r.reason else '' end as reason,
               case when v.frozen then v.refused_codes else coalesce(a.refused_codes, '') end as refused_codes
             from visit_rows v
             left join tenants b on b.id = v.bank_id
             left join referrals r on not v.frozen and r.tenant_id = v.bank_id and r.id = v.referral_id
             left join enterprises e on not v.frozen and e.tenant_id = v.tenant_id and e.unified_social_credit_code = v.credit_code
             left join lateral (
               select min(f.submitted_at) as applied_at,
                 min(coalesce(f.decided_at, f.updated_at))
                   filter (where f.stage in ('approved', 'disbursing', 'disbursed', 'settled', 'not_drawn')) as approved_at,
                 max(coalesce(f.decided_at, f.updated_at)) filter (where f.stage in ('rejected', 'refused_intake')) as refused_at,
                 bool_or(f.stage in ('submitted', 'returned_to_hq', 'accepted', 'due_diligence', 'need_supplement', 'in_approval'))
                   as under_way,
                 (array_agg(array_to_string(f.reason_codes, ',') order by f.decided_at desc)
                   filter (where f.stage in ('rejected', 'refused_intake')))[1] as refused_codes
               from financing_applications f
               where f.tenant_id = v.tenant_id and f.enterprise_id = e.id and f.bank_id = v.bank_id and f.submitted_at >= v.sent_at
                 and f.archived_at is null) a on true
             where v.tenant_id = $1 and v.list_id = $2) ",
            $after
        )
    };
}

const COUNTS: &str = facts!(
    "select f.bank_id, f.bank_name, f.district, count(*) as everybody, count(*) filter (where f.bank_id is null) as unassigned,
       count(f.registered_at) as registered, count(f.sent_at) as sent, count(f.contacted_at) as contacted, count(f.visited_at) as visited,
       count(f.demand_at) as demand, count(f.applied_at) as applied, count(f.granted_at) as granted, count(f.declined_at) as declined
     from ",
    "f group by f.bank_id, f.bank_name, f.district"
);

/// Of institution $3, district $4, with words $5 or code $6, at stage $7, registered where $8, behind $9, at most $10.
const ROWS: &str = facts!(
    "select f.* from ",
    "f where ($3::uuid is null or f.bank_id = $3) and ($4::text is null or f.district = $4)
       and ($5::text is null or f.company_name ilike $5 or f.credit_code = $6)
       and case $7::text when 'unassigned' then f.bank_id is null
         when 'assigned' then f.bank_id is not null and f.sent_at is null
         when 'sent' then f.sent_at is not null when 'contacted' then f.contacted_at is not null
         when 'visited' then f.visited_at is not null when 'demand' then f.demand_at is not null
         when 'applied' then f.applied_at is not null when 'granted' then f.granted_at is not null
         when 'declined' then f.declined_at is not null else true end
       and (not $8 or f.registered_at is not null) and ($9::uuid is null or f.id > $9)
     order by f.id limit $10"
);

const ONE: &str = facts!("select f.* from ", "f where f.id = $3");

/// Keeps what is known now, and lets go of whom to call.
pub(super) const FREEZE: &str = facts!(
    "update visit_rows v set frozen = true, registered_at = f.registered_at, contacted_at = f.contacted_at, visited_at = f.visited_at,
       demand_at = f.demand_at, applied_at = f.applied_at, granted_at = f.granted_at, declined_at = f.declined_at, refusal = f.refusal,
       reason = f.reason, refused_codes = f.refused_codes, contact_sealed = null, contact_shown = ''
     from ",
    "f where v.tenant_id = $1 and v.id = f.id and not v.frozen"
);

struct Stored(VisitRow);

impl FromRow<'_, PgRow> for Stored {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let bank: Option<Uuid> = row.try_get("bank_id")?;
        let at = |column: &str| row.try_get::<Option<OffsetDateTime>, _>(column);
        let codes: String = row.try_get("refused_codes")?;
        Ok(Self(VisitRow {
            id: row.try_get("id")?,
            list: row.try_get("list_id")?,
            number: row.try_get("row_number")?,
            credit_code: row.try_get("credit_code")?,
            company_name: row.try_get("company_name")?,
            district: row.try_get("district")?,
            contact_shown: row.try_get("contact_shown")?,
            contact_sealed: row.try_get("contact_sealed")?,
            note: row.try_get("note")?,
            bank: bank.map(TenantId),
            bank_name: row.try_get("bank_name")?,
            version: row.try_get("version")?,
            created_at: row.try_get("created_at")?,
            progress: VisitProgress {
                assigned: bank.is_some(),
                sent: at("sent_at")?,
                registered: at("registered_at")?,
                contacted: at("contacted_at")?,
                visited: at("visited_at")?,
                demand: at("demand_at")?,
                applied: at("applied_at")?,
                granted: at("granted_at")?,
                declined: at("declined_at")?,
            },
            refusal: Refusal::from_code(row.try_get("refusal")?),
            reason: row.try_get("reason")?,
            refused_codes: codes
                .split(',')
                .filter(|code| !code.is_empty())
                .map(str::to_owned)
                .collect(),
        }))
    }
}

#[derive(FromRow)]
struct CountRow {
    bank_id: Option<Uuid>,
    bank_name: String,
    district: String,
    everybody: i64,
    unassigned: i64,
    registered: i64,
    sent: i64,
    contacted: i64,
    visited: i64,
    demand: i64,
    applied: i64,
    granted: i64,
    declined: i64,
}

impl From<CountRow> for VisitCounts {
    fn from(row: CountRow) -> Self {
        Self {
            bank: row.bank_id.map(TenantId),
            bank_name: row.bank_name,
            district: row.district,
            all: row.everybody,
            unassigned: row.unassigned,
            registered: row.registered,
            reached: VisitStage::REACHED.map(|stage| match stage {
                VisitStage::Unassigned | VisitStage::Assigned => 0,
                VisitStage::Sent => row.sent,
                VisitStage::Contacted => row.contacted,
                VisitStage::Visited => row.visited,
                VisitStage::Demand => row.demand,
                VisitStage::Applied => row.applied,
                VisitStage::Granted => row.granted,
                VisitStage::Declined => row.declined,
            }),
        }
    }
}

#[async_trait]
impl VisitCoverage for PgUnitOfWork {
    async fn visit_counts(&mut self, list: Uuid) -> Result<Vec<VisitCounts>, StoreError> {
        let rows: Vec<CountRow> = sqlx::query_as(COUNTS)
            .bind(self.city.0)
            .bind(list)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn visit_rows(
        &mut self,
        list: Uuid,
        filter: &VisitFilter,
        after: Option<Uuid>,
        most: i64,
    ) -> Result<Vec<VisitRow>, StoreError> {
        let keyword = filter.keyword.as_deref();
        let rows: Vec<Stored> = sqlx::query_as(ROWS)
            .bind(self.city.0)
            .bind(list)
            .bind(filter.bank.map(|bank| bank.0))
            .bind(filter.district.as_deref())
            .bind(keyword.map(like))
            .bind(keyword.map(str::to_ascii_uppercase))
            .bind(filter.stage.map(VisitStage::code))
            .bind(filter.registered)
            .bind(after)
            .bind(most)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    async fn visit_row(&mut self, list: Uuid, id: Uuid) -> Result<Option<VisitRow>, StoreError> {
        let row: Option<Stored> = sqlx::query_as(ONE)
            .bind(self.city.0)
            .bind(list)
            .bind(id)
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(row.map(|row| row.0))
    }
}
