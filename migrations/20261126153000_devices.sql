set lock_timeout = '2s';

-- 登录设备: a phone that holds a token pair (S-13, S-14). The access token is a session of its own kind; what renews it is used once.
create table devices (
  id uuid not null,
  tenant_id uuid not null references tenants,
  user_id uuid not null references users,
  device_hash bytea not null,                                     -- of the name that the device gives itself
  agent text not null default '',
  ip text not null default '',
  created_at timestamptz not null,
  seen_at timestamptz not null,                                   -- last renewal
  expires_at timestamptz not null,
  ended_at timestamptz,
  ended_why text not null default '' check (ended_why in ('', 'signed_out', 'replaced', 'reused', 'ended')),
  primary key (tenant_id, id),
  check ((ended_at is null) = (ended_why = ''))
);
create index on devices (user_id) where ended_at is null;
call raise_door_wall('devices');
create policy own on devices to tenant_rw, enterprise_rw
  using (user_id = (select current_person())) with check (user_id = (select current_person()));
grant select, update (ended_at, ended_why) on devices to tenant_rw, enterprise_rw;

-- 续期令牌: hashes only. One that comes a second time was copied: everything of its device ends.
create table refresh_tokens (
  token_hash bytea primary key,
  tenant_id uuid not null references tenants,
  device_id uuid not null,
  created_at timestamptz not null,
  used_at timestamptz,
  foreign key (tenant_id, device_id) references devices (tenant_id, id)
);
create index on refresh_tokens (tenant_id, device_id);
call raise_door_wall('refresh_tokens');

alter table sessions add column device_id uuid;
alter table sessions add foreign key (tenant_id, device_id) references devices (tenant_id, id);
create index on sessions (device_id) where device_id is not null;
alter table sessions drop constraint sessions_kind_check;
alter table sessions add constraint sessions_kind_check check (kind in ('enterprise', 'staff', 'device'));
