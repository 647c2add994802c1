-- 迁出: a city's rows read as a whole and erased as a whole, behind a wall of their own. The role is for the owner to put on, never
-- for the program's login; it sees one city at a time, reads and deletes, and can add and change nothing.
do $$
begin
  begin
    create role city_exit nologin;                                -- roles are cluster-wide, tests run side by side
  exception when duplicate_object or unique_violation then null;
  end;
  -- A superuser puts on every role; an owner that is none must be a member.
  if not (select rolsuper from pg_roles where rolname = current_user) then
    execute format('grant city_exit to %I', current_user);
  end if;
end $$;
grant usage on schema public to city_exit;

create function leaving_city() returns uuid language sql stable
  return nullif(current_setting('app.leaving_city', true), '')::uuid;

-- The city itself is read last and goes last: everything else is found by it.
create policy leaves on tenants to city_exit using (city_id = (select leaving_city())) with check (false);
grant select, delete on tenants to city_exit;
create function leaving_tenants() returns uuid[] language sql stable
  return (select coalesce(array_agg(id), '{}') from tenants where city_id = leaving_city());

-- On every table with a tenant, whatever other wall it has.
create procedure raise_exit(t regclass) language plpgsql as $$
begin
  if exists (select from pg_policy where polrelid = t and polname = 'leaves') then return; end if;
  execute format('create policy leaves on %s to city_exit using (tenant_id = any ((select leaving_tenants())::uuid[])) with check (false)', t);
  execute format('grant select, delete on %s to city_exit', t);
end $$;

do $$
declare t regclass;
begin
  for t in select c.oid::regclass from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') loop
    call raise_exit(t);
  end loop;
end $$;

-- The walls of tables to come have the exit from the start.
create or replace procedure raise_tenant_wall(t regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security, force row level security', t);
  execute format('create policy reads on %s for select to tenant_rw, enterprise_rw using (tenant_id = any ((select current_reach())::uuid[]))', t);
  execute format('create policy tenant_writes on %s to tenant_rw, enterprise_rw using (tenant_id = (select current_tenant())) with check (tenant_id = (select current_tenant()))', t);
  execute format('grant select, insert, update, delete on %s to tenant_rw', t);
  call raise_exit(t);
end $$;
create or replace procedure raise_application_wall(t regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security, force row level security', t);
  execute format('create policy follows_application on %s to tenant_rw, enterprise_rw
    using (exists (select from financing_applications a where a.tenant_id = %s.tenant_id and a.id = %s.application_id))
    with check (exists (select from financing_applications a where a.tenant_id = %s.tenant_id and a.id = %s.application_id))', t, t, t, t, t);
  execute format('grant select, insert, update on %s to tenant_rw, enterprise_rw', t);
  call raise_exit(t);
end $$;
create or replace procedure raise_public_wall(t regclass, shown text) language plpgsql as $$
begin
  execute format('alter table %s enable row level security, force row level security', t);
  execute format('create policy public_reads on %s for select to visitor_ro, enterprise_rw, tenant_rw using (city_id = (select current_city()) and %s)', t, shown);
  execute format('create policy reads on %s for select to tenant_rw using (tenant_id = any ((select current_reach())::uuid[]))', t);
  execute format('create policy tenant_writes on %s to tenant_rw using (tenant_id = (select current_tenant())) with check (tenant_id = (select current_tenant()) and city_id = (select current_city()))', t);
  execute format('grant select on %s to visitor_ro, enterprise_rw', t);
  execute format('grant select, insert, update, delete on %s to tenant_rw', t);
  call raise_exit(t);
end $$;

-- Without a tenant, but a city's all the same: used-up numbers of bank keys, and counters. They run out by themselves within days.
create policy leaves on bank_api_nonces to city_exit using (exists (select from bank_api_keys k where k.id = access_key_id)) with check (false);
grant select, delete on bank_api_nonces to city_exit;
create policy leaves on rate_counters to city_exit using (position((select leaving_city())::text in bucket) > 0) with check (false);
grant select, delete on rate_counters to city_exit;

-- What is only ever added goes with its city alone.
create or replace function row_is_final() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and current_user = 'city_exit' then return old; end if;
  raise exception 'rows of % are only ever added', tg_table_name;
end $$;
create or replace function entry_goes_after_its_time() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and current_user = 'city_exit' then return old; end if;
  if tg_op = 'DELETE' and current_person() is null and old.tenant_id = current_tenant()
     and old.at < now() - (case tg_table_name when 'view_entries' then interval '5 years' else interval '6 months' end)
     and exists (select from audit_links l join audit_retired r on r.tenant_id = l.tenant_id and r.seq = l.seq
       where l.tenant_id = old.tenant_id and l.entry_id = old.id
         and l.entry_kind = (case tg_table_name when 'view_entries' then 'view' else 'audit' end)) then
    return old;
  end if;
  raise exception 'rows of % are only ever added', tg_table_name;
end $$;

-- 清除记录: what was erased of a city, by whom and after which export. Outlives the city, so it refers to nothing; names no person of it.
create table city_erasures (
  id uuid primary key,
  city uuid not null,
  slug text not null,
  name text not null,
  tenants uuid[] not null,                                        -- the city, its institutions and branches: the owners of its files
  by_name text not null check (char_length(by_name) between 1 and 100),
  manifest_sha256 bytea not null check (octet_length(manifest_sha256) = 32),
  export jsonb not null,                                          -- what the export held
  started_at timestamptz not null,
  finished_at timestamptz,
  rows_erased jsonb not null default '{}',                        -- table → rows, counted in the transaction that erased them
  objects_erased bigint not null default 0,
  certificate text,                                               -- exactly what was signed
  signature text,
  check ((finished_at is null) = (certificate is null) and (certificate is null) = (signature is null))
);
create unique index city_erasures_one_under_way on city_erasures (city) where finished_at is null;
alter table city_erasures enable row level security, force row level security;
create policy applies on city_erasures to current_user using (true) with check (true);   -- the owner's command
create policy leaves on city_erasures to city_exit using (city = (select leaving_city())) with check (city = (select leaving_city()));
grant select, insert, update on city_erasures to city_exit;
