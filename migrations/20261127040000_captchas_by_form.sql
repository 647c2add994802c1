-- 图形验证码 is looked up by browser and form: without an index a flood of pictures made each look go through all of them.
create index on captchas (session_hash, form);
