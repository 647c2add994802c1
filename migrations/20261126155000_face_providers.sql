-- 人脸核验 with providers that film the person themselves: the page where it goes on, where the person goes afterwards, what
-- the provider takes money for, and when the worker asks for a verdict that is still owed.
alter table face_checks
  add column page text not null default '' check (char_length(page) <= 2000),
  add column next_path text not null default '' check (char_length(next_path) <= 500),
  add column charged boolean,
  add column asks int not null default 0,
  add column ask_at timestamptz;
create index on face_checks (ask_at) where ask_at is not null and status in ('started', 'unclear');

-- The worker asks once which cities owe an answer; it learns that there is one, not whose.
create policy door on face_checks for select to door_rw using (true);
grant select (tenant_id, status, ask_at) on face_checks to door_rw;
