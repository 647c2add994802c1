-- 审批设置 are changed by two people: one proposes, another confirms; the rows stay as the history.
create table bank_settings_changes (
  id uuid not null primary key,
  tenant_id uuid not null references tenants,                     -- the institution
  approval_steps text[] not null check (cardinality(approval_steps) between 1 and 3 and approval_steps <@ array['ba', 'hp']),
  single_step_up_to_cents bigint check (single_step_up_to_cents >= 0),   -- null: never
  asked_by uuid not null references users,
  asked_name text not null,
  asked_at timestamptz not null,
  status text not null default 'open' check (status in ('open', 'confirmed', 'declined')),
  settled_by uuid references users,
  settled_name text not null default '',
  settled_at timestamptz,
  check (settled_by <> asked_by)
);
create unique index bank_settings_changes_one_open on bank_settings_changes (tenant_id) where status = 'open';
create index on bank_settings_changes (tenant_id, asked_at desc, id desc);
call raise_tenant_wall('bank_settings_changes');
revoke delete on bank_settings_changes from tenant_rw;
-- What was proposed and what was settled stays as it is.
create function change_is_settled_once() returns trigger language plpgsql as $$
begin
  if old.status <> 'open' or (to_jsonb(new) - array['status', 'settled_by', 'settled_name', 'settled_at'])
     <> (to_jsonb(old) - array['status', 'settled_by', 'settled_name', 'settled_at']) then
    raise exception 'a proposed change is settled once, and never rewritten';
  end if;
  return new;
end $$;
create trigger change_is_settled_once before update on bank_settings_changes for each row execute function change_is_settled_once();
