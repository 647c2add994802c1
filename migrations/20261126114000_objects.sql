-- Orphans 无主文件: before the city's job takes an object away that no row names, it has to see every row that might name it.
-- A bank's photos stay hidden from every person of the city; the job itself reads which objects they hold.
create policy objects_of_the_city on due_diligence_photos for select to tenant_rw
  using (tenant_id = (select current_tenant()) and (select current_person()) is null);
