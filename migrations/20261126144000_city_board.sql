-- 融资需求总览: all requests of a city, the newest first.
create index financing_applications_of_the_city on financing_applications (tenant_id, submitted_at desc, id desc)
  where submitted_at is not null;
