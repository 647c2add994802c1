set lock_timeout = '2s';

-- How the message to a phone fares that goes with an in-site message (W13); empty: none goes with it.
alter table messages
  add column sms text not null default '' check (sms in ('', 'sending', 'sent', 'delivered', 'failed', 'wechat')),
  add column sms_notice uuid;                                       -- of the outbox, which lets go of its rows sooner

reset lock_timeout;
