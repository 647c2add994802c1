set lock_timeout = '2s';

-- 额度试算: what an enterprise asked before it applied, and what it was told of which version of the product. Written once, deleted by the
-- enterprise whenever it likes, and nobody else's to read: a trial is no request.
create table estimates (
  id uuid not null,
  tenant_id uuid not null references tenants,                     -- the city
  enterprise_id uuid not null,
  product_id uuid not null references products,
  product_version int not null,
  product_name text not null,
  bank_name text not null,
  amount_cents bigint not null check (amount_cents > 0),
  term int not null check (term > 0),
  term_unit text not null check (term_unit in ('month', 'year')),
  figures jsonb not null,                                         -- what was typed beside amount and term; null: not told
  low_cents bigint,                                               -- 参考额度; null: it comes to less than the product lends
  high_cents bigint,
  answer jsonb not null,                                          -- everything that was told, as it was told
  made_by uuid not null references users,
  made_name text not null,
  made_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, enterprise_id) references enterprises (tenant_id, id),
  check ((low_cents is null) = (high_cents is null)),
  check (low_cents <= high_cents)
);
create index on estimates (tenant_id, enterprise_id, made_at desc, id desc);
create index on estimates (tenant_id, made_at);
call raise_tenant_wall('estimates');
call raise_subject_wall('estimates');
grant delete on estimates to enterprise_rw;
revoke update on estimates from tenant_rw, enterprise_rw;
-- In one's own name only.
create policy own_hand on estimates as restrictive for insert to enterprise_rw
  with check (made_by = (select current_person()));
-- No bank, and of the city only its job, which takes away what is over.
create policy by_the_job on estimates as restrictive to tenant_rw
  using ((select current_person()) is null) with check ((select current_person()) is null);
reset lock_timeout;
