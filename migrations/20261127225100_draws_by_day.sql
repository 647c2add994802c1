-- no-transaction
create index concurrently disbursements_by_day on disbursements (tenant_id, drawn_on, id) where confirmed_at is not null;
