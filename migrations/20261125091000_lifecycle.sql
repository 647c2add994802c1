-- The whole life of a financing application: dispatch, due diligence, staged approval, disbursement, holds.
alter table financing_applications
  add column intake_since timestamptz,                            -- since when the present branch has had it: C1 counts from here
  add column moves int not null default 0 check (moves between 0 and 2),
  add column overdue boolean not null default false,              -- 超时: no branch accepted it in time (row 11)
  add column approval jsonb,                                      -- the approval that runs, or the last one
  add column reconsidered boolean not null default false,
  add column drawn_cents bigint not null default 0,
  add column draws int not null default 0,
  add column frozen_at timestamptz,
  add constraint draws_stay_within_the_approval check (drawn_cents between 0 and coalesce(approved_amount_cents, 0));
update financing_applications set intake_since = submitted_at where submitted_at is not null;
create index on financing_applications (bank_id, stage, due_at, id);
create statistics financing_applications_bank_reach (dependencies) on tenant_id, bank_id, handler_tenant_id from financing_applications;

-- A headquarters works on what its branches hold, a branch on what its sub-branches hold; nobody on what another bank holds.
create policy works_below on financing_applications for update to tenant_rw
  using (handler_tenant_id = any ((select current_reach())::uuid[]))
  with check (handler_tenant_id = any ((select current_reach())::uuid[]));

-- A bank's papers about an application: read and written by those who hold it, their headquarters included; never by the
-- enterprise, and never by the city.
create procedure raise_papers_wall(t regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security, force row level security', t);
  execute format('create policy papers on %s to tenant_rw
    using (tenant_id <> (select current_tenant()) and exists (select from financing_applications a
      where a.tenant_id = %s.tenant_id and a.id = %s.application_id and a.handler_tenant_id = any ((select current_reach())::uuid[])))
    with check (tenant_id <> (select current_tenant()) and exists (select from financing_applications a
      where a.tenant_id = %s.tenant_id and a.id = %s.application_id and a.handler_tenant_id = any ((select current_reach())::uuid[])))',
    t, t, t, t, t);
  execute format('grant select, insert, update on %s to tenant_rw', t);
end $$;

-- 审批设置 of an institution. No row: one step by the branch's approver, and the city's limit for deciding in one step.
create table bank_settings (
  tenant_id uuid primary key references tenants,
  approval_steps text[] not null check (cardinality(approval_steps) between 1 and 3 and approval_steps <@ array['ba', 'hp']),
  single_step_up_to_cents bigint check (single_step_up_to_cents >= 0),   -- null: never
  version int not null default 1,
  updated_by uuid not null references users,
  updated_at timestamptz not null
);
call raise_tenant_wall('bank_settings');
create policy branches_read on bank_settings for select to tenant_rw
  using (exists (select from branches b where b.tenant_id = (select current_tenant()) and b.bank_id = bank_settings.tenant_id));

-- 尽调报告: structured findings of the holder; sealed text stays out of it, the photos stand in due_diligence_photos.
create table due_diligence_reports (
  tenant_id uuid not null,
  application_id uuid not null,
  visited_on date,
  place text not null default '' check (char_length(place) <= 100),
  met_with text not null default '' check (char_length(met_with) <= 60),
  business text not null default '' check (char_length(business) <= 1000),      -- 经营情况
  finances text not null default '' check (char_length(finances) <= 1000),      -- 财务与负债
  collateral text not null default '' check (char_length(collateral) <= 1000),  -- 担保与抵质押
  risks text not null default '' check (char_length(risks) <= 1000),            -- 风险提示
  conclusion text not null default '' check (conclusion in ('', 'support', 'support_with_conditions', 'oppose')),
  written_by uuid not null references users,
  written_name text not null,
  version int not null default 1,
  updated_at timestamptz not null,
  primary key (tenant_id, application_id),
  foreign key (tenant_id, application_id) references financing_applications (tenant_id, id)
);
call raise_papers_wall('due_diligence_reports');

create table due_diligence_photos (
  tenant_id uuid not null,
  id uuid not null,
  application_id uuid not null,
  caption text not null default '' check (char_length(caption) <= 60),
  object_key text not null,
  byte_size int not null,
  sha256 bytea not null,
  added_by uuid not null references users,
  added_at timestamptz not null,
  removed_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, application_id) references financing_applications (tenant_id, id)
);
create index on due_diligence_photos (tenant_id, application_id) where removed_at is null;
call raise_papers_wall('due_diligence_photos');

