set lock_timeout = '2s';

-- 另有 N 笔在办 (H11): how many other requests of the same enterprise run at other institutions. A number and nothing else: counted by the
-- city's worker, since no bank sees another one's rows, and read by whoever sees the request that it stands beside.
create table open_elsewhere (
  tenant_id uuid not null,
  application_id uuid not null,
  others int not null check (others >= 0),
  primary key (tenant_id, application_id),
  foreign key (tenant_id, application_id) references financing_applications (tenant_id, id) on delete cascade
);
alter table open_elsewhere enable row level security, force row level security;
create policy works on open_elsewhere to tenant_rw
  using (tenant_id = (select current_tenant()) and (select current_person()) is null)
  with check (tenant_id = (select current_tenant()) and (select current_person()) is null);
create policy follows_application on open_elsewhere for select to tenant_rw
  using (exists (select from financing_applications a where a.tenant_id = open_elsewhere.tenant_id and a.id = open_elsewhere.application_id));
grant select, insert, update, delete on open_elsewhere to tenant_rw;
call raise_exit('open_elsewhere');

-- What runs already is counted too. The walls hold for the owner as well: they are opened to it for the length of this transaction.
alter table financing_applications no force row level security;
alter table statistics_due no force row level security;
insert into statistics_due (tenant_id, application_id)
select tenant_id, id from financing_applications
where stage in ('submitted', 'returned_to_hq', 'accepted', 'due_diligence', 'need_supplement', 'in_approval');
alter table statistics_due force row level security;
alter table financing_applications force row level security;

reset lock_timeout;
