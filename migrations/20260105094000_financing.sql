-- 融资需求 Financing applications: owned by the city platform, worked on by a branch.
create table financing_applications (
  id uuid not null,
  tenant_id uuid not null references tenants,
  handler_tenant_id uuid references tenants,                      -- 机构: the node that holds it; null while a draft
  bank_id uuid not null references tenants,
  enterprise_id uuid not null,
  application_no text,                                            -- 申请编号, allocated when the request becomes effective (A-02)
  stage text not null check (stage in ('draft', 'pending_face', 'submitted', 'returned_to_hq', 'accepted', 'due_diligence',
    'need_supplement', 'in_approval', 'approved', 'disbursing', 'disbursed', 'settled', 'not_drawn', 'rejected',
    'refused_intake', 'withdrawn', 'expired')),
  returned_from text,                                             -- the stage a 退回补充 came from and goes back to
  ever_accepted boolean not null default false,                   -- tells 已接单 from 未接单 once it is closed
  frozen boolean not null default false,
  version int not null default 1,
  product_id uuid not null references products,
  product_version int not null,
  product_name text not null,
  handler_name text not null default '',
  enterprise_name text not null,
  amount_cents bigint not null check (amount_cents > 0),
  rate int not null check (rate >= 0),
  term int not null check (term > 0),
  term_unit text not null check (term_unit in ('month', 'year')),
  approved_amount_cents bigint check (approved_amount_cents > 0),
  approved_rate int check (approved_rate >= 0),
  approved_term int check (approved_term > 0),
  approval_valid_until date,
  review_opinion text not null default '',
  reason_codes text[] not null default '{}',
  holder_user_id uuid references users,
  holder_name text not null default '',
  supplement_rounds int not null default 0 check (supplement_rounds <= 3),
  channel text not null default 'web' check (channel in ('web', 'phone', 'mini_program')),
  created_by uuid not null references users,
  previous_application_id uuid,
  created_at timestamptz not null,
  submitted_at timestamptz,
  accepted_at timestamptz,
  contacted_at timestamptz,
  decided_at timestamptz,
  due_at timestamptz,                                             -- when the clock that runs now is due; null when none runs
  decision_due_at timestamptz,
  contact_due_at timestamptz,                                     -- C2
  paused_at timestamptz,                                          -- since when 退回补充 or 冻结 pauses the clocks
  updated_at timestamptz not null,
  draft_typed jsonb not null default '{}',                        -- what was typed in a draft, valid or not (A-31)
  primary key (tenant_id, id),
  unique (tenant_id, application_no),
  foreign key (tenant_id, enterprise_id) references enterprises (tenant_id, id),
  check ((stage in ('draft', 'pending_face')) = (application_no is null))
);
create index on financing_applications (tenant_id, enterprise_id, submitted_at desc, id desc);
create index on financing_applications (handler_tenant_id, stage, due_at, id);
create index on financing_applications (handler_tenant_id, submitted_at desc, id desc);
create index on financing_applications (tenant_id, stage, due_at);
-- A branch belongs to one city. Without being told, the planner takes both filters for independent, expects one row and sorts
-- a whole queue where it could walk the index for a page.
create statistics financing_applications_reach (dependencies) on tenant_id, handler_tenant_id from financing_applications;
call raise_handler_wall('financing_applications');
call raise_subject_wall('financing_applications');
-- Before submission it is nobody's but the enterprise's, whatever branch was picked in the form.
create policy drafts_stay_private on financing_applications as restrictive to tenant_rw
  using (stage not in ('draft', 'pending_face') or tenant_id = (select current_tenant()))
  with check (stage not in ('draft', 'pending_face') or tenant_id = (select current_tenant()));
grant delete on financing_applications to enterprise_rw;
create policy drafts_go on financing_applications for delete to enterprise_rw
  using (tenant_id = (select current_tenant()) and stage = 'draft');

