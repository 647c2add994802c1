-- 请求回电 that nobody has answered, for the desk of a branch.
create index application_letters_open_calls on application_letters (tenant_id, at) where kind = 'call_request' and called_at is null;