-- 审批签署: who signed which content at which step; four eyes is held here too, not only in the program (S-39).
create table approval_signatures (
  id uuid not null primary key,
  tenant_id uuid not null,
  application_id uuid not null,
  round int not null,
  step int not null check (step between 1 and 3),
  signer_id uuid not null references users,
  signer_name text not null,
  signer_role text not null,
  verdict text not null check (verdict in ('agree', 'approve', 'reject', 'return')),
  content bytea not null,                                         -- the hash of what was signed
  opinion text not null default '',
  at timestamptz not null,
  unique (tenant_id, application_id, round, signer_id),
  foreign key (tenant_id, application_id) references financing_applications (tenant_id, id)
);
call raise_papers_wall('approval_signatures');
call make_append_only('approval_signatures');
create function signer_is_not_the_holder() returns trigger language plpgsql as $$
begin
  if exists (select from financing_applications a where a.tenant_id = new.tenant_id and a.id = new.application_id
             and a.holder_user_id = new.signer_id) then
    raise exception 'whoever holds an application does not sign it';
  end if;
  return new;
end $$;
create trigger signer_is_not_the_holder before insert on approval_signatures for each row execute function signer_is_not_the_holder();
create function approval_is_signed() returns trigger language plpgsql as $$
begin
  if (select count(distinct s.signer_id) from approval_signatures s
      where s.tenant_id = new.tenant_id and s.application_id = new.id and s.round = (new.approval ->> 'round')::int
        and s.verdict in ('agree', 'approve') and s.signer_id is distinct from old.holder_user_id)
     < jsonb_array_length(new.approval -> 'steps') then
    raise exception 'an approval by steps needs the signature of every step';
  end if;
  return new;
end $$;
create trigger approval_is_signed before update on financing_applications for each row
  when (old.stage = 'in_approval' and new.stage = 'approved') execute function approval_is_signed();

-- 放款记录: told by the bank, confirmed or doubted by the enterprise (W23).
create table disbursements (
  id uuid not null primary key,
  tenant_id uuid not null,
  application_id uuid not null,
  number int not null check (number > 0),
  amount_cents bigint not null check (amount_cents > 0),
  rate int not null check (rate >= 0),
  drawn_on date not null,
  due_on date,
  contract_no text not null check (char_length(contract_no) between 1 and 60),
  source text not null check (source in ('form', 'import', 'api')),
  recorded_by uuid references users,
  recorded_name text not null default '',
  at timestamptz not null,
  confirmed_at timestamptz,
  disputed_at timestamptz,
  dispute text not null default '' check (char_length(dispute) <= 300),
  settled_note text not null default '' check (char_length(settled_note) <= 300),
  settled_at timestamptz,                                         -- the bank answered the dispute
  unique (tenant_id, application_id, number),
  foreign key (tenant_id, application_id) references financing_applications (tenant_id, id)
);
call raise_application_wall('disbursements');
revoke insert, update on disbursements from enterprise_rw;
grant update (confirmed_at, disputed_at, dispute) on disbursements to enterprise_rw;

