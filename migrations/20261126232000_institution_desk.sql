-- 机构管理: the city takes institutions in and keeps what the portal shows of them; two of its people let one pause and take up again.
alter table institutions add column licence_no text not null default '' check (char_length(licence_no) <= 40);   -- 许可证编号
create policy city_opens on institutions for insert to tenant_rw
  with check (city_id = (select current_tenant()) and exists (select from tenants t
    where t.id = institutions.tenant_id and t.parent_id = institutions.city_id and t.kind = 'bank'));
create policy city_changes on institutions for update to tenant_rw
  using (city_id = (select current_tenant())) with check (city_id = (select current_tenant()));

-- 暂停受理 and 恢复受理: asked by one operator, confirmed by another. Its products leave the market; what it has accepted goes on.
create table institution_suspensions (
  id uuid not null primary key,
  tenant_id uuid not null references tenants,                     -- the city
  institution_id uuid not null references tenants,
  kind text not null check (kind in ('suspend', 'resume')),
  reason text not null check (char_length(reason) between 1 and 500),
  asked_by uuid not null references users,
  asked_name text not null,
  asked_at timestamptz not null,
  status text not null default 'open' check (status in ('open', 'confirmed', 'declined')),
  settled_by uuid references users,
  settled_name text not null default '',
  settled_at timestamptz,
  constraint institution_suspensions_four_eyes check (settled_by <> asked_by),
  constraint institution_suspensions_both check ((status = 'open') = (settled_by is null))
);
create unique index institution_suspensions_one_open on institution_suspensions (tenant_id, institution_id) where status = 'open';
create index on institution_suspensions (tenant_id, institution_id, asked_at desc);
call raise_tenant_wall('institution_suspensions');
revoke delete on institution_suspensions from tenant_rw;
create trigger change_is_settled_once before update on institution_suspensions for each row execute function change_is_settled_once();
