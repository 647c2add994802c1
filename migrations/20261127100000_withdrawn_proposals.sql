-- 撤回: whoever put something forward takes it back while nobody has settled it, with a word why where there is one. A row that its
-- own asker settled is withdrawn, and no other one is; four eyes stay four for everything else.
alter table city_rule_changes add column withdrawal text not null default '' check (char_length(withdrawal) <= 200);
alter table city_rule_changes drop constraint city_rule_changes_status_check;
alter table city_rule_changes add constraint city_rule_changes_status_check check (status in ('open', 'confirmed', 'declined', 'withdrawn')) not valid;
alter table city_rule_changes validate constraint city_rule_changes_status_check;
alter table city_rule_changes drop constraint city_rule_changes_four_eyes;
alter table city_rule_changes add constraint city_rule_changes_four_eyes check ((status = 'withdrawn') = coalesce(settled_by = asked_by, false)) not valid;
alter table city_rule_changes validate constraint city_rule_changes_four_eyes;
alter table city_rule_changes add constraint city_rule_changes_withdrawal check (withdrawal = '' or status = 'withdrawn') not valid;
alter table city_rule_changes validate constraint city_rule_changes_withdrawal;

alter table code_proposals add column withdrawal text not null default '' check (char_length(withdrawal) <= 200);
alter table code_proposals drop constraint code_proposals_status_check;
alter table code_proposals add constraint code_proposals_status_check check (status in ('open', 'confirmed', 'declined', 'withdrawn')) not valid;
alter table code_proposals validate constraint code_proposals_status_check;
alter table code_proposals drop constraint code_proposals_four_eyes;
alter table code_proposals add constraint code_proposals_four_eyes check ((status = 'withdrawn') = coalesce(settled_by = asked_by, false)) not valid;
alter table code_proposals validate constraint code_proposals_four_eyes;
alter table code_proposals add constraint code_proposals_withdrawal check (withdrawal = '' or status = 'withdrawn') not valid;
alter table code_proposals validate constraint code_proposals_withdrawal;

alter table account_holds add column withdrawal text not null default '' check (char_length(withdrawal) <= 200);
alter table account_holds drop constraint account_holds_status_check;
alter table account_holds add constraint account_holds_status_check check (status in ('open', 'confirmed', 'declined', 'withdrawn')) not valid;
alter table account_holds validate constraint account_holds_status_check;
alter table account_holds drop constraint account_holds_four_eyes;
alter table account_holds add constraint account_holds_four_eyes check ((status = 'withdrawn') = coalesce(settled_by = asked_by, false)) not valid;
alter table account_holds validate constraint account_holds_four_eyes;
alter table account_holds add constraint account_holds_withdrawal check (withdrawal = '' or status = 'withdrawn') not valid;
alter table account_holds validate constraint account_holds_withdrawal;

alter table institution_suspensions add column withdrawal text not null default '' check (char_length(withdrawal) <= 200);
alter table institution_suspensions drop constraint institution_suspensions_status_check;
alter table institution_suspensions add constraint institution_suspensions_status_check check (status in ('open', 'confirmed', 'declined', 'withdrawn')) not valid;
alter table institution_suspensions validate constraint institution_suspensions_status_check;
alter table institution_suspensions drop constraint institution_suspensions_four_eyes;
alter table institution_suspensions add constraint institution_suspensions_four_eyes check ((status = 'withdrawn') = coalesce(settled_by = asked_by, false)) not valid;
alter table institution_suspensions validate constraint institution_suspensions_four_eyes;
alter table institution_suspensions add constraint institution_suspensions_withdrawal check (withdrawal = '' or status = 'withdrawn') not valid;
alter table institution_suspensions validate constraint institution_suspensions_withdrawal;

alter table hold_requests add column withdrawal text not null default '' check (char_length(withdrawal) <= 200);
alter table hold_requests drop constraint hold_requests_status_check;
alter table hold_requests add constraint hold_requests_status_check check (status in ('open', 'confirmed', 'declined', 'withdrawn')) not valid;
alter table hold_requests validate constraint hold_requests_status_check;
alter table hold_requests drop constraint hold_requests_check;
alter table hold_requests add constraint hold_requests_four_eyes check ((status = 'withdrawn') = coalesce(settled_by = asked_by, false)) not valid;
alter table hold_requests validate constraint hold_requests_four_eyes;
alter table hold_requests add constraint hold_requests_withdrawal check (withdrawal = '' or status = 'withdrawn') not valid;
alter table hold_requests validate constraint hold_requests_withdrawal;

-- The word why is part of what settles a change, and of nothing before.
create or replace function change_is_settled_once() returns trigger language plpgsql as $$
begin
  if old.status <> 'open' or (to_jsonb(new) - array['status', 'settled_by', 'settled_name', 'settled_at', 'withdrawal'])
     <> (to_jsonb(old) - array['status', 'settled_by', 'settled_name', 'settled_at', 'withdrawal']) then
    raise exception 'a proposed change is settled once, and never rewritten';
  end if;
  return new;
end $$;
create trigger change_is_settled_once before update on hold_requests for each row execute function change_is_settled_once();