-- 还款记录.
create table repayments (
  id uuid not null primary key,
  tenant_id uuid not null,
  application_id uuid not null,
  principal_cents bigint not null check (principal_cents > 0),
  paid_on date not null,
  balance_cents bigint not null check (balance_cents >= 0),       -- principal owed afterwards
  source text not null check (source in ('form', 'import', 'api')),
  recorded_by uuid references users,
  recorded_name text not null default '',
  at timestamptz not null,
  foreign key (tenant_id, application_id) references financing_applications (tenant_id, id)
);
create index on repayments (tenant_id, application_id, at);
call raise_application_wall('repayments');
revoke insert, update on repayments from enterprise_rw;

-- 复议申请: asked by the enterprise once, settled by headquarters (row 23).
create table reconsiderations (
  tenant_id uuid not null,
  application_id uuid not null,
  facts text not null check (char_length(facts) between 1 and 1000),
  asked_by uuid not null references users,
  asked_name text not null,
  asked_at timestamptz not null,
  status text not null default 'open' check (status in ('open', 'accepted', 'declined')),
  settled_by uuid references users,
  settled_name text not null default '',
  note text not null default '' check (char_length(note) <= 500),
  settled_at timestamptz,
  primary key (tenant_id, application_id),
  foreign key (tenant_id, application_id) references financing_applications (tenant_id, id)
);
call raise_application_wall('reconsiderations');
revoke update on reconsiderations from enterprise_rw;

-- 跨支行转派 asked of the enterprise (row 17).
create table move_requests (
  id uuid not null primary key,
  tenant_id uuid not null,
  application_id uuid not null,
  to_branch_id uuid not null references tenants,
  to_branch_name text not null,
  reason text not null check (char_length(reason) between 1 and 500),
  asked_by uuid not null references users,
  asked_name text not null,
  asked_at timestamptz not null,
  status text not null default 'open' check (status in ('open', 'agreed', 'declined', 'done', 'cancelled')),
  answered_at timestamptz,
  answer_note text not null default '' check (char_length(answer_note) <= 300),
  foreign key (tenant_id, application_id) references financing_applications (tenant_id, id)
);
create unique index move_requests_one_open on move_requests (tenant_id, application_id) where status in ('open', 'agreed');
call raise_application_wall('move_requests');
revoke insert, update on move_requests from enterprise_rw;
grant update (status, answered_at, answer_note) on move_requests to enterprise_rw;

-- 更正误操作: asked by one person of headquarters, confirmed by another (row 24).
create table correction_requests (
  id uuid not null primary key,
  tenant_id uuid not null,
  application_id uuid not null,
  reason text not null check (char_length(reason) between 1 and 500),
  asked_by uuid not null references users,
  asked_name text not null,
  asked_at timestamptz not null,
  status text not null default 'open' check (status in ('open', 'confirmed', 'declined')),
  settled_by uuid references users,
  settled_name text not null default '',
  settled_at timestamptz,
  check (settled_by <> asked_by),
  foreign key (tenant_id, application_id) references financing_applications (tenant_id, id)
);
create unique index correction_requests_one_open on correction_requests (tenant_id, application_id) where status = 'open';
call raise_papers_wall('correction_requests');

-- 冻结 and 解除冻结: asked by one operator of the city, confirmed by another (row 31).
create table hold_requests (
  id uuid not null primary key,
  tenant_id uuid not null references tenants,                     -- the city
  application_id uuid not null,
  kind text not null check (kind in ('freeze', 'unfreeze')),
  reason text not null check (char_length(reason) between 1 and 500),
  asked_by uuid not null references users,
  asked_name text not null,
  asked_at timestamptz not null,
  status text not null default 'open' check (status in ('open', 'confirmed', 'declined')),
  settled_by uuid references users,
  settled_name text not null default '',
  settled_at timestamptz,
  check (settled_by <> asked_by),
  foreign key (tenant_id, application_id) references financing_applications (tenant_id, id)
);
create unique index hold_requests_one_open on hold_requests (tenant_id, application_id) where status = 'open';
call raise_tenant_wall('hold_requests');
