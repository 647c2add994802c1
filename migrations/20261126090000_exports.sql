-- 导出 Exports: asked by one person, unmasked ones let through by another of the same institution, made in the background.
create table exports (
  id uuid not null primary key,
  tenant_id uuid not null references tenants,                     -- whoever asked: a branch or an institution
  city_id uuid not null references tenants,
  bank_id uuid not null references tenants,                       -- the institution, whose people check
  number text not null,                                           -- 导出编号, part of the mark
  node_name text not null,
  kind text not null check (kind in ('applications', 'draws', 'repayments')),
  filter jsonb not null,
  told text not null,                                             -- the filter in words
  masked boolean not null,
  reason text not null default '' check (char_length(reason) <= 200),
  asked_by uuid not null references users,
  asked_name text not null,
  asked_at timestamptz not null,
  status text not null check (status in ('to_check', 'queued', 'making', 'ready', 'failed', 'declined', 'expired')),
  checked_by uuid references users,
  checked_name text not null default '',
  checked_at timestamptz,
  rows_total int not null default 0,
  rows_done int not null default 0,
  tries int not null default 0,
  lease_until timestamptz,                                        -- whoever makes it is believed alive until then
  cause text not null default '',                                 -- code of why it was not made
  object_key text,
  byte_size int not null default 0,
  made_at timestamptz,
  expires_at timestamptz,
  downloads int not null default 0,
  check (checked_by <> asked_by),
  check (masked or char_length(reason) >= 2),
  -- Nothing unmasked is made before a second person agreed (S-39).
  check (masked or checked_by is not null or status in ('to_check', 'failed', 'expired')),
  check ((status = 'ready') <= (object_key is not null))
);
create index on exports (tenant_id, asked_at desc, id desc);
create index on exports (bank_id, asked_at) where status = 'to_check';
create index on exports (city_id, lease_until) where status in ('queued', 'making');
create index on exports (city_id, expires_at) where object_key is not null;
call raise_tenant_wall('exports');
revoke delete on exports from tenant_rw;
-- The institution's people check what its branches ask for; the city's workers end what is over.
create policy checks on exports for update to tenant_rw
  using (bank_id = (select current_tenant()) and status = 'to_check')
  with check (bank_id = (select current_tenant()) and status in ('queued', 'declined'));
create policy ends on exports for update to tenant_rw
  using (city_id = (select current_tenant()))
  with check (city_id = (select current_tenant()) and status in ('failed', 'expired') and object_key is null);

-- An unmasked export waits for somebody; what was asked for is never rewritten; a check is signed by the person who makes it.
create function export_needs_four_eyes() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.checked_by is not null or new.status <> (case when new.masked then 'queued' else 'to_check' end) then
      raise exception 'an export begins unchecked';
    end if;
    return new;
  end if;
  if (old.tenant_id, old.city_id, old.bank_id, old.number, old.kind, old.filter, old.told, old.masked, old.reason, old.asked_by,
      old.asked_name, old.asked_at, old.node_name)
     is distinct from (new.tenant_id, new.city_id, new.bank_id, new.number, new.kind, new.filter, new.told, new.masked, new.reason,
      new.asked_by, new.asked_name, new.asked_at, new.node_name) then
    raise exception 'what was asked for is not rewritten';
  end if;
  if old.checked_by is not null and new.checked_by is distinct from old.checked_by then
    raise exception 'a check is made once';
  end if;
  if new.checked_by is distinct from old.checked_by
     and (old.status <> 'to_check' or new.checked_by = new.asked_by or new.checked_by is distinct from current_person()) then
    raise exception 'a check is made by a second person, for themselves';
  end if;
  if old.status = 'to_check' and new.status not in ('to_check', 'failed', 'expired') and new.checked_by is null then
    raise exception 'nobody has checked this export';
  end if;
  return new;
end $$;
create trigger export_needs_four_eyes before insert or update on exports for each row execute function export_needs_four_eyes();
