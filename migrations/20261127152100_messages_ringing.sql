-- no-transaction
create index concurrently messages_ringing on messages (tenant_id, sms_notice) where sms_notice is not null;
