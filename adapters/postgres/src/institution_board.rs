//! Institution board 机构看板 on PostgreSQL: open rows by the queue's index, thirty days of acceptances and decisions by theirs.

use application::ports::{
    branch_board::COUNT_CAP,
    institution_board::{BoardMoment, InstitutionBoard, Medians, Standing, StarSum, Told},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{ids::UserId, rating::LEAST_FOR_AVERAGE};
use sqlx::FromRow;
use time::{Date, OffsetDateTime};
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

/// The branch $2, or what the person $6 holds in it; by the indexes of its institution, as above.
const OWN: &str = "
    with bank as (select bank_id as id from branches where tenant_id = $2),
    open as (
      select count(*) filter (where stage = 'submitted') as waiting,
        count(*) filter (where stage in ('accepted', 'due_diligence', 'in_approval')) as working,
        count(*) filter (where not frozen and due_at >= $3 and due_at < $4) as due_today,
        count(*) filter (where not frozen and due_at < $3) as overdue
      from financing_applications
      where tenant_id = $1 and handler_tenant_id = $2 and ($6::uuid is null or holder_user_id = $6)
        and stage in ('submitted', 'accepted', 'due_diligence', 'in_approval', 'approved')
    ), taken as (
      select count(*) as accepted,
        (percentile_cont(0.5) within group (order by extract(epoch from accepted_at - coalesce(intake_since, submitted_at))::float8)
          filter (where accepted_at >= coalesce(intake_since, submitted_at))) / 3600 as median_hours
      from financing_applications
      where tenant_id = $1 and bank_id = (select id from bank) and accepted_at >= $5 and handler_tenant_id = $2
        and ($6::uuid is null or holder_user_id = $6)
    ), told as (
      select count(*) filter (where stage <> 'rejected') as approved, count(*) as decided
      from financing_applications
      where tenant_id = $1 and bank_id = (select id from bank) and decided_at >= $5 and handler_tenant_id = $2
        and ($6::uuid is null or holder_user_id = $6)
        and stage in ('approved', 'disbursing', 'disbursed', 'settled', 'not_drawn', 'rejected')
        and not (stage = 'rejected' and reason_codes = '{enterprise_declined}')
    )
    select $2::uuid as id, '' as name, '' as branch, waiting, working, due_today, overdue, accepted, median_hours, approved, decided
    from open, taken, told";

/// 放款 and 还款 that the institution $2 told of since $3, by the time at which they were told.
const TOLD_SINCE: &str = "
    select a.handler_tenant_id, t.day, t.at from (
      select application_id, drawn_on as day, at from disbursements where tenant_id = $1 and at >= $3
      union all
      select application_id, paid_on, at from repayments where tenant_id = $1 and at >= $3
    ) t join financing_applications a on a.tenant_id = $1 and a.id = t.application_id
    where a.bank_id = $2 and a.handler_tenant_id is not null limit 20000";

const OWN_STARS: &str = "
    select count(*), coalesce(sum(r.speed + r.service + r.openness), 0)::bigint from ratings r
    where r.tenant_id = $1 and r.branch_id = $2 and r.hidden_at is null
      and ($3::uuid is null or exists (select from financing_applications a
        where a.tenant_id = r.tenant_id and a.id = r.application_id and a.holder_user_id = $3))";

/// Since $2; at $3. Of a measure that fewer than three branches have there is no middle, and no average of fewer ratings than $4.
const NOTE_MEDIANS: &str = "
    insert into branch_medians as m (tenant_id, bank_id, hours, accepted, approved_percent, stars, counted_at)
    select $1, o.bank_id,
      case when count(o.hours) >= 3 then percentile_cont(0.5) within group (order by o.hours) end,
      case when count(*) >= 3 then percentile_cont(0.5) within group (order by o.accepted) end,
      case when count(o.approved) >= 3 then percentile_cont(0.5) within group (order by o.approved) end,
      case when count(o.stars) >= 3 then percentile_cont(0.5) within group (order by o.stars) end, $3
    from (
      select b.bank_id, taken.hours, taken.accepted, told.approved, rated.stars
      from branches b
      cross join lateral (
        select count(*)::float8 as accepted,
          (percentile_cont(0.5) within group (order by extract(epoch from accepted_at - coalesce(intake_since, submitted_at))::float8)
            filter (where accepted_at >= coalesce(intake_since, submitted_at))) / 3600 as hours
        from financing_applications
        where tenant_id = $1 and bank_id = b.bank_id and handler_tenant_id = b.tenant_id and accepted_at >= $2) taken
      cross join lateral (
        select 100.0::float8 * count(*) filter (where stage <> 'rejected') / nullif(count(*), 0) as approved
        from financing_applications
        where tenant_id = $1 and bank_id = b.bank_id and handler_tenant_id = b.tenant_id and decided_at >= $2
          and stage in ('approved', 'disbursing', 'disbursed', 'settled', 'not_drawn', 'rejected')
          and not (stage = 'rejected' and reason_codes = '{enterprise_declined}')) told
      cross join lateral (
        select case when count(*) >= $4 then avg((speed + service + openness)::float8 / 3) end as stars
        from ratings where tenant_id = $1 and branch_id = b.tenant_id and hidden_at is null) rated
      where b.city_id = $1 and b.status = 'published') o
    group by o.bank_id
    on conflict (tenant_id, bank_id) do update set hours = excluded.hours, accepted = excluded.accepted,
      approved_percent = excluded.approved_percent, stars = excluded.stars, counted_at = excluded.counted_at";

#[async_trait]
impl InstitutionBoard for PgUnitOfWork {
    async fn by_branch(&mut self, moment: BoardMoment) -> Result<Vec<Standing>, StoreError> {
        self.standings(BY_BRANCH, moment).await
    }

    async fn by_person(&mut self, moment: BoardMoment) -> Result<Vec<Standing>, StoreError> {
        self.standings(BY_PERSON, moment).await
    }

    async fn told_since(&mut self, since: OffsetDateTime) -> Result<Vec<Told>, StoreError> {
        let rows: Vec<(Uuid, Date, OffsetDateTime)> = sqlx::query_as(TOLD_SINCE)
            .bind(self.city.0)
            .bind(self.tenant.0)
            .bind(since)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        let told = rows
            .into_iter()
            .map(|(branch, day, at)| Told { branch, day, at });
        Ok(told.collect())
    }

    async fn own(
        &mut self,
        moment: BoardMoment,
        person: Option<UserId>,
    ) -> Result<Standing, StoreError> {
        let row: Row = sqlx::query_as(OWN)
            .bind(self.city.0)
            .bind(self.tenant.0)
            .bind(moment.now)
            .bind(moment.end_of_day)
            .bind(moment.since)
            .bind(person.map(|p| p.0))
            .fetch_one(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(row.into())
    }

    async fn own_stars(&mut self, person: Option<UserId>) -> Result<StarSum, StoreError> {
        let (ratings, stars): (i64, i64) = sqlx::query_as(OWN_STARS)
            .bind(self.city.0)
            .bind(self.tenant.0)
            .bind(person.map(|p| p.0))
            .fetch_one(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(StarSum { ratings, stars })
    }

    async fn medians(&mut self) -> Result<Medians, StoreError> {
        type Found = (Option<f64>, Option<f64>, Option<f64>, Option<f64>);
        let found: Option<Found> = sqlx::query_as(
            "select hours, accepted, approved_percent, stars from branch_medians
             where tenant_id = $1 and bank_id = (select bank_id from branches where tenant_id = $2)",
        )
        .bind(self.city.0)
        .bind(self.tenant.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        let (hours, accepted, approved_percent, stars) = found.unwrap_or_default();
        Ok(Medians {
            hours,
            accepted,
            approved_percent,
            stars,
        })
    }

    async fn note_medians(&mut self, moment: BoardMoment) -> Result<(), StoreError> {
        sqlx::query(NOTE_MEDIANS)
            .bind(self.city.0)
            .bind(moment.since)
            .bind(moment.now)
            .bind(LEAST_FOR_AVERAGE)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(())
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
