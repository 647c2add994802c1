set lock_timeout = '2s';

-- 本行中位数: how the branches of an institution stand in the middle, for each of them to stand beside. Written by the city's worker;
-- a measure of fewer than three branches is not told, for it would tell of the others by name.
create table branch_medians (
  tenant_id uuid not null references tenants,                     -- the city
  bank_id uuid not null references tenants,
  hours double precision,                                         -- from the arrival at the branch to 接单
  accepted double precision,
  approved_percent double precision,
  stars double precision,
  counted_at timestamptz not null,
  primary key (tenant_id, bank_id)
);
alter table branch_medians enable row level security, force row level security;
create policy works on branch_medians to tenant_rw
  using (tenant_id = (select current_tenant()) and (select current_person()) is null)
  with check (tenant_id = (select current_tenant()) and (select current_person()) is null);
create policy own_institution on branch_medians for select to tenant_rw
  using (tenant_id = (select current_city()) and (bank_id = (select current_tenant())
    or exists (select from branches b where b.tenant_id = (select current_tenant()) and b.bank_id = branch_medians.bank_id)));
grant select, insert, update, delete on branch_medians to tenant_rw;
call raise_exit('branch_medians');

reset lock_timeout;