-- 操作记录 of an application: append-only; replaying it gives stage, columns and clocks.
create table application_events (
  id uuid not null primary key,
  tenant_id uuid not null,
  application_id uuid not null,
  seq int not null,
  kind text not null,
  from_stage text,
  to_stage text not null,
  actor_kind text not null check (actor_kind in ('enterprise', 'staff', 'system')),
  actor_id uuid,
  actor_name text not null default '',
  actor_role text not null default '',
  handler_tenant_id uuid,
  reason_codes text[] not null default '{}',
  note text not null default '',
  detail jsonb not null default '{}',
  at timestamptz not null,
  unique (tenant_id, application_id, seq),
  foreign key (tenant_id, application_id) references financing_applications (tenant_id, id) on delete cascade
);
call raise_application_wall('application_events');

-- 当日流水号 per tenant and day; taken last in the transaction, never reused.
create table daily_numbers (
  tenant_id uuid not null references tenants,
  day date not null,
  last int not null,
  primary key (tenant_id, day)
);
alter table daily_numbers enable row level security, force row level security;
create policy own on daily_numbers to tenant_rw, enterprise_rw
  using (tenant_id = (select current_tenant())) with check (tenant_id = (select current_tenant()));
grant select, insert, update on daily_numbers to tenant_rw, enterprise_rw;

-- 企业材料: sealed objects; the row says what they are.
create table enterprise_files (
  id uuid not null,
  tenant_id uuid not null references tenants,
  enterprise_id uuid not null,
  kind text not null,                                             -- licence, id_front, id_back, or a material code
  object_key text not null,
  media_type text not null check (media_type in ('image/jpeg', 'application/pdf')),
  byte_size int not null,
  width int,
  height int,
  sha256 bytea not null,
  scan text not null default 'clean' check (scan in ('clean', 'infected', 'unknown')),
  created_by uuid not null references users,
  created_at timestamptz not null,
  replaced_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, enterprise_id) references enterprises (tenant_id, id)
);
create index on enterprise_files (tenant_id, enterprise_id, kind) where replaced_at is null;
call raise_tenant_wall('enterprise_files');
call raise_subject_wall('enterprise_files');

-- What a bank was given with an application, as it was at that moment: nothing else of the enterprise is open to it.
create table application_dossiers (
  application_id uuid not null,
  tenant_id uuid not null,
  enterprise_id uuid not null,
  shown jsonb not null,                                           -- masked facts for the page
  sealed bytea not null,                                          -- the full facts, opened with a logged reason
  created_at timestamptz not null,
  primary key (tenant_id, application_id),
  foreign key (tenant_id, application_id) references financing_applications (tenant_id, id)
);
call raise_application_wall('application_dossiers');

create table application_files (
  tenant_id uuid not null,
  application_id uuid not null,
  file_id uuid not null,
  kind text not null,
  label text not null,
  object_key text not null,
  media_type text not null,
  round int not null default 0,                                   -- 0: with the application; n: answer to 退回补充 n
  added_at timestamptz not null,
  primary key (tenant_id, application_id, file_id),
  foreign key (tenant_id, application_id) references financing_applications (tenant_id, id)
);
call raise_application_wall('application_files');

-- 退回补充: the list of what is missing, answered in place.
create table supplement_items (
  id uuid not null primary key,
  tenant_id uuid not null,
  application_id uuid not null,
  round int not null,
  position int not null,
  label text not null check (char_length(label) between 2 and 60),
  hint text not null default '',
  required boolean not null default true,
  file_id uuid,
  answer text not null default '',
  answered_at timestamptz,
  foreign key (tenant_id, application_id) references financing_applications (tenant_id, id)
);
create index on supplement_items (tenant_id, application_id, round, position);
call raise_application_wall('supplement_items');

-- 授权记录: one row per text, person and purpose; withdrawn, never deleted (S-32).
create table consents (
  id uuid not null primary key,
  tenant_id uuid not null references tenants,
  enterprise_id uuid not null,
  user_id uuid not null references users,
  agreement_code text not null,
  agreement_version text not null,
  agreement_title text not null,
  body_hash bytea not null,
  purpose text not null,
  recipient text not null default '',
  application_id uuid,
  channel text not null,
  ip text not null default '',
  granted_at timestamptz not null,
  withdrawn_at timestamptz,
  foreign key (tenant_id, enterprise_id) references enterprises (tenant_id, id)
);
create index on consents (tenant_id, enterprise_id, granted_at desc);
call raise_tenant_wall('consents');
call raise_subject_wall('consents');
-- Who holds an application may see whether the consents given for it still stand (B6).
create policy handler_reads on consents for select to tenant_rw using (application_id is not null and exists (
  select from financing_applications a where a.tenant_id = consents.tenant_id and a.id = consents.application_id));
