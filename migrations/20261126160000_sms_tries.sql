-- 短信记录: every try to send a message and what its provider said then and later. The phone stands here masked only.
create table sms_tries (
  id uuid not null primary key,
  tenant_id uuid not null references tenants,                     -- always the city
  message_id uuid not null,                                       -- ours, the same for every try
  template text not null check (char_length(template) <= 40),
  phone_masked text not null check (phone_masked ~ '^[0-9]{3}\*{4}[0-9]{4}$'),
  provider text not null check (char_length(provider) <= 20),
  provider_ref text not null default '' check (char_length(provider_ref) <= 128),
  state text not null check (state in ('sending', 'accepted', 'delivered', 'failed', 'refused', 'throttled', 'unreachable', 'unclear')),
  code text not null default '' check (char_length(code) <= 120),
  reason text check (char_length(reason) <= 40),
  at timestamptz not null,
  settled_at timestamptz
);
create index on sms_tries (tenant_id, at desc, id desc);
create index on sms_tries (tenant_id, state, at desc, id desc);
create index on sms_tries (tenant_id, message_id, at desc, id desc);
create index on sms_tries (tenant_id, provider, provider_ref) where provider_ref <> '';
call raise_tenant_wall('sms_tries');
revoke insert, update, delete on sms_tries from tenant_rw;
create policy door on sms_tries to door_rw using (true) with check (true);
grant select, insert, update, delete on sms_tries to door_rw;     -- messages go out before anybody is signed in; delete: the sweeper
