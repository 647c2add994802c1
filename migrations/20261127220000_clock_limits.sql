set lock_timeout = '2s';

-- 办理时限: one more rule of 平台设置. Its value holds every era that two operators decided, so that a log tells the same due times for good.
alter table city_rules drop constraint city_rules_kind_check;
alter table city_rules add constraint city_rules_kind_check check (kind in
  ('sms_quiet', 'sms_daily_budget', 'single_step_limit', 'face_failures_per_day', 'rejection_advice', 'work_days',
   'rejection_reasons', 'intake_refusals', 'supplement_templates', 'clock_limits')
  or kind ~ '^notice_text:[a-z0-9_.]{1,80}$') not valid;
alter table city_rules validate constraint city_rules_kind_check;
alter table city_rule_changes drop constraint city_rule_changes_kind_check;
alter table city_rule_changes add constraint city_rule_changes_kind_check check (kind in
  ('sms_quiet', 'sms_daily_budget', 'single_step_limit', 'face_failures_per_day', 'rejection_advice', 'work_days',
   'rejection_reasons', 'intake_refusals', 'supplement_templates', 'clock_limits')
  or kind ~ '^notice_text:[a-z0-9_.]{1,80}$') not valid;
alter table city_rule_changes validate constraint city_rule_changes_kind_check;

-- Since when the decision is asked for anew, after 复议 or 更正误操作: its clock has the limit of that day, not that of the submission.
alter table financing_applications add column decision_since timestamptz;

reset lock_timeout;
