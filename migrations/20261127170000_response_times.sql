set lock_timeout = '2s';

-- 接单速度 is reckoned by the city's worker from what each branch accepted; people of the city change no branch.
create policy city_reckons on branches for update to tenant_rw
  using (city_id = (select current_tenant()) and (select current_person()) is null)
  with check (city_id = (select current_tenant()) and (select current_person()) is null);

reset lock_timeout;
