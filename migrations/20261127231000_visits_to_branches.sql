set lock_timeout = '2s';
-- What the city sends goes to the branch of the enterprise's district where the institution has one, as a file of the institution's own
-- does (H9).
drop policy city_sends on referrals;
create policy city_sends on referrals for insert to tenant_rw
  with check (city_id = (select current_tenant()) and tenant_id <> (select current_tenant()) and status = 'waiting' and import_id is null
    and exists (select from tenants t
      where t.id = referrals.tenant_id and t.kind = 'bank' and t.city_id = (select current_tenant()))
    and (branch_id is null or exists (select from branches b
      where b.tenant_id = referrals.branch_id and b.bank_id = referrals.tenant_id)));
reset lock_timeout;
