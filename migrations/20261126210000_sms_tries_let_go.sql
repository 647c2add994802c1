set lock_timeout = '2s';

-- 重新投递 of a message that may be out: an operator has asked the recipient, and the try holds it back no more.
alter table sms_tries add column let_go boolean not null default false;
grant update (let_go) on sms_tries to tenant_rw;
