set lock_timeout = '2s';

-- 统计分析: rollups by month, counted by a worker from what changed. Nobody's name or number stands in these tables.

-- What has to be counted again. Only ever added to, one line per change, so that nobody waits for the worker.
create table statistics_due (
  id uuid not null primary key default gen_random_uuid(),
  tenant_id uuid not null,
  application_id uuid not null
);
create index on statistics_due (tenant_id);
alter table statistics_due enable row level security, force row level security;
create policy marks on statistics_due for insert to tenant_rw, enterprise_rw with check (tenant_id = (select current_city()));
create policy works on statistics_due to tenant_rw
  using (tenant_id = (select current_tenant()) and (select current_person()) is null)
  with check (tenant_id = (select current_city()));
grant insert on statistics_due to tenant_rw, enterprise_rw;
grant select, delete on statistics_due to tenant_rw;
create policy door on statistics_due for select to door_rw using (true);
grant select (tenant_id) on statistics_due to door_rw;

-- By what a request is counted, as it was when it was first counted: a later change of the enterprise moves no figure of the past.
create table statistics_facts (
  tenant_id uuid not null,
  application_id uuid not null,
  region text not null,                                           -- county
  industry text not null,                                         -- section A to T, empty when unknown
  bank text not null,
  guarantee text not null,
  first_loan text not null check (first_loan in ('yes', 'no')),
  capital text not null,                                          -- band of the registered capital
  term text not null,                                             -- band of the term asked for
  primary key (tenant_id, application_id),
  foreign key (tenant_id, application_id) references financing_applications (tenant_id, id) on delete cascade
);

-- What was counted for a request, day by day.
create table statistics_lines (
  tenant_id uuid not null,
  application_id uuid not null,
  day date not null,
  asked bigint not null default 0,
  asked_cents bigint not null default 0,
  accepted bigint not null default 0,
  accept_seconds bigint not null default 0,
  accepted_in_time bigint not null default 0,
  approved bigint not null default 0,
  approved_cents bigint not null default 0,
  rejected bigint not null default 0,
  decided_in_time bigint not null default 0,
  draws bigint not null default 0,
  drawn_cents bigint not null default 0,
  rate_weight bigint not null default 0,
  homes bigint not null default 0,
  first_homes bigint not null default 0,
  primary key (tenant_id, application_id, day),
  foreign key (tenant_id, application_id) references financing_applications (tenant_id, id) on delete cascade
);

-- The sums. Dimension `all` has one row a month, `day` one a day, the others one for each value.
create table statistics_months (
  tenant_id uuid not null references tenants,
  dimension text not null,
  month date not null,
  value text not null,
  asked bigint not null default 0,
  asked_cents bigint not null default 0,
  accepted bigint not null default 0,
  accept_seconds bigint not null default 0,
  accepted_in_time bigint not null default 0,
  approved bigint not null default 0,
  approved_cents bigint not null default 0,
  rejected bigint not null default 0,
  decided_in_time bigint not null default 0,
  draws bigint not null default 0,
  drawn_cents bigint not null default 0,
  rate_weight bigint not null default 0,
  homes bigint not null default 0,
  first_homes bigint not null default 0,
  primary key (tenant_id, dimension, month, value)
);

