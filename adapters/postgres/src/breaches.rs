//! Breaches 超时记录 on PostgreSQL: what is late is found by the indexes of the clocks.

use application::ports::{
    breaches::{Breach, BreachAsk, BreachCause, BreachWeek, Breaches, GivenCause, Missed},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    financing::ClockKind,
    ids::{FinancingApplicationId, TenantId},
};
use sqlx::FromRow;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork, supervision::broken};

/// The clocks that an institution answers for, each with its due time; while 冻结 none runs. At $2, at most $3.
const NOTE: &str = "
    insert into clock_breaches (id, tenant_id, application_id, clock, due_at, bank_id, branch_id, noted_at)
    select gen_random_uuid(), $1, late.id, late.clock, late.due, late.bank_id, late.branch_id, $2
    from (
      select id, 'accept' as clock, due_at as due, bank_id, handler_tenant_id as branch_id from financing_applications
      where tenant_id = $1 and stage = 'submitted' and due_at < $2 and not frozen
      union all
      select id, 'dispatch', due_at, bank_id, null::uuid from financing_applications
      where tenant_id = $1 and stage = 'returned_to_hq' and due_at < $2 and not frozen
      union all
      select id, 'contact', contact_due_at, bank_id, handler_tenant_id from financing_applications
      where tenant_id = $1 and stage = 'accepted' and contact_due_at < $2 and contacted_at is null and not frozen
      union all
      select id, 'decision', decision_due_at, bank_id, case when stage = 'returned_to_hq' then null else handler_tenant_id end
      from financing_applications
      where tenant_id = $1 and stage in ('submitted', 'returned_to_hq', 'accepted', 'due_diligence', 'in_approval')
        and decision_due_at < $2 and not frozen
      union all
      select id, 'disburse', due_at, bank_id, handler_tenant_id from financing_applications
      where tenant_id = $1 and stage = 'approved' and due_at < $2 and not frozen
    ) late
    where not exists (select from clock_breaches b
      where b.tenant_id = $1 and b.application_id = late.id and b.clock = late.clock and b.due_at = late.due)
    limit $3
    on conflict (tenant_id, application_id, clock, due_at) do nothing";

/// From $2 until $3; weeks with a breach since $4; of the institution $5 alone.
const MISSED: &str = "
    select b.bank_id, t.name as bank_name, b.branch_id, coalesce(n.name, '') as branch_name,
      count(*) filter (where b.due_at >= $2 and b.clock = 'accept') as accept,
      count(*) filter (where b.due_at >= $2 and b.clock = 'dispatch') as dispatch,
      count(*) filter (where b.due_at >= $2 and b.clock = 'contact') as contact,
      count(*) filter (where b.due_at >= $2 and b.clock = 'decision') as decision,
      count(*) filter (where b.due_at >= $2 and b.clock = 'disburse') as disburse,
      count(*) filter (where b.due_at >= $2 and b.cause is not null) as caused,
      count(distinct b.application_id) filter (where b.due_at >= $2) as requests,
      count(distinct date_trunc('week', b.due_at at time zone 'Asia/Shanghai')) as weeks
    from clock_breaches b join tenants t on t.id = b.bank_id left join tenants n on n.id = b.branch_id
    where b.tenant_id = $1 and b.due_at >= $4 and b.due_at < $3 and ($5::uuid is null or b.bank_id = $5)
    group by b.bank_id, t.name, b.branch_id, n.name
    having count(*) filter (where b.due_at >= $2) > 0
    order by weeks desc, count(*) filter (where b.due_at >= $2) desc, t.name, branch_name, b.bank_id, b.branch_id";

/// A breach with the moment at which its step was done: the first event after it that left the clock's stages or began the clock anew.
macro_rules! rows {
    ($rest:literal) => {
        concat!(
            "select b.id, b.application_id, coalesce(a.application_no, '') as application_no, b.clock, b.due_at, b.bank_id,
               t.name as bank_name, b.branch_id, coalesce(n.name, '') as branch_name, b.cause, b.cause_name, b.caused_at,
               case when b.clock = 'contact' and a.contacted_at >= b.due_at then least(a.contacted_at, left_at.at) else left_at.at end
                 as ended_at
             from clock_breaches b
             join financing_applications a on a.tenant_id = b.tenant_id and a.id = b.application_id
             join tenants t on t.id = b.bank_id
             left join tenants n on n.id = b.branch_id
             left join lateral (select min(e.at) as at from application_events e
               where e.tenant_id = b.tenant_id and e.application_id = b.application_id and e.at >= b.due_at
                 and case b.clock
                   when 'accept' then e.to_stage <> 'submitted'
                     or e.kind in ('reassign', 'reassign_from_hq', 'move_branch', 'correct_mistake')
                   when 'dispatch' then e.to_stage <> 'returned_to_hq'
                   when 'contact' then e.to_stage <> 'accepted'
                   when 'disburse' then e.to_stage <> 'approved'
                   else e.to_stage not in ('submitted', 'returned_to_hq', 'accepted', 'due_diligence', 'need_supplement', 'in_approval')
                 end) left_at on true
             where b.tenant_id = $1 and ",
            $rest
        )
    };
}

