set lock_timeout = '2s';

-- 贴息补贴 (W20, G5): a policy may give money for a loan, by rules that stand with its version.
alter table articles add column subsidy jsonb;                    -- null: it gives none

-- 贴息申请, of the enterprise or put on the list of a 免申即享 policy by the city. A loan is one draw; it gets one subsidy of a policy, once.
create table subsidy_claims (
  id uuid not null primary key,
  tenant_id uuid not null references tenants,                     -- the city
  enterprise_id uuid not null,
  policy_id uuid not null,
  policy_version int not null,                                    -- whose rules it is measured by
  policy_title text not null,
  application_id uuid not null,
  draw_id uuid not null,
  draw_number int not null,
  origin text not null check (origin in ('applied', 'listed')),
  status text not null check (status in ('filed', 'proposed', 'approved', 'refused', 'paid')),
  days int check (days > 0),                                      -- null: days do not count
  sum_cents bigint not null check (sum_cents > 0),                -- as computed when it was filed, or when it was last looked at by two
  account_sealed bytea,                                           -- 收款账户; null: none is needed, or no more
  declared text not null default '',                              -- the words that were ticked
  filed_by uuid not null references users,
  filed_at timestamptz not null,
  proposed_by uuid references users,
  proposed_name text not null default '',
  proposed_at timestamptz,
  approved_by uuid references users,
  approved_name text not null default '',
  approved_at timestamptz,
  refused_by uuid references users,
  refused_name text not null default '',
  refused_at timestamptz,
  refusal text not null default '' check (char_length(refusal) <= 300),
  paid_cents bigint check (paid_cents > 0),
  paid_on date,
  paid_by uuid references users,
  paid_name text not null default '',
  paid_at timestamptz,
  version int not null default 1,
  constraint subsidy_claims_four_eyes check (proposed_by <> approved_by),
  constraint subsidy_claims_origin check ((origin = 'applied') = (declared <> '') and (origin = 'applied' or account_sealed is null)),
  constraint subsidy_claims_proposed check ((proposed_by is null) = (proposed_at is null) and (status not in ('proposed', 'approved', 'paid') or proposed_by is not null)),
  constraint subsidy_claims_approved check ((approved_by is null) = (approved_at is null) and (status in ('approved', 'paid')) = (approved_by is not null)),
  constraint subsidy_claims_refused check ((refused_by is null) = (refused_at is null) and (status = 'refused') = (refused_by is not null) and (status = 'refused') = (refusal <> '')),
  -- Whoever gets nothing is asked for no account.
  constraint subsidy_claims_account check (status <> 'refused' or account_sealed is null),
  constraint subsidy_claims_paid check ((status = 'paid') = (paid_by is not null) and num_nulls(paid_cents, paid_on, paid_by, paid_at) in (0, 4)),
  constraint subsidy_claims_not_more check (paid_cents <= sum_cents),
  foreign key (tenant_id, enterprise_id) references enterprises (tenant_id, id),
  foreign key (tenant_id, policy_id, policy_version) references articles (tenant_id, id, version),
  foreign key (tenant_id, application_id, draw_number) references disbursements (tenant_id, application_id, number)
);
create unique index subsidy_claims_once on subsidy_claims (tenant_id, policy_id, draw_id) where status <> 'refused';
create index on subsidy_claims (tenant_id, enterprise_id, filed_at desc, id desc);
create index on subsidy_claims (tenant_id, filed_at, id);
create index on subsidy_claims (tenant_id, status, filed_at, id);
create index on subsidy_claims (tenant_id, policy_id, filed_at, id);
create index on subsidy_claims (tenant_id, approved_at) where approved_at is not null;
create index on subsidy_claims (tenant_id, paid_on) where paid_on is not null;
create index on subsidy_claims (tenant_id, application_id);
call raise_tenant_wall('subsidy_claims');
call raise_subject_wall('subsidy_claims');
revoke delete on subsidy_claims from tenant_rw;
-- The enterprise applies; everything after that is the city's.
revoke update on subsidy_claims from enterprise_rw;

-- What the program decides is held here too (S-39): a claim is about a draw that its enterprise confirmed, goes its way step by step, and
-- keeps what it was filed with.
create function subsidy_claims_by_the_rules() returns trigger language plpgsql as $$
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
      ('proposed', 'refused'), ('approved', 'paid')) then
    raise exception 'a claim goes its way step by step';
  end if;
  -- What two people agreed on is what is paid out.
  if old.status not in ('filed') and (new.sum_cents, new.days) is distinct from (old.sum_cents, old.days) then
    raise exception 'the sum of a claim stands once it was proposed';
  end if;
  return new;
end $$;
create trigger subsidy_claims_by_the_rules before insert or update on subsidy_claims
  for each row execute function subsidy_claims_by_the_rules();

reset lock_timeout;
