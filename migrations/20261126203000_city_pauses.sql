-- 暂停服务 as a fact: no clock runs from `since` to `until`; the one without an end is going on.
create table city_pauses (
  tenant_id uuid not null references tenants,
  since timestamptz not null,
  until timestamptz check (until > since),
  primary key (tenant_id, since)
);
create unique index city_pauses_one_open on city_pauses (tenant_id) where until is null;
alter table city_pauses enable row level security, force row level security;
create policy door on city_pauses for select to door_rw using (true);
create policy applies on city_pauses to current_user using (true) with check (true);   -- the owner suspends a city
grant select on city_pauses to door_rw;
-- Since when a city has been suspended was not noted before.
insert into city_pauses (tenant_id, since) select id, now() from tenants where kind = 'city' and status <> 'active';

-- Which cities have a page 关于我们, for all of them in one question at the start.
create policy door on articles for select to door_rw using (kind = 'about');
grant select (tenant_id, kind) on articles to door_rw;
