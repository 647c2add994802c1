-- 企业人员 (W26): invitations to an enterprise. 24 hours, once; the token itself is kept nowhere and sent to the phone only.
create table enterprise_invitations (
  tenant_id uuid not null references tenants,                     -- the city
  id uuid not null,
  enterprise_id uuid not null,
  user_id uuid not null references users,
  token_hash bytea not null,
  issued_by uuid not null references users,
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  cancelled_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, token_hash),
  foreign key (tenant_id, enterprise_id) references enterprises (tenant_id, id)
);
create index on enterprise_invitations (user_id) where used_at is null and cancelled_at is null;
call raise_tenant_wall('enterprise_invitations');
call raise_subject_wall('enterprise_invitations');
create policy door on enterprise_invitations to door_rw using (true) with check (true);
grant select, update on enterprise_invitations to door_rw;

-- An owner stays an owner, and nobody of an enterprise makes another one: not even by SQL that forgot to ask.
create function ownership_is_not_given() returns trigger language plpgsql as $$
begin
  if current_user = 'enterprise_rw' and 'eo' = any (new.roles) and not (tg_op = 'UPDATE' and 'eo' = any (old.roles)) then
    raise exception 'an enterprise does not make owners';
  end if;
  return new;
end $$;
create trigger ownership_is_not_given before insert or update of roles on users for each row execute function ownership_is_not_given();
