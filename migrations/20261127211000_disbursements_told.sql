-- no-transaction
create index concurrently disbursements_told on disbursements (tenant_id, at);
