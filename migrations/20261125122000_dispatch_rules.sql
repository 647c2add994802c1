-- 派单规则 of an institution: read from the first to the last, the first that fits chooses the branch.
create table dispatch_rules (
  id uuid not null primary key,
  tenant_id uuid not null references tenants,                     -- the institution
  position int not null,
  county_code text not null default '',                           -- 企业所在区县; empty: any
  product_id uuid references products,                            -- null: any
  most_open int check (most_open between 1 and 9999),             -- only while the branch has fewer open requests; null: always
  branch_id uuid not null references tenants,
  created_by uuid not null references users,
  created_name text not null,
  created_at timestamptz not null
);
create index on dispatch_rules (tenant_id, position, id);
call raise_tenant_wall('dispatch_rules');
