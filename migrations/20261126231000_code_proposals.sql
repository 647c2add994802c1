-- 代码核实 by two people (A-22, S-39): one says what the code was checked against, another one admits it or does not.
create table code_proposals (
  id uuid not null primary key,
  tenant_id uuid not null references tenants,                     -- the city
  code text not null check (char_length(code) = 18),
  company_name text not null check (char_length(company_name) between 2 and 100),
  evidence text not null check (evidence in ('licence', 'register', 'letter')),
  reason text not null check (char_length(reason) between 1 and 300),
  asked_by uuid not null references users,
  asked_name text not null,
  asked_at timestamptz not null,
  status text not null default 'open' check (status in ('open', 'confirmed', 'declined')),
  settled_by uuid references users,
  settled_name text not null default '',
  settled_at timestamptz,
  constraint code_proposals_four_eyes check (settled_by <> asked_by),
  constraint code_proposals_both check ((status = 'open') = (settled_by is null))
);
create unique index code_proposals_one_open on code_proposals (tenant_id, code) where status = 'open';
create index on code_proposals (tenant_id, asked_at desc, id desc);
call raise_tenant_wall('code_proposals');
revoke delete on code_proposals from tenant_rw;
create trigger change_is_settled_once before update on code_proposals for each row execute function change_is_settled_once();
