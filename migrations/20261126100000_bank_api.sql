-- 系统接口: a bank's own system speaks to us with signed requests, and hears of what happened. Keys belong to the institution,
-- never to a person; a live one works only after somebody else of the bank has switched it on (S-39).
create table bank_api_keys (
  tenant_id uuid not null references tenants,                     -- the institution
  id uuid not null,                                               -- also the public half of the key
  kind text not null check (kind in ('sandbox', 'live')),
  name text not null check (char_length(name) between 1 and 40),
  secret_sealed bytea not null,
  status text not null check (status in ('waiting', 'active', 'revoked')),
  created_by uuid not null references users,
  created_name text not null,
  created_at timestamptz not null,
  enabled_by uuid references users,
  enabled_name text not null default '',
  enabled_at timestamptz,
  revoked_by uuid references users,
  revoked_name text not null default '',
  revoked_at timestamptz,
  last_used_at timestamptz,
  primary key (tenant_id, id),
  check (enabled_by <> created_by),
  check (kind = 'sandbox' or status <> 'active' or enabled_by is not null)
);
create index on bank_api_keys (id);
call raise_tenant_wall('bank_api_keys');
revoke delete on bank_api_keys from tenant_rw;
create policy door on bank_api_keys to door_rw using (true) with check (true);
grant select, update (last_used_at) on bank_api_keys to door_rw;

-- 一次性随机数: every process sees what any other has accepted; kept until its timestamp is too old anyway.
create table bank_api_nonces (
  access_key_id uuid not null,
  nonce text not null check (char_length(nonce) between 16 and 64),
  expires_at timestamptz not null,
  primary key (access_key_id, nonce)
);
create index on bank_api_nonces (expires_at);
call raise_door_wall('bank_api_nonces');

-- The first answer to every write, word for word, for its repeats (S-36).
create table bank_api_answers (
  tenant_id uuid not null,
  access_key_id uuid not null,
  key text not null check (char_length(key) between 16 and 64),
  body_hash bytea not null,
  answer jsonb not null,
  created_at timestamptz not null,
  primary key (tenant_id, access_key_id, key),
  foreign key (tenant_id, access_key_id) references bank_api_keys (tenant_id, id)
);
create index on bank_api_answers (created_at);
call raise_tenant_wall('bank_api_answers');
create policy door on bank_api_answers to door_rw using (true) with check (true);
grant select, delete on bank_api_answers to door_rw;              -- the sweeper

-- 沙箱: invented applications of one key; nothing here is anybody's.
create table bank_api_sandbox (
  tenant_id uuid not null,
  access_key_id uuid not null,
  id uuid not null,
  position int not null,
  state jsonb not null,
  primary key (tenant_id, access_key_id, id),
  foreign key (tenant_id, access_key_id) references bank_api_keys (tenant_id, id)
);
call raise_tenant_wall('bank_api_sandbox');

-- A machine is no person: its keys of idempotency stand under the id of its access key.
alter table idempotency_keys drop constraint idempotency_keys_user_id_fkey;

-- 事件推送: where an institution hears of its applications.
create table bank_webhooks (
  tenant_id uuid not null primary key references tenants,
  id uuid not null,                                               -- new with every address: the row of the sealed secret
  url text not null check (char_length(url) <= 300),
  secret_sealed bytea not null,
  status text not null check (status in ('active', 'off')),
  set_by uuid not null references users,
  set_name text not null,
  set_at timestamptz not null
);
call raise_tenant_wall('bank_webhooks');

create table webhook_deliveries (
  tenant_id uuid not null references tenants,                     -- the institution
  id uuid not null,                                               -- of the notice in the outbox: at least once, told apart by it
  event text not null,
  body text not null,                                             -- the very bytes that are signed; ids only
  created_at timestamptz not null,
  next_at timestamptz not null,
  tries int not null default 0,
  status_code int,
  last_error text not null default '',
  done_at timestamptz,
  parked_at timestamptz,
  primary key (tenant_id, id)
);
create index on webhook_deliveries (next_at) where done_at is null and parked_at is null;
create index on webhook_deliveries (tenant_id, created_at desc, id desc);
call raise_staff_wall('webhook_deliveries');                      -- the city's worker writes what the institution reads

-- 变更列表 of an institution's system, oldest change first.
create index on financing_applications (bank_id, updated_at, id);
