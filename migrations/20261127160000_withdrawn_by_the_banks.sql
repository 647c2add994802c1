set lock_timeout = '2s';

-- 撤回 (20261127100000) for what the institutions' own people put forward: a row that its own asker settled is withdrawn, and no other
-- one is; four eyes stay four for everything else.
alter table bank_settings_changes add column withdrawal text not null default '' check (char_length(withdrawal) <= 200);
alter table bank_settings_changes drop constraint bank_settings_changes_status_check;
alter table bank_settings_changes add constraint bank_settings_changes_status_check check (status in ('open', 'confirmed', 'declined', 'withdrawn')) not valid;
alter table bank_settings_changes validate constraint bank_settings_changes_status_check;
alter table bank_settings_changes drop constraint bank_settings_changes_check;
alter table bank_settings_changes add constraint bank_settings_changes_four_eyes check ((status = 'withdrawn') = coalesce(settled_by = asked_by, false)) not valid;
alter table bank_settings_changes validate constraint bank_settings_changes_four_eyes;
alter table bank_settings_changes add constraint bank_settings_changes_withdrawal check (withdrawal = '' or status = 'withdrawn') not valid;
alter table bank_settings_changes validate constraint bank_settings_changes_withdrawal;

alter table role_grants add column withdrawal text not null default '' check (char_length(withdrawal) <= 200);
alter table role_grants drop constraint role_grants_status_check;
alter table role_grants add constraint role_grants_status_check check (status in ('open', 'confirmed', 'declined', 'withdrawn')) not valid;
alter table role_grants validate constraint role_grants_status_check;
alter table role_grants drop constraint role_grants_check;
alter table role_grants add constraint role_grants_four_eyes check ((status = 'withdrawn') = coalesce(settled_by = asked_by, false)) not valid;
alter table role_grants validate constraint role_grants_four_eyes;
alter table role_grants add constraint role_grants_withdrawal check (withdrawal = '' or status = 'withdrawn') not valid;
alter table role_grants validate constraint role_grants_withdrawal;

alter table correction_requests add column withdrawal text not null default '' check (char_length(withdrawal) <= 200);
alter table correction_requests drop constraint correction_requests_status_check;
alter table correction_requests add constraint correction_requests_status_check check (status in ('open', 'confirmed', 'declined', 'withdrawn')) not valid;
alter table correction_requests validate constraint correction_requests_status_check;
alter table correction_requests drop constraint correction_requests_check;
alter table correction_requests add constraint correction_requests_four_eyes check ((status = 'withdrawn') = coalesce(settled_by = asked_by, false)) not valid;
alter table correction_requests validate constraint correction_requests_four_eyes;
alter table correction_requests add constraint correction_requests_withdrawal check (withdrawal = '' or status = 'withdrawn') not valid;
alter table correction_requests validate constraint correction_requests_withdrawal;

alter table loan_corrections add column withdrawal text not null default '' check (char_length(withdrawal) <= 200);
alter table loan_corrections drop constraint loan_corrections_status_check;
alter table loan_corrections add constraint loan_corrections_status_check check (status in ('open', 'confirmed', 'declined', 'withdrawn')) not valid;
alter table loan_corrections validate constraint loan_corrections_status_check;
alter table loan_corrections drop constraint loan_corrections_check2;
alter table loan_corrections add constraint loan_corrections_four_eyes check ((status = 'withdrawn') = coalesce(settled_by = asked_by, false)) not valid;
alter table loan_corrections validate constraint loan_corrections_four_eyes;
alter table loan_corrections add constraint loan_corrections_withdrawal check (withdrawal = '' or status = 'withdrawn') not valid;
alter table loan_corrections validate constraint loan_corrections_withdrawal;
