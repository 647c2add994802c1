set lock_timeout = '2s';

-- 资料授权 ends with its application: the enterprise reads whether it withdrew a consent itself or the request was over (B6).
alter table consents add column ended_with_application boolean not null default false;

reset lock_timeout;
