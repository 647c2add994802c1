-- 暂存 of a 补充提交: the note to the branch, kept with the answers until it is sent. The enterprise's alone.
create table supplement_notes (
  tenant_id uuid not null,
  application_id uuid not null,
  round int not null,
  note text not null check (char_length(note) <= 500),
  primary key (tenant_id, application_id, round),
  foreign key (tenant_id, application_id) references financing_applications (tenant_id, id)
);
call raise_application_wall('supplement_notes');
revoke all on supplement_notes from tenant_rw;
