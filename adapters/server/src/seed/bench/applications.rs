//! Applications with one event and one delivered outbox row each, made by the database itself.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{Place, people::ACTORS};

/// A time-ordered id (version 7) from an instant and a word.
const ID: &str = "create or replace function pg_temp.bench_id(at timestamptz, word text) returns uuid language sql immutable as $$
  select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(word), 1, 3) || '8'
          || substr(md5(word), 4, 15))::uuid $$";

/// 30 % of the rows lie in the last 18 days, so that queues are full at every size. Due times lie ahead in the order of
/// submission: no timer runs out and nobody is reminded while something else is measured.
const APPLICATIONS: &str = "
with drawn as (
  select i,
    (hashint8extended(i, 11 + $2) & 9223372036854775807) as when_hash,
    (hashint8extended(i, 23 + $2) & 9223372036854775807) as stage_hash,
    (hashint8extended(i, 37 + $2) & 9223372036854775807) as who_hash,
    (hashint8extended(i, 41 + $2) & 9223372036854775807) as where_hash
  from generate_series(1, $3::bigint) i
), placed as (
  select i, stage_hash, who_hash,
    when_hash % 100 < 30 as fresh,
    date_trunc('second', $4::timestamptz - case when when_hash % 100 < 30
      then make_interval(secs => 60 + (when_hash / 100) % (18 * 86400))
      else make_interval(secs => 18 * 86400 + (when_hash / 100) % (1077 * 86400)) end) as at,
    case when where_hash % 100 < 10 then 0 else 1 + (where_hash / 100) % 49 end as branch
  from drawn
), staged as (
  select *, (at at time zone 'Asia/Shanghai')::date as day,
    (array['submitted','accepted','due_diligence','in_approval','approved','disbursed','settled','rejected','withdrawn',
           'expired','refused_intake'])[width_bucket((stage_hash % 100)::int,
      case when fresh then array[60, 75, 82, 88, 90, 93, 93, 97, 100, 100]
           else array[0, 15, 20, 25, 30, 55, 70, 82, 88, 94] end) + 1] as stage
  from placed
), numbered as (
  select *, row_number() over (partition by day order by at, i) as n from staged
)
insert into financing_applications
  (id, tenant_id, handler_tenant_id, handler_name, bank_id, enterprise_id, enterprise_name, application_no, stage,
   ever_accepted, product_id, product_version, product_name, amount_cents, rate, term, term_unit, approved_amount_cents,
   approved_rate, approved_term, holder_user_id, holder_name, created_by, created_at, submitted_at, accepted_at, decided_at,
   due_at, updated_at)
select pg_temp.bench_id(a.at, 'application ' || $2 || ' ' || a.i), $1, b.id, b.name, b.bank, e.id, e.name,
  'PO' || to_char(a.day, 'YYYYMMDD') || case when a.n < 1000 then lpad(a.n::text, 3, '0') else a.n::text end,
  a.stage, a.stage not in ('submitted', 'withdrawn', 'expired', 'refused_intake'),
  p.id, p.version, p.name, p.amount_min_cents + (a.who_hash % 90) * 1000000, p.rate_min, p.term_min + 1, p.term_unit,
  case when a.stage in ('approved', 'disbursed', 'settled') then p.amount_min_cents + (a.who_hash % 90) * 1000000 end,
  case when a.stage in ('approved', 'disbursed', 'settled') then p.rate_min end,
  case when a.stage in ('approved', 'disbursed', 'settled') then p.term_min + 1 end,
  case when a.stage not in ('submitted', 'withdrawn', 'expired', 'refused_intake') then b.clerk end,
  case when a.stage not in ('submitted', 'withdrawn', 'expired', 'refused_intake') then b.clerk_name else '' end,
  e.person, a.at, a.at,
  case when a.stage not in ('submitted', 'withdrawn', 'expired', 'refused_intake') then a.at + interval '5 hours' end,
  case when a.stage in ('approved', 'disbursed', 'settled', 'rejected') then a.at + interval '4 days' end,
  case when a.stage = 'submitted' then $4::timestamptz + interval '20 days' + (a.at - $4::timestamptz) * 0.9
    when a.stage in ('accepted', 'due_diligence', 'in_approval', 'approved')
      then $4::timestamptz + interval '60 days' + (a.at - $4::timestamptz) * 0.02 end,
  a.at
