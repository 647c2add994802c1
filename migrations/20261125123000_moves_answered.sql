-- 跨支行转派 is answered by the enterprise: the bank asks, completes or calls it off, but never says yes for it.
create function bank_does_not_answer() returns trigger language plpgsql as $$
begin
  if current_user = 'tenant_rw' and new.status in ('agreed', 'declined') and new.status <> old.status then
    raise exception 'only the enterprise answers whether its request may move';
  end if;
  return new;
end $$;
create trigger bank_does_not_answer before update on move_requests for each row execute function bank_does_not_answer();
