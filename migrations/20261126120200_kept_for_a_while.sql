-- 保存期限 (S-35): what the city's own job may take away, and never earlier than the city's agreements and the law allow. No person
-- does: every one of these doors is closed as soon as somebody is signed in.

-- Entries of the logs go after their time; their links stay, so the chain is still whole, and this says which are gone by right.
create table audit_retired (
  tenant_id uuid not null,
  seq bigint not null,
  entry_at timestamptz not null,
  retired_at timestamptz not null,
  noted_in uuid not null,                                         -- the entry of the log that tells of it
  primary key (tenant_id, seq),
  foreign key (tenant_id, seq) references audit_links (tenant_id, seq),
  check (entry_at < retired_at - interval '6 months')
);
alter table audit_retired enable row level security, force row level security;
create policy works on audit_retired to tenant_rw
  using (tenant_id = (select current_tenant()) and (select current_person()) is null)
  with check (tenant_id = (select current_tenant()) and (select current_person()) is null);
grant select, insert on audit_retired to tenant_rw;
call make_append_only('audit_retired');

create function entry_goes_after_its_time() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and current_person() is null and old.tenant_id = current_tenant()
     and old.at < now() - (case tg_table_name when 'view_entries' then interval '5 years' else interval '6 months' end)
     and exists (select from audit_links l join audit_retired r on r.tenant_id = l.tenant_id and r.seq = l.seq
       where l.tenant_id = old.tenant_id and l.entry_id = old.id
         and l.entry_kind = (case tg_table_name when 'view_entries' then 'view' else 'audit' end)) then
    return old;
  end if;
  raise exception 'rows of % are only ever added', tg_table_name;
end $$;
drop trigger row_is_final on audit_entries;
drop trigger row_is_final on view_entries;
create trigger row_is_final before update or delete on audit_entries for each row execute function entry_goes_after_its_time();
create trigger row_is_final before update or delete on view_entries for each row execute function entry_goes_after_its_time();
grant delete on audit_entries, view_entries to tenant_rw;
create policy after_its_time on audit_entries for delete to tenant_rw
  using (tenant_id = (select current_tenant()) and (select current_person()) is null);
create policy after_its_time on view_entries for delete to tenant_rw
  using (tenant_id = (select current_tenant()) and (select current_person()) is null);

-- 授权记录, 核验结果: five years after the consent or the account ended.
create policy after_its_time on consents as restrictive for delete to tenant_rw
  using ((select current_person()) is null and granted_at < now() - interval '5 years'
    and (withdrawn_at is null or withdrawn_at < now() - interval '5 years'));
create policy after_its_time on face_checks as restrictive for delete to tenant_rw
  using ((select current_person()) is null and exists (select from account_closings c
    where c.tenant_id = face_checks.tenant_id and c.enterprise_id = face_checks.enterprise_id
      and c.done_at < now() - interval '5 years'));

-- 登录记录, 通知记录: at least six months.
create policy after_its_time on sign_in_records to tenant_rw
  using ((select current_person()) is null and tenant_id = any ((select current_reach())::uuid[])
    and at < now() - interval '6 months')
  with check (false);
grant delete on sign_in_records to tenant_rw;
create policy after_its_time on outbox as restrictive for delete to tenant_rw
  using ((select current_person()) is null and coalesce(done_at, given_up_at) < now() - interval '6 months');
grant delete on outbox to tenant_rw;
create index on sign_in_records (at);
create index on outbox (tenant_id, done_at) where done_at is not null;

-- What is over and done with.
create policy after_its_time on idempotency_keys to tenant_rw
  using ((select current_person()) is null and tenant_id = any ((select current_reach())::uuid[])
    and created_at < now() - interval '1 day')
  with check (false);
grant delete on idempotency_keys to tenant_rw;
create policy after_its_time on staff_links for delete to tenant_rw
  using ((select current_person()) is null and tenant_id = any ((select current_reach())::uuid[])
    and expires_at < now() - interval '1 day');
grant delete on staff_links to tenant_rw;

-- Rows of an import that were not taken may name people (sealed).
create policy after_its_time on import_rows for delete to tenant_rw
  using ((select current_person()) is null and exists (select from imports i where i.tenant_id = import_rows.tenant_id
    and i.id = import_rows.import_id and i.city_id = (select current_tenant()) and i.ended_at < now() - interval '90 days'));
grant delete on import_rows to tenant_rw;
