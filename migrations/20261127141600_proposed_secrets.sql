-- 动态验证码: a secret that is being set up belongs to the sign-in, or the session, on whose page it is shown: whoever signs in elsewhere with
-- the same password is shown another one.
set lock_timeout = '2s';
alter table pending_sign_ins add column new_secret bytea;         -- C3: sealed; gone with the waiting
alter table second_factors add column new_for bytea;              -- fingerprint of the session that new_secret is shown to

reset lock_timeout;
