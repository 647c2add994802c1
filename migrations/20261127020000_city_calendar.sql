-- 本市工作日历: days that a city declares off or worked, a rule of 平台设置 like the others; and what is left to do about one: due
-- times after its first day are reckoned anew by the worker, which notes here how many it moved.
alter table city_rules drop constraint city_rules_kind_check;
alter table city_rules add constraint city_rules_kind_check check (kind in
  ('sms_quiet', 'sms_daily_budget', 'single_step_limit', 'face_failures_per_day', 'rejection_advice', 'work_days')) not valid;
alter table city_rules validate constraint city_rules_kind_check;
alter table city_rule_changes drop constraint city_rule_changes_kind_check;
alter table city_rule_changes add constraint city_rule_changes_kind_check check (kind in
  ('sms_quiet', 'sms_daily_budget', 'single_step_limit', 'face_failures_per_day', 'rejection_advice', 'work_days')) not valid;
alter table city_rule_changes validate constraint city_rule_changes_kind_check;

alter table city_rule_changes add constraint city_rule_changes_of_its_city unique (tenant_id, id);
create table calendar_redatings (
  tenant_id uuid not null references tenants,                     -- the city
  change_id uuid not null,
  since timestamptz not null,                                     -- the first day that changed; due times before it stay
  asked_at timestamptz not null,
  dated_at timestamptz,
  moved int not null default 0 check (moved >= 0),                -- due times that changed
  primary key (tenant_id, change_id),
  foreign key (tenant_id, change_id) references city_rule_changes (tenant_id, id)
);
call raise_tenant_wall('calendar_redatings');
revoke delete on calendar_redatings from tenant_rw;
