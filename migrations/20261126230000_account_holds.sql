-- 企业账户冻结 and 解除冻结: asked by one operator of the city, confirmed by another. A frozen enterprise submits nothing new; what it
-- has submitted goes on, and each of those is frozen for itself where that is meant (hold_requests).
create table account_holds (
  id uuid not null primary key,
  tenant_id uuid not null references tenants,                     -- the city
  enterprise_id uuid not null,
  kind text not null check (kind in ('freeze', 'unfreeze')),
  reason text not null check (char_length(reason) between 1 and 500),
  asked_by uuid not null references users,
  asked_name text not null,
  asked_at timestamptz not null,
  status text not null default 'open' check (status in ('open', 'confirmed', 'declined')),
  settled_by uuid references users,
  settled_name text not null default '',
  settled_at timestamptz,
  constraint account_holds_four_eyes check (settled_by <> asked_by),
  constraint account_holds_both check ((status = 'open') = (settled_by is null)),
  foreign key (tenant_id, enterprise_id) references enterprises (tenant_id, id)
);
create unique index account_holds_one_open on account_holds (tenant_id, enterprise_id) where status = 'open';
create index on account_holds (tenant_id, enterprise_id, asked_at desc);
call raise_tenant_wall('account_holds');
revoke delete on account_holds from tenant_rw;
create trigger change_is_settled_once before update on account_holds for each row execute function change_is_settled_once();

-- Whether it stands still is no decision of the enterprise's own, whatever it may write of itself.
create function standing_is_the_citys() returns trigger language plpgsql as $$
begin
  if nullif(current_setting('app.enterprise_id', true), '') is not null then
    raise exception 'an enterprise does not change its own standing';
  end if;
  return new;
end $$;
create trigger standing_is_the_citys before update on enterprises for each row
  when (old.status is distinct from new.status) execute function standing_is_the_citys();

-- 企业管理 walks the newest first.
create index on enterprises (tenant_id, created_at desc, id desc);
