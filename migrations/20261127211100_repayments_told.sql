-- no-transaction
create index concurrently repayments_told on repayments (tenant_id, at);