const OF_A_WEEK: &str = rows!(
    "b.due_at >= $2 and b.due_at < $3 and ($4::uuid is null or b.bank_id = $4) and ($5::uuid is null or b.branch_id = $5)
       and ($6::text is null or b.clock = $6) and (not $7 or b.branch_id is null)
     order by t.name, b.bank_id, branch_name, b.due_at, b.id limit $8"
);
const OWN: &str = rows!(
    "b.branch_id = $2 and b.due_at >= $3 order by b.cause is not null, b.due_at desc, b.id limit $4"
);
const OWN_ONE: &str = rows!("b.branch_id = $2 and b.id = $3");

#[derive(FromRow)]
struct Row {
    id: Uuid,
    application_id: Uuid,
    application_no: String,
    clock: String,
    due_at: OffsetDateTime,
    bank_id: Uuid,
    bank_name: String,
    branch_id: Option<Uuid>,
    branch_name: String,
    cause: Option<String>,
    cause_name: String,
    caused_at: Option<OffsetDateTime>,
    ended_at: Option<OffsetDateTime>,
}

impl TryFrom<Row> for Breach {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let cause = match row.cause.zip(row.caused_at) {
            Some((code, at)) => Some(GivenCause {
                cause: BreachCause::from_code(&code)
                    .ok_or_else(|| broken("an unknown cause of a breach"))?,
                by_name: row.cause_name,
                at,
            }),
            None => None,
        };
        Ok(Self {
            id: row.id,
            application: FinancingApplicationId(row.application_id),
            number: row.application_no,
            clock: ClockKind::from_code(&row.clock)
                .ok_or_else(|| broken("an unknown clock of a breach"))?,
            due_at: row.due_at,
            bank: TenantId(row.bank_id),
            bank_name: row.bank_name,
            branch: row.branch_id.map(TenantId),
            branch_name: row.branch_name,
            cause,
            ended_at: row.ended_at,
        })
    }
}

#[derive(FromRow)]
struct MissedRow {
    bank_id: Uuid,
    bank_name: String,
    branch_id: Option<Uuid>,
    branch_name: String,
    accept: i64,
    dispatch: i64,
    contact: i64,
    decision: i64,
    disburse: i64,
    caused: i64,
    requests: i64,
    weeks: i64,
}

impl From<MissedRow> for Missed {
    fn from(row: MissedRow) -> Self {
        Self {
            bank: TenantId(row.bank_id),
            bank_name: row.bank_name,
            branch: row.branch_id.map(TenantId),
            branch_name: row.branch_name,
            accept: row.accept,
            dispatch: row.dispatch,
            contact: row.contact,
            decision: row.decision,
            disburse: row.disburse,
            caused: row.caused,
            requests: row.requests,
            weeks: row.weeks,
        }
    }
}

#[async_trait]
impl Breaches for PgUnitOfWork {
    async fn note_breaches(&mut self, now: OffsetDateTime, most: i64) -> Result<u64, StoreError> {
        let done = sqlx::query(NOTE)
            .bind(self.city.0)
            .bind(now)
            .bind(most)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected())
    }

    async fn missed(
        &mut self,
        week: BreachWeek,
        bank: Option<TenantId>,
    ) -> Result<Vec<Missed>, StoreError> {
        let rows: Vec<MissedRow> = sqlx::query_as(MISSED)
            .bind(self.city.0)
            .bind(week.from)
            .bind(week.until)
            .bind(week.since)
            .bind(bank.map(|b| b.0))
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn breaches(
        &mut self,
        week: BreachWeek,
        ask: BreachAsk,
        most: i64,
    ) -> Result<Vec<Breach>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(OF_A_WEEK)
            .bind(self.city.0)
            .bind(week.from)
            .bind(week.until)
            .bind(ask.bank.map(|b| b.0))
            .bind(ask.branch.map(|b| b.0))
            .bind(ask.clock.map(ClockKind::code))
            .bind(ask.of_headquarters)
            .bind(most)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    async fn own_breaches(
        &mut self,
        since: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<Breach>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(OWN)
            .bind(self.city.0)
            .bind(self.tenant.0)
            .bind(since)
            .bind(most)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    async fn own_breach(&mut self, id: Uuid) -> Result<Option<Breach>, StoreError> {
        let row: Option<Row> = sqlx::query_as(OWN_ONE)
            .bind(self.city.0)
            .bind(self.tenant.0)
            .bind(id)
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(store_error)?;
        row.map(TryInto::try_into).transpose()
    }

    async fn give_cause(&mut self, id: Uuid, given: &GivenCause) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update clock_breaches set cause = $4, cause_name = $5, caused_at = $6
             where tenant_id = $1 and branch_id = $2 and id = $3",
        )
        .bind(self.city.0)
        .bind(self.tenant.0)
        .bind(id)
        .bind(given.cause.code())
        .bind(&given.by_name)
        .bind(given.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() > 0)
    }
}
