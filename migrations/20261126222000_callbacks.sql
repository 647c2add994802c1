set lock_timeout = '2s';

-- 回访工单 (O2): a sample of what was closed, drawn once and kept; up to three calls each, and what was said. The city's alone.
create table callback_draws (
  id uuid not null primary key,
  tenant_id uuid not null references tenants,                     -- the city
  closed_from date not null,
  closed_until date not null,
  bank_id uuid references tenants,                                -- null: every institution
  bank_name text not null default '',
  measure text not null check (measure in ('number', 'percent')),
  amount int not null check (amount > 0),
  found int not null check (found >= 0),                          -- closed in that time and not drawn before
  drawn int not null check (drawn between 0 and found),
  drawn_by uuid not null references users,
  drawn_name text not null,
  drawn_at timestamptz not null,
  unique (tenant_id, id),
  check (closed_from <= closed_until),
  check (measure <> 'percent' or amount <= 100)
);
create index on callback_draws (tenant_id, drawn_at desc);
call raise_tenant_wall('callback_draws');
revoke update, delete on callback_draws from tenant_rw;

create table callbacks (
  id uuid not null primary key,
  tenant_id uuid not null references tenants,
  draw_id uuid not null,
  application_id uuid not null,
  application_no text not null,
  masked_name text not null,
  bank_id uuid not null references tenants,
  bank_name text not null,
  branch_id uuid not null references tenants,
  branch_name text not null,
  stage text not null,                                            -- as it was closed
  decided_at timestamptz not null,
  status text not null default 'open' check (status in ('open', 'reached', 'unreached')),
  calls smallint not null default 0 check (calls between 0 and 3),
  done_at timestamptz,
  complaint_id uuid,
  version int not null default 1,
  foreign key (tenant_id, draw_id) references callback_draws (tenant_id, id),
  foreign key (tenant_id, application_id) references financing_applications (tenant_id, id),
  foreign key (tenant_id, complaint_id) references complaints (tenant_id, id),
  constraint callbacks_once unique (tenant_id, application_id),   -- nobody is called back about a request twice
  unique (tenant_id, id),
  check ((status = 'open') = (done_at is null))
);
create index on callbacks (tenant_id, status, decided_at);
create index on callbacks (tenant_id, bank_id, decided_at);
call raise_tenant_wall('callbacks');
revoke update, delete on callbacks from tenant_rw;
grant update (status, calls, done_at, complaint_id, version) on callbacks to tenant_rw;

-- What was said on the phone; never changed.
create table callback_calls (
  id uuid not null primary key,
  tenant_id uuid not null references tenants,
  callback_id uuid not null,
  reached boolean not null,
  disbursed text not null default '' check (disbursed in ('', 'yes', 'no', 'none')),          -- 是否真实放款
  amount_matches text not null default '' check (amount_matches in ('', 'yes', 'no', 'none')),  -- 放款金额是否一致
  extra_fees text not null default '' check (extra_fees in ('', 'yes', 'no')),                -- 是否收取额外费用
  satisfaction smallint check (satisfaction between 1 and 5),
  note text not null default '' check (char_length(note) <= 500),
  by_id uuid not null references users,
  by_name text not null,
  at timestamptz not null,
  foreign key (tenant_id, callback_id) references callbacks (tenant_id, id),
  check (reached = (disbursed <> '' and amount_matches <> '' and extra_fees <> '' and satisfaction is not null))
);
create index on callback_calls (tenant_id, callback_id, at);
call raise_tenant_wall('callback_calls');
call make_append_only('callback_calls');