create index on consents (tenant_id, application_id) where application_id is not null;
create policy door on consents to door_rw using (true) with check (true);
grant insert on consents to door_rw;

-- 人脸核验: session, verdict, score and time; never the picture (S-28). A check at the counter (manual_…) is addressed to a
-- branch: it sees the request and what it needs to settle it, and settles it; nothing else of the enterprise.
create table face_checks (
  id uuid not null primary key,
  tenant_id uuid not null references tenants,
  enterprise_id uuid not null,
  user_id uuid not null references users,
  provider text not null,
  session_ref text not null default '',
  status text not null check (status in ('started', 'passed', 'failed', 'unclear', 'manual_requested', 'manual_passed',
    'manual_refused', 'cancelled')),
  score numeric(5, 2),
  reason_code text not null default '',
  branch_id uuid references tenants,                              -- where a check at the counter was asked for
  enterprise_name text not null default '',
  person_name text not null default '' check (char_length(person_name) <= 30),   -- masked: the counter sees the card itself
  legal_id_index bytea,                                           -- whom the check is about; a later change of person voids it
  reference text not null default '',                             -- what the person names at the counter
  note text not null default '' check (char_length(note) <= 200),
  settled_by uuid references users,
  channel text not null default 'web',
  created_at timestamptz not null,
  settled_at timestamptz,
  foreign key (tenant_id, enterprise_id) references enterprises (tenant_id, id),
  check ((status like 'manual%') <= (branch_id is not null))
);
create index on face_checks (tenant_id, user_id, created_at desc);
create index on face_checks (branch_id, status, created_at) where branch_id is not null;
create unique index face_checks_one_request on face_checks (tenant_id, user_id) where status = 'manual_requested';
call raise_tenant_wall('face_checks');
call raise_subject_wall('face_checks');
create policy counter_reads on face_checks for select to tenant_rw using (branch_id = any ((select current_reach())::uuid[]));
create policy counter_settles on face_checks for update to tenant_rw
  using (branch_id = (select current_tenant()) and status = 'manual_requested')
  with check (branch_id = (select current_tenant()) and status in ('manual_passed', 'manual_refused'));
create function counter_settles_only() returns trigger language plpgsql as $$
begin
  if (to_jsonb(new) - array['status', 'note', 'settled_by', 'settled_at'])
     <> (to_jsonb(old) - array['status', 'note', 'settled_by', 'settled_at']) then
    raise exception 'the counter settles a check and changes nothing else of it';
  end if;
  return new;
end $$;
create trigger counter_settles_only before update on face_checks for each row
  when (old.tenant_id is distinct from current_tenant()) execute function counter_settles_only();

-- 消息: in-site messages, to an enterprise (tenant = city) or to the staff of a node.
create table messages (
  id uuid not null primary key,
  tenant_id uuid not null references tenants,
  enterprise_id uuid,
  dedupe_key text not null,
  title text not null,
  body text not null,
  link text not null default '',
  created_at timestamptz not null,
  read_at timestamptz,
  unique (tenant_id, dedupe_key)
);
create index on messages (tenant_id, enterprise_id, created_at desc);
call raise_tenant_wall('messages');
call raise_subject_wall('messages');
create index messages_unread on messages (tenant_id, enterprise_id) where read_at is null;
create policy door on messages for select to door_rw using (true);
grant select (tenant_id, enterprise_id, read_at) on messages to door_rw;   -- the badge of the head
create policy deliver on messages for insert to tenant_rw with check (tenant_id = any ((select current_reach())::uuid[]));

-- 发件箱: written in the same transaction as the change, worked off afterwards (S-42). Payloads name people by id only.
create table outbox (
  id uuid not null primary key,
  tenant_id uuid not null references tenants,                     -- always the city
  topic text not null,
  payload jsonb not null,
  created_at timestamptz not null,
  next_at timestamptz not null,
  tries int not null default 0,
  done_at timestamptz,
  parked_at timestamptz,
  last_error text not null default ''
);
create index on outbox (tenant_id, next_at) where done_at is null and parked_at is null;
alter table outbox enable row level security, force row level security;
create policy posts on outbox for insert to tenant_rw, enterprise_rw with check (tenant_id = (select current_city()));
create policy works on outbox to tenant_rw using (tenant_id = (select current_tenant())) with check (tenant_id = (select current_tenant()));
grant select, insert, update on outbox to tenant_rw;
grant insert on outbox to enterprise_rw;
create policy door on outbox for select to door_rw using (true);
grant select (tenant_id, next_at, done_at, parked_at) on outbox to door_rw;

