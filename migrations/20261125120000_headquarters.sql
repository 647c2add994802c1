-- 机构看板: thirty days of acceptances and decisions of one institution, found without reading its whole past.
create index on financing_applications (bank_id, accepted_at) where accepted_at is not null;
create index on financing_applications (bank_id, decided_at) where decided_at is not null;
-- 全部融资需求 of an institution, newest first.
create index on financing_applications (bank_id, submitted_at desc, id desc);
create index on reconsiderations (tenant_id, asked_at, application_id) where status = 'open';
