-- 平台设置: two more rules that operators change, failed face checks a day and what is advised after 不通过.
alter table city_rules drop constraint city_rules_kind_check;
alter table city_rules add constraint city_rules_kind_check check (kind in
  ('sms_quiet', 'sms_daily_budget', 'single_step_limit', 'face_failures_per_day', 'rejection_advice')) not valid;
alter table city_rules validate constraint city_rules_kind_check;
alter table city_rule_changes drop constraint city_rule_changes_kind_check;
alter table city_rule_changes add constraint city_rule_changes_kind_check check (kind in
  ('sms_quiet', 'sms_daily_budget', 'single_step_limit', 'face_failures_per_day', 'rejection_advice')) not valid;
alter table city_rule_changes validate constraint city_rule_changes_kind_check;
