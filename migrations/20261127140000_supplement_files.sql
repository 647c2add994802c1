set lock_timeout = '2s';

-- 补充材料 of several pages: what an item of the list is answered with, in order, nine at most. A column of the item and no table of its
-- own: the files stand behind the item's wall, go along and are erased with it, and are told apart by nothing but their order. The files
-- themselves are rows of `enterprise_files`, and of `application_files` once the answer was sent: those name the objects.
alter table supplement_items add column file_ids uuid[] not null default '{}'
  constraint supplement_items_nine_files check (cardinality(file_ids) <= 9 and array_position(file_ids, null) is null);

-- The wall is forced on the owner of the tables too: it stands aside for what is written here.
alter table supplement_items no force row level security;
update supplement_items set file_ids = array[file_id] where file_id is not null;
alter table supplement_items force row level security;

-- The program of before knows one file of an item (S-52): what it writes is the whole list, and the first of a list is what it reads.
create function supplement_files_agree() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.file_id is not null and cardinality(new.file_ids) = 0 then
      new.file_ids := array[new.file_id];
    end if;
  elsif new.file_ids = old.file_ids and new.file_id is distinct from old.file_id then
    new.file_ids := array_remove(array[new.file_id], null);
  end if;
  new.file_id := new.file_ids[1];
  return new;
end $$;
create trigger supplement_files_agree before insert or update of file_id, file_ids on supplement_items
  for each row execute function supplement_files_agree();

reset lock_timeout;
