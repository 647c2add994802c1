set lock_timeout = '2s';

-- 省级监管 (T6): the people of a province read sums of its cities from tables of their own, under a role that reads nothing else.
do $$
begin
  create role province_ro nologin;                                -- roles are cluster-wide, tests run side by side
exception when duplicate_object or unique_violation then null;
end $$;
grant usage on schema public to province_ro;

-- A province is a root of its own as a city is, and no city: neither an institution nor an enterprise hangs on it.
do $$
declare old record;
begin
  for old in select conname from pg_constraint
    where conrelid = 'tenants'::regclass and contype = 'c' and pg_get_constraintdef(oid) like '%kind%' loop
    execute format('alter table tenants drop constraint %I', old.conname);
  end loop;
end $$;
alter table tenants
  add constraint tenants_kind_check check (kind in ('city', 'bank', 'branch', 'province')),
  add constraint tenants_roots_check check ((kind in ('city', 'province')) = (parent_id is null)),
  add constraint tenants_slugs_check check ((kind in ('city', 'province')) = (slug is not null)),
  add constraint tenants_own_root_check check (kind not in ('city', 'province') or city_id = id),
  add constraint tenants_status_check check (status in ('active', 'suspended') or (kind in ('city', 'province') and status = 'closed'));

-- Which cities have told a province something. A city may live in another database, so nothing here refers to it.
create table provincial_cities (
  tenant_id uuid not null references tenants,                     -- the province
  city uuid not null,
  slug text not null check (slug ~ '^[a-z][a-z0-9-]{1,30}$'),
  region_code text not null check (region_code ~ '^[0-9]{6}$'),
  platform text not null check (char_length(platform) between 2 and 60),   -- the public name of the city's platform
  told_at timestamptz not null,                                   -- its figures are those of that moment
  primary key (tenant_id, city)
);

-- What they have told: sums of months that are over, and on how many enterprises each rests. No text of anybody finds room in it.
create table provincial_figures (
  tenant_id uuid not null,
  city uuid not null,
  dimension text not null check (dimension in ('all', 'industry', 'guarantee', 'first_loan', 'size', 'term')),
  month date not null check (extract(day from month) = 1),
  value text not null check (value ~ '^[A-Za-z0-9_]{0,24}$'),
  asked bigint not null,
  asked_cents bigint not null,
  accepted bigint not null,
  approved bigint not null,
  approved_cents bigint not null,
  rejected bigint not null,
  draws bigint not null,
  drawn_cents bigint not null,
  rate_weight bigint not null,
  homes bigint not null,
  asking_firms bigint not null check (asking_firms >= 0),
  accepted_firms bigint not null check (accepted_firms >= 0),
  approved_firms bigint not null check (approved_firms >= 0),
  rejected_firms bigint not null check (rejected_firms >= 0),
  drawing_firms bigint not null check (drawing_firms >= 0),
  primary key (tenant_id, city, dimension, month, value),
  foreign key (tenant_id, city) references provincial_cities (tenant_id, city) on delete cascade
);
create index on provincial_figures (tenant_id, month);

-- The province's people read, its job writes, and no city comes near, not even the one whose figures they are.
do $$
declare t regclass;
begin
  foreach t in array array['provincial_cities', 'provincial_figures']::regclass[] loop
    execute format('alter table %s enable row level security, force row level security', t);
    execute format('create policy reads on %s for select to province_ro using (tenant_id = (select current_tenant()))', t);
    execute format('create policy works on %s to tenant_rw using (tenant_id = (select current_tenant()) and (select current_person()) is null)
      with check (tenant_id = (select current_tenant()) and (select current_person()) is null)', t);
    execute format('grant select on %s to province_ro', t);
    execute format('grant select, insert, update, delete on %s to tenant_rw', t);
    call raise_exit(t);
  end loop;
end $$;

reset lock_timeout;
