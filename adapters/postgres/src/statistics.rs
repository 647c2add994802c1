//! Statistics 统计分析 on PostgreSQL: what was counted for a request stands beside it, so that only a difference moves.

use application::ports::{
    statistics::{
        Acceptance, Counted, Dimension, Measure, Movement, Part, Span, Statistics, Sums,
        UsualResponse,
    },
    store::StoreError,
};
use async_trait::async_trait;
use domain::{calendar::SHANGHAI, ids::TenantId};
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

#[derive(FromRow)]
struct SumsRow {
    asked: i64,
    asked_cents: i64,
    accepted: i64,
    accept_seconds: i64,
    accepted_in_time: i64,
    approved: i64,
    approved_cents: i64,
    rejected: i64,
    decided_in_time: i64,
    draws: i64,
    drawn_cents: i64,
    rate_weight: i64,
    homes: i64,
    first_homes: i64,
}

impl From<SumsRow> for Sums {
    fn from(row: SumsRow) -> Self {
        Self {
            asked: row.asked,
            asked_cents: row.asked_cents,
            accepted: row.accepted,
            accept_seconds: row.accept_seconds,
            accepted_in_time: row.accepted_in_time,
            approved: row.approved,
            approved_cents: row.approved_cents,
            rejected: row.rejected,
            decided_in_time: row.decided_in_time,
            draws: row.draws,
            drawn_cents: row.drawn_cents,
            rate_weight: row.rate_weight,
            homes: row.homes,
            first_homes: row.first_homes,
        }
    }
}

#[derive(FromRow)]
struct DatedRow {
    day: Date,
    #[sqlx(flatten)]
    sums: SumsRow,
}

#[derive(FromRow)]
struct PartRow {
    value: String,
    name: String,
    #[sqlx(flatten)]
    sums: SumsRow,
}

/// One worker counts a city at a time; another one has nothing to do meanwhile.
const ALONE: &str =
    "select pg_try_advisory_xact_lock(hashtextextended('statistics ' || $1::text, 0))";

/// Whoever looks at everything waits for that worker, and longer than a request may: its statements go over all requests.
const UNHURRIED: [&str; 2] = [
    "set local lock_timeout = 0",
    "set local statement_timeout = 0",
];
const ALONE_AT_LAST: &str =
    "select pg_advisory_xact_lock(hashtextextended('statistics ' || $1::text, 0))";

/// Of a city that the planner's statistics do not know yet it expects one row, and would look through all facts for each line.
const IN_ONE_PASS: &str = "set local enable_nestloop = off";

/// First what is marked, then, in a later statement, how it stands: a change that comes in between marks it anew.
const TAKE: &str = "with gone as (delete from statistics_due where tenant_id = $1 and id in (
       select id from statistics_due where tenant_id = $1 limit $2) returning application_id)
     select count(*), coalesce(array_agg(distinct application_id), '{}') from gone";

/// With the other requests of their enterprises that have a disbursement: which of them was the first may have changed.
const WITH_SIBLINGS: &str = "select a.id from financing_applications a where a.tenant_id = $1 and a.id = any ($2)
     union select b.id from financing_applications a
       join financing_applications b on b.tenant_id = a.tenant_id and b.enterprise_id = a.enterprise_id and b.draws > 0
       where a.tenant_id = $1 and a.id = any ($2) and a.draws > 0";

const NOTE_FACTS: &str = "select statistics_note_facts($1, $2)";
const NOTE_ALL_FACTS: &str = "select statistics_note_facts($1, null)";

/// 首贷户 as a bank confirmed it, after the request was counted or before; and what it tells of the enterprise from now on.
const CONFIRM_FIRST_LOANS: &str = "select statistics_confirm_first_loans($1, $2)";
const NOTE_LOAN_HISTORY: &str = "select note_loan_history($1, $2)";
const NOTE_ALL_LOAN_HISTORY: &str = "select note_loan_history($1, null)";

