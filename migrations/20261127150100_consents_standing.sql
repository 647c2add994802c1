-- no-transaction
create index concurrently consents_standing on consents (tenant_id, application_id) where application_id is not null and withdrawn_at is null;
