-- 平台人工核验: two people of the city's operator compare a photo with the identity card. The photo is sealed in the file storage and
-- goes with the decision, or as many days later as the city's [face] says.
create table face_reviews (
  id uuid not null primary key,
  tenant_id uuid not null references tenants,                     -- the city
  enterprise_id uuid not null,
  user_id uuid not null references users,
  enterprise_name text not null,
  person_name text not null check (char_length(person_name) <= 30),              -- masked
  legal_id_index bytea not null,                                  -- whom it is about; a later change of person voids it
  reference text not null,
  object_key text not null default '',                            -- the photo; empty once it is gone
  photo_until timestamptz,                                        -- when it goes, once it was decided
  status text not null check (status in ('requested', 'proposed', 'passed', 'refused', 'cancelled')),
  passes boolean,                                                 -- what the first of the two found
  note text not null default '' check (char_length(note) <= 200),
  proposed_by uuid references users,
  proposed_name text not null default '',
  proposed_at timestamptz,
  settled_by uuid references users,
  settled_at timestamptz,
  created_at timestamptz not null,
  foreign key (tenant_id, enterprise_id) references enterprises (tenant_id, id),
  constraint face_reviews_four_eyes check (settled_by <> proposed_by),
  constraint face_reviews_both check (status not in ('passed', 'refused')
    or (passes is not null and proposed_by is not null and settled_by is not null)),
  check ((status = 'passed') <= passes),
  check ((status = 'refused') <= not passes)
);
create unique index face_reviews_one_open on face_reviews (tenant_id, user_id) where status in ('requested', 'proposed');
create index on face_reviews (tenant_id, status, created_at);
create index on face_reviews (tenant_id, enterprise_id);
create index on face_reviews (tenant_id, photo_until) where object_key <> '';
call raise_tenant_wall('face_reviews');
call raise_subject_wall('face_reviews');

-- The person asks and takes back; what the two of the operator find is not theirs to write.
create function only_staff_reviews() returns trigger language plpgsql as $$
begin
  if nullif(current_setting('app.enterprise_id', true), '') is not null and
     (new.passes is distinct from old.passes or new.proposed_by is distinct from old.proposed_by
      or new.settled_by is distinct from old.settled_by or new.status not in (old.status, 'cancelled')) then
    raise exception 'an enterprise takes a review back and changes nothing else of it';
  end if;
  return new;
end $$;
create trigger only_staff_reviews before update on face_reviews for each row execute function only_staff_reviews();

-- 核验结果: five years after the account ended, by the city's own job.
create policy after_its_time on face_reviews as restrictive for delete to tenant_rw
  using ((select current_person()) is null and exists (select from account_closings c
    where c.tenant_id = face_reviews.tenant_id and c.enterprise_id = face_reviews.enterprise_id
      and c.done_at < now() - interval '5 years'));
