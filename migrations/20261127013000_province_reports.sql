-- 上级报送: a report of each month to the provincial node, word for word as it is signed, with what the node said.
create table province_reports (
  tenant_id uuid not null references tenants,
  id uuid not null,
  month date not null check (extract(day from month) = 1),
  body text not null check (char_length(body) between 1 and 200000),
  made_at timestamptz not null,
  state text not null check (state in ('waiting', 'received', 'refused', 'parked', 'replaced')),
  tries int not null default 0 check (tries >= 0),
  since timestamptz not null,                                     -- since when it has been trying to arrive
  next_at timestamptz,                                            -- when it goes out next, or until when a worker has it
  silence text not null default '',                               -- why the last try came to nothing
  reason text not null default '' check (char_length(reason) <= 200),   -- the node's own words of a refusal
  receipt text not null default '' check (char_length(receipt) <= 100),
  settled_at timestamptz,
  primary key (tenant_id, id),
  check ((state = 'waiting') = (next_at is not null)),
  check ((state = 'waiting') = (settled_at is null)),
  check ((state = 'received') = (receipt <> '')),
  check (state <> 'refused' or reason <> '')
);
-- Two workers make one report of a month; what was refused may be replaced by a newer one.
create unique index province_reports_one_a_month on province_reports (tenant_id, month) where state <> 'replaced';
call raise_tenant_wall('province_reports');
revoke delete on province_reports from tenant_rw;

-- What was reported stays what was reported, and what was received stays received.
create function report_keeps_its_words() returns trigger language plpgsql as $$
begin
  if (old.tenant_id, old.id, old.month, old.body, old.made_at) is distinct from (new.tenant_id, new.id, new.month, new.body, new.made_at)
     or old.state in ('received', 'replaced') then
    raise exception 'a report keeps its words';
  end if;
  return new;
end $$;
create trigger report_keeps_its_words before update on province_reports for each row execute function report_keeps_its_words();
