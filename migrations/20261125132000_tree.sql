-- 机构与支行 (H2): an institution opens its branches at any depth, and changes what the portal shows of them.
create policy institution_opens on branches for insert to tenant_rw
  with check (bank_id = (select current_tenant()) and city_id = (select current_city())
    and exists (select from tenants t where t.id = branches.tenant_id and t.parent_id = any ((select current_reach())::uuid[])));
create policy institution_changes on branches for update to tenant_rw
  using (bank_id = (select current_tenant()) and tenant_id = any ((select current_reach())::uuid[]))
  with check (bank_id = (select current_tenant()) and tenant_id = any ((select current_reach())::uuid[]) and city_id = (select current_city()));
