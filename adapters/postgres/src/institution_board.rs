//! Institution board 机构看板 on PostgreSQL: open rows by the queue's index, thirty days of acceptances and decisions by theirs.

use application::ports::{
    branch_board::COUNT_CAP,
    institution_board::{BoardMoment, InstitutionBoard, Standing},
    store::StoreError,
};
use async_trait::async_trait;
use sqlx::FromRow;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    name: String,
    branch: String,
    waiting: i64,
    working: i64,
    due_today: i64,
    overdue: i64,
    accepted: i64,
    median_hours: Option<f64>,
    approved: i64,
    decided: i64,
}

impl From<Row> for Standing {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            name: row.name,
            branch: row.branch,
            waiting: row.waiting,
            working: row.working,
            due_today: row.due_today,
            overdue: row.overdue,
            accepted: row.accepted,
            median_hours: row.median_hours,
            approved: row.approved,
            decided: row.decided,
        }
    }
}

/// Open rows, acceptances and decisions of the institution $2 in the city $1; $3 now, $4 end of the day, $5 since.
const BY_BRANCH: &str = "
    with open as (
      select handler_tenant_id as who,
        count(*) filter (where stage = 'submitted') as waiting,
        count(*) filter (where stage in ('accepted', 'due_diligence', 'in_approval')) as working,
        count(*) filter (where not frozen and due_at >= $3 and due_at < $4) as due_today,
        count(*) filter (where not frozen and due_at < $3) as overdue
      from financing_applications
      where tenant_id = $1 and bank_id = $2
        and stage in ('submitted', 'accepted', 'due_diligence', 'in_approval', 'approved')
      group by 1
    ), taken as (
      select handler_tenant_id as who, count(*) as accepted,
        percentile_cont(0.5) within group (order by extract(epoch from accepted_at - coalesce(intake_since, submitted_at))::float8)
          / 3600 as median_hours
      from financing_applications
      where tenant_id = $1 and bank_id = $2 and accepted_at >= $5 and accepted_at >= coalesce(intake_since, submitted_at)
      group by 1
    ), told as (
      select handler_tenant_id as who, count(*) filter (where stage <> 'rejected') as approved, count(*) as decided
      from financing_applications
      where tenant_id = $1 and bank_id = $2 and decided_at >= $5
        and stage in ('approved', 'disbursing', 'disbursed', 'settled', 'not_drawn', 'rejected')
        and not (stage = 'rejected' and reason_codes = '{enterprise_declined}')
      group by 1
    )
    select t.id, t.name, '' as branch, coalesce(waiting, 0) as waiting, coalesce(working, 0) as working,
      coalesce(due_today, 0) as due_today, coalesce(overdue, 0) as overdue, coalesce(accepted, 0) as accepted,
      median_hours, coalesce(approved, 0) as approved, coalesce(decided, 0) as decided
    from branches b join tenants t on t.id = b.tenant_id
    left join open on open.who = t.id left join taken on taken.who = t.id left join told on told.who = t.id
    where b.city_id = $1 and b.bank_id = $2 order by t.name limit 200";

const BY_PERSON: &str = "
    select holder_user_id as id, max(holder_name) as name, max(handler_name) as branch, 0::bigint as waiting,
      count(*) filter (where stage in ('accepted', 'due_diligence', 'in_approval')) as working,
      count(*) filter (where stage in ('accepted', 'due_diligence', 'in_approval', 'approved') and not frozen
        and due_at >= $3 and due_at < $4) as due_today,
      count(*) filter (where stage in ('accepted', 'due_diligence', 'in_approval', 'approved') and not frozen
        and due_at < $3) as overdue,
      count(*) filter (where accepted_at >= $5) as accepted,
      (percentile_cont(0.5) within group (order by extract(epoch from accepted_at - coalesce(intake_since, submitted_at))::float8)
        filter (where accepted_at >= $5 and accepted_at >= coalesce(intake_since, submitted_at))) / 3600 as median_hours,
      count(*) filter (where decided_at >= $5
        and stage in ('approved', 'disbursing', 'disbursed', 'settled', 'not_drawn')) as approved,
      count(*) filter (where decided_at >= $5
        and stage in ('approved', 'disbursing', 'disbursed', 'settled', 'not_drawn', 'rejected')
        and not (stage = 'rejected' and reason_codes = '{enterprise_declined}')) as decided
    from financing_applications
    where tenant_id = $1 and bank_id = $2 and holder_user_id is not null
      and (stage in ('accepted', 'due_diligence', 'need_supplement', 'in_approval', 'approved') or accepted_at >= $5 or decided_at >= $5)
    group by holder_user_id order by overdue desc, due_today desc, working desc, name limit 200";

#[async_trait]
impl InstitutionBoard for PgUnitOfWork {
    async fn by_branch(&mut self, moment: BoardMoment) -> Result<Vec<Standing>, StoreError> {
        self.standings(BY_BRANCH, moment).await
    }

    async fn by_person(&mut self, moment: BoardMoment) -> Result<Vec<Standing>, StoreError> {
        self.standings(BY_PERSON, moment).await
    }

    async fn open_appeals(&mut self) -> Result<i64, StoreError> {
        sqlx::query_scalar(
            "select count(*) from (select from reconsiderations r
               join financing_applications a on a.tenant_id = r.tenant_id and a.id = r.application_id
               where r.tenant_id = $1 and r.status = 'open' and a.bank_id = $2 limit $3) few",
        )
        .bind(self.city.0)
        .bind(self.tenant.0)
        .bind(COUNT_CAP + 1)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)
    }
}

impl PgUnitOfWork {
    async fn standings(
        &mut self,
        sql: &'static str,
        moment: BoardMoment,
    ) -> Result<Vec<Standing>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(sql)
            .bind(self.city.0)
            .bind(self.tenant.0)
            .bind(moment.now)
            .bind(moment.end_of_day)
            .bind(moment.since)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}
