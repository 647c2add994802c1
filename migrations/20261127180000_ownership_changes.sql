set lock_timeout = '2s';

-- 企业管理员变更 (W26): handed over by the owner to somebody of the enterprise who accepts, or changed by two operators of the city where
-- the owner is gone with the phone; then the old owner has a day in which to object before anybody may confirm.
create table ownership_changes (
  id uuid not null primary key,
  tenant_id uuid not null references tenants,                     -- the city
  enterprise_id uuid not null,
  kind text not null check (kind in ('handover', 'recovery')),
  from_user uuid not null references users,
  to_user uuid not null references users,
  reason text not null default '' check (char_length(reason) <= 500),
  evidence text not null default '' check (char_length(evidence) <= 200),
  asked_by uuid not null references users,
  asked_name text not null,
  asked_at timestamptz not null,
  open_until timestamptz not null,                                -- handover: the last moment to accept; recovery: nobody confirms before
  status text not null default 'open' check (status in ('open', 'confirmed', 'declined', 'withdrawn')),
  settled_by uuid references users,
  settled_name text not null default '',
  settled_at timestamptz,
  withdrawal text not null default '' check (char_length(withdrawal) <= 200),
  constraint ownership_changes_two_people check (from_user <> to_user),
  constraint ownership_changes_grounds check (kind = 'handover' or (reason <> '' and evidence <> '')),
  constraint ownership_changes_four_eyes check ((status = 'withdrawn') = coalesce(settled_by = asked_by, false)),
  constraint ownership_changes_both check ((status = 'open') = (settled_by is null)),
  constraint ownership_changes_withdrawal check (withdrawal = '' or status = 'withdrawn'),
  foreign key (tenant_id, enterprise_id) references enterprises (tenant_id, id)
);
create unique index ownership_changes_one_open on ownership_changes (tenant_id, enterprise_id, kind) where status = 'open';
create index on ownership_changes (tenant_id, enterprise_id, asked_at desc);
call raise_tenant_wall('ownership_changes');
call raise_subject_wall('ownership_changes');
revoke delete on ownership_changes from tenant_rw;
create trigger change_is_settled_once before update on ownership_changes for each row execute function change_is_settled_once();

-- Who may ask, who may settle and when is held here too, not only in the program (S-39).
create function ownership_changes_by_the_rules() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'open' then
      raise exception 'a change of the owner begins unsettled';
    end if;
    if current_user = 'enterprise_rw' and (new.kind <> 'handover' or new.asked_by <> new.from_user or not exists (
        select from users u where u.tenant_id = new.tenant_id and u.enterprise_id = new.enterprise_id and u.id = new.from_user
          and u.status = 'active' and 'eo' = any (u.roles))) then
      raise exception 'an enterprise is handed over by its owner alone';
    end if;
  elsif new.status = 'confirmed' and old.status = 'open' then
    if new.kind = 'handover' and new.settled_by <> new.to_user then
      raise exception 'an enterprise is taken over by whoever was asked';
    end if;
    if new.kind = 'recovery' and (current_user = 'enterprise_rw' or new.settled_at < new.open_until) then
      raise exception 'an owner is changed by the city, after the time for objecting';
    end if;
  end if;
  return new;
end $$;
create trigger ownership_changes_by_the_rules before insert or update on ownership_changes
  for each row execute function ownership_changes_by_the_rules();

-- An owner stays an owner, and nobody of an enterprise makes another one, but by a handover that was accepted and by the owner of now. The
-- handover is the last change that came about: one that was used up gives nothing again.
-- The look at the changes stands in a statement of its own: whoever else writes users may not read them.
create or replace function ownership_is_not_given() returns trigger language plpgsql as $$
begin
  if current_user <> 'enterprise_rw' or not 'eo' = any (new.roles) then
    return new;
  end if;
  if tg_op = 'UPDATE' then
    if 'eo' = any (old.roles) or exists (
        select from ownership_changes c join users o on o.tenant_id = c.tenant_id and o.id = c.from_user
        where c.tenant_id = new.tenant_id and c.enterprise_id = new.enterprise_id and c.kind = 'handover' and c.status = 'confirmed'
          and c.to_user = new.id and o.enterprise_id = new.enterprise_id and o.status = 'active' and 'eo' = any (o.roles)
          and c.settled_at = (select max(x.settled_at) from ownership_changes x where x.tenant_id = c.tenant_id
            and x.enterprise_id = c.enterprise_id and x.status = 'confirmed')) then
      return new;
    end if;
  end if;
  raise exception 'an enterprise does not make owners';
end $$;

reset lock_timeout;
