-- 绑定微信 is told to the person: the notice is written with the binding, at the door that binds.
set lock_timeout = '2s';
create policy door_posts on outbox for insert to door_rw with check (true);
grant insert (id, tenant_id, topic, payload, created_at, next_at) on outbox to door_rw;

reset lock_timeout;
