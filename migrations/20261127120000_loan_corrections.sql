-- 更正放款 and 更正还款: proposed by one person with a reason, confirmed by another. What stood there before stays here.
create table loan_corrections (
  id uuid not null primary key,
  tenant_id uuid not null,
  application_id uuid not null,
  draw_id uuid,
  repayment_id uuid,
  number int,                                                     -- of the draw
  old_cents bigint not null check (old_cents > 0),
  new_cents bigint not null check (new_cents > 0),
  old_on date not null,
  new_on date not null,
  old_rate int,
  new_rate int check (new_rate >= 0),
  old_due_on date,
  new_due_on date,
  old_contract_no text,
  new_contract_no text check (char_length(new_contract_no) between 1 and 60),
  last boolean not null default false,                            -- nothing more will be drawn
  reason text not null check (char_length(reason) between 1 and 300),
  asked_by uuid not null references users,
  asked_name text not null,
  asked_role text not null,
  asked_at timestamptz not null,
  status text not null default 'open' check (status in ('open', 'confirmed', 'declined')),
  settled_by uuid references users,
  settled_name text not null default '',
  settled_at timestamptz,
  check (num_nonnulls(draw_id, repayment_id) = 1),
  check (draw_id is null or num_nulls(number, old_rate, new_rate, old_contract_no, new_contract_no) = 0),
  check (settled_by <> asked_by),
  check ((status = 'open') = (settled_by is null)),
  foreign key (tenant_id, application_id) references financing_applications (tenant_id, id)
);
create unique index loan_corrections_one_open on loan_corrections (tenant_id, application_id) where status = 'open';
create index on loan_corrections (tenant_id, application_id, asked_at);
call raise_application_wall('loan_corrections');
revoke insert, update on loan_corrections from enterprise_rw;
-- The enterprise reads what was corrected, not what somebody would have corrected.
create policy confirmed_ones on loan_corrections as restrictive for select to enterprise_rw using (status = 'confirmed');

-- Four eyes are held here too, not only in the program (S-39): what a draw or a repayment says changes by a confirmed correction alone.
create function draw_is_corrected_by_two() returns trigger language plpgsql as $$
begin
  if not exists (select from loan_corrections c where c.tenant_id = new.tenant_id and c.draw_id = new.id and c.status = 'confirmed'
      and (c.new_cents, c.new_rate, c.new_on, c.new_contract_no) = (new.amount_cents, new.rate, new.drawn_on, new.contract_no)
      and c.new_due_on is not distinct from new.due_on) then
    raise exception 'a draw is corrected by two people';
  end if;
  return new;
end $$;
create trigger draw_is_corrected_by_two before update on disbursements for each row
  when ((old.amount_cents, old.rate, old.drawn_on, old.due_on, old.contract_no)
    is distinct from (new.amount_cents, new.rate, new.drawn_on, new.due_on, new.contract_no))
  execute function draw_is_corrected_by_two();
create function repayment_is_corrected_by_two() returns trigger language plpgsql as $$
begin
  if not exists (select from loan_corrections c where c.tenant_id = new.tenant_id and c.repayment_id = new.id and c.status = 'confirmed'
      and (c.new_cents, c.new_on) = (new.principal_cents, new.paid_on)) then
    raise exception 'a repayment is corrected by two people';
  end if;
  return new;
end $$;
create trigger repayment_is_corrected_by_two before update on repayments for each row
  when ((old.principal_cents, old.paid_on) is distinct from (new.principal_cents, new.paid_on))
  execute function repayment_is_corrected_by_two();