from numbered a
join bench_branches b on b.n = a.branch
join bench_enterprises e on e.n = $5 + a.who_hash % ($6 - $5)
join bench_products p on p.bank = b.bank and p.n = a.who_hash % 5";

const EVENTS: &str = "
insert into application_events (id, tenant_id, application_id, seq, kind, from_stage, to_stage, actor_kind, actor_id,
  actor_name, actor_role, handler_tenant_id, at)
select pg_temp.bench_id(a.submitted_at, 'event ' || a.id), a.tenant_id, a.id, 1, 'submit', null, a.stage, 'enterprise',
  a.created_by, u.name, 'eo', a.handler_tenant_id, a.submitted_at
from financing_applications a join users u on u.id = a.created_by where a.tenant_id = $1";

const OUTBOX: &str = "
insert into outbox (id, tenant_id, topic, payload, created_at, next_at, tries, done_at)
select pg_temp.bench_id(submitted_at, 'notice ' || id), tenant_id, 'application.event',
  jsonb_build_object('application', id, 'seq', 1, 'verb', 'submit', 'stage', stage, 'handler', handler_tenant_id),
  submitted_at, submitted_at, 1, submitted_at + interval '2 seconds'
from financing_applications where tenant_id = $1";

/// 当日流水号: where the product goes on counting.
const NUMBERS: &str = "
insert into daily_numbers (tenant_id, day, last)
select tenant_id, (submitted_at at time zone 'Asia/Shanghai')::date, count(*) from financing_applications
where tenant_id = $1 group by 1, 2";

/// What the choices are made from, counted from 0.
const CHOICES: [&str; 4] = [
    "drop table if exists bench_branches, bench_enterprises, bench_products",
    "create temp table bench_branches as
       select row_number() over (order by u.account) - 1 as n, b.tenant_id as id, t.name, b.bank_id as bank,
              u.id as clerk, u.name as clerk_name
       from branches b join tenants t on t.id = b.tenant_id join users u on u.tenant_id = b.tenant_id
       where b.city_id = current_setting('bench.city')::uuid",
    "create temp table bench_enterprises as
       select row_number() over (order by e.name, e.id) - 1 as n, e.id, e.name, u.id as person
       from enterprises e join users u on u.tenant_id = e.tenant_id and u.enterprise_id = e.id
       where e.tenant_id = current_setting('bench.city')::uuid",
    "create temp table bench_products as
       select row_number() over (partition by tenant_id order by name) - 1 as n, id, tenant_id as bank, name, version,
              amount_min_cents, rate_min, term_min, term_unit
       from products where city_id = current_setting('bench.city')::uuid",
];

/// Everything of one city.
pub async fn load(
    db: &mut PgConnection,
    number: usize,
    place: &Place,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let city = place.city.id.0;
    sqlx::query(ID).execute(&mut *db).await?;
    sqlx::query("select set_config('bench.city', $1, false)")
        .bind(city.to_string())
        .execute(&mut *db)
        .await?;
    for sql in CHOICES {
        sqlx::query(sql).execute(&mut *db).await?;
    }
    sqlx::query("analyze bench_branches")
        .execute(&mut *db)
        .await?;
    sqlx::query("analyze bench_enterprises")
        .execute(&mut *db)
        .await?;
    sqlx::query("analyze bench_products")
        .execute(&mut *db)
        .await?;
    sqlx::query(APPLICATIONS)
        .bind(city)
        .bind(i64::try_from(number)?)
        .bind(i64::try_from(place.applications)?)
        .bind(now)
        .bind(i64::try_from(ACTORS)?)
        .bind(i64::try_from(place.enterprises)?)
        .execute(&mut *db)
        .await?;
    for sql in [EVENTS, OUTBOX, NUMBERS] {
        sqlx::query(sql).bind(city).execute(&mut *db).await?;
    }
    Ok(())
}
