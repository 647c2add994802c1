-- 动态验证码 (TOTP): the second factor of staff, its recovery codes, and the sign-ins that still wait for it.
-- Only the sign-in door reads any of it (S-13, S-22).
create table second_factors (
  tenant_id uuid not null references tenants,
  user_id uuid not null references users,
  totp_secret bytea,                                              -- C3: sealed; null until the first code fitted
  new_secret bytea,                                               -- sealed; shown on the enrolment page, not in use yet
  last_step bigint not null default 0,                            -- a step is accepted once
  enrolled_at timestamptz,
  primary key (tenant_id, user_id),
  check ((totp_secret is null) = (enrolled_at is null))
);
create index on second_factors (user_id);
call raise_door_wall('second_factors');

-- 恢复码: ten for one enrolment, each lets in once.
create table recovery_codes (
  tenant_id uuid not null references tenants,
  user_id uuid not null references users,
  code_hash bytea not null,                                       -- keyed hash, bound to the person
  used_at timestamptz,
  primary key (tenant_id, user_id, code_hash)
);
create index on recovery_codes (user_id);
call raise_door_wall('recovery_codes');

-- The password (or the SMS code) was right, the second factor is not proved yet: no session, ten minutes.
create table pending_sign_ins (
  tenant_id uuid not null references tenants,                     -- the city
  id_hash bytea not null,
  user_id uuid not null references users,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (tenant_id, id_hash)
);
create index on pending_sign_ins (expires_at);
call raise_door_wall('pending_sign_ins');

alter table sign_in_records drop constraint sign_in_records_outcome_check,
  add constraint sign_in_records_outcome_check check (outcome in ('ok', 'wrong_password', 'wrong_code', 'blocked'));
