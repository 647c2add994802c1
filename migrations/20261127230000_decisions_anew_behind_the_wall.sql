set lock_timeout = '2s';

-- The walls hold for the owner too, so that what was asked for anew before `decision_since` was not found: they are opened for it. Only
-- 复议 and 更正误操作 are looked up, each along the key of its log, since everybody waits meanwhile.
alter table financing_applications no force row level security;
alter table correction_requests no force row level security;
alter table application_events no force row level security;
update financing_applications a set decision_since = (
    select max(e.at) from application_events e where e.tenant_id = a.tenant_id and e.application_id = a.id
      and (e.kind = 'reconsider' or (e.kind = 'correct_mistake' and e.to_stage = 'in_approval')))
where a.decision_since is null and (a.reconsidered or (a.tenant_id, a.id) in (
    select c.tenant_id, c.application_id from correction_requests c where c.status = 'confirmed'));
alter table application_events force row level security;
alter table correction_requests force row level security;
alter table financing_applications force row level security;

-- The program of before asks for a decision anew without saying since when (S-52): its moment is that of the row.
create function decision_is_asked_anew() returns trigger language plpgsql as $$
begin
  new.decision_since := new.updated_at;
  return new;
end $$;
create trigger decision_is_asked_anew before update on financing_applications for each row
  when (old.stage in ('rejected', 'refused_intake') and new.stage = 'in_approval'
    and new.decision_since is not distinct from old.decision_since)
  execute function decision_is_asked_anew();

-- An enterprise asks for 延期 itself; nobody of its bank does so in its name.
revoke insert on loan_deferrals from tenant_rw;

reset lock_timeout;
