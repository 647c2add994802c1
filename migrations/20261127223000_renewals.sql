set lock_timeout = '2s';

-- 续贷 (W18, B11): the request whose loan another one renews. A column without a default, so that no row is written; it names a row of the
-- same enterprise, which is never deleted once it was lent.
alter table financing_applications add column renews_id uuid;

-- 邀请续贷: each step before a due day once.
create table renewal_invitations (
  id uuid not null primary key,
  tenant_id uuid not null,
  application_id uuid not null,
  due_on date not null,
  step text not null check (step in ('60', '30', '15')),
  invited_by uuid not null references users,
  invited_name text not null,
  at timestamptz not null,
  unique (tenant_id, application_id, due_on, step),
  foreign key (tenant_id, application_id) references financing_applications (tenant_id, id)
);
call raise_application_wall('renewal_invitations');
revoke insert, update on renewal_invitations from enterprise_rw;
revoke update on renewal_invitations from tenant_rw;

-- 延期申请 (W18): asked for by the enterprise, answered by one person of the bank, and agreed to by a second one.
create table loan_deferrals (
  id uuid not null primary key,
  tenant_id uuid not null,
  application_id uuid not null,
  draw_id uuid not null,
  number int not null,                                            -- of the draw
  old_due_on date not null,
  wanted_on date not null,
  reason text not null check (char_length(reason) between 1 and 300),
  asked_by uuid not null references users,
  asked_name text not null,
  asked_at timestamptz not null,
  status text not null default 'open' check (status in ('open', 'proposed', 'agreed', 'declined', 'withdrawn', 'lapsed')),
  new_due_on date,
  answer text not null default '' check (char_length(answer) <= 300),
  answered_by uuid references users,
  answered_name text not null default '',
  answered_at timestamptz,
  checked_by uuid references users,
  checked_name text not null default '',
  checked_at timestamptz,
  ended_at timestamptz,                                           -- taken back, or over with the loan
  constraint loan_deferrals_later check (wanted_on > old_due_on and new_due_on > old_due_on),
  constraint loan_deferrals_four_eyes check (checked_by <> answered_by),
  constraint loan_deferrals_checked check ((status = 'agreed') = (checked_by is not null)),
  constraint loan_deferrals_answered check (status not in ('proposed', 'agreed') or num_nulls(answered_by, new_due_on) = 0),
  constraint loan_deferrals_declined check (status <> 'declined' or (answered_by is not null and answer <> '')),
  constraint loan_deferrals_ended check ((status in ('withdrawn', 'lapsed')) = (ended_at is not null)),
  foreign key (tenant_id, application_id) references financing_applications (tenant_id, id)
);
create unique index loan_deferrals_one_open on loan_deferrals (tenant_id, application_id) where status in ('open', 'proposed');
create index on loan_deferrals (tenant_id, application_id, asked_at);
call raise_application_wall('loan_deferrals');
-- The enterprise asks, and takes back what nobody has answered; the rest is the bank's word.
revoke update on loan_deferrals from enterprise_rw;
grant update (status, ended_at) on loan_deferrals to enterprise_rw;
create policy asks on loan_deferrals as restrictive for insert to enterprise_rw with check (status = 'open');
create policy takes_back on loan_deferrals as restrictive for update to enterprise_rw using (status = 'open') with check (status = 'withdrawn');

-- What a draw says changes by a confirmed correction, or its due day alone by an agreed deferral: two people either way.
create or replace function draw_is_corrected_by_two() returns trigger language plpgsql as $$
begin
  if (old.amount_cents, old.rate, old.drawn_on, old.contract_no) = (new.amount_cents, new.rate, new.drawn_on, new.contract_no)
     and exists (select from loan_deferrals d where d.tenant_id = new.tenant_id and d.draw_id = new.id and d.status = 'agreed'
       and (d.old_due_on, d.new_due_on) = (old.due_on, new.due_on)) then
    return new;
  end if;
  if not exists (select from loan_corrections c where c.tenant_id = new.tenant_id and c.draw_id = new.id and c.status = 'confirmed'
      and (c.new_cents, c.new_rate, c.new_on, c.new_contract_no) = (new.amount_cents, new.rate, new.drawn_on, new.contract_no)
      and c.new_due_on is not distinct from new.due_on) then
    raise exception 'a draw is corrected by two people';
  end if;
  return new;
end $$;

-- 续贷 in the figures (G3): as the request was when it was first counted. Nothing of before renews anything, so that nothing of before moves.
alter table statistics_facts add column renewal text not null default 'no';
alter table statistics_facts add constraint statistics_facts_renewal_check check (renewal in ('yes', 'no')) not valid;
create or replace function statistics_note_facts(city uuid, which uuid[]) returns void language sql as $$
  insert into statistics_facts (tenant_id, application_id, region, industry, bank, guarantee, first_loan, capital, term, size, renewal)
  select a.tenant_id, a.id, left(e.region_code, 6), industry_section(coalesce(e.industry_code, '')), a.bank_id::text,
    coalesce(p.guarantee_type, ''),
    case when coalesce(a.first_loan, (d.shown ->> 'first_loan')::boolean, e.first_loan) then 'yes' else 'no' end,
    case when e.registered_capital_cents is null then '' else
      (array['to_1m', 'to_5m', 'to_10m', 'to_50m', 'more'])[1 + width_bucket(e.registered_capital_cents::numeric,
        array[100000001, 500000001, 1000000001, 5000000001]::numeric[])] end,
    (array['to_6', 'to_12', 'to_36', 'to_60', 'more'])[1 + width_bucket(a.term * case a.term_unit when 'year' then 12 else 1 end,
      array[7, 13, 37, 61])],
    coalesce(d.shown -> 'size' ->> 'class', ''),
    case when a.renews_id is null then 'no' else 'yes' end
  from financing_applications a
  join enterprises e on e.tenant_id = a.tenant_id and e.id = a.enterprise_id
  left join products p on p.id = a.product_id
  left join application_dossiers d on d.tenant_id = a.tenant_id and d.application_id = a.id
  where a.tenant_id = city and a.submitted_at is not null and (which is null or a.id = any (which))
  on conflict do nothing
$$;

reset lock_timeout;
