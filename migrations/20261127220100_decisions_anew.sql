-- What was asked for anew before there was a column for it; in a transaction of its own, so that nobody waits for the reading of the logs.
update financing_applications a set decision_since = e.at from (
  select tenant_id, application_id, max(at) as at from application_events
  where kind = 'reconsider' or (kind = 'correct_mistake' and to_stage = 'in_approval') group by tenant_id, application_id) e
where a.tenant_id = e.tenant_id and a.id = e.application_id;
