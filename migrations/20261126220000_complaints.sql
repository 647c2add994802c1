set lock_timeout = '2s';

-- 投诉 (W21, C5): of an enterprise about an institution, a branch or one of its requests; the city answers within its promise. The node
-- that the city asked for a statement is its handler, and reads it from then on.
create table complaint_numbers (
  tenant_id uuid not null references tenants,
  day date not null,
  last int not null,
  primary key (tenant_id, day)
);
alter table complaint_numbers enable row level security, force row level security;
create policy own on complaint_numbers to tenant_rw, enterprise_rw
  using (tenant_id = (select current_tenant())) with check (tenant_id = (select current_tenant()));
grant select, insert, update on complaint_numbers to tenant_rw, enterprise_rw;

create table complaints (
  id uuid not null primary key,
  tenant_id uuid not null references tenants,                     -- the city
  enterprise_id uuid not null,
  enterprise_name text not null,
  complaint_no text not null,
  kind text not null check (kind in ('refused', 'slow', 'attitude', 'fees', 'tying', 'terms', 'privacy', 'other')),
  body text not null check (char_length(body) between 1 and 2000),
  application_id uuid,
  application_no text not null default '',
  about_id uuid not null references tenants,                      -- the institution or branch
  about_name text not null,
  bank_id uuid not null references tenants,
  bank_name text not null,
  status text not null check (status in ('filed', 'taken', 'answered', 'reopened', 'closed')),
  filed_by uuid not null references users,
  filed_at timestamptz not null,
  clock_from timestamptz not null,                                -- when the promise began: filed, or asked once more
  due_at timestamptz,                                             -- null: the calendar does not reach that far
  told smallint not null default 0 check (told between 0 and 3),  -- how far the clock was told of: due soon, overdue, late
  taken_by uuid references users,
  taken_name text not null default '',
  handler_tenant_id uuid references tenants,                      -- who was asked for a statement
  handler_name text not null default '',
  stated boolean not null default false,
  answer text not null default '' check (char_length(answer) <= 2000),
  answered_at timestamptz,
  reopened boolean not null default false,                        -- once
  closed_at timestamptz,
  version int not null default 1,
  foreign key (tenant_id, enterprise_id) references enterprises (tenant_id, id),
  foreign key (tenant_id, application_id) references financing_applications (tenant_id, id),
  unique (tenant_id, complaint_no),
  unique (tenant_id, id),
  check ((status = 'closed') <= (closed_at is not null)),
  check ((status = 'answered') <= (answered_at is not null and answer <> '')),
  check (handler_tenant_id is null or handler_tenant_id in (about_id, bank_id))
);
create index on complaints (tenant_id, status, due_at);
create index on complaints (tenant_id, enterprise_id, filed_at desc);
create index on complaints (tenant_id, application_id) where application_id is not null;
create index on complaints (tenant_id, bank_id, filed_at);
create index on complaints (handler_tenant_id, filed_at desc) where handler_tenant_id is not null;
call raise_handler_wall('complaints');
call raise_subject_wall('complaints');

-- Each side changes what is its own: the enterprise asks once more or ends it, the asked node states, all else is the city's.
revoke update on complaints from enterprise_rw;
grant update (status, clock_from, due_at, told, reopened, closed_at, version) on complaints to enterprise_rw;
create function complaint_sides() returns trigger language plpgsql as $$
begin
  if current_enterprise() is not null then
    if new.status not in (old.status, 'reopened', 'closed') then
      raise exception 'an enterprise asks once more or ends its complaint, and changes nothing else of it';
    end if;
  elsif current_tenant() <> old.tenant_id and (to_jsonb(new) - 'stated' - 'version') is distinct from (to_jsonb(old) - 'stated' - 'version') then
    raise exception 'whoever was asked states, and changes nothing else of a complaint';
  end if;
  return new;
end $$;
create trigger complaint_sides before update on complaints for each row execute function complaint_sides();

-- What happened, in order; never changed. Notes stay among the city's people; a statement is the city's and its author's to read.
create table complaint_steps (
  id uuid not null primary key,
  tenant_id uuid not null references tenants,
  complaint_id uuid not null,
  kind text not null check (kind in ('filed', 'taken', 'noted', 'statement_asked', 'stated', 'answered', 'reopened', 'closed')),
  words text not null default '' check (char_length(words) <= 2000),
  by_id uuid references users,                                    -- null: the clock
  by_name text not null default '',                               -- the enterprise's people are not named
  node_id uuid references tenants,                                -- of a statement: who was asked
  node_name text not null default '',
  at timestamptz not null,
  foreign key (tenant_id, complaint_id) references complaints (tenant_id, id),
  check ((kind in ('statement_asked', 'stated')) = (node_id is not null))
);
create index on complaint_steps (tenant_id, complaint_id, at);
alter table complaint_steps enable row level security, force row level security;
create policy of_the_enterprise on complaint_steps to enterprise_rw
  using (kind in ('filed', 'taken', 'answered', 'reopened', 'closed')
    and exists (select from complaints c where c.tenant_id = complaint_steps.tenant_id and c.id = complaint_steps.complaint_id))
  with check (kind in ('filed', 'reopened', 'closed') and by_id = (select current_person())
    and exists (select from complaints c where c.tenant_id = complaint_steps.tenant_id and c.id = complaint_steps.complaint_id));
create policy of_the_city on complaint_steps to tenant_rw
  using (tenant_id = (select current_tenant())) with check (tenant_id = (select current_tenant()) and kind <> 'stated');
create policy of_the_asked on complaint_steps to tenant_rw
  using (tenant_id <> (select current_tenant()) and (kind in ('filed', 'reopened') or node_id = any ((select current_reach())::uuid[]))
    and exists (select from complaints c where c.tenant_id = complaint_steps.tenant_id and c.id = complaint_steps.complaint_id))
  with check (tenant_id <> (select current_tenant()) and kind = 'stated' and node_id = (select current_tenant())
    and by_id = (select current_person())
    and exists (select from complaints c where c.tenant_id = complaint_steps.tenant_id and c.id = complaint_steps.complaint_id
      and c.handler_tenant_id = (select current_tenant())));
grant select, insert on complaint_steps to tenant_rw, enterprise_rw;
call make_append_only('complaint_steps');
