//! Limits 限流计数 on PostgreSQL: a row per hit, so that windows slide.

use application::{
    city::Keeping,
    ports::{
        limits::{Limit, LimitAsk, Limits, OverLimit, Sweeper},
        store::StoreError,
    },
    retention::Kept,
};
use async_trait::async_trait;
use sqlx::{Postgres, Transaction};
use time::{Duration, OffsetDateTime};

use crate::{door::PgDoor, errors::store_error};

type Tx = Transaction<'static, Postgres>;

/// One process at a time decides about a bucket, so that two hits at once cannot both be the last one allowed.
async fn lock(tx: &mut Tx, buckets: &[&str]) -> Result<(), StoreError> {
    // In one order for everybody, or two would wait for each other.
    sqlx::query(
        "select pg_advisory_xact_lock(hashtextextended(bucket, 0))
         from (select bucket from unnest($1::text[]) b (bucket) order by bucket) sorted",
    )
    .bind(buckets)
    .execute(&mut **tx)
    .await
    .map_err(store_error)?;
    Ok(())
}

async fn over(
    tx: &mut Tx,
    asks: &[LimitAsk],
    at: OffsetDateTime,
) -> Result<Option<OverLimit>, StoreError> {
    let all: Vec<(usize, &LimitAsk, Limit)> = asks
        .iter()
        .enumerate()
        .flat_map(|(index, ask)| ask.limits.iter().map(move |limit| (index, ask, *limit)))
        .collect();
    let counted: Vec<(i64, Option<OffsetDateTime>)> = sqlx::query_as(
        "select coalesce(c.hits, 0)::bigint, c.oldest from unnest($1::text[], $2::timestamptz[]) with ordinality a (bucket, since, n)
         left join lateral (select sum(hits) as hits, min(window_start) as oldest from rate_counters
           where bucket = a.bucket and window_start > a.since) c on true
         order by a.n",
    )
    .bind(all.iter().map(|(_, ask, _)| ask.bucket.as_str()).collect::<Vec<_>>())
    .bind(all.iter().map(|(_, _, limit)| at - limit.window).collect::<Vec<_>>())
    .fetch_all(&mut **tx)
    .await
    .map_err(store_error)?;
    let mut full = Vec::new();
    for ((ask, asked, limit), (hits, oldest)) in all.into_iter().zip(counted) {
        if hits < i64::from(limit.most) {
            continue;
        }
        let wait = oldest.map_or(limit.window, |first| first + limit.window - at);
        let seconds = wait.whole_seconds() + i64::from(wait.subsec_nanoseconds() > 0);
        let retry_after = u32::try_from(seconds.max(1)).unwrap_or(u32::MAX);
        full.push((asked.watched, OverLimit { ask, retry_after }));
    }
    let worst = full
        .into_iter()
        .rev()
        .max_by_key(|(watched, over)| (*watched, over.retry_after));
    Ok(worst.map(|(_, over)| over))
}

/// One hit in each bucket; what is older than its longest window goes.
async fn hit(tx: &mut Tx, hits: &[(&str, Duration)], at: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query(
        "with hits as (select * from unnest($1::text[], $2::timestamptz[]) h (bucket, since)),
         gone as (delete from rate_counters c using hits h where c.bucket = h.bucket and c.window_start <= h.since)
         insert into rate_counters (bucket, window_start, hits) select bucket, $3, count(*) from hits group by bucket
         on conflict (bucket, window_start) do update set hits = rate_counters.hits + excluded.hits",
    )
    .bind(hits.iter().map(|(bucket, _)| *bucket).collect::<Vec<_>>())
    .bind(hits.iter().map(|(_, keep)| at - *keep).collect::<Vec<_>>())
    .bind(at)
    .execute(&mut **tx)
    .await
    .map_err(store_error)?;
    Ok(())
}

#[async_trait]
impl Limits for PgDoor {
    async fn take(
        &self,
        asks: &[LimitAsk],
        at: OffsetDateTime,
    ) -> Result<Option<OverLimit>, StoreError> {
        let mut tx = self.begin().await?;
        let counted = || asks.iter().filter(|ask| !ask.watched);
        let buckets: Vec<&str> = counted().map(|a| a.bucket.as_str()).collect();
        lock(&mut tx, &buckets).await?;
        if let Some(over) = over(&mut tx, asks, at).await? {
            return Ok(Some(over));
        }
        let hits: Vec<(&str, Duration)> = counted()
            .map(|ask| {
                let keep = ask.limits.iter().map(|l| l.window).max();
                (ask.bucket.as_str(), keep.unwrap_or_default())
            })
            .collect();
        hit(&mut tx, &hits, at).await?;
        tx.commit().await.map_err(store_error)?;
        Ok(None)
    }

