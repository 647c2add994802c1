set lock_timeout = '2s';
-- 完善信息 uses the code of one's own phone up in the transaction that saves: nobody's else, and nothing of it changes but that it was used.
create policy own on sms_codes to enterprise_rw
  using (tenant_id = (select current_tenant())
    and phone_index = (select u.phone_index from users u where u.id = (select current_person())));
grant select (tenant_id, phone_index, purpose, session_hash, code_hash, expires_at, used_at), update (used_at) on sms_codes to enterprise_rw;
reset lock_timeout;
