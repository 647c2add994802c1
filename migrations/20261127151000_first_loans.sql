set lock_timeout = '2s';

-- 首贷户 of a request: as the bank confirmed it from the credit report; null: as the enterprise stood when it submitted (W19).
alter table financing_applications add column first_loan boolean;
alter table due_diligence_reports add column first_loan boolean;

-- What its credit report shows is not the enterprise's to write, whatever it may write of itself.
create function loan_history_is_looked_up() returns trigger language plpgsql as $$
begin
  if nullif(current_setting('app.enterprise_id', true), '') is not null then
    raise exception 'an enterprise does not write its own loan history';
  end if;
  return new;
end $$;
create trigger loan_history_is_looked_up before update on enterprises for each row
  when (old.first_loan is distinct from new.first_loan) execute function loan_history_is_looked_up();
create trigger loan_history_is_looked_up before update on financing_applications for each row
  when (old.first_loan is distinct from new.first_loan) execute function loan_history_is_looked_up();

drop trigger statistics_changed on financing_applications;
create trigger statistics_changed after update on financing_applications for each row
  when (new.submitted_at is not null and (old.stage, old.submitted_at, old.accepted_at, old.decided_at, old.overdue, old.decision_due_at,
      old.amount_cents, old.approved_amount_cents, old.first_loan)
    is distinct from (new.stage, new.submitted_at, new.accepted_at, new.decided_at, new.overdue, new.decision_due_at, new.amount_cents,
      new.approved_amount_cents, new.first_loan))
  execute function statistics_application_changed();

-- As it stood at the request: what the bank confirmed, else what was handed over with it, and not what became of the enterprise since.
create or replace function statistics_note_facts(city uuid, which uuid[]) returns void language sql as $$
  insert into statistics_facts (tenant_id, application_id, region, industry, bank, guarantee, first_loan, capital, term, size)
  select a.tenant_id, a.id, left(e.region_code, 6), industry_section(coalesce(e.industry_code, '')), a.bank_id::text,
    coalesce(p.guarantee_type, ''),
    case when coalesce(a.first_loan, (d.shown ->> 'first_loan')::boolean, e.first_loan) then 'yes' else 'no' end,
    case when e.registered_capital_cents is null then '' else
      (array['to_1m', 'to_5m', 'to_10m', 'to_50m', 'more'])[1 + width_bucket(e.registered_capital_cents::numeric,
        array[100000001, 500000001, 1000000001, 5000000001]::numeric[])] end,
    (array['to_6', 'to_12', 'to_36', 'to_60', 'more'])[1 + width_bucket(a.term * case a.term_unit when 'year' then 12 else 1 end,
      array[7, 13, 37, 61])],
    coalesce(d.shown -> 'size' ->> 'class', '')
  from financing_applications a
  join enterprises e on e.tenant_id = a.tenant_id and e.id = a.enterprise_id
  left join products p on p.id = a.product_id
  left join application_dossiers d on d.tenant_id = a.tenant_id and d.application_id = a.id
  where a.tenant_id = city and a.submitted_at is not null and (which is null or a.id = any (which))
  on conflict do nothing
$$;

