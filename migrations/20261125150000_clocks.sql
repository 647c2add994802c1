-- Clocks: what a worker asks every minute, each question with an index of its own.
create index financing_applications_decision_due on financing_applications (tenant_id, decision_due_at)
  where stage in ('submitted', 'returned_to_hq', 'accepted', 'due_diligence', 'in_approval');
create index financing_applications_contact_due on financing_applications (tenant_id, contact_due_at) where stage = 'accepted';
create index financing_applications_validity on financing_applications (tenant_id, approval_valid_until) where stage = 'approved';