/// The difference between what is and what was counted, moved into the sums; one statement, one moment. Of 续贷 only what is one is
/// summed up: the rest is the rest, and months from before there were any need no row.
const MOVE: &str = "
  with now as materialized (select * from statistics_now($1, $2)),
  was as materialized (select * from statistics_lines where tenant_id = $1 and application_id = any ($2)),
  gone as (
    delete from statistics_lines l using was w
    where l.tenant_id = $1 and l.application_id = w.application_id and l.day = w.day
      and not exists (select from now n where n.application_id = w.application_id and n.day = w.day)
  ), kept as (
    insert into statistics_lines (tenant_id, application_id, day,
    asked, asked_cents, accepted, accept_seconds, accepted_in_time, approved, approved_cents, rejected,
    decided_in_time, draws, drawn_cents, rate_weight, homes, first_homes)
    select $1, application_id, day,
    asked, asked_cents, accepted, accept_seconds, accepted_in_time, approved, approved_cents, rejected,
    decided_in_time, draws, drawn_cents, rate_weight, homes, first_homes
    from now
    on conflict (tenant_id, application_id, day) do update set
    asked = excluded.asked, asked_cents = excluded.asked_cents, accepted = excluded.accepted,
    accept_seconds = excluded.accept_seconds, accepted_in_time = excluded.accepted_in_time,
    approved = excluded.approved, approved_cents = excluded.approved_cents, rejected = excluded.rejected,
    decided_in_time = excluded.decided_in_time, draws = excluded.draws, drawn_cents = excluded.drawn_cents,
    rate_weight = excluded.rate_weight, homes = excluded.homes, first_homes = excluded.first_homes
  )
  insert into statistics_months as m (tenant_id, dimension, month, value,
    asked, asked_cents, accepted, accept_seconds, accepted_in_time, approved, approved_cents, rejected,
    decided_in_time, draws, drawn_cents, rate_weight, homes, first_homes)
  select $1, x.dimension, date_trunc('month', d.day)::date, x.value,
    sum(asked), sum(asked_cents), sum(accepted), sum(accept_seconds), sum(accepted_in_time), sum(approved),
    sum(approved_cents), sum(rejected), sum(decided_in_time), sum(draws), sum(drawn_cents), sum(rate_weight),
    sum(homes), sum(first_homes)
  from (
    select application_id, day,
    asked, asked_cents, accepted, accept_seconds, accepted_in_time, approved, approved_cents, rejected,
    decided_in_time, draws, drawn_cents, rate_weight, homes, first_homes
    from now
    union all select application_id, day,
    -asked, -asked_cents, -accepted, -accept_seconds, -accepted_in_time, -approved, -approved_cents, -rejected,
    -decided_in_time, -draws, -drawn_cents, -rate_weight, -homes, -first_homes
    from was
  ) d
  join statistics_facts f on f.tenant_id = $1 and f.application_id = d.application_id
  cross join lateral (values ('all', ''), ('day', d.day::text), ('region', f.region), ('industry', f.industry), ('bank', f.bank),
      ('guarantee', f.guarantee), ('first_loan', f.first_loan), ('renewal', f.renewal), ('size', f.size), ('capital', f.capital),
      ('term', f.term)) x (dimension, value)
  where (x.dimension, x.value) <> ('renewal', 'no')
  group by 2, 3, 4
  having sum(asked) <> 0 or sum(asked_cents) <> 0 or sum(accepted) <> 0 or sum(accept_seconds) <> 0 or sum(accepted_in_time) <> 0 or
    sum(approved) <> 0 or sum(approved_cents) <> 0 or sum(rejected) <> 0 or sum(decided_in_time) <> 0 or sum(draws) <> 0 or
    sum(drawn_cents) <> 0 or sum(rate_weight) <> 0 or sum(homes) <> 0 or sum(first_homes) <> 0
  on conflict (tenant_id, dimension, month, value) do update set
    asked = m.asked + excluded.asked, asked_cents = m.asked_cents + excluded.asked_cents,
    accepted = m.accepted + excluded.accepted, accept_seconds = m.accept_seconds + excluded.accept_seconds,
    accepted_in_time = m.accepted_in_time + excluded.accepted_in_time, approved = m.approved + excluded.approved,
    approved_cents = m.approved_cents + excluded.approved_cents, rejected = m.rejected + excluded.rejected,
    decided_in_time = m.decided_in_time + excluded.decided_in_time, draws = m.draws + excluded.draws,
    drawn_cents = m.drawn_cents + excluded.drawn_cents, rate_weight = m.rate_weight + excluded.rate_weight,
    homes = m.homes + excluded.homes, first_homes = m.first_homes + excluded.first_homes";

