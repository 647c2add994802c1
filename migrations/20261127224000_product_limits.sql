set lock_timeout = '2s';

-- 额度测算规则 (W4): what an institution publishes beside the range on how much it lends, in hundredths of a per cent and of once; null: it
-- publishes none. A version keeps them with its other terms, and the city reviews them as it does those.
alter table products
  add column revenue_percent int check (revenue_percent between 1 and 100000),
  add column tax_times int check (tax_times between 1 and 100000);
reset lock_timeout;
