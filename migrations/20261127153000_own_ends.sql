set lock_timeout = '2s';

-- 不通过 because the enterprise itself gave the request up is no decision of the bank: neither 审结 nor 不通过 (B8). It withdraws what it
-- withdraws without anybody counting it, and what it does not draw on stays 通过.
create or replace function statistics_now(city uuid, which uuid[])
  returns table (application_id uuid, day date, asked bigint, asked_cents bigint, accepted bigint, accept_seconds bigint, accepted_in_time bigint, approved bigint, approved_cents bigint, rejected bigint, decided_in_time bigint, draws bigint, drawn_cents bigint, rate_weight bigint, homes bigint, first_homes bigint)
  language sql stable as $$
  select a.id, (x.at at time zone 'Asia/Shanghai')::date,
    sum(x.asked)::bigint, sum(x.asked_cents)::bigint, sum(x.accepted)::bigint, sum(x.accept_seconds)::bigint, sum(x.accepted_in_time)::bigint, sum(x.approved)::bigint, sum(x.approved_cents)::bigint, sum(x.rejected)::bigint, sum(x.decided_in_time)::bigint, sum(x.draws)::bigint, sum(x.drawn_cents)::bigint, sum(x.rate_weight)::bigint, sum(x.homes)::bigint, sum(x.first_homes)::bigint
  from financing_applications a
  join statistics_facts f on f.tenant_id = a.tenant_id and f.application_id = a.id
  cross join lateral (
    select a.submitted_at as at, 1::bigint as asked, a.amount_cents::bigint as asked_cents, 0::bigint as accepted, 0::bigint as accept_seconds, 0::bigint as accepted_in_time, 0::bigint as approved, 0::bigint as approved_cents, 0::bigint as rejected, 0::bigint as decided_in_time, 0::bigint as draws, 0::bigint as drawn_cents, 0::bigint as rate_weight, 0::bigint as homes, 0::bigint as first_homes
    union all select a.accepted_at as at, 0::bigint as asked, 0::bigint as asked_cents, 1::bigint as accepted, greatest(extract(epoch from a.accepted_at - a.submitted_at), 0)::bigint as accept_seconds, (not a.overdue)::int::bigint as accepted_in_time, 0::bigint as approved, 0::bigint as approved_cents, 0::bigint as rejected, 0::bigint as decided_in_time, 0::bigint as draws, 0::bigint as drawn_cents, 0::bigint as rate_weight, 0::bigint as homes, 0::bigint as first_homes
      where a.accepted_at is not null
    union all select a.decided_at as at, 0::bigint as asked, 0::bigint as asked_cents, 0::bigint as accepted, 0::bigint as accept_seconds, 0::bigint as accepted_in_time, (a.stage <> 'rejected')::int::bigint as approved, case when a.stage <> 'rejected' then coalesce(a.approved_amount_cents, 0) else 0 end::bigint as approved_cents, (a.stage = 'rejected')::int::bigint as rejected, (coalesce(a.decided_at <= a.decision_due_at, true))::int::bigint as decided_in_time, 0::bigint as draws, 0::bigint as drawn_cents, 0::bigint as rate_weight, 0::bigint as homes, 0::bigint as first_homes
      where a.decided_at is not null and a.stage in ('approved', 'disbursing', 'disbursed', 'settled', 'not_drawn', 'rejected')
        and not (a.stage = 'rejected' and a.reason_codes = '{enterprise_declined}')
    union all select d.confirmed_at, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, d.amount_cents, d.amount_cents / 100 * d.rate,
      first.home, case when f.first_loan = 'yes' then first.home else 0 end
      from disbursements d
      cross join lateral (select (not exists (select from financing_applications o
          join disbursements b on b.tenant_id = o.tenant_id and b.application_id = o.id
          where o.tenant_id = a.tenant_id and o.enterprise_id = a.enterprise_id and (b.confirmed_at, b.id) < (d.confirmed_at, d.id)))::int as home) first
      where d.tenant_id = a.tenant_id and d.application_id = a.id and d.confirmed_at is not null
  ) x
  where a.tenant_id = city and a.submitted_at is not null and (which is null or a.id = any (which))
  group by 1, 2
$$;

reset lock_timeout;
