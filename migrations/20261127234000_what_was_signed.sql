set lock_timeout = '2s';
-- 审批签署: the very text that the hash is of, for a report may be written anew in the next round (H6). Empty: signed before it was kept.
alter table approval_signatures add column signed text not null default ''
  constraint approval_signatures_signed check (signed = '' or sha256(convert_to(signed, 'UTF8')) = content);
reset lock_timeout;
