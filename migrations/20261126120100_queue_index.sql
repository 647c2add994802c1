-- The queue's index also tells whose row it is and that it was submitted, so that a list's total is counted in the index alone.
drop index financing_applications_handler_tenant_id_stage_due_at_id_idx;
create index financing_applications_queue on financing_applications (handler_tenant_id, stage, due_at, id)
  include (tenant_id, submitted_at);
