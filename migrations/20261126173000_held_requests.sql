set lock_timeout = '2s';

-- 待核身: by which channel, from where and when it was asked for; its consents say so (S-32).
alter table financing_applications add column held jsonb;
-- The worker looks every minute for what waits, the longest wait first.
create index financing_applications_pending_face on financing_applications (tenant_id, updated_at) where stage = 'pending_face';
