set lock_timeout = '2s';

-- The first page of a branch's 待接单 and how many wait there, with everything that a transaction of a page says before and after: one
-- exchange instead of four, for the page that is opened most. What it sets ends with its statement; the rows are those that the walls
-- let through. Only the login of the program takes on a role, so it opens nothing to anybody else.
create function branch_queue_front(branch uuid, city uuid, reach text, person text, most bigint, cap bigint)
returns table (
  id uuid, application_no text, enterprise_name text, product_name text, amount_cents bigint, rate int, term int, term_unit text,
  stage text, ever_accepted boolean, handler_name text, holder_name text, submitted_at timestamptz, accepted_at timestamptz,
  decided_at timestamptz, frozen boolean, renewal boolean, version int, paused_at timestamptz, due_at timestamptz,
  due_since timestamptz, total bigint)
language plpgsql
-- The same plan for a full branch and an empty one: it walks the queue's index and stops.
set plan_cache_mode = force_generic_plan
as $$
declare waiting bigint;
begin
  perform set_config('role', 'tenant_rw', true), set_config('app.tenant_id', branch::text, true),
    set_config('app.city_id', city::text, true), set_config('app.reach', reach, true),
    set_config('app.enterprise_id', '', true), set_config('app.user_id', person, true);
  select count(*) into waiting from (
    select from financing_applications a
    where a.tenant_id = city and a.handler_tenant_id = branch and a.submitted_at is not null and a.stage = 'submitted' limit cap) few;
  return query
    select a.id, a.application_no, a.enterprise_name, a.product_name, a.amount_cents, a.rate, a.term, a.term_unit, a.stage,
      a.ever_accepted, a.handler_name, a.holder_name, a.submitted_at, a.accepted_at, a.decided_at, a.frozen, a.renews_id is not null,
      a.version, a.paused_at, a.due_at, coalesce(a.intake_since, a.submitted_at), waiting
    from financing_applications a
    where a.tenant_id = city and a.handler_tenant_id = branch and a.submitted_at is not null and a.stage = 'submitted'
    order by a.due_at, a.id limit most;
end $$;

reset lock_timeout;
