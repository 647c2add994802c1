set lock_timeout = '2s';

-- 超时记录 (G2): a promise of an institution whose time passed, one row for each time that it was due. Written by the city's worker while
-- the clock runs; the branch that was late says why by a code, and changes nothing else of it.
create table clock_breaches (
  id uuid not null primary key,
  tenant_id uuid not null,                                        -- the city
  application_id uuid not null,
  clock text not null check (clock in ('accept', 'dispatch', 'contact', 'decision', 'disburse')),
  due_at timestamptz not null,
  bank_id uuid not null references tenants,
  branch_id uuid references tenants,                              -- null: headquarters' own step
  noted_at timestamptz not null,
  cause text check (cause in ('staffing', 'unreached', 'materials', 'outside', 'approval', 'system', 'other')),
  cause_name text not null default '',                            -- who said so
  caused_at timestamptz,
  unique (tenant_id, application_id, clock, due_at),
  foreign key (tenant_id, application_id) references financing_applications (tenant_id, id) on delete cascade,
  check ((cause is null) = (caused_at is null))
);
create index on clock_breaches (tenant_id, due_at);
create index on clock_breaches (branch_id, due_at desc) where branch_id is not null;
alter table clock_breaches enable row level security, force row level security;
create policy works on clock_breaches to tenant_rw
  using (tenant_id = (select current_tenant()) and (select current_person()) is null)
  with check (tenant_id = (select current_tenant()) and (select current_person()) is null);
create policy follows_application on clock_breaches for select to tenant_rw
  using (tenant_id = (select current_tenant())
    or exists (select from financing_applications a where a.tenant_id = clock_breaches.tenant_id and a.id = clock_breaches.application_id));
create policy gives_its_cause on clock_breaches for update to tenant_rw
  using (branch_id = (select current_tenant())
    and exists (select from financing_applications a where a.tenant_id = clock_breaches.tenant_id and a.id = clock_breaches.application_id))
  with check (branch_id = (select current_tenant()));
grant select, insert on clock_breaches to tenant_rw;
grant update (cause, cause_name, caused_at) on clock_breaches to tenant_rw;
call raise_exit('clock_breaches');
reset lock_timeout;
