-- 督办 Supervision notices: the city urges a branch and its headquarters; both leave a receipt when they have read it.
create table supervision_notices (
  id uuid not null primary key,
  tenant_id uuid not null references tenants,                     -- the city
  application_id uuid not null,
  branch_id uuid not null references tenants,                     -- who held the request when it was sent
  words text not null check (char_length(words) between 1 and 500),
  sent_by uuid not null references users,
  sent_name text not null,
  at timestamptz not null,
  branch_read_at timestamptz,
  branch_read_name text not null default '',
  bank_read_at timestamptz,
  bank_read_name text not null default '',
  foreign key (tenant_id, application_id) references financing_applications (tenant_id, id)
);
create index on supervision_notices (tenant_id, application_id, at);
create index on supervision_notices (branch_id) where branch_read_at is null or bank_read_at is null;
call raise_tenant_wall('supervision_notices');
revoke delete on supervision_notices from tenant_rw;
-- A headquarters reaches its branches: both read what was sent, and leave nothing but their receipt.
create policy addressed on supervision_notices for select to tenant_rw using (branch_id = any ((select current_reach())::uuid[]));
create policy receipts on supervision_notices for update to tenant_rw
  using (branch_id = any ((select current_reach())::uuid[])) with check (branch_id = any ((select current_reach())::uuid[]));
create function only_receipts_change() returns trigger language plpgsql as $$
begin
  if (old.tenant_id, old.application_id, old.branch_id, old.words, old.sent_by, old.sent_name, old.at)
     is distinct from (new.tenant_id, new.application_id, new.branch_id, new.words, new.sent_by, new.sent_name, new.at) then
    raise exception 'a notice that was sent is not rewritten';
  end if;
  return new;
end $$;
create trigger only_receipts_change before update on supervision_notices for each row execute function only_receipts_change();
