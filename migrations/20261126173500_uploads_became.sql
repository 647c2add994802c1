set lock_timeout = '2s';

-- What an upload was used for: asked the same again it answers the same file, asked anything else it is used up.
alter table uploads add column became text not null default '';
