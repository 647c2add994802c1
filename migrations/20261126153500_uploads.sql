set lock_timeout = '2s';

-- 分段上传: a picture on its way over a weak network, piece by piece, each sealed; gone once it is a file, or after a day.
create table uploads (
  id uuid not null,
  tenant_id uuid not null references tenants,
  enterprise_id uuid not null,
  user_id uuid not null references users,
  byte_size int not null check (byte_size between 1 and 10485760),
  received int not null default 0 check (received between 0 and byte_size),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  file_id uuid,                                                   -- what it became
  primary key (tenant_id, id),
  foreign key (tenant_id, enterprise_id) references enterprises (tenant_id, id)
);
create index on uploads (tenant_id, user_id, created_at desc);
create index on uploads (expires_at);
call raise_tenant_wall('uploads');
call raise_subject_wall('uploads');

create table upload_pieces (
  tenant_id uuid not null references tenants,
  enterprise_id uuid not null,
  upload_id uuid not null,
  starts_at int not null,
  sealed bytea not null,
  primary key (tenant_id, upload_id, starts_at),
  foreign key (tenant_id, upload_id) references uploads (tenant_id, id)
);
call raise_tenant_wall('upload_pieces');
call raise_subject_wall('upload_pieces');
grant delete on upload_pieces to enterprise_rw;

-- The sweeper takes away what nobody finished.
create policy door on uploads to door_rw using (true) with check (false);
grant select (id, tenant_id, expires_at), delete on uploads to door_rw;
create policy door on upload_pieces to door_rw using (true) with check (false);
grant select (tenant_id, upload_id), delete on upload_pieces to door_rw;
