set lock_timeout = '2s';

-- 发件箱: since when the provider of a notice has been away (waiting is no try), and since when WeChat may have sent it.
alter table outbox add column waiting_since timestamptz, add column wechat_asked_at timestamptz;
