set lock_timeout = '2s';

-- 企业划型: what an enterprise declares of itself once a year, and the class that its industry's thresholds gave at that moment.
-- Only ever added to: a correction is another row of the same year, so who said what and when stays readable.
create table size_declarations (
  id uuid not null,
  tenant_id uuid not null references tenants,                     -- the city
  enterprise_id uuid not null,
  year int not null check (year between 2020 and 2200),
  number int not null check (number >= 1),                        -- 1: the first of the year; more: a correction
  industry_code text not null check (industry_code <> ''),
  employees int check (employees between 0 and 9999999),          -- null: the industry does not ask for it
  revenue_cents bigint check (revenue_cents >= 0),                -- 营业收入 of the year before
  assets_cents bigint check (assets_cents >= 0),
  size_class text not null check (size_class in ('large', 'medium', 'small', 'micro')),
  declared_by uuid not null references users,
  declared_name text not null,
  declared_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, enterprise_id) references enterprises (tenant_id, id),
  constraint size_declarations_in_turn unique (tenant_id, enterprise_id, year, number),
  check (employees is not null or revenue_cents is not null or assets_cents is not null)
);
call raise_tenant_wall('size_declarations');
call raise_subject_wall('size_declarations');
revoke update on size_declarations from tenant_rw, enterprise_rw;
-- In one's own name only; of the city nobody declares for an enterprise, and nobody but its job removes what was declared.
create policy own_hand on size_declarations as restrictive for insert to enterprise_rw
  with check (declared_by = (select current_person()));
create policy not_by_the_city on size_declarations as restrictive for insert to tenant_rw
  with check ((select current_person()) is null);
create policy by_the_job on size_declarations as restrictive for delete to tenant_rw
  using ((select current_person()) is null);

-- 统计分析 by 企业规模: the class that stood in the dossier when the request was submitted; empty where nobody had declared one.
alter table statistics_facts add column size text not null default '' check (size in ('', 'large', 'medium', 'small', 'micro'));

create or replace function statistics_note_facts(city uuid, which uuid[]) returns void language sql as $$
  insert into statistics_facts (tenant_id, application_id, region, industry, bank, guarantee, first_loan, capital, term, size)
  select a.tenant_id, a.id, left(e.region_code, 6), industry_section(coalesce(e.industry_code, '')), a.bank_id::text,
    coalesce(p.guarantee_type, ''), case when e.first_loan then 'yes' else 'no' end,
    case when e.registered_capital_cents is null then '' else
      (array['to_1m', 'to_5m', 'to_10m', 'to_50m', 'more'])[1 + width_bucket(e.registered_capital_cents::numeric,
        array[100000001, 500000001, 1000000001, 5000000001]::numeric[])] end,
    (array['to_6', 'to_12', 'to_36', 'to_60', 'more'])[1 + width_bucket(a.term * case a.term_unit when 'year' then 12 else 1 end,
      array[7, 13, 37, 61])],
    coalesce(d.shown -> 'size' ->> 'class', '')
  from financing_applications a
  join enterprises e on e.tenant_id = a.tenant_id and e.id = a.enterprise_id
  left join products p on p.id = a.product_id
  left join application_dossiers d on d.tenant_id = a.tenant_id and d.application_id = a.id
  where a.tenant_id = city and a.submitted_at is not null and (which is null or a.id = any (which))
  on conflict do nothing
$$;

-- What was counted before is of no class; its sums by class are those of the month as a whole. The walls hold for the owner too.
alter table statistics_months no force row level security;
insert into statistics_months (tenant_id, dimension, month, value, asked, asked_cents, accepted, accept_seconds, accepted_in_time, approved,
  approved_cents, rejected, decided_in_time, draws, drawn_cents, rate_weight, homes, first_homes)
select tenant_id, 'size', month, '', asked, asked_cents, accepted, accept_seconds, accepted_in_time, approved,
  approved_cents, rejected, decided_in_time, draws, drawn_cents, rate_weight, homes, first_homes
from statistics_months where dimension = 'all'
on conflict do nothing;
alter table statistics_months force row level security;
