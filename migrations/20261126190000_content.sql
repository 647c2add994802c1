set lock_timeout = '2s';

-- 内容管理: a text that was published is never rewritten. Every publication is a version of its own; the newest one whose time has
-- come is shown. A draft stands beside them until a second person has let it through.
alter table articles drop constraint articles_pkey;
alter table articles
  add column version int not null default 1 check (version > 0),
  add column visible_from timestamptz not null default '-infinity',
  add column industries text[] not null default '{}',             -- 适用行业: sections of the national list; empty: all
  add column regions text[] not null default '{}',                -- 适用区域: codes of counties; empty: the whole city
  add column first_loan boolean not null default false,           -- 仅限首贷企业
  add column attachments uuid[],                                  -- null: what came with the city's files
  add column origin text not null default 'file' check (origin in ('file', 'operator')),
  add column written_by text not null default '',                 -- names, as they were then
  add column checked_by text not null default '',
  add column recorded_at timestamptz not null default now(),
  add column withdrawn_note text not null default '' check (char_length(withdrawn_note) <= 500),
  add column withdrawn_by text not null default '',
  add column withdrawn_at timestamptz,
  add primary key (tenant_id, id, version);

-- 首页轮播图.
create table banners (
  tenant_id uuid not null references tenants,
  city_id uuid not null references tenants,
  id uuid not null,
  version int not null check (version > 0),
  status text not null default 'published' check (status in ('published', 'withdrawn')),
  title text not null check (char_length(title) between 2 and 60),
  link text not null default '' check (link = '' or link ~ '^/([^/\\]|$)'),
  picture_id uuid not null,
  position int not null default 1 check (position between 1 and 99),
  visible_from timestamptz not null,
  visible_until timestamptz check (visible_until > visible_from),
  published_at timestamptz not null,
  origin text not null default 'operator' check (origin in ('file', 'operator')),
  written_by text not null default '',
  checked_by text not null default '',
  recorded_at timestamptz not null default now(),
  withdrawn_note text not null default '' check (char_length(withdrawn_note) <= 500),
  withdrawn_by text not null default '',
  withdrawn_at timestamptz,
  primary key (tenant_id, id, version)
);
call raise_public_wall('banners', 'status = ''published''');
create trigger catalogue_changed after insert or update or delete on banners for each row execute function tell_catalogue_changed();

-- Pictures of banners: encoded anew, sealed in the file storage; shown to everybody once a published banner holds them.
create table content_pictures (
  tenant_id uuid not null references tenants,
  city_id uuid not null references tenants,
  id uuid not null,
  object_key text not null,
  width int not null check (width > 0),
  height int not null check (height > 0),
  byte_size int not null check (byte_size > 0),
  sha256 bytea not null,
  added_at timestamptz not null,
  primary key (tenant_id, id)
);
call raise_public_wall('content_pictures', 'exists (select from banners b
  where b.tenant_id = content_pictures.tenant_id and b.picture_id = content_pictures.id and b.status = ''published'')');

-- Files beside a draft are nobody's to see before a published version lists them.
alter table article_attachments
  add column drafted boolean not null default false,
  add column scan text not null default 'unscanned' check (scan in ('clean', 'unscanned'));
drop policy public_reads on article_attachments;
create policy public_reads on article_attachments for select to visitor_ro, enterprise_rw, tenant_rw
  using (city_id = (select current_city()) and exists (select from articles a
    where a.tenant_id = article_attachments.tenant_id and a.id = article_attachments.article_id and a.status = 'published'
      and (case when a.attachments is null then not article_attachments.drafted
           else article_attachments.id = any (a.attachments) end)));

-- 修改稿 of every kind. `authors` are all who wrote on it since the last publication: none of them lets it through.
create table content_drafts (
  tenant_id uuid not null references tenants,
  id uuid not null,
  kind text not null check (kind in ('policy', 'news', 'about', 'banner', 'agreement')),
  code text not null default '',                                  -- of an agreement
  revision int not null default 1,
  status text not null check (status in ('draft', 'in_review', 'returned', 'published')),
  title text not null check (char_length(title) between 1 and 120),
  form jsonb not null,                                            -- as typed, complete or not
  authors uuid[] not null check (cardinality(authors) > 0),
  author_names text[] not null,
  saved_at timestamptz not null,
  submitted_at timestamptz,
  review_note text not null default '' check (char_length(review_note) <= 500),
  reviewed_by uuid references users,
  reviewed_name text not null default '',
  reviewed_at timestamptz,
  check (reviewed_by <> all (authors)),
  check ((kind = 'agreement') = (code <> '')),
  primary key (tenant_id, id)
);
create unique index on content_drafts (tenant_id, code) where code <> '';
create index on content_drafts (tenant_id, status, submitted_at);
call raise_tenant_wall('content_drafts');
revoke delete on content_drafts from tenant_rw;

-- A version keeps its words for ever; only whether it is shown may change.
create function words_of_a_version_stay() returns trigger language plpgsql as $$
begin
  if to_jsonb(new) - array['status', 'withdrawn_note', 'withdrawn_by', 'withdrawn_at']
     is distinct from to_jsonb(old) - array['status', 'withdrawn_note', 'withdrawn_by', 'withdrawn_at'] then
    raise exception 'a published version keeps its words';
  end if;
  return new;
end $$;
create trigger words_stay before update on articles for each row execute function words_of_a_version_stay();
create trigger words_stay before update on banners for each row execute function words_of_a_version_stay();

-- 协议管理: versions by the city's people beside those of its file; `reconsent`: whoever accepted an older one is asked again.
alter table agreements
  add column reconsent boolean not null default false,
  add column change_note text not null default '' check (char_length(change_note) <= 500),
  add column origin text not null default 'file' check (origin in ('file', 'operator')),
  add column written_by text not null default '',
  add column checked_by text not null default '',
  add column recorded_at timestamptz not null default now();
call make_append_only('agreements');
create trigger catalogue_changed after insert on agreements for each row execute function tell_catalogue_changed();

-- Who is asked again is found by person.
create index on consents (tenant_id, user_id, agreement_code);
