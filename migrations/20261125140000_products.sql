-- 产品管理 Products by the bank: drafts beside the published version, review by the city, rules of eligibility as data.
alter table products
  add column industries text[] not null default '{}',             -- 适用行业: sections of the national list; empty = all
  add column off_shelf_reason text not null default '' check (char_length(off_shelf_reason) <= 500);

-- 准入条件: at most one rule of each subject.
create table product_rules (
  tenant_id uuid not null references tenants,
  city_id uuid not null references tenants,
  product_id uuid not null references products,
  subject text not null check (subject in ('years_founded', 'registered_capital', 'industry', 'region', 'first_loan')),
  operator text not null check (operator in ('at_least', 'any_of', 'is')),
  answers text[] not null check (cardinality(answers) > 0),
  primary key (tenant_id, product_id, subject)
);
call raise_public_wall('product_rules', 'true');
create trigger catalogue_changed after insert or update or delete on product_rules for each row execute function tell_catalogue_changed();

-- 修改稿: what a bank writes; the published row stays as it is until the city has let the draft through.
create table product_drafts (
  tenant_id uuid not null references tenants,                     -- the bank
  city_id uuid not null references tenants,
  product_id uuid not null,
  revision int not null default 1,
  status text not null check (status in ('draft', 'in_review', 'returned', 'published')),
  name text not null check (char_length(name) between 2 and 40),
  form jsonb not null,                                            -- as typed, complete or not
  saved_by uuid not null references users,
  saved_name text not null,
  saved_at timestamptz not null,
  submitted_at timestamptz,
  review_note text not null default '' check (char_length(review_note) <= 500),
  reviewed_by uuid references users,
  reviewed_name text not null default '',
  reviewed_at timestamptz,
  check (reviewed_by <> saved_by),
  primary key (tenant_id, product_id)
);
create index on product_drafts (city_id, status, submitted_at);
call raise_tenant_wall('product_drafts');
revoke delete on product_drafts from tenant_rw;
create policy city_settles on product_drafts for update to tenant_rw
  using (city_id = (select current_tenant()) and status = 'in_review')
  with check (city_id = (select current_tenant()) and status in ('returned', 'published'));
-- Who reviews lets through or sends back: the words stay the bank's.
create function words_stay_the_banks() returns trigger language plpgsql as $$
begin
  if current_tenant() <> old.tenant_id
     and (old.form, old.name, old.tenant_id, old.city_id) is distinct from (new.form, new.name, new.tenant_id, new.city_id) then
    raise exception 'a draft is written by its bank alone';
  end if;
  return new;
end $$;
create trigger words_stay_the_banks before update on product_drafts for each row execute function words_stay_the_banks();

-- The city publishes what was put before it, and nothing else.
create policy city_inserts on products for insert to tenant_rw
  with check (city_id = (select current_tenant()) and exists (select from product_drafts d
    where d.tenant_id = products.tenant_id and d.product_id = products.id and d.status = 'in_review'));
create policy city_updates on products for update to tenant_rw
  using (city_id = (select current_tenant()) and exists (select from product_drafts d
    where d.tenant_id = products.tenant_id and d.product_id = products.id and d.status = 'in_review'))
  with check (city_id = (select current_tenant()));
create policy city_publishes on product_versions for insert to tenant_rw
  with check (city_id = (select current_tenant()) and exists (select from product_drafts d
    where d.tenant_id = product_versions.tenant_id and d.product_id = product_versions.product_id and d.status = 'in_review'));
create policy city_publishes on product_branches to tenant_rw
  using (city_id = (select current_tenant()) and exists (select from product_drafts d
    where d.tenant_id = product_branches.tenant_id and d.product_id = product_branches.product_id and d.status = 'in_review'))
  with check (city_id = (select current_tenant()) and exists (select from product_drafts d
    where d.tenant_id = product_branches.tenant_id and d.product_id = product_branches.product_id and d.status = 'in_review'));
create policy city_publishes on product_rules to tenant_rw
  using (city_id = (select current_tenant()) and exists (select from product_drafts d
    where d.tenant_id = product_rules.tenant_id and d.product_id = product_rules.product_id and d.status = 'in_review'))
  with check (city_id = (select current_tenant()) and exists (select from product_drafts d
    where d.tenant_id = product_rules.tenant_id and d.product_id = product_rules.product_id and d.status = 'in_review'));

-- A published version is never rewritten: applications keep the one they were made under (H1).
call make_append_only('product_versions');
