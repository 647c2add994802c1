-- 导出本企业数据 (S-34): a sealed archive for whoever asked, kept for a day.
create table own_data_exports (
  id uuid not null,
  tenant_id uuid not null references tenants,
  enterprise_id uuid not null,
  user_id uuid not null references users,
  object_key text not null,
  byte_size int not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  fetched_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, enterprise_id) references enterprises (tenant_id, id)
);
create index on own_data_exports (tenant_id, expires_at);
call raise_tenant_wall('own_data_exports');
call raise_subject_wall('own_data_exports');
-- Whoever looks at their own full data is in the log as everybody else is.
create policy own_look on view_entries for insert to enterprise_rw
  with check (tenant_id = (select current_tenant()) and enterprise_id = (select current_enterprise())
    and viewer_id = (select current_person()));
grant insert on view_entries to enterprise_rw;

-- 注销账号 (S-34): asked for, with a time to change one's mind, then done by the city's worker.
create table account_closings (
  id uuid not null,
  tenant_id uuid not null references tenants,
  enterprise_id uuid not null,
  asked_by uuid not null references users,
  asked_at timestamptz not null,
  effective_at timestamptz not null,
  kept_at timestamptz,                                            -- 撤销注销, or called off because a request had come in between
  done_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, enterprise_id) references enterprises (tenant_id, id),
  check (kept_at is null or done_at is null)
);
create unique index account_closings_one_open on account_closings (tenant_id, enterprise_id)
  where kept_at is null and done_at is null;
call raise_tenant_wall('account_closings');
call raise_subject_wall('account_closings');

-- The worker of the city takes away what signed a closed account in, and what it never sent to anybody.
create policy closed_go on credentials to tenant_rw
  using (exists (select from users u where u.id = credentials.user_id and u.tenant_id = (select current_tenant()) and u.status = 'closed'))
  with check (false);
grant delete on credentials to tenant_rw;
create policy closed_go on sessions to tenant_rw
  using (exists (select from users u where u.id = sessions.user_id and u.tenant_id = (select current_tenant()) and u.status = 'closed'))
  with check (false);
grant delete on sessions to tenant_rw;
create policy closed_drafts_go on financing_applications for delete to tenant_rw
  using (tenant_id = (select current_tenant()) and stage in ('draft', 'pending_face') and exists (
    select from enterprises e where e.tenant_id = financing_applications.tenant_id and e.id = financing_applications.enterprise_id
      and e.status = 'closed'));

-- What law keeps is frozen 封存: no person opens it any more, only the job that takes it away after its time.
alter table financing_applications add column archived_at timestamptz;
create policy archived on application_dossiers as restrictive for select to tenant_rw
  using ((select current_person()) is null or exists (select from financing_applications a
    where a.tenant_id = application_dossiers.tenant_id and a.id = application_dossiers.application_id and a.archived_at is null));
create policy archived on application_files as restrictive for select to tenant_rw
  using ((select current_person()) is null or exists (select from financing_applications a
    where a.tenant_id = application_files.tenant_id and a.id = application_files.application_id and a.archived_at is null));
-- Nobody but that job removes them, and it only what is archived for five years.
create policy after_its_time on application_dossiers as restrictive for delete to tenant_rw
  using ((select current_person()) is null and exists (select from financing_applications a
    where a.tenant_id = application_dossiers.tenant_id and a.id = application_dossiers.application_id
      and a.archived_at < now() - interval '5 years'));
create policy after_its_time on application_files as restrictive for delete to tenant_rw
  using ((select current_person()) is null and exists (select from financing_applications a
    where a.tenant_id = application_files.tenant_id and a.id = application_files.application_id
      and a.archived_at < now() - interval '5 years'));
grant delete on application_dossiers, application_files to tenant_rw;
create index on financing_applications (tenant_id, archived_at) where archived_at is not null;
