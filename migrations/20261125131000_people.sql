-- 人员与角色: invited people, one-time links, roles that two people grant. Administrators manage their node and those below.
alter table users drop constraint users_status_check,
  add constraint users_status_check check (status in ('invited', 'active', 'dismissed', 'closed'));
drop index users_one_account_per_city;
create unique index users_one_account_per_city on users (city_id, account) where status in ('active', 'invited');

create policy staff_below on users for insert to tenant_rw
  with check (tenant_id = any ((select current_reach())::uuid[]) and enterprise_id is null and city_id = (select current_city()));
create policy staff_below_changes on users for update to tenant_rw
  using (tenant_id = any ((select current_reach())::uuid[]) and enterprise_id is null)
  with check (tenant_id = any ((select current_reach())::uuid[]) and enterprise_id is null);

-- The node itself or one above it: read and written within reach.
create procedure raise_staff_wall(t regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security, force row level security', t);
  execute format('create policy within_reach on %s to tenant_rw
    using (tenant_id = any ((select current_reach())::uuid[])) with check (tenant_id = any ((select current_reach())::uuid[]))', t);
  execute format('grant select, insert, update on %s to tenant_rw', t);
end $$;

-- 一次性链接: the first password (S-22), or a new second factor. 24 hours, once; the token itself is kept nowhere.
create table staff_links (
  tenant_id uuid not null references tenants,                     -- the node of the person
  id uuid not null,
  user_id uuid not null references users,
  kind text not null check (kind in ('invite', 'rebind')),
  token_hash bytea not null unique,
  issued_by uuid not null references users,
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  cancelled_at timestamptz,
  primary key (tenant_id, id),
  check (issued_by <> user_id)                                    -- nobody helps themselves to a new second factor
);
create index on staff_links (user_id) where used_at is null and cancelled_at is null;
call raise_staff_wall('staff_links');
create policy door on staff_links to door_rw using (true) with check (true);
grant select, update on staff_links to door_rw;

-- 授权申请: roles that weigh are asked by one person and confirmed by another (S-39).
create table role_grants (
  tenant_id uuid not null references tenants,
  id uuid not null,
  user_id uuid not null references users,
  roles text[] not null,                                          -- what the person is to have, all of it
  asked_by uuid not null references users,
  asked_name text not null,
  asked_at timestamptz not null,
  status text not null default 'open' check (status in ('open', 'confirmed', 'declined')),
  settled_by uuid references users,
  settled_name text not null default '',
  settled_at timestamptz,
  primary key (tenant_id, id),
  check (settled_by <> asked_by),
  check (asked_by <> user_id),
  check (settled_by <> user_id)
);
create unique index role_grants_one_open on role_grants (tenant_id, user_id) where status = 'open';
call raise_staff_wall('role_grants');
