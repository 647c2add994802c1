set lock_timeout = '2s';

-- 草稿 of 完善信息: what somebody typed and did not save yet, sealed as a whole because it names people; never a password or a code.
create table profile_drafts (
  tenant_id uuid not null references tenants,                     -- the city
  enterprise_id uuid not null,
  user_id uuid not null references users,
  typed_sealed bytea not null,
  saved_at timestamptz not null,
  primary key (tenant_id, user_id),
  foreign key (tenant_id, enterprise_id) references enterprises (tenant_id, id)
);
create index on profile_drafts (tenant_id, saved_at);
call raise_tenant_wall('profile_drafts');
call raise_subject_wall('profile_drafts');
grant delete on profile_drafts to enterprise_rw;
revoke insert, update on profile_drafts from tenant_rw;
-- Whoever typed it reads it and nobody else; of the city only its job comes near, to take away what is over.
create policy own_hand on profile_drafts as restrictive to enterprise_rw
  using (user_id = (select current_person())) with check (user_id = (select current_person()));
create policy by_the_job on profile_drafts as restrictive to tenant_rw
  using ((select current_person()) is null);
