-- no-transaction
create unique index concurrently financing_applications_one_renewal on financing_applications (tenant_id, renews_id) where renews_id is not null and stage not in ('draft', 'pending_face', 'rejected', 'refused_intake', 'withdrawn', 'expired', 'not_drawn');
