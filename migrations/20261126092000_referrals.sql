-- 推荐清单 Referrals: enterprises recommended to an institution, each given to a branch and followed until it is granted or not.
create table referrals (
  id uuid not null,
  tenant_id uuid not null references tenants,                     -- the institution
  city_id uuid not null references tenants,
  branch_id uuid references tenants,                              -- who contacts it; null: not yet given to anybody
  branch_name text not null default '',
  credit_code text not null check (char_length(credit_code) = 18),
  company_name text not null check (char_length(company_name) between 2 and 100),
  contact_shown text not null default '',                         -- masked
  contact_sealed bytea,                                           -- name and phone
  source text not null default '' check (char_length(source) <= 60),
  note text not null default '' check (char_length(note) <= 300),
  status text not null check (status in ('waiting', 'contacted', 'visited', 'granted', 'declined')),
  reason text not null default '' check (char_length(reason) <= 300),
  import_id uuid not null,
  version int not null default 1,
  created_at timestamptz not null,
  changed_name text not null default '',
  changed_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, credit_code),
  check (status <> 'declined' or char_length(reason) >= 2),
  foreign key (tenant_id, import_id) references imports (tenant_id, id)
);
create index on referrals (tenant_id, status, created_at desc, id);
create index on referrals (branch_id, status, created_at desc, id);
call raise_tenant_wall('referrals');
revoke delete on referrals from tenant_rw;
-- A branch works on what it was given, and on nothing but how far it is.
create policy given_reads on referrals for select to tenant_rw
  using (branch_id = any ((select current_reach())::uuid[]));
create policy given_works on referrals for update to tenant_rw
  using (branch_id = any ((select current_reach())::uuid[]) and city_id <> (select current_tenant()))
  with check (branch_id = any ((select current_reach())::uuid[]) and city_id <> (select current_tenant()));
create function a_branch_only_follows() returns trigger language plpgsql as $$
begin
  if (to_jsonb(new) - array['status', 'reason', 'version', 'changed_name', 'changed_at'])
     <> (to_jsonb(old) - array['status', 'reason', 'version', 'changed_name', 'changed_at']) then
    raise exception 'a branch notes how far a referral is and changes nothing else of it';
  end if;
  return new;
end $$;
create trigger a_branch_only_follows before update on referrals for each row
  when (old.tenant_id is distinct from current_tenant()) execute function a_branch_only_follows();

-- 跟进记录.
create table referral_steps (
  id uuid not null primary key,
  tenant_id uuid not null,
  referral_id uuid not null,
  what text not null check (char_length(what) between 1 and 60),
  note text not null default '' check (char_length(note) <= 300),
  by_id uuid not null references users,
  by_name text not null,
  at timestamptz not null,
  foreign key (tenant_id, referral_id) references referrals (tenant_id, id)
);
create index on referral_steps (tenant_id, referral_id, at);
alter table referral_steps enable row level security, force row level security;
create policy follows_referral on referral_steps to tenant_rw
  using (exists (select from referrals r where r.tenant_id = referral_steps.tenant_id and r.id = referral_steps.referral_id))
  with check (by_id = (select current_person())
    and exists (select from referrals r where r.tenant_id = referral_steps.tenant_id and r.id = referral_steps.referral_id));
grant select, insert on referral_steps to tenant_rw;
call make_append_only('referral_steps');
