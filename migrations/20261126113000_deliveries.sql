-- 放弃投递: a parked notice that nobody tries again, with who decided so and why.
alter table outbox
  add column given_up_at timestamptz,
  add column given_up_name text not null default '' check (char_length(given_up_name) <= 30),
  add column given_up_reason text not null default '' check (char_length(given_up_reason) <= 200),
  add check (given_up_at is null or parked_at is not null);
create index outbox_parked on outbox (tenant_id, parked_at) where parked_at is not null and given_up_at is null;
