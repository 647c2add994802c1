-- 融资产品 Financial products: owned by an institution, shown by its city once published.
create table products (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  city_id uuid not null references tenants,
  version int not null default 1,
  status text not null check (status in ('draft', 'in_review', 'published', 'off_shelf')),
  name text not null check (char_length(name) between 2 and 40),
  intro text not null default '',
  financing_type text not null,
  guarantee_type text not null check (guarantee_type in ('mortgage', 'pledge', 'guarantor', 'unsecured', 'combined')),
  amount_min_cents bigint not null check (amount_min_cents > 0),
  amount_max_cents bigint not null,
  rate_min int not null check (rate_min >= 0),                    -- hundredths of a per cent a year
  rate_max int not null,
  term_min int not null check (term_min > 0),
  term_max int not null,
  term_unit text not null check (term_unit in ('month', 'year')),
  repayment_methods text[] not null,
  rate_term text not null default 'annual_rate' check (rate_term in ('annual_rate', 'annualized_rate', 'guarantee_fee')),
  rate_type text not null default 'fixed' check (rate_type in ('fixed', 'floating')),
  collateral text[] not null default '{}',
  purposes text[] not null default '{}',
  fees jsonb not null default '[]',                               -- [{name, rule}]; empty: none besides interest
  conditions text[] not null default '{}',
  documents text[] not null default '{}',
  eligibility text not null default '',
  highlights text[] not null default '{}',
  first_loan boolean not null default false,
  renewal boolean not null default false,
  featured boolean not null default false,                        -- shown on 首页
  response_days int,
  published_at timestamptz,
  updated_at timestamptz not null,
  unique (tenant_id, name),
  check (amount_min_cents <= amount_max_cents and rate_min <= rate_max and term_min <= term_max)
);
call raise_public_wall('products', 'status = ''published''');

-- An application keeps the version of the product that it was made under (H1).
create table product_versions (
  product_id uuid not null references products,
  version int not null,
  tenant_id uuid not null references tenants,
  city_id uuid not null references tenants,
  terms jsonb not null,
  published_at timestamptz not null,
  primary key (product_id, version)
);
call raise_public_wall('product_versions', 'true');

create table product_branches (
  product_id uuid not null references products,
  branch_id uuid not null references tenants,
  tenant_id uuid not null references tenants,
  city_id uuid not null references tenants,
  primary key (product_id, branch_id)
);
create index on product_branches (branch_id);
call raise_public_wall('product_branches', 'true');

-- 惠企政策, 新闻资讯, 关于我们: the city's own words.
create table articles (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  city_id uuid not null references tenants,
  kind text not null check (kind in ('policy', 'news', 'about')),
  status text not null default 'published' check (status in ('draft', 'published', 'withdrawn')),
  title text not null check (char_length(title) between 2 and 120),
  category text not null default '',
  source text not null default '',
  delivery text not null default '',                              -- 免申即享, 快申快享, 申报
  audience text not null default '',
  pinned boolean not null default false,
  related_products uuid[] not null default '{}',
  document_no text not null default '',
  issuer text not null default '',
  summary text not null default '',
  body text not null,                                             -- paragraphs parted by blank lines, headings start with "## "
  tags text[] not null default '{}',
  deadline date,
  published_at timestamptz not null
);
create index on articles (tenant_id, kind, published_at desc);
call raise_public_wall('articles', 'status = ''published''');

-- 协议: versioned per city; an accepted version is never edited (A-15).
create table agreements (
  tenant_id uuid not null references tenants,
  city_id uuid not null references tenants,
  code text not null,
  version text not null,
  title text not null,
  body text not null,
  body_hash bytea not null,
  published_at timestamptz not null,
  primary key (tenant_id, code, version)
);
call raise_public_wall('agreements', 'true');
create policy door on agreements for select to door_rw using (true);
grant select on agreements to door_rw;

-- The city's catalogue changed: every node drops its snapshot.
create function tell_catalogue_changed() returns trigger language plpgsql as $$
declare city uuid;
begin
  city := case when tg_op = 'DELETE' then old.city_id else new.city_id end;
  perform pg_notify('catalogue_changed', city::text);
  return null;
end $$;
create trigger catalogue_changed after insert or update or delete on products for each row execute function tell_catalogue_changed();
create trigger catalogue_changed after insert or update or delete on product_branches for each row execute function tell_catalogue_changed();
create trigger catalogue_changed after insert or update or delete on institutions for each row execute function tell_catalogue_changed();
create trigger catalogue_changed after insert or update or delete on branches for each row execute function tell_catalogue_changed();
create trigger catalogue_changed after insert or update or delete on articles for each row execute function tell_catalogue_changed();
