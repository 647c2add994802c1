-- The walls between tenants (可见范围), between branch and city, and between enterprises of one city.
-- Every role here is a "hat": the login that the program uses owns nothing and puts one on per transaction.

do $$
declare hat text;
begin
  foreach hat in array array['tenant_rw', 'enterprise_rw', 'visitor_ro', 'door_rw'] loop
    begin
      execute format('create role %I nologin', hat);              -- roles are cluster-wide, tests run side by side
    exception when duplicate_object or unique_violation then null;
    end;
  end loop;
end $$;

grant usage on schema public to tenant_rw, enterprise_rw, visitor_ro, door_rw;
revoke create on schema public from public;

create function current_tenant() returns uuid language sql stable
  return nullif(current_setting('app.tenant_id', true), '')::uuid;   -- after a transaction the setting is '', not null
create function current_city() returns uuid language sql stable
  return nullif(current_setting('app.city_id', true), '')::uuid;
create function current_enterprise() returns uuid language sql stable
  return nullif(current_setting('app.enterprise_id', true), '')::uuid;
create function current_person() returns uuid language sql stable
  return nullif(current_setting('app.user_id', true), '')::uuid;
create function current_reach() returns uuid[] language sql stable
  return coalesce(string_to_array(nullif(current_setting('app.reach', true), ''), ',')::uuid[], '{}');

create function owner_is_final() returns trigger language plpgsql as $$
begin raise exception 'the owner of a row never changes'; end $$;
create function row_is_final() returns trigger language plpgsql as $$
begin raise exception 'rows of % are only ever added', tg_table_name; end $$;

-- One owner: read within reach, write one's own.
create procedure raise_tenant_wall(t regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security, force row level security', t);
  execute format('create policy reads on %s for select to tenant_rw, enterprise_rw using (tenant_id = any ((select current_reach())::uuid[]))', t);
  execute format('create policy tenant_writes on %s to tenant_rw, enterprise_rw using (tenant_id = (select current_tenant())) with check (tenant_id = (select current_tenant()))', t);
  execute format('grant select, insert, update, delete on %s to tenant_rw', t);
end $$;

-- One owner and one handler: a branch works on the city's row, but cannot create one for it, take it over or pass it on.
create procedure raise_handler_wall(t regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security, force row level security', t);
  execute format('create policy reads on %s for select to tenant_rw, enterprise_rw using (tenant_id = any ((select current_reach())::uuid[]) or handler_tenant_id = any ((select current_reach())::uuid[]))', t);
  execute format('create policy inserts on %s for insert to tenant_rw, enterprise_rw with check (tenant_id = (select current_tenant()))', t);
  execute format('create policy tenant_writes on %s for update to tenant_rw, enterprise_rw using ((select current_tenant()) in (tenant_id, handler_tenant_id)) with check ((select current_tenant()) in (tenant_id, handler_tenant_id))', t);
  execute format('create trigger owner_is_final before update on %s for each row when (old.tenant_id <> new.tenant_id) execute function owner_is_final()', t);
  execute format('grant select, insert, update on %s to tenant_rw', t);
end $$;

-- On top of one of the two above: an enterprise sees and writes its own rows only (security rule S-03).
create procedure raise_subject_wall(t regclass) language plpgsql as $$
begin
  execute format('create policy subject on %s as restrictive to enterprise_rw
    using (enterprise_id = (select current_enterprise())) with check (enterprise_id = (select current_enterprise()))', t);
  execute format('grant select, insert, update on %s to enterprise_rw', t);
end $$;

-- Rows that belong to a financing application are visible and writable exactly to those who see the application now,
-- so a branch that loses an application loses its papers in the same moment.
create procedure raise_application_wall(t regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security, force row level security', t);
  execute format('create policy follows_application on %s to tenant_rw, enterprise_rw
    using (exists (select from financing_applications a where a.tenant_id = %s.tenant_id and a.id = %s.application_id))
    with check (exists (select from financing_applications a where a.tenant_id = %s.tenant_id and a.id = %s.application_id))', t, t, t, t, t);
  execute format('grant select, insert, update on %s to tenant_rw, enterprise_rw', t);
end $$;

-- What a city shows to everybody: anyone in the city reads published rows, only the owner writes.
create procedure raise_public_wall(t regclass, shown text) language plpgsql as $$
begin
  execute format('alter table %s enable row level security, force row level security', t);
  execute format('create policy public_reads on %s for select to visitor_ro, enterprise_rw, tenant_rw using (city_id = (select current_city()) and %s)', t, shown);
  execute format('create policy reads on %s for select to tenant_rw using (tenant_id = any ((select current_reach())::uuid[]))', t);
  execute format('create policy tenant_writes on %s to tenant_rw using (tenant_id = (select current_tenant())) with check (tenant_id = (select current_tenant()) and city_id = (select current_city()))', t);
  execute format('grant select on %s to visitor_ro, enterprise_rw', t);
  execute format('grant select, insert, update, delete on %s to tenant_rw', t);
end $$;

-- Doors without a tenant yet: sign-in, sessions, codes, counters. Only the door's own hat sees them.
create procedure raise_door_wall(t regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security, force row level security', t);
  execute format('create policy door on %s to door_rw using (true) with check (true)', t);
  execute format('grant select, insert, update, delete on %s to door_rw', t);
end $$;

-- Insert-only for everybody, owner included.
create procedure make_append_only(t regclass) language plpgsql as $$
begin
  execute format('create trigger row_is_final before update or delete on %s for each row execute function row_is_final()', t);
  execute format('revoke update, delete on %s from tenant_rw, enterprise_rw, door_rw', t);
end $$;
