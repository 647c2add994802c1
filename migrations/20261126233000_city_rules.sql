-- 平台设置: rules of a city that its operators change, two people for each change. The city's file brings the first value; what stands
-- here wins from then on and survives another look at the file (decision 20).
create table city_rules (
  tenant_id uuid not null references tenants,                     -- the city
  city_id uuid not null references tenants,
  kind text not null check (kind in ('sms_quiet', 'sms_daily_budget', 'single_step_limit')),
  value jsonb not null check (jsonb_typeof(value) = 'object'),
  primary key (tenant_id, kind),
  check (tenant_id = city_id)
);
call raise_public_wall('city_rules', 'true');
create policy door on city_rules for select to door_rw using (true);
grant select (tenant_id) on city_rules to door_rw;                -- that its operators changed something, not what
create trigger catalogue_changed after insert or update or delete on city_rules for each row execute function tell_catalogue_changed();

create table city_rule_changes (
  id uuid not null primary key,
  tenant_id uuid not null references tenants,                     -- the city
  kind text not null check (kind in ('sms_quiet', 'sms_daily_budget', 'single_step_limit')),
  before jsonb not null check (jsonb_typeof(before) = 'object'),
  value jsonb not null check (jsonb_typeof(value) = 'object'),
  reason text not null check (char_length(reason) between 1 and 300),
  asked_by uuid not null references users,
  asked_name text not null,
  asked_at timestamptz not null,
  status text not null default 'open' check (status in ('open', 'confirmed', 'declined')),
  settled_by uuid references users,
  settled_name text not null default '',
  settled_at timestamptz,
  constraint city_rule_changes_four_eyes check (settled_by <> asked_by),
  constraint city_rule_changes_both check ((status = 'open') = (settled_by is null))
);
create unique index city_rule_changes_one_open on city_rule_changes (tenant_id, kind) where status = 'open';
create index on city_rule_changes (tenant_id, kind, asked_at desc, id desc);
call raise_tenant_wall('city_rule_changes');
revoke delete on city_rule_changes from tenant_rw;
create trigger change_is_settled_once before update on city_rule_changes for each row execute function change_is_settled_once();
