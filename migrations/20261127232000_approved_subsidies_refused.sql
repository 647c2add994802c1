set lock_timeout = '2s';

-- Until a subsidy is paid it may still be refused: the account turns out to be wrong, or the loan was corrected. It then does not count as
-- approved any more, and may be applied for anew.
alter table subsidy_claims drop constraint subsidy_claims_approved;
alter table subsidy_claims add constraint subsidy_claims_approved check ((approved_by is null) = (approved_at is null)
  and (status not in ('approved', 'paid') or approved_by is not null) and (approved_by is null or status in ('approved', 'paid', 'refused')));

create or replace function subsidy_claims_by_the_rules() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if not exists (select from disbursements d join financing_applications a on a.tenant_id = d.tenant_id and a.id = d.application_id
        where d.tenant_id = new.tenant_id and d.id = new.draw_id and d.application_id = new.application_id and d.number = new.draw_number
          and d.confirmed_at is not null and a.enterprise_id = new.enterprise_id) then
      raise exception 'a subsidy is for a draw that its enterprise confirmed';
    end if;
    if (new.origin, new.status) not in (('applied', 'filed'), ('listed', 'proposed')) then
      raise exception 'a claim begins undecided';
    end if;
    if current_user = 'enterprise_rw' and (new.origin <> 'applied' or new.filed_by <> current_person()) then
      raise exception 'an enterprise applies, and makes no list';
    end if;
    return new;
  end if;
  if (to_jsonb(new) - array['status', 'days', 'sum_cents', 'account_sealed', 'proposed_by', 'proposed_name', 'proposed_at', 'approved_by',
        'approved_name', 'approved_at', 'refused_by', 'refused_name', 'refused_at', 'refusal', 'paid_cents', 'paid_on', 'paid_by',
        'paid_name', 'paid_at', 'version'])
     <> (to_jsonb(old) - array['status', 'days', 'sum_cents', 'account_sealed', 'proposed_by', 'proposed_name', 'proposed_at', 'approved_by',
        'approved_name', 'approved_at', 'refused_by', 'refused_name', 'refused_at', 'refusal', 'paid_cents', 'paid_on', 'paid_by',
        'paid_name', 'paid_at', 'version'])
     or (new.account_sealed is not null and new.account_sealed is distinct from old.account_sealed) then
    raise exception 'a claim keeps what it was filed with';
  end if;
  if old.status <> new.status and (old.status, new.status) not in (('filed', 'proposed'), ('filed', 'refused'), ('proposed', 'approved'),
      ('proposed', 'refused'), ('approved', 'refused'), ('approved', 'paid')) then
    raise exception 'a claim goes its way step by step';
  end if;
  -- What two people agreed on is what is paid out.
  if old.status not in ('filed') and (new.sum_cents, new.days) is distinct from (old.sum_cents, old.days) then
    raise exception 'the sum of a claim stands once it was proposed';
  end if;
  -- Who looked first and who looked second stays: nobody takes another one's place to look twice.
  if (old.proposed_by is not null and (new.proposed_by, new.proposed_name, new.proposed_at)
        is distinct from (old.proposed_by, old.proposed_name, old.proposed_at))
     or (old.approved_by is not null and (new.approved_by, new.approved_name, new.approved_at)
        is distinct from (old.approved_by, old.approved_name, old.approved_at)) then
    raise exception 'who agreed to a claim stays';
  end if;
  -- An account goes with its enterprise; nothing else of what is over moves.
  if old.status in ('refused', 'paid')
     and to_jsonb(new) - array['account_sealed', 'version'] <> to_jsonb(old) - array['account_sealed', 'version'] then
    raise exception 'a claim that is over stays as it is';
  end if;
  return new;
end $$;

reset lock_timeout;
