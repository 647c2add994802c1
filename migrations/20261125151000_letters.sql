-- 沟通记录: the talk between an enterprise and the bank that holds its application (W25). Written once; only that it was read and
-- that a call was made is added.
create table application_letters (
  id uuid not null primary key,
  tenant_id uuid not null,
  application_id uuid not null,
  side text not null check (side in ('enterprise', 'bank')),
  author_id uuid not null references users,
  author_name text not null default '',
  kind text not null check (kind in ('text', 'file', 'call_request')),
  body text not null default '' check (char_length(body) <= 1000),
  file_id uuid,                                                   -- stands among the application's files
  at timestamptz not null,
  read_at timestamptz,                                            -- by the other side
  called_at timestamptz,                                          -- 请求回电: when the bank called
  called_by uuid references users,
  called_name text not null default '',
  outcome text not null default '' check (char_length(outcome) <= 200),
  foreign key (tenant_id, application_id) references financing_applications (tenant_id, id),
  check ((kind = 'file') = (file_id is not null)),
  check (kind <> 'call_request' or side = 'enterprise'),
  check (called_at is null or kind = 'call_request')
);
create index on application_letters (tenant_id, application_id, at);
create index on application_letters (author_id, at);
call raise_application_wall('application_letters');
-- Each side writes in its own name; the city reads nothing; the bank reads nothing more once only the minimal record is left.
create policy own_name on application_letters as restrictive for insert to enterprise_rw
  with check (side = 'enterprise' and author_id = (select current_person()));
create policy own_name_of_staff on application_letters as restrictive for insert to tenant_rw
  with check (side = 'bank' and author_id = (select current_person()));
create policy while_it_is_theirs on application_letters as restrictive for select to tenant_rw
  using (tenant_id <> (select current_tenant()) and exists (select from financing_applications a
    where a.tenant_id = application_letters.tenant_id and a.id = application_letters.application_id
      and a.handler_tenant_id = any ((select current_reach())::uuid[]) and a.stage not in ('withdrawn', 'expired')));
revoke update on application_letters from tenant_rw, enterprise_rw;
grant update (read_at) on application_letters to enterprise_rw;
grant update (read_at, called_at, called_by, called_name, outcome) on application_letters to tenant_rw;
