-- 导入 Imports: a file of the institution, worked off row by row; good rows are kept, bad ones are told with their cause.
create table imports (
  id uuid not null,
  tenant_id uuid not null references tenants,                     -- the institution
  city_id uuid not null references tenants,
  kind text not null check (kind in ('draws', 'repayments', 'referrals')),
  content_hash bytea not null,                                    -- the same file never counts twice
  asked_by uuid not null references users,
  asked_name text not null,
  asked_at timestamptz not null,
  status text not null check (status in ('queued', 'working', 'done', 'failed')),
  rows_total int not null default 0,
  rows_done int not null default 0,
  rows_kept int not null default 0,
  tries int not null default 0,
  lease_until timestamptz,
  cause text not null default '',
  object_key text,                                                -- the upload, sealed; gone once it is worked off
  ended_at timestamptz,
  primary key (tenant_id, id),
  check (rows_kept <= rows_done and rows_done <= rows_total)
);
create unique index imports_one_of_a_file on imports (tenant_id, kind, content_hash) where status <> 'failed';
create index on imports (tenant_id, asked_at desc, id desc);
create index on imports (city_id, lease_until) where status in ('queued', 'working');
call raise_tenant_wall('imports');
revoke delete on imports from tenant_rw;
create policy ends on imports for update to tenant_rw
  using (city_id = (select current_tenant()))
  with check (city_id = (select current_tenant()) and status = 'failed');

-- Rows that were not taken: what was typed, sealed (it may name people), and why.
create table import_rows (
  id uuid not null primary key,
  tenant_id uuid not null,
  import_id uuid not null,
  row_number int not null check (row_number > 0),
  cells_sealed bytea not null,
  field text not null,
  cause text not null,
  params jsonb not null default '{}',
  unique (tenant_id, import_id, row_number),
  foreign key (tenant_id, import_id) references imports (tenant_id, id)
);
call raise_tenant_wall('import_rows');
revoke update, delete on import_rows from tenant_rw;
