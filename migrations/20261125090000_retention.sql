-- 保存期限 (S-35): a city's worker takes away drafts that nobody touched for ninety days; nothing younger, nothing submitted.
grant delete on financing_applications to tenant_rw;
create policy old_drafts_go on financing_applications for delete to tenant_rw
  using (tenant_id = (select current_tenant()) and stage = 'draft' and updated_at < now() - interval '90 days');