/// Everything of the city at once, without looking at what was counted.
const LINES_ANEW: &str = "insert into statistics_lines (tenant_id, application_id, day,
    asked, asked_cents, accepted, accept_seconds, accepted_in_time, approved, approved_cents, rejected,
    decided_in_time, draws, drawn_cents, rate_weight, homes, first_homes)
  select $1, application_id, day,
    asked, asked_cents, accepted, accept_seconds, accepted_in_time, approved, approved_cents, rejected,
    decided_in_time, draws, drawn_cents, rate_weight, homes, first_homes
  from statistics_now($1, null)";
const MONTHS_ANEW: &str = "insert into statistics_months (tenant_id, dimension, month, value,
    asked, asked_cents, accepted, accept_seconds, accepted_in_time, approved, approved_cents, rejected,
    decided_in_time, draws, drawn_cents, rate_weight, homes, first_homes)
  select $1, x.dimension, date_trunc('month', d.day)::date, x.value,
    sum(asked), sum(asked_cents), sum(accepted), sum(accept_seconds), sum(accepted_in_time), sum(approved),
    sum(approved_cents), sum(rejected), sum(decided_in_time), sum(draws), sum(drawn_cents), sum(rate_weight),
    sum(homes), sum(first_homes)
  from statistics_lines d
  join statistics_facts f on f.tenant_id = $1 and f.application_id = d.application_id
  cross join lateral (values ('all', ''), ('day', d.day::text), ('region', f.region), ('industry', f.industry), ('bank', f.bank),
      ('guarantee', f.guarantee), ('first_loan', f.first_loan), ('renewal', f.renewal), ('size', f.size), ('capital', f.capital),
      ('term', f.term)) x (dimension, value)
  where d.tenant_id = $1 and (x.dimension, x.value) <> ('renewal', 'no')
  group by 2, 3, 4";

/// Rows of the sums that differ from what the requests themselves say; sums of nothing are no rows.
const DIFFERENCES: &str = "
  with plain as (
    select x.dimension, date_trunc('month', d.day)::date as month, x.value,
    sum(asked)::bigint as asked, sum(asked_cents)::bigint as asked_cents, sum(accepted)::bigint as accepted,
    sum(accept_seconds)::bigint as accept_seconds, sum(accepted_in_time)::bigint as accepted_in_time,
    sum(approved)::bigint as approved, sum(approved_cents)::bigint as approved_cents,
    sum(rejected)::bigint as rejected, sum(decided_in_time)::bigint as decided_in_time, sum(draws)::bigint as draws,
    sum(drawn_cents)::bigint as drawn_cents, sum(rate_weight)::bigint as rate_weight, sum(homes)::bigint as homes,
    sum(first_homes)::bigint as first_homes
    from statistics_now($1, null) d
    join statistics_facts f on f.tenant_id = $1 and f.application_id = d.application_id
    cross join lateral (values ('all', ''), ('day', d.day::text), ('region', f.region), ('industry', f.industry), ('bank', f.bank),
      ('guarantee', f.guarantee), ('first_loan', f.first_loan), ('renewal', f.renewal), ('size', f.size), ('capital', f.capital),
      ('term', f.term)) x (dimension, value)
    where (x.dimension, x.value) <> ('renewal', 'no')
    group by 1, 2, 3
  ), kept as (
    select dimension, month, value,
    asked, asked_cents, accepted, accept_seconds, accepted_in_time, approved, approved_cents, rejected,
    decided_in_time, draws, drawn_cents, rate_weight, homes, first_homes
    from statistics_months where tenant_id = $1 and (
    asked <> 0 or asked_cents <> 0 or accepted <> 0 or accept_seconds <> 0 or accepted_in_time <> 0 or approved <> 0 or
    approved_cents <> 0 or rejected <> 0 or decided_in_time <> 0 or draws <> 0 or drawn_cents <> 0 or rate_weight <> 0 or
    homes <> 0 or first_homes <> 0)
  )
  select (select count(*) from (select * from plain except select * from kept) a)
    + (select count(*) from (select * from kept except select * from plain) b)";

