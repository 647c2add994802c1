-- no-transaction
create index concurrently financing_applications_renewals_of_a_bank on financing_applications (bank_id, submitted_at desc, id desc) where renews_id is not null;
