-- 沟通文件 of the bank: what a branch sends along with a letter (W25). Sealed like every material; the enterprise of the application
-- and whoever holds it read it, nobody else, and nobody changes it.
create table letter_files (
  id uuid not null primary key,
  tenant_id uuid not null,
  application_id uuid not null,
  object_key text not null,
  media_type text not null check (media_type in ('image/jpeg', 'application/pdf')),
  byte_size int not null,
  sha256 bytea not null,
  added_by uuid not null references users,
  added_at timestamptz not null,
  foreign key (tenant_id, application_id) references financing_applications (tenant_id, id)
);
create index on letter_files (tenant_id, application_id);
create index on letter_files (object_key);
call raise_application_wall('letter_files');
revoke insert, update on letter_files from enterprise_rw;
revoke update on letter_files from tenant_rw;
create policy own_name_of_staff on letter_files as restrictive for insert to tenant_rw
  with check (added_by = (select current_person()) and tenant_id <> (select current_tenant()));
-- The city's job has to see which objects are named; no person of the city does, and the bank none of a closed application.
create policy while_it_is_theirs on letter_files as restrictive for select to tenant_rw
  using ((tenant_id = (select current_tenant()) and (select current_person()) is null)
    or (tenant_id <> (select current_tenant()) and exists (select from financing_applications a
      where a.tenant_id = letter_files.tenant_id and a.id = letter_files.application_id and a.archived_at is null
        and a.handler_tenant_id = any ((select current_reach())::uuid[]) and a.stage not in ('withdrawn', 'expired'))));
create policy after_its_time on letter_files as restrictive for delete to tenant_rw
  using ((select current_person()) is null and exists (select from financing_applications a
    where a.tenant_id = letter_files.tenant_id and a.id = letter_files.application_id
      and a.archived_at < now() - interval '5 years'));
grant delete on letter_files to tenant_rw;
