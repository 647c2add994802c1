-- 已核实的统一社会信用代码 (A-22): genuine codes that fail the public check, admitted by the city after a look at the licence.
create table admitted_codes (
  tenant_id uuid not null references tenants,                     -- the city
  code text not null check (char_length(code) = 18),
  company_name text not null check (char_length(company_name) between 2 and 100),
  reason text not null check (char_length(reason) between 1 and 300),
  admitted_by uuid not null references users,
  admitted_name text not null,
  admitted_at timestamptz not null,
  primary key (tenant_id, code)
);
call raise_tenant_wall('admitted_codes');
grant select (tenant_id, code) on admitted_codes to enterprise_rw;
call make_append_only('admitted_codes');
