-- 附件 of a policy or a piece of news: what the city offers to everybody for download. The bytes lie sealed in the file storage.
create table article_attachments (
  id uuid not null,
  tenant_id uuid not null references tenants,
  city_id uuid not null references tenants,
  article_id uuid not null,
  position int not null,
  title text not null check (char_length(title) between 2 and 80),
  kind text not null check (kind in ('pdf', 'docx')),
  object_key text not null,
  byte_size int not null check (byte_size > 0),
  sha256 bytea not null,
  created_at timestamptz not null,
  primary key (tenant_id, id)
);
create index on article_attachments (tenant_id, article_id, position);
call raise_public_wall('article_attachments',
  'exists (select from articles a where a.id = article_attachments.article_id and a.status = ''published'')');
create trigger catalogue_changed after insert or update or delete on article_attachments
  for each row execute function tell_catalogue_changed();
