-- no-transaction
create index concurrently messages_rung on messages (tenant_id, created_at) where sms = 'sent';