/// 另有 N 笔在办, for every open request of the enterprises that something changed for.
macro_rules! count_elsewhere {
    ($touched:literal) => {
        concat!(
            "insert into open_elsewhere as o (tenant_id, application_id, others)
     select $1, a.id, (count(*) over (partition by a.enterprise_id) - count(*) over (partition by a.enterprise_id, a.bank_id))::int
     from financing_applications a where a.tenant_id = $1
       and a.stage in ('submitted', 'returned_to_hq', 'accepted', 'due_diligence', 'need_supplement', 'in_approval')",
            $touched,
            " on conflict (tenant_id, application_id) do update set others = excluded.others where o.others <> excluded.others"
        )
    };
}
const COUNT_ELSEWHERE: &str = count_elsewhere!(
    " and a.enterprise_id in (select t.enterprise_id from financing_applications t where t.tenant_id = $1 and t.id = any ($2))"
);
const COUNT_ALL_ELSEWHERE: &str = count_elsewhere!("");

const MONTHS: &str = "select month as day,
    asked, asked_cents, accepted, accept_seconds, accepted_in_time, approved, approved_cents, rejected,
    decided_in_time, draws, drawn_cents, rate_weight, homes, first_homes
  from statistics_months where tenant_id = $1 and dimension = 'all' and month between $2 and $3 order by month";

const DAYS: &str = "select value::date as day,
    asked, asked_cents, accepted, accept_seconds, accepted_in_time, approved, approved_cents, rejected,
    decided_in_time, draws, drawn_cents, rate_weight, homes, first_homes
  from statistics_months where tenant_id = $1 and dimension = 'day' and month between date_trunc('month', $2::date)::date and $3
    and value between $2::text and $3::text order by value";

const PARTS: &str = "select s.value, coalesce(t.short_name, '') as name,
    asked, asked_cents, accepted, accept_seconds, accepted_in_time, approved, approved_cents, rejected,
    decided_in_time, draws, drawn_cents, rate_weight, homes, first_homes
  from (select value,
    sum(asked)::bigint as asked, sum(asked_cents)::bigint as asked_cents, sum(accepted)::bigint as accepted,
    sum(accept_seconds)::bigint as accept_seconds, sum(accepted_in_time)::bigint as accepted_in_time,
    sum(approved)::bigint as approved, sum(approved_cents)::bigint as approved_cents,
    sum(rejected)::bigint as rejected, sum(decided_in_time)::bigint as decided_in_time, sum(draws)::bigint as draws,
    sum(drawn_cents)::bigint as drawn_cents, sum(rate_weight)::bigint as rate_weight, sum(homes)::bigint as homes,
    sum(first_homes)::bigint as first_homes
    from statistics_months where tenant_id = $1 and dimension = $2 and month between $3 and $4 group by value) s
  left join tenants t on $2 = 'bank' and t.id::text = s.value
  order by s.value";

/// 最近动态; the enterprise is not asked for.
const MOVEMENTS: &str =
    "select e.at, e.kind, t.short_name, coalesce(f.region, '') from application_events e
  join financing_applications a on a.tenant_id = e.tenant_id and a.id = e.application_id
  join tenants t on t.id = a.bank_id
  left join statistics_facts f on f.tenant_id = e.tenant_id and f.application_id = e.application_id
  where e.tenant_id = $1 and e.kind = any ($2) order by e.at desc limit $3";

/// Institution by institution, as the index of acceptances is kept. One that was made before the request came is of the time before a move.
const ACCEPTANCES: &str =
    "select handler_tenant_id, coalesce(intake_since, submitted_at), accepted_at from financing_applications
  where tenant_id = $1 and bank_id = any (array(select tenant_id from institutions where city_id = $1)) and accepted_at >= $2
    and handler_tenant_id is not null and accepted_at >= coalesce(intake_since, submitted_at)";

/// Only what differs is written: each change draws the public pages anew.
const NOTE_RESPONSES: &str = "update branches b set usual_response_hours = n.hours
  from (select o.tenant_id, t.hours from branches o
        left join unnest($2::uuid[], $3::int[]) as t (branch, hours) on t.branch = o.tenant_id where o.city_id = $1) n
  where b.city_id = $1 and b.tenant_id = n.tenant_id and b.usual_response_hours is distinct from n.hours";

