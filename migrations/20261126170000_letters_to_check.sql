set lock_timeout = '2s';

-- 内容安全检测: the city reads no letter. Its job alone, with nobody signed in, reads the very letters whose check could not be made
-- when they were written, for as long as the notice about them waits.
drop policy while_it_is_theirs on application_letters;
create policy while_it_is_theirs on application_letters as restrictive for select to tenant_rw
  using ((tenant_id <> (select current_tenant()) and exists (select from financing_applications a
      where a.tenant_id = application_letters.tenant_id and a.id = application_letters.application_id
        and a.handler_tenant_id = any ((select current_reach())::uuid[]) and a.stage not in ('withdrawn', 'expired')))
    or (tenant_id = (select current_tenant()) and (select current_person()) is null and id::text in (
      select o.payload ->> 'letter' from outbox o where o.tenant_id = (select current_tenant())
        and o.topic = 'content.check' and o.done_at is null and o.parked_at is null)));