create procedure raise_statistics_wall(t regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security, force row level security', t);
  execute format('create policy reads on %s for select to tenant_rw using (tenant_id = (select current_tenant()))', t);
  execute format('create policy works on %s to tenant_rw using (tenant_id = (select current_tenant()) and (select current_person()) is null)
    with check (tenant_id = (select current_tenant()) and (select current_person()) is null)', t);
  execute format('grant select, insert, update, delete on %s to tenant_rw', t);
end $$;
call raise_statistics_wall('statistics_facts');
call raise_statistics_wall('statistics_lines');
call raise_statistics_wall('statistics_months');
create index on statistics_facts (tenant_id, region);
create index on statistics_facts (tenant_id, bank);

create function statistics_application_changed() returns trigger language plpgsql as $$
begin
  insert into statistics_due (tenant_id, application_id) values (new.tenant_id, new.id);
  return null;
end $$;
create function statistics_draw_changed() returns trigger language plpgsql as $$
begin
  insert into statistics_due (tenant_id, application_id) values (new.tenant_id, new.application_id);
  return null;
end $$;
create trigger statistics_new after insert on financing_applications for each row
  when (new.submitted_at is not null) execute function statistics_application_changed();
create trigger statistics_changed after update on financing_applications for each row
  when (new.submitted_at is not null and (old.stage, old.submitted_at, old.accepted_at, old.decided_at, old.overdue, old.decision_due_at,
      old.amount_cents, old.approved_amount_cents)
    is distinct from (new.stage, new.submitted_at, new.accepted_at, new.decided_at, new.overdue, new.decision_due_at, new.amount_cents,
      new.approved_amount_cents))
  execute function statistics_application_changed();
create trigger statistics_new after insert on disbursements for each row
  when (new.confirmed_at is not null) execute function statistics_draw_changed();
create trigger statistics_changed after update on disbursements for each row
  when ((old.confirmed_at, old.amount_cents, old.rate) is distinct from (new.confirmed_at, new.amount_cents, new.rate))
  execute function statistics_draw_changed();

-- Section 门类 of an industry by the first two digits of its code (GB/T 4754-2017).
create function industry_section(code text) returns text language sql immutable as $$
  select case when code ~ '^[A-T]' then left(code, 1)
    when code ~ '^(0[1-9]|[1-8][0-9]|9[0-7])'
      then chr(64 + width_bucket(left(code, 2)::int, array[1, 6, 13, 44, 47, 51, 53, 61, 63, 66, 70, 71, 73, 76, 80, 83, 84, 86, 91, 97]))
    else '' end
$$;

-- By what requests are counted that were not counted before; all of the city's when none are named.
create function statistics_note_facts(city uuid, which uuid[]) returns void language sql as $$
  insert into statistics_facts (tenant_id, application_id, region, industry, bank, guarantee, first_loan, capital, term)
  select a.tenant_id, a.id, left(e.region_code, 6), industry_section(coalesce(e.industry_code, '')), a.bank_id::text,
    coalesce(p.guarantee_type, ''), case when e.first_loan then 'yes' else 'no' end,
    case when e.registered_capital_cents is null then '' else
      (array['to_1m', 'to_5m', 'to_10m', 'to_50m', 'more'])[1 + width_bucket(e.registered_capital_cents::numeric,
        array[100000001, 500000001, 1000000001, 5000000001]::numeric[])] end,
    (array['to_6', 'to_12', 'to_36', 'to_60', 'more'])[1 + width_bucket(a.term * case a.term_unit when 'year' then 12 else 1 end,
      array[7, 13, 37, 61])]
  from financing_applications a
  join enterprises e on e.tenant_id = a.tenant_id and e.id = a.enterprise_id
  left join products p on p.id = a.product_id
  where a.tenant_id = city and a.submitted_at is not null and (which is null or a.id = any (which))
  on conflict do nothing
$$;

-- What is to be counted for requests as they stand now; all of the city's when none are named.
create function statistics_now(city uuid, which uuid[])
  returns table (application_id uuid, day date, asked bigint, asked_cents bigint, accepted bigint, accept_seconds bigint, accepted_in_time bigint, approved bigint, approved_cents bigint, rejected bigint, decided_in_time bigint, draws bigint, drawn_cents bigint, rate_weight bigint, homes bigint, first_homes bigint)
  language sql stable as $$
  select a.id, (x.at at time zone 'Asia/Shanghai')::date,
    sum(x.asked)::bigint, sum(x.asked_cents)::bigint, sum(x.accepted)::bigint, sum(x.accept_seconds)::bigint, sum(x.accepted_in_time)::bigint, sum(x.approved)::bigint, sum(x.approved_cents)::bigint, sum(x.rejected)::bigint, sum(x.decided_in_time)::bigint, sum(x.draws)::bigint, sum(x.drawn_cents)::bigint, sum(x.rate_weight)::bigint, sum(x.homes)::bigint, sum(x.first_homes)::bigint
  from financing_applications a
  join statistics_facts f on f.tenant_id = a.tenant_id and f.application_id = a.id
  cross join lateral (
    select a.submitted_at as at, 1::bigint as asked, a.amount_cents::bigint as asked_cents, 0::bigint as accepted, 0::bigint as accept_seconds, 0::bigint as accepted_in_time, 0::bigint as approved, 0::bigint as approved_cents, 0::bigint as rejected, 0::bigint as decided_in_time, 0::bigint as draws, 0::bigint as drawn_cents, 0::bigint as rate_weight, 0::bigint as homes, 0::bigint as first_homes
    union all select a.accepted_at as at, 0::bigint as asked, 0::bigint as asked_cents, 1::bigint as accepted, greatest(extract(epoch from a.accepted_at - a.submitted_at), 0)::bigint as accept_seconds, (not a.overdue)::int::bigint as accepted_in_time, 0::bigint as approved, 0::bigint as approved_cents, 0::bigint as rejected, 0::bigint as decided_in_time, 0::bigint as draws, 0::bigint as drawn_cents, 0::bigint as rate_weight, 0::bigint as homes, 0::bigint as first_homes
      where a.accepted_at is not null
    union all select a.decided_at as at, 0::bigint as asked, 0::bigint as asked_cents, 0::bigint as accepted, 0::bigint as accept_seconds, 0::bigint as accepted_in_time, (a.stage <> 'rejected')::int::bigint as approved, case when a.stage <> 'rejected' then coalesce(a.approved_amount_cents, 0) else 0 end::bigint as approved_cents, (a.stage = 'rejected')::int::bigint as rejected, (coalesce(a.decided_at <= a.decision_due_at, true))::int::bigint as decided_in_time, 0::bigint as draws, 0::bigint as drawn_cents, 0::bigint as rate_weight, 0::bigint as homes, 0::bigint as first_homes
      where a.decided_at is not null and a.stage in ('approved', 'disbursing', 'disbursed', 'settled', 'not_drawn', 'rejected')
    union all select d.confirmed_at, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, d.amount_cents, d.amount_cents / 100 * d.rate,
      first.home, case when f.first_loan = 'yes' then first.home else 0 end
      from disbursements d
      cross join lateral (select (not exists (select from financing_applications o
          join disbursements b on b.tenant_id = o.tenant_id and b.application_id = o.id
          where o.tenant_id = a.tenant_id and o.enterprise_id = a.enterprise_id and (b.confirmed_at, b.id) < (d.confirmed_at, d.id)))::int as home) first
      where d.tenant_id = a.tenant_id and d.application_id = a.id and d.confirmed_at is not null
  ) x
  where a.tenant_id = city and a.submitted_at is not null and (which is null or a.id = any (which))
  group by 1, 2
$$;

-- 操作日志 is looked through by what it was done to; 最近动态 by the time.
create index on audit_entries (tenant_id, left(object, 64), at desc);
create index on application_events (tenant_id, at desc);

insert into statistics_due (tenant_id, application_id)
select tenant_id, id from financing_applications where submitted_at is not null;
