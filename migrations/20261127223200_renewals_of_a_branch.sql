-- no-transaction
create index concurrently financing_applications_renewals on financing_applications (handler_tenant_id, submitted_at desc, id desc) where renews_id is not null;
