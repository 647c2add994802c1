-- 企业 Enterprises: owned by the city. A row exists from registration on; it is 已完善 once profile_completed_at is set.
create table enterprises (
  id uuid not null,
  tenant_id uuid not null references tenants,
  enterprise_id uuid not null generated always as (id) stored,    -- lets the subject wall speak one language
  name text not null check (char_length(name) between 2 and 100),
  legal_representative text not null check (char_length(legal_representative) between 2 and 30),
  region_code text not null,
  unified_social_credit_code text,
  registered_capital_cents bigint check (registered_capital_cents >= 0),
  legal_id_sealed bytea,                                          -- C2: sealed, found by its blind index
  legal_id_index bytea,
  contact_phone_sealed bytea,
  industry_code text,
  address text check (char_length(address) <= 200),
  recommender_tenant_id uuid references tenants,
  email_sealed bytea,
  first_loan boolean not null default true,                       -- 首贷户: no loan history known to us
  profile_completed_at timestamptz,
  status text not null default 'active' check (status in ('active', 'frozen', 'closed')),
  channel text not null default 'web' check (channel in ('web', 'phone', 'mini_program')),
  created_at timestamptz not null,
  version int not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, unified_social_credit_code)
);
call raise_tenant_wall('enterprises');
call raise_subject_wall('enterprises');

-- 用户 People who sign in: of an enterprise (EO, EU) or of a tenant (staff roles).
create table users (
  id uuid not null primary key,
  tenant_id uuid not null references tenants,                     -- city for enterprise people, the own node for staff
  city_id uuid not null references tenants,
  enterprise_id uuid,
  account text not null,                                          -- staff sign-in name; for enterprises the user's id
  name text not null default '' check (char_length(name) <= 30),
  phone_sealed bytea not null,
  phone_index bytea not null,
  roles text[] not null,
  status text not null default 'active' check (status in ('active', 'dismissed', 'closed')),
  face_verified_at timestamptz,                                   -- 人脸核验 passed, once per person and enterprise (P4)
  face_method text check (face_method in ('face', 'counter', 'manual')),
  created_at timestamptz not null,
  foreign key (tenant_id, enterprise_id) references enterprises (tenant_id, id)
);
create unique index users_one_phone_per_city on users (city_id, phone_index) where enterprise_id is not null and status = 'active';
create unique index users_one_account_per_city on users (city_id, account) where status = 'active';
create index on users (tenant_id, enterprise_id);
call raise_tenant_wall('users');
call raise_subject_wall('users');
create policy door on users to door_rw using (true) with check (true);
grant select, insert, update on users to door_rw;
create policy door on enterprises to door_rw using (true) with check (true);
grant select, insert on enterprises to door_rw;                   -- registration happens before anybody is signed in

-- 登录凭证: hashes only. People change their own, nobody reads them but the sign-in door.
create table credentials (
  user_id uuid primary key references users,
  tenant_id uuid not null references tenants,
  password_hash text not null,
  changed_at timestamptz not null,
  consecutive_failures int not null default 0
);
call raise_door_wall('credentials');
create policy own on credentials for update to tenant_rw, enterprise_rw
  using (user_id = (select current_person())) with check (user_id = (select current_person()));
create policy own_row on credentials for select to tenant_rw, enterprise_rw using (user_id = (select current_person()));
grant select (user_id), update (password_hash, changed_at) on credentials to tenant_rw, enterprise_rw;

-- 登录会话: the cookie holds 256 random bits, we hold their SHA-256 (S-13).
create table sessions (
  id_hash bytea primary key,
  public_id uuid not null unique,                                 -- named in the list of one's sessions
  user_id uuid not null references users,
  tenant_id uuid not null references tenants,
  kind text not null check (kind in ('enterprise', 'staff')),
  created_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null,                                -- absolute end
  proved_at timestamptz,                                          -- last fresh proof (step-up, S-41)
  ip text not null default '',
  agent text not null default '',
  ended_at timestamptz
);
create index on sessions (user_id) where ended_at is null;
call raise_door_wall('sessions');
create policy own on sessions to tenant_rw, enterprise_rw
  using (user_id = (select current_person())) with check (user_id = (select current_person()));
grant select, update (ended_at, proved_at) on sessions to tenant_rw, enterprise_rw;

-- 登录记录: the last sign-ins, good and bad, that a person can read.
create table sign_in_records (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  user_id uuid not null references users,
  at timestamptz not null,
  outcome text not null check (outcome in ('ok', 'wrong_password', 'blocked')),
  ip text not null default '',
  agent text not null default ''
);
create index on sign_in_records (user_id, at desc);
call raise_door_wall('sign_in_records');
create policy own on sign_in_records for select to tenant_rw, enterprise_rw using (user_id = (select current_person()));
grant select on sign_in_records to tenant_rw, enterprise_rw;

-- 图形验证码: bound to session and form, one look at the answer whatever its outcome.
create table captchas (
  id uuid primary key,
  session_hash bytea not null,
  form text not null,
  answer_hash bytea not null,
  expires_at timestamptz not null
);
create index on captchas (expires_at);
call raise_door_wall('captchas');

-- 短信验证码: bound to phone, purpose and session, five wrong tries burn it.
create table sms_codes (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  phone_index bytea not null,
  purpose text not null,
  session_hash bytea not null,
  code_hash bytea not null,
  sent_at timestamptz not null,
  expires_at timestamptz not null,
  wrong_tries int not null default 0,
  used_at timestamptz
);
create index on sms_codes (tenant_id, phone_index, purpose, sent_at desc);
call raise_door_wall('sms_codes');

-- 限流计数: shared by all instances, outlives a restart (S-19).
create table rate_counters (
  bucket text not null,
  window_start timestamptz not null,
  hits int not null,
  primary key (bucket, window_start)
);
create index on rate_counters (window_start);
call raise_door_wall('rate_counters');

-- 手机接力: a phone continues what a desktop began; the link is single-purpose and short-lived.
create table handovers (
  id uuid primary key,
  token_hash bytea not null unique,
  tenant_id uuid not null references tenants,
  enterprise_id uuid not null,
  user_id uuid not null references users,
  purpose text not null check (purpose in ('face', 'photo')),
  detail text not null default '',
  created_at timestamptz not null,
  expires_at timestamptz not null,
  opened_at timestamptz,
  opened_by bytea,                                                -- the one browser that may go on with it
  done_at timestamptz,
  outcome text not null default ''
);
create index on handovers (tenant_id, user_id, created_at desc);
call raise_tenant_wall('handovers');
call raise_subject_wall('handovers');
create policy door on handovers to door_rw using (true) with check (true);
grant select, update on handovers to door_rw;

-- 演示收件箱: what the demonstration SMS provider "sent". Empty and unused in production.
create table demo_inbox (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  phone_masked text not null,
  text text not null,
  at timestamptz not null
);
create index on demo_inbox (tenant_id, at desc);
call raise_door_wall('demo_inbox');
