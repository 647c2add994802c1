set lock_timeout = '2s';

-- How the message to a phone fares that goes with an in-site message (W13); empty: none goes with it.
alter table messages
  add column sms text not null default '' check (sms in ('', 'sending', 'sent', 'delivered', 'failed', 'wechat')),
  add column sms_notice uuid;                                       -- of the outbox, which lets go of its rows sooner
create index messages_ringing on messages (tenant_id, sms_notice) where sms_notice is not null;
create index messages_rung on messages (tenant_id, created_at) where sms = 'sent';