/// Everything of a city counted anew, in a transaction that may write there.
pub async fn recount(connection: &mut PgConnection, city: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query(IN_ONE_PASS).execute(&mut *connection).await?;
    for sql in [
        "delete from statistics_due where tenant_id = $1",
        NOTE_ALL_FACTS,
        "select statistics_confirm_first_loans($1, null)",
        NOTE_ALL_LOAN_HISTORY,
        "delete from statistics_months where tenant_id = $1",
        "delete from statistics_lines where tenant_id = $1",
        LINES_ANEW,
        MONTHS_ANEW,
        COUNT_ALL_ELSEWHERE,
    ] {
        sqlx::query(sql)
            .bind(city)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

#[async_trait]
impl Statistics for PgUnitOfWork {
    async fn count_due(&mut self, most: i64) -> Result<u64, StoreError> {
        let alone: bool = sqlx::query_scalar(ALONE)
            .bind(self.city.0)
            .fetch_one(&mut *self.tx)
            .await
            .map_err(store_error)?;
        if !alone {
            return Ok(0);
        }
        let (taken, marked): (i64, Vec<Uuid>) = sqlx::query_as(TAKE)
            .bind(self.city.0)
            .bind(most)
            .fetch_one(&mut *self.tx)
            .await
            .map_err(store_error)?;
        if taken == 0 {
            return Ok(0);
        }
        let which: Vec<Uuid> = sqlx::query_scalar(WITH_SIBLINGS)
            .bind(self.city.0)
            .bind(&marked)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        for sql in [NOTE_FACTS, CONFIRM_FIRST_LOANS, NOTE_LOAN_HISTORY, MOVE] {
            sqlx::query(sql)
                .bind(self.city.0)
                .bind(&which)
                .execute(&mut *self.tx)
                .await
                .map_err(store_error)?;
        }
        sqlx::query(COUNT_ELSEWHERE)
            .bind(self.city.0)
            .bind(&marked)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(u64::try_from(taken).unwrap_or(0))
    }

    async fn alone(&mut self) -> Result<(), StoreError> {
        for sql in UNHURRIED {
            sqlx::query(sql)
                .execute(&mut *self.tx)
                .await
                .map_err(store_error)?;
        }
        sqlx::query(ALONE_AT_LAST)
            .bind(self.city.0)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn note_facts(&mut self) -> Result<(), StoreError> {
        sqlx::query(NOTE_ALL_FACTS)
            .bind(self.city.0)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn recount(&mut self) -> Result<(), StoreError> {
        recount(&mut self.tx, self.city.0)
            .await
            .map_err(store_error)
    }

    async fn differences(&mut self) -> Result<i64, StoreError> {
        sqlx::query(IN_ONE_PASS)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        sqlx::query_scalar(DIFFERENCES)
            .bind(self.city.0)
            .fetch_one(&mut *self.tx)
            .await
            .map_err(store_error)
    }

    async fn months(&mut self, span: Span) -> Result<Vec<(Date, Sums)>, StoreError> {
        self.dated(MONTHS, span).await
    }

    async fn days(&mut self, span: Span) -> Result<Vec<(Date, Sums)>, StoreError> {
        self.dated(DAYS, span).await
    }

    async fn parts(&mut self, dimension: Dimension, span: Span) -> Result<Vec<Part>, StoreError> {
        let rows: Vec<PartRow> = sqlx::query_as(PARTS)
            .bind(self.city.0)
            .bind(dimension.code())
            .bind(span.from)
            .bind(span.to)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        let part = |row: PartRow| Part {
            value: row.value,
            name: row.name,
            sums: row.sums.into(),
        };
        Ok(rows.into_iter().map(part).collect())
    }

    async fn movements(&mut self, verbs: &[&str], most: i64) -> Result<Vec<Movement>, StoreError> {
        let rows: Vec<(OffsetDateTime, String, String, String)> = sqlx::query_as(MOVEMENTS)
            .bind(self.city.0)
            .bind(verbs)
            .bind(most)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        let movement = |(at, verb, bank, region)| Movement {
            at,
            verb,
            bank,
            region,
        };
        Ok(rows.into_iter().map(movement).collect())
    }

    async fn acceptances(&mut self, since: OffsetDateTime) -> Result<Vec<Acceptance>, StoreError> {
        let rows: Vec<(Uuid, OffsetDateTime, OffsetDateTime)> = sqlx::query_as(ACCEPTANCES)
            .bind(self.city.0)
            .bind(since)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        let acceptance = |(branch, came, accepted)| Acceptance {
            branch: TenantId(branch),
            came,
            accepted,
        };
        Ok(rows.into_iter().map(acceptance).collect())
    }

    async fn note_responses(&mut self, usual: &[UsualResponse]) -> Result<u64, StoreError> {
        let branches: Vec<Uuid> = usual.iter().map(|one| one.branch.0).collect();
        let hours: Vec<i32> = usual.iter().map(|one| one.hours).collect();
        let done = sqlx::query(NOTE_RESPONSES)
            .bind(self.city.0)
            .bind(branches)
            .bind(hours)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected())
    }
}

impl PgUnitOfWork {
    async fn dated(
        &mut self,
        sql: &'static str,
        span: Span,
    ) -> Result<Vec<(Date, Sums)>, StoreError> {
        let rows: Vec<DatedRow> = sqlx::query_as(sql)
            .bind(self.city.0)
            .bind(span.from)
            .bind(span.to)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|row| (row.day, row.sums.into()))
            .collect())
    }
}

/// First instant of a day in the time of the city.
fn midnight(day: Date) -> OffsetDateTime {
    day.midnight().assume_offset(SHANGHAI)
}

const FACT: [(Dimension, &str); 9] = [
    (Dimension::Region, "region"),
    (Dimension::Industry, "industry"),
    (Dimension::Bank, "bank"),
    (Dimension::Guarantee, "guarantee"),
    (Dimension::FirstLoan, "first_loan"),
    (Dimension::Renewal, "renewal"),
    (Dimension::Size, "size"),
    (Dimension::Capital, "capital"),
    (Dimension::Term, "term"),
];

/// Narrows a list of requests `a` to those behind a figure: the same words as the count.
pub(crate) fn behind(query: &mut QueryBuilder<Postgres>, counted: &Counted) {
    let (from, until) = (
        midnight(counted.span.from),
        midnight(counted.span.to + Duration::days(1)),
    );
    let between = |query: &mut QueryBuilder<Postgres>, column: &str| {
        query.push(format!(" and {column} >= ")).push_bind(from);
        query.push(format!(" and {column} < ")).push_bind(until);
    };
    match counted.measure {
        Measure::Asked => between(query, "a.submitted_at"),
        Measure::Accepted | Measure::AcceptedInTime => between(query, "a.accepted_at"),
        Measure::Approved | Measure::Rejected | Measure::DecidedInTime => {
            between(query, "a.decided_at");
        }
        Measure::Draws | Measure::Homes | Measure::FirstHomes => {
            query.push(" and exists (select from disbursements d where d.tenant_id = a.tenant_id and d.application_id = a.id");
            between(query, "d.confirmed_at");
            if counted.measure != Measure::Draws {
                query.push(
                    " and not exists (select from financing_applications o
                         join disbursements b on b.tenant_id = o.tenant_id and b.application_id = o.id
                         where o.tenant_id = a.tenant_id and o.enterprise_id = a.enterprise_id
                           and (b.confirmed_at, b.id) < (d.confirmed_at, d.id))",
                );
            }
            query.push(")");
        }
    }
    query.push(match counted.measure {
        Measure::AcceptedInTime => " and not a.overdue",
        Measure::Approved => {
            " and a.stage in ('approved', 'disbursing', 'disbursed', 'settled', 'not_drawn')"
        }
        Measure::Rejected => {
            " and a.stage = 'rejected' and a.reason_codes <> '{enterprise_declined}'"
        }
        Measure::DecidedInTime => {
            " and a.stage in ('approved', 'disbursing', 'disbursed', 'settled', 'not_drawn', 'rejected')
              and not (a.stage = 'rejected' and a.reason_codes = '{enterprise_declined}')
              and coalesce(a.decided_at <= a.decision_due_at, true)"
        }
        _ => "",
    });
    let fact = |query: &mut QueryBuilder<Postgres>, column: &str, value: String| {
        query
            .push(format!(
                " and exists (select from statistics_facts f where f.tenant_id = a.tenant_id and f.application_id = a.id and f.{column} = "
            ))
            .push_bind(value)
            .push(")");
    };
    if counted.measure == Measure::FirstHomes {
        fact(query, "first_loan", "yes".to_owned());
    }
    if let Some((dimension, value)) = &counted.of {
        let column = FACT.iter().find(|(d, _)| d == dimension);
        if let Some((_, column)) = column {
            fact(query, column, value.clone());
        }
    }
}
