-- 运行状态 of a city: open, 暂停服务 for a while, 停止服务 for good; the words are for whoever comes.
alter table tenants drop constraint tenants_status_check;
alter table tenants add constraint tenants_status_check
  check (status in ('active', 'suspended') or (kind = 'city' and status = 'closed'));
alter table tenants add column standing_note text not null default '' check (char_length(standing_note) <= 120);

-- 首任平台运营: a city's first operators are invited by the vendor, who is nobody's user.
alter table staff_links alter column issued_by drop not null;
