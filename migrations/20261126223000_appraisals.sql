set lock_timeout = '2s';

-- 机构考评 (O3): the figures of a month as one person put them forward and another one published them; never changed after that.
create table appraisals (
  tenant_id uuid not null references tenants,                     -- the city
  month date not null check (extract(day from month) = 1),
  status text not null check (status in ('submitted', 'published')),
  submitted_by uuid not null references users,
  submitted_name text not null,
  submitted_at timestamptz not null,
  published_by uuid references users,
  published_name text not null default '',
  published_at timestamptz,
  primary key (tenant_id, month),
  constraint appraisals_four_eyes check (published_by <> submitted_by),
  check ((status = 'published') = (published_at is not null and published_by is not null))
);
alter table appraisals enable row level security, force row level security;
create policy works on appraisals to tenant_rw
  using (tenant_id = (select current_tenant())) with check (tenant_id = (select current_tenant()));
create policy published on appraisals for select to tenant_rw
  using (tenant_id = (select current_city()) and status = 'published');
grant select, insert, update, delete on appraisals to tenant_rw;

create table appraisal_scores (
  tenant_id uuid not null,
  month date not null,
  bank_id uuid not null references tenants,
  bank_name text not null,
  accepted bigint not null,
  accepted_in_time bigint not null,
  decided bigint not null,
  approved bigint not null,
  reported bigint not null,                                       -- disbursements that the institution reported in the month
  confirmed bigint not null,                                      -- of these, confirmed by the enterprise
  ratings bigint not null,
  stars bigint not null,                                          -- of three things each
  complaints bigint not null,
  score_tenths bigint,                                            -- null: nothing to score
  primary key (tenant_id, month, bank_id),
  foreign key (tenant_id, month) references appraisals (tenant_id, month) on delete cascade
);
alter table appraisal_scores enable row level security, force row level security;
create policy works on appraisal_scores to tenant_rw
  using (tenant_id = (select current_tenant())) with check (tenant_id = (select current_tenant()));
-- An institution reads its own published months and nobody else's.
create policy own_published on appraisal_scores for select to tenant_rw
  using (bank_id = any ((select current_reach())::uuid[]) and exists (select from appraisals a
    where a.tenant_id = appraisal_scores.tenant_id and a.month = appraisal_scores.month and a.status = 'published'));
grant select, insert, delete on appraisal_scores to tenant_rw;

create function published_is_final() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and current_user = 'city_exit' then return old; end if;   -- it goes with its city
  if old.status = 'published' then
    raise exception 'a published month never changes';
  end if;
  return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger published_is_final before update or delete on appraisals for each row execute function published_is_final();
create function published_scores_are_final() returns trigger language plpgsql as $$
declare line appraisal_scores := case tg_op when 'INSERT' then new else old end;
begin
  if tg_op = 'DELETE' and current_user = 'city_exit' then return old; end if;
  if exists (select from appraisals a where a.tenant_id = line.tenant_id and a.month = line.month and a.status = 'published') then
    raise exception 'a published month never changes';
  end if;
  return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger published_scores_are_final before insert or update or delete on appraisal_scores
  for each row execute function published_scores_are_final();
