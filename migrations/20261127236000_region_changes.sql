set lock_timeout = '2s';

-- 区划变更: one more rule of 平台设置. Its value holds every township that two operators added, renamed, ended or restored, and nothing of the
-- list of the nation.
alter table city_rules drop constraint city_rules_kind_check;
alter table city_rules add constraint city_rules_kind_check check (kind in
  ('sms_quiet', 'sms_daily_budget', 'single_step_limit', 'face_failures_per_day', 'rejection_advice', 'work_days',
   'rejection_reasons', 'intake_refusals', 'supplement_templates', 'clock_limits', 'regions')
  or kind ~ '^notice_text:[a-z0-9_.]{1,80}$') not valid;
alter table city_rules validate constraint city_rules_kind_check;
alter table city_rule_changes drop constraint city_rule_changes_kind_check;
alter table city_rule_changes add constraint city_rule_changes_kind_check check (kind in
  ('sms_quiet', 'sms_daily_budget', 'single_step_limit', 'face_failures_per_day', 'rejection_advice', 'work_days',
   'rejection_reasons', 'intake_refusals', 'supplement_templates', 'clock_limits', 'regions')
  or kind ~ '^notice_text:[a-z0-9_.]{1,80}$') not valid;
alter table city_rule_changes validate constraint city_rule_changes_kind_check;

reset lock_timeout;
