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

-- An unmasked export that nobody has checked yet: taken back by whoever asked, and no file is made.
alter table exports add column withdrawal text not null default '' check (char_length(withdrawal) <= 200);
alter table exports drop constraint exports_status_check;
alter table exports add constraint exports_status_check
  check (status in ('to_check', 'queued', 'making', 'ready', 'failed', 'declined', 'expired', 'withdrawn')) not valid;
alter table exports validate constraint exports_status_check;
alter table exports drop constraint exports_check2;
alter table exports add constraint exports_unmasked_are_checked
  check (masked or checked_by is not null or status in ('to_check', 'failed', 'expired', 'withdrawn')) not valid;
alter table exports validate constraint exports_unmasked_are_checked;
alter table exports add constraint exports_withdrawal check (withdrawal = '' or status = 'withdrawn') not valid;
alter table exports validate constraint exports_withdrawal;
create or replace function export_needs_four_eyes() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.checked_by is not null or new.status <> (case when new.masked then 'queued' else 'to_check' end) then
      raise exception 'an export begins unchecked';
    end if;
    return new;
  end if;
  if (old.tenant_id, old.city_id, old.bank_id, old.number, old.kind, old.filter, old.told, old.masked, old.reason, old.asked_by,
      old.asked_name, old.asked_at, old.node_name)
     is distinct from (new.tenant_id, new.city_id, new.bank_id, new.number, new.kind, new.filter, new.told, new.masked, new.reason,
      new.asked_by, new.asked_name, new.asked_at, new.node_name) then
    raise exception 'what was asked for is not rewritten';
  end if;
  if old.checked_by is not null and new.checked_by is distinct from old.checked_by then
    raise exception 'a check is made once';
  end if;
  if new.checked_by is distinct from old.checked_by
     and (old.status <> 'to_check' or new.checked_by = new.asked_by or new.checked_by is distinct from current_person()) then
    raise exception 'a check is made by a second person, for themselves';
  end if;
  if old.status = 'to_check' and new.status not in ('to_check', 'failed', 'expired', 'withdrawn') and new.checked_by is null then
    raise exception 'nobody has checked this export';
  end if;
  if old.status is distinct from new.status and 'withdrawn' in (old.status, new.status)
     and (old.status <> 'to_check' or new.checked_by is not null or new.asked_by is distinct from current_person()) then
    raise exception 'an export is taken back by whoever asked for it, while nobody has checked it';
  end if;
  return new;
end $$;

reset lock_timeout;
