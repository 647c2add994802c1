set lock_timeout = '2s';

-- 来源 (P2): by which code somebody came who registered or applied, as the code says it; empty: by none. Tells where it began and gives no
-- right. What is there already came by none, so that nothing has to be looked through.
alter table enterprises add column scene text not null default '';
alter table enterprises add constraint enterprises_scene_short check (char_length(scene) <= 32) not valid;
alter table financing_applications add column scene text not null default '';
alter table financing_applications add constraint financing_applications_scene_short check (char_length(scene) <= 32) not valid;
reset lock_timeout;