-- 幂等键 (S-36): the first answer again for the same body, 422 for another.
create table idempotency_keys (
  tenant_id uuid not null references tenants,
  user_id uuid not null references users,
  action text not null,
  key text not null check (char_length(key) between 16 and 64),
  body_hash bytea not null,
  answer jsonb not null default '{}',
  created_at timestamptz not null,
  primary key (tenant_id, user_id, action, key)
);
create index on idempotency_keys (created_at);
alter table idempotency_keys enable row level security, force row level security;
create policy own on idempotency_keys to tenant_rw, enterprise_rw
  using (tenant_id = (select current_tenant()) and user_id = (select current_person()))
  with check (tenant_id = (select current_tenant()) and user_id = (select current_person()));
grant select, insert, update on idempotency_keys to tenant_rw, enterprise_rw;

-- 查看记录: who saw whose full data and why (S-30). Chained by the worker: seq and hash come after the insert.
create table view_entries (
  id uuid not null primary key,
  tenant_id uuid not null references tenants,                     -- the city
  enterprise_id uuid not null,
  viewer_id uuid not null references users,
  viewer_name text not null,
  viewer_tenant_id uuid not null references tenants,
  viewer_node text not null,
  application_id uuid,
  fields text not null,
  reason text not null,
  request_id text not null default '',
  at timestamptz not null
);
create index on view_entries (tenant_id, enterprise_id, at desc);
create index on view_entries (viewer_id, at desc);
create index on view_entries (tenant_id, application_id, at desc);
alter table view_entries enable row level security, force row level security;
create policy writes on view_entries for insert to tenant_rw with check (tenant_id = (select current_city()) and viewer_id = (select current_person()));
create policy concerned on view_entries for select to enterprise_rw using (tenant_id = (select current_tenant()) and enterprise_id = (select current_enterprise()));
create policy city on view_entries for select to tenant_rw using (tenant_id = any ((select current_reach())::uuid[]) or viewer_tenant_id = any ((select current_reach())::uuid[]));
grant select, insert on view_entries to tenant_rw;
grant select on view_entries to enterprise_rw;
call make_append_only('view_entries');

-- 操作日志: insert-only; a worker links the entries of each city into a hash chain (audit_links).
create table audit_entries (
  id uuid not null primary key,
  tenant_id uuid not null references tenants,                     -- the city
  actor_id uuid,
  actor_name text not null default '',
  actor_tenant_id uuid,
  action text not null,
  object text not null default '',
  outcome text not null default 'ok',
  detail jsonb not null default '{}',
  ip text not null default '',
  request_id text not null default '',
  at timestamptz not null
);
create index on audit_entries (tenant_id, at desc);
alter table audit_entries enable row level security, force row level security;
create policy writes on audit_entries for insert to tenant_rw, enterprise_rw with check (tenant_id = (select current_city()));
create policy door on audit_entries for insert to door_rw with check (true);
create policy city on audit_entries for select to tenant_rw using (tenant_id = any ((select current_reach())::uuid[]));
grant insert on audit_entries to tenant_rw, enterprise_rw, door_rw;
grant select on audit_entries to tenant_rw;
call make_append_only('audit_entries');

create table audit_links (
  tenant_id uuid not null references tenants,
  seq bigint not null,
  entry_kind text not null check (entry_kind in ('audit', 'view')),
  entry_id uuid not null,
  hash bytea not null,                                            -- sha256(previous hash | entry)
  primary key (tenant_id, seq),
  unique (tenant_id, entry_kind, entry_id)
);
alter table audit_links enable row level security, force row level security;
create policy works on audit_links to tenant_rw using (tenant_id = (select current_tenant())) with check (tenant_id = (select current_tenant()));
grant select, insert on audit_links to tenant_rw;
call make_append_only('audit_links');
