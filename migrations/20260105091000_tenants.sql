-- 租户 Tenants: a city platform (城市平台) over institutions (机构) over branches (分行, 支行) at any depth.
create table tenants (
  id uuid primary key,
  parent_id uuid references tenants,
  city_id uuid not null references tenants,                       -- the city at the root; a city names itself
  kind text not null check (kind in ('city', 'bank', 'branch')),
  slug text unique check (slug ~ '^[a-z][a-z0-9-]{1,30}$'),       -- cities only: the name of its catalogue file
  name text not null check (char_length(name) between 2 and 60),
  short_name text not null check (char_length(short_name) between 1 and 30),
  status text not null default 'active' check (status in ('active', 'suspended')),
  created_at timestamptz not null default now(),
  check ((kind = 'city') = (parent_id is null)),
  check ((kind = 'city') = (slug is not null)),
  check (kind <> 'city' or city_id = id)
);
create index on tenants (parent_id);
create index on tenants (city_id, kind);
alter table tenants enable row level security, force row level security;
create policy directory on tenants for select to tenant_rw, enterprise_rw, visitor_ro using (city_id = (select current_city()));
create policy door on tenants for select to door_rw using (true);
create policy grows on tenants for insert to tenant_rw with check (city_id = (select current_city()) and parent_id = any ((select current_reach())::uuid[]));
create policy changes on tenants for update to tenant_rw using (id = any ((select current_reach())::uuid[])) with check (id = any ((select current_reach())::uuid[]));
create policy applies on tenants to current_user using (true) with check (true);   -- the owner applies a city's file
grant select on tenants to tenant_rw, enterprise_rw, visitor_ro, door_rw;
grant insert, update (name, short_name, status) on tenants to tenant_rw;

-- Wrapped data keys (security rule S-31): useless without the master key, which is outside the database.
create table tenant_keys (
  tenant_id uuid not null references tenants,
  key_id int not null check (key_id > 0),
  wrapped bytea not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, key_id)
);
call raise_door_wall('tenant_keys');

-- 金融机构 Institutions: what the portal shows of a bank-kind tenant.
create table institutions (
  tenant_id uuid primary key references tenants,
  city_id uuid not null references tenants,
  institution_type text not null,                                 -- vocabulary institution_type
  type_label text not null,
  holding boolean not null default false,                         -- the platform's own company: its products are 金控产品 (A-18)
  intro text not null default '',
  hotline text not null default '',
  address text not null default '',
  mark text not null default '' check (char_length(mark) <= 2),   -- one character drawn as its sign
  position int not null default 100,
  status text not null default 'published' check (status in ('published', 'suspended'))
);
call raise_public_wall('institutions', 'status = ''published''');

-- 支行 Branches: where an application can be sent.
create table branches (
  tenant_id uuid primary key references tenants,
  city_id uuid not null references tenants,
  bank_id uuid not null references tenants,
  region_code text not null,
  serves text[] not null default '{}',                            -- county codes served; empty = the whole city
  address text not null default '',
  phone text not null default '',
  opening_hours text not null default '',
  counter_check boolean not null default true,                    -- offers the identity check at the counter
  usual_response_hours int,
  status text not null default 'published' check (status in ('published', 'suspended'))
);
create index on branches (bank_id);
call raise_public_wall('branches', 'status = ''published''');
