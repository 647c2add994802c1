set lock_timeout = '2s';

-- 评价 (W22): of the branch, by the enterprise whose request it decided; once a request. Everybody reads stars, words and the masked
-- name; who it was and about which request is the enterprise's own and the city's.
create table ratings (
  id uuid not null primary key,
  tenant_id uuid not null references tenants,                     -- the city
  enterprise_id uuid not null,
  application_id uuid not null,
  application_no text not null,
  masked_name text not null,
  bank_id uuid not null references tenants,
  branch_id uuid not null references tenants,
  branch_name text not null,
  speed smallint not null check (speed between 1 and 5),          -- 办理效率
  service smallint not null check (service between 1 and 5),      -- 服务态度
  openness smallint not null check (openness between 1 and 5),    -- 费用与条件透明
  words text not null default '' check (char_length(words) <= 500),
  rated_by uuid not null references users,
  rated_at timestamptz not null,
  reply text not null default '' check (char_length(reply) <= 500),
  replied_by uuid references users,
  replied_name text not null default '',
  replied_at timestamptz,
  hidden_by uuid references users,
  hidden_name text not null default '',
  hidden_reason text not null default '' check (char_length(hidden_reason) <= 200),
  hidden_at timestamptz,
  foreign key (tenant_id, enterprise_id) references enterprises (tenant_id, id),
  foreign key (tenant_id, application_id) references financing_applications (tenant_id, id),
  constraint ratings_once unique (tenant_id, application_id),
  check ((reply <> '') = (replied_at is not null)),
  check ((hidden_at is not null) = (hidden_reason <> ''))
);
create index on ratings (tenant_id, bank_id, rated_at desc) where hidden_at is null;
create index on ratings (tenant_id, rated_at desc);
create index on ratings (branch_id, rated_at desc);
alter table ratings enable row level security, force row level security;
create policy everybody on ratings for select to visitor_ro using (tenant_id = (select current_city()) and hidden_at is null);
grant select (tenant_id, bank_id, branch_name, masked_name, speed, service, openness, words, rated_at, reply, replied_at, hidden_at)
  on ratings to visitor_ro;
create policy own on ratings to enterprise_rw
  using (tenant_id = (select current_tenant()) and enterprise_id = (select current_enterprise()))
  with check (tenant_id = (select current_tenant()) and enterprise_id = (select current_enterprise())
    and rated_by = (select current_person()));
grant select, insert on ratings to enterprise_rw;
create policy of_the_city on ratings to tenant_rw
  using (tenant_id = (select current_tenant())) with check (tenant_id = (select current_tenant()));
-- As with the request itself: whoever reaches the branch, so a headquarters with its branches.
create policy of_the_rated on ratings for select to tenant_rw using (branch_id = any ((select current_reach())::uuid[]));
create policy rated_replies on ratings for update to tenant_rw
  using ((select current_tenant()) in (bank_id, branch_id)) with check ((select current_tenant()) in (bank_id, branch_id));
grant select, insert on ratings to tenant_rw;
grant update (reply, replied_by, replied_name, replied_at, hidden_by, hidden_name, hidden_reason, hidden_at, masked_name)
  on ratings to tenant_rw;

-- A reply is the rated one's, once; hiding is the city's.
create function rating_sides() returns trigger language plpgsql as $$
begin
  if current_tenant() <> old.tenant_id and (old.reply <> ''
      or (new.hidden_at, new.hidden_reason, new.masked_name) is distinct from (old.hidden_at, old.hidden_reason, old.masked_name)) then
    raise exception 'whoever was rated replies once, and changes nothing else of a rating';
  end if;
  if current_tenant() = old.tenant_id and new.reply is distinct from old.reply then
    raise exception 'nobody replies for whoever was rated';
  end if;
  return new;
end $$;
create trigger rating_sides before update on ratings for each row execute function rating_sides();

-- The public page of the institution is drawn again.
create function tell_rating_changed() returns trigger language plpgsql as $$
begin
  perform pg_notify('catalogue_changed', new.tenant_id::text);
  return null;
end $$;
create trigger catalogue_changed after insert or update on ratings for each row execute function tell_rating_changed();
