-- 导出本企业数据 (S-34) is made in the background: asked for, gathered chapter by chapter under the enterprise's own hat, kept a week.
alter table own_data_exports
  alter column object_key drop not null,
  alter column byte_size set default 0,
  add column status text not null default 'ready' check (status in ('queued', 'making', 'ready', 'failed')),
  add column done int not null default 0,                         -- chapters gathered
  add column tries int not null default 0,
  add column lease_until timestamptz,                             -- whoever makes it is believed alive until then
  add check ((status = 'ready') = (object_key is not null));
create index on own_data_exports (tenant_id, lease_until) where status in ('queued', 'making');
-- The door learns that there is work and where, never what it is about.
create policy door on own_data_exports for select to door_rw using (true);
grant select (tenant_id, status, lease_until) on own_data_exports to door_rw;