    async fn look(
        &self,
        asks: &[LimitAsk],
        at: OffsetDateTime,
    ) -> Result<Option<OverLimit>, StoreError> {
        let mut tx = self.begin().await?;
        over(&mut tx, asks, at).await
    }

    async fn count(
        &self,
        bucket: &str,
        window: Duration,
        at: OffsetDateTime,
    ) -> Result<u32, StoreError> {
        let mut tx = self.begin().await?;
        lock(&mut tx, &[bucket]).await?;
        hit(&mut tx, &[(bucket, window)], at).await?;
        let hits: i64 = sqlx::query_scalar(
            "select coalesce(sum(hits), 0)::bigint from rate_counters where bucket = $1 and window_start > $2",
        )
        .bind(bucket)
        .bind(at - window)
        .fetch_one(&mut *tx)
        .await
        .map_err(store_error)?;
        tx.commit().await.map_err(store_error)?;
        Ok(u32::try_from(hits).unwrap_or(u32::MAX))
    }

    async fn forgive(
        &self,
        emptied: &[String],
        given_back: &[String],
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        // Lost in a crash, it leaves an attempt too many on the account.
        let mut tx = self.begin_losable().await?;
        sqlx::query(
            "with emptied as (delete from rate_counters where bucket = any($1)),
             gone as (delete from rate_counters where bucket = any($2) and window_start = $3 and hits = 1)
             update rate_counters set hits = hits - 1 where bucket = any($2) and window_start = $3 and hits > 1",
        )
        .bind(emptied)
        .bind(given_back)
        .bind(at)
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        tx.commit().await.map_err(store_error)
    }

    async fn forget(&self, buckets: &[String]) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("delete from rate_counters where bucket = any($1)")
            .bind(buckets)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)
    }
}

#[async_trait]
impl Sweeper for PgDoor {
    async fn sweep(&self, now: OffsetDateTime) -> Result<u64, StoreError> {
        let mut swept = 0;
        for (sql, keep) in [
            (
                "delete from captchas where expires_at < $1",
                Duration::minutes(10),
            ),
            (
                "delete from sms_codes where sent_at < $1",
                Kept::SmsCodes.time(Keeping::default()),
            ),
            (
                "delete from bank_api_nonces where expires_at < $1",
                Duration::ZERO,
            ),
            (
                "delete from pending_sign_ins where expires_at < $1",
                Duration::minutes(10),
            ),
            (
                "delete from sessions where coalesce(ended_at, expires_at) < $1",
                Kept::Sessions.time(Keeping::default()),
            ),
            (
                "delete from refresh_tokens r using devices d where d.tenant_id = r.tenant_id and d.id = r.device_id
                   and coalesce(d.ended_at, d.expires_at) < $1",
                Kept::Devices.time(Keeping::default()),
            ),
            (
                "delete from devices d where coalesce(ended_at, expires_at) < $1
                   and not exists (select from sessions s where s.tenant_id = d.tenant_id and s.device_id = d.id)
                   and not exists (select from refresh_tokens r where r.tenant_id = d.tenant_id and r.device_id = d.id)",
                Kept::Devices.time(Keeping::default()),
            ),
            (
                "delete from upload_pieces p using uploads u
                 where u.tenant_id = p.tenant_id and u.id = p.upload_id and u.expires_at < $1",
                Duration::ZERO,
            ),
            ("delete from uploads where expires_at < $1", Duration::ZERO),
            ("delete from sms_tries where at < $1", Kept::SmsTries.time(Keeping::default())),
            // Failures in a row count until a right password, however long that takes.
            (
                "delete from rate_counters where window_start < $1 and bucket not like 'in:%:row'",
                Duration::days(2),
            ),
        ] {
            let mut tx = self.begin().await?;
            let done = sqlx::query(sql)
                .bind(now - keep)
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
            tx.commit().await.map_err(store_error)?;
            swept += done.rows_affected();
        }
        Ok(swept)
    }
}
