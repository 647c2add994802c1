set lock_timeout = '2s';

-- 走访清单 (O11): enterprises that a city asks its institutions to visit. A list is the city's alone; what an institution is given of it
-- stands in that institution's own 推荐清单.
create table visit_lists (
  id uuid not null,
  tenant_id uuid not null references tenants,                     -- the city
  name text not null check (char_length(name) between 2 and 60),
  source text not null check (char_length(source) between 2 and 60),  -- 提供单位
  due_on date not null,                                           -- until when everybody should be visited
  rows_kept int not null default 0 check (rows_kept >= 0),
  rows_sent int not null default 0 check (rows_sent between 0 and rows_kept),
  created_by uuid not null references users,
  created_name text not null,
  created_at timestamptz not null,
  closed_at timestamptz,
  closed_name text not null default '',
  primary key (tenant_id, id),
  check ((closed_at is null) = (closed_name = ''))
);
create unique index visit_lists_open_name on visit_lists (tenant_id, name) where closed_at is null;
create index on visit_lists (tenant_id, created_at desc, id desc);
call raise_tenant_wall('visit_lists');
revoke delete on visit_lists from tenant_rw;

-- Which list an uploaded file belongs to.
alter table imports drop constraint imports_kind_check;
alter table imports add constraint imports_kind_check check (kind in ('draws', 'repayments', 'referrals', 'visits')) not valid;
alter table imports validate constraint imports_kind_check;
create table visit_files (
  tenant_id uuid not null,
  import_id uuid not null,
  list_id uuid not null,
  primary key (tenant_id, import_id),
  foreign key (tenant_id, import_id) references imports (tenant_id, id),
  foreign key (tenant_id, list_id) references visit_lists (tenant_id, id)
);
create index on visit_files (tenant_id, list_id);
call raise_tenant_wall('visit_files');
revoke update, delete on visit_files from tenant_rw;

create table visit_rows (
  id uuid not null,
  tenant_id uuid not null,
  list_id uuid not null,
  import_id uuid not null,
  row_number int not null check (row_number > 0),                 -- in its file, as the spreadsheet program counts
  credit_code text not null check (char_length(credit_code) = 18),
  company_name text not null check (char_length(company_name) between 2 and 100),
  district text not null check (char_length(district) = 6),
  contact_shown text not null default '',                         -- masked
  contact_sealed bytea,                                           -- name and phone; gone once the list is closed
  note text not null default '' check (char_length(note) <= 300),
  bank_id uuid references tenants,                                -- the institution that it is given to
  sent_at timestamptz,
  referral_id uuid,                                               -- its row in that institution's 推荐清单
  -- How far it was when its list was closed; before that it is read from the 推荐清单 and from the requests.
  frozen boolean not null default false,
  registered_at timestamptz,
  contacted_at timestamptz,
  visited_at timestamptz,
  demand_at timestamptz,
  applied_at timestamptz,
  granted_at timestamptz,
  declined_at timestamptz,
  refusal text not null default '',
  reason text not null default '',
  refused_codes text not null default '',                         -- of a request that was refused, separated by commas
  version int not null default 1,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, list_id) references visit_lists (tenant_id, id),
  foreign key (tenant_id, import_id) references imports (tenant_id, id),
  check ((sent_at is null) = (referral_id is null)),
  check (sent_at is null or bank_id is not null)
);
-- An enterprise stands in one open list of the city, once.
create unique index visit_rows_one_open on visit_rows (tenant_id, credit_code) where not frozen;
create index on visit_rows (tenant_id, list_id, id);
call raise_tenant_wall('visit_rows');
revoke delete on visit_rows from tenant_rw;
create function visit_row_stays() returns trigger language plpgsql as $$
begin
  if old.frozen then
    raise exception 'a row of a closed list is final';
  end if;
  if old.sent_at is not null and (new.bank_id, new.referral_id) is distinct from (old.bank_id, old.referral_id) then
    raise exception 'a row that was sent stays with its institution';
  end if;
  return new;
end $$;
create trigger visit_row_stays before update on visit_rows for each row execute function visit_row_stays();

-- 整改任务 (G6): what a department does about a refusal, and until when.
create table visit_repairs (
  id uuid not null,
  tenant_id uuid not null,
  row_id uuid not null,
  department text not null check (char_length(department) between 2 and 40),
  what text not null check (char_length(what) between 2 and 300),
  due_on date not null,
  set_by uuid not null references users,
  set_name text not null,
  set_at timestamptz not null,
  done_at timestamptz,
  done_name text not null default '',
  done_note text not null default '' check (char_length(done_note) <= 300),
  primary key (tenant_id, id),
  foreign key (tenant_id, row_id) references visit_rows (tenant_id, id),
  check ((done_at is null) = (done_name = '')),
  check (done_at is null or char_length(done_note) >= 2)
);
create index on visit_repairs (tenant_id, (done_at is not null), due_on, id);
create index on visit_repairs (tenant_id, row_id);
call raise_tenant_wall('visit_repairs');
revoke update, delete on visit_repairs from tenant_rw;
grant update (done_at, done_name, done_note) on visit_repairs to tenant_rw;
create function repair_is_done_once() returns trigger language plpgsql as $$
begin
  if old.done_at is not null then raise exception 'a task is done once'; end if;
  return new;
end $$;
create trigger repair_is_done_once before update on visit_repairs for each row execute function repair_is_done_once();

-- What the city sends stands in no file of the institution.
alter table referrals alter column import_id drop not null;
alter table referrals add column refusal text not null default '';
alter table referrals add column demand text;
alter table referrals add column demand_at timestamptz;
alter table referrals add column contacted_at timestamptz;
alter table referrals add column visited_at timestamptz;
alter table referrals add column ended_at timestamptz;
alter table referrals add constraint referrals_refusal_known check (refusal in ('', 'no_demand', 'unreached', 'rules', 'credit', 'papers',
  'collateral', 'books', 'debt', 'closed', 'other')) not valid;
alter table referrals add constraint referrals_demand_known check (demand in ('wanted', 'not_now')) not valid;
alter table referrals validate constraint referrals_refusal_known;
alter table referrals validate constraint referrals_demand_known;

create or replace function a_branch_only_follows() returns trigger language plpgsql as $$
declare how_far constant text[] := array['status', 'reason', 'refusal', 'demand', 'demand_at', 'contacted_at', 'visited_at', 'ended_at',
  'version', 'changed_name', 'changed_at'];
begin
  if (to_jsonb(new) - how_far) <> (to_jsonb(old) - how_far) then
    raise exception 'a branch notes how far a referral is and changes nothing else of it';
  end if;
  return new;
end $$;

-- The city gives an institution of its own an enterprise to follow, or one that is over anew; what is under way it never touches.
create policy city_sends on referrals for insert to tenant_rw
  with check (city_id = (select current_tenant()) and tenant_id <> (select current_tenant()) and status = 'waiting' and branch_id is null
    and import_id is null and exists (select from tenants t
      where t.id = referrals.tenant_id and t.kind = 'bank' and t.city_id = (select current_tenant())));
create policy city_sends_again on referrals for update to tenant_rw
  using (city_id = (select current_tenant()) and status in ('granted', 'declined'))
  with check (city_id = (select current_tenant()) and status = 'waiting');
reset lock_timeout;
