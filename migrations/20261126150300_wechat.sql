set lock_timeout = '2s';

-- 接口调用凭据 of a city's mini-program, shared by the processes of an installation: sealed, and fetched by one of them at a time.
create table wechat_tokens (
  tenant_id uuid not null references tenants,
  app_id text not null check (app_id ~ '^[A-Za-z0-9_-]{1,40}$'),
  token_sealed bytea,
  expires_at timestamptz,
  lease_until timestamptz,
  primary key (tenant_id, app_id),
  check ((token_sealed is null) = (expires_at is null))
);
call raise_door_wall('wechat_tokens');

-- 微信绑定: who a person is to the city's mini-program. The door looks a person up who signs in there, and binds; a person sees
-- and ends the own one; the city's job reads all, to send messages, and ends those of closed accounts.
create table wechat_accounts (
  tenant_id uuid not null references tenants,
  user_id uuid not null references users,
  app_id text not null,
  openid_index bytea not null,
  openid_sealed bytea not null,
  bound_at timestamptz not null,
  primary key (tenant_id, user_id),
  unique (tenant_id, app_id, openid_index)
);
call raise_door_wall('wechat_accounts');
create policy own on wechat_accounts to tenant_rw, enterprise_rw
  using (tenant_id = (select current_tenant()) and user_id = (select current_person())) with check (false);
create policy job on wechat_accounts to tenant_rw
  using (tenant_id = (select current_tenant()) and (select current_person()) is null) with check (false);
grant select, delete on wechat_accounts to tenant_rw, enterprise_rw;

-- 订阅授权: one tap of the person buys one message; what is left, per template of WeChat's.
create table wechat_grants (
  tenant_id uuid not null references tenants,
  user_id uuid not null references users,
  template_id text not null check (char_length(template_id) between 1 and 64),
  remaining int not null check (remaining between 0 and 100),
  changed_at timestamptz not null,
  primary key (tenant_id, user_id, template_id)
);
alter table wechat_grants enable row level security, force row level security;
create policy own on wechat_grants to tenant_rw, enterprise_rw
  using (tenant_id = (select current_tenant()) and user_id = (select current_person()))
  with check (tenant_id = (select current_tenant()) and user_id = (select current_person()));
create policy job on wechat_grants to tenant_rw
  using (tenant_id = (select current_tenant()) and (select current_person()) is null)
  with check (tenant_id = (select current_tenant()) and (select current_person()) is null);
grant select, insert, update, delete on wechat_grants to tenant_rw, enterprise_rw;

-- 小程序码: drawn once by the platform, kept (sealed, in the file storage) and shown from here.
create table wechat_codes (
  tenant_id uuid not null references tenants,
  app_id text not null,
  edition text not null check (edition in ('release', 'trial', 'develop', 'demo')),
  scene text not null check (char_length(scene) between 1 and 32),
  id uuid not null,
  media_type text not null check (media_type in ('image/jpeg', 'image/png')),
  object_key text not null,
  byte_size int not null check (byte_size > 0),
  created_at timestamptz not null,
  primary key (tenant_id, app_id, edition, scene)
);
alter table wechat_codes enable row level security, force row level security;
create policy shown on wechat_codes for select to visitor_ro, enterprise_rw, tenant_rw using (tenant_id = (select current_city()));
create policy job on wechat_codes to tenant_rw
  using (tenant_id = (select current_tenant()) and (select current_person()) is null)
  with check (tenant_id = (select current_tenant()) and (select current_person()) is null);
grant select on wechat_codes to visitor_ro, enterprise_rw;
grant select, insert, update, delete on wechat_codes to tenant_rw;
