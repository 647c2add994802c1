-- 安装标记: what this database once was. A demonstration's database never becomes production (S-51).
create table installation_marks (
  name text primary key check (name in ('demonstration')),
  at timestamptz not null default now()
);
grant select on installation_marks to door_rw;
