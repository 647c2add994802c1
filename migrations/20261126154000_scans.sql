-- 病毒扫描 (S-26): what is known of a file that is kept as it came. PDFs that are here already were looked into by nobody.
alter table enterprise_files
  drop constraint enterprise_files_scan_check,
  add constraint enterprise_files_scan_check check (scan in ('clean', 'infected', 'unknown', 'unscanned')),
  add column scan_asked_at timestamptz;
update enterprise_files set scan = 'unscanned' where media_type <> 'image/jpeg' and scan = 'clean';
create index on enterprise_files (tenant_id, scan_asked_at) where scan in ('unknown', 'unscanned');

alter table application_files
  add column scan text not null default 'clean' check (scan in ('clean', 'infected', 'unknown', 'unscanned'));
update application_files set scan = 'unscanned' where media_type <> 'image/jpeg';

-- What a bank is given is as well known as the file itself.
create function known_as_its_file() returns trigger language plpgsql as $$
begin
  new.scan := coalesce((select f.scan from enterprise_files f where f.tenant_id = new.tenant_id and f.id = new.file_id),
    case when new.media_type = 'image/jpeg' then 'clean' else 'unscanned' end);
  return new;
end $$;
create trigger known_as_its_file before insert on application_files for each row execute function known_as_its_file();

-- Only the city's job says what came out; no person does.
create function scan_is_the_jobs() returns trigger language plpgsql as $$
begin
  if current_person() is not null then
    raise exception 'only the scanner says what a file is';
  end if;
  return new;
end $$;
create trigger scan_is_the_jobs before update of scan on enterprise_files for each row
  when (old.scan is distinct from new.scan) execute function scan_is_the_jobs();
create trigger scan_is_the_jobs before update of scan on application_files for each row
  when (old.scan is distinct from new.scan) execute function scan_is_the_jobs();
