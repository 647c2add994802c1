-- Which cities have something to work off: the workers ask once for all cities instead of asking each in turn.
-- The door learns that there is work and where, never what it is about.
create policy door on exports for select to door_rw using (true);
grant select (city_id, status, lease_until) on exports to door_rw;
create policy door on imports for select to door_rw using (true);
grant select (city_id, status, lease_until) on imports to door_rw;
create policy door on webhook_deliveries for select to door_rw using (true);
grant select (tenant_id, next_at, done_at, parked_at) on webhook_deliveries to door_rw;