-- The bank confirmed something else after the request was counted: what was counted moves to the other value, and nothing else does.
create function statistics_confirm_first_loans(city uuid, which uuid[]) returns void language sql as $$
  with changed as (
    update statistics_facts f set first_loan = case when a.first_loan then 'yes' else 'no' end
    from financing_applications a
    where f.tenant_id = city and a.tenant_id = city and a.id = f.application_id and (which is null or a.id = any (which))
      and a.first_loan is not null and f.first_loan <> case when a.first_loan then 'yes' else 'no' end
    returning f.application_id, f.first_loan
  ), counted as (
    select date_trunc('month', l.day)::date as month, c.first_loan,
      sum(l.asked) as asked, sum(l.asked_cents) as asked_cents, sum(l.accepted) as accepted, sum(l.accept_seconds) as accept_seconds,
      sum(l.accepted_in_time) as accepted_in_time, sum(l.approved) as approved, sum(l.approved_cents) as approved_cents, sum(l.rejected) as rejected,
      sum(l.decided_in_time) as decided_in_time, sum(l.draws) as draws, sum(l.drawn_cents) as drawn_cents, sum(l.rate_weight) as rate_weight,
      sum(l.homes) as homes, sum(l.first_homes) as first_homes
    from changed c join statistics_lines l on l.tenant_id = city and l.application_id = c.application_id
    group by 1, 2
  )
  insert into statistics_months as s (tenant_id, dimension, month, value,
    asked, asked_cents, accepted, accept_seconds, accepted_in_time, approved, approved_cents,
    rejected, decided_in_time, draws, drawn_cents, rate_weight, homes, first_homes)
  select city, 'first_loan', m.month, v.value,
    sum(v.sign * m.asked), sum(v.sign * m.asked_cents), sum(v.sign * m.accepted), sum(v.sign * m.accept_seconds),
    sum(v.sign * m.accepted_in_time), sum(v.sign * m.approved), sum(v.sign * m.approved_cents), sum(v.sign * m.rejected),
    sum(v.sign * m.decided_in_time), sum(v.sign * m.draws), sum(v.sign * m.drawn_cents), sum(v.sign * m.rate_weight),
    sum(v.sign * m.homes), sum(v.sign * m.first_homes)
  from counted m
  cross join lateral (values (m.first_loan, 1), (case m.first_loan when 'yes' then 'no' else 'yes' end, -1)) v (value, sign)
  group by m.month, v.value
  on conflict (tenant_id, dimension, month, value) do update set
    asked = s.asked + excluded.asked, asked_cents = s.asked_cents + excluded.asked_cents, accepted = s.accepted + excluded.accepted,
    accept_seconds = s.accept_seconds + excluded.accept_seconds, accepted_in_time = s.accepted_in_time + excluded.accepted_in_time, approved = s.approved + excluded.approved,
    approved_cents = s.approved_cents + excluded.approved_cents, rejected = s.rejected + excluded.rejected, decided_in_time = s.decided_in_time + excluded.decided_in_time,
    draws = s.draws + excluded.draws, drawn_cents = s.drawn_cents + excluded.drawn_cents, rate_weight = s.rate_weight + excluded.rate_weight,
    homes = s.homes + excluded.homes, first_homes = s.first_homes + excluded.first_homes
$$;

-- 首贷户 of an enterprise from now on: none that has a confirmed draw here, or of which a bank confirmed a loan; one of which a bank confirmed
-- that there is none. Of the others nothing is known.
create function note_loan_history(city uuid, which uuid[]) returns void language sql as $$
  update enterprises e set first_loan = told.first
  from (
    select a.enterprise_id, case
        when bool_or(coalesce(not a.first_loan, false) or exists (select from disbursements d
          where d.tenant_id = city and d.application_id = a.id and d.confirmed_at is not null)) then false
        when bool_or(a.first_loan) then true end as first
    from financing_applications a
    where a.tenant_id = city and a.submitted_at is not null and (which is null or a.enterprise_id in (
      select b.enterprise_id from financing_applications b where b.tenant_id = city and b.id = any (which)))
    group by 1
  ) told
  where e.tenant_id = city and e.id = told.enterprise_id and told.first is not null and e.first_loan <> told.first
$$;

-- Enterprises of before that have a confirmed draw are looked at once. The walls hold for the owner too: they are opened for this.
alter table financing_applications no force row level security;
alter table disbursements no force row level security;
alter table statistics_due no force row level security;
insert into statistics_due (tenant_id, application_id)
select distinct d.tenant_id, d.application_id from disbursements d where d.confirmed_at is not null;
alter table statistics_due force row level security;
alter table disbursements force row level security;
alter table financing_applications force row level security;

reset lock_timeout;
