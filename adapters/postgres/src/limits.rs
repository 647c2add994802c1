//! Limits 限流计数 on PostgreSQL: a row per hit, so that windows slide.

use application::ports::{
    limits::{LimitAsk, Limits, OverLimit, Sweeper},
    store::StoreError,
};
use async_trait::async_trait;
use sqlx::{Postgres, Transaction};
use time::{Duration, OffsetDateTime};

use crate::{door::PgDoor, errors::store_error};

type Tx = Transaction<'static, Postgres>;

/// One process at a time decides about a bucket, so that two hits at once cannot both be the last one allowed.
async fn lock(tx: &mut Tx, buckets: &[&str]) -> Result<(), StoreError> {
    let mut sorted = buckets.to_vec();
    sorted.sort_unstable();
    for bucket in sorted {
        sqlx::query("select pg_advisory_xact_lock(hashtextextended($1, 0))")
            .bind(bucket)
            .execute(&mut **tx)
            .await
            .map_err(store_error)?;
    }
    Ok(())
}

async fn over(
    tx: &mut Tx,
    asks: &[LimitAsk],
    at: OffsetDateTime,
) -> Result<Option<OverLimit>, StoreError> {
    let mut worst: Option<OverLimit> = None;
    for (index, ask) in asks.iter().enumerate() {
        for limit in &ask.limits {
            let (hits, oldest): (i64, Option<OffsetDateTime>) = sqlx::query_as(
                "select coalesce(sum(hits), 0)::bigint, min(window_start) from rate_counters
                 where bucket = $1 and window_start > $2",
            )
            .bind(&ask.bucket)
            .bind(at - limit.window)
            .fetch_one(&mut **tx)
            .await
            .map_err(store_error)?;
            if hits < i64::from(limit.most) {
                continue;
            }
            let wait = oldest.map_or(limit.window, |first| first + limit.window - at);
            let seconds = wait.whole_seconds() + i64::from(wait.subsec_nanoseconds() > 0);
            let retry_after = u32::try_from(seconds.max(1)).unwrap_or(u32::MAX);
            if worst.is_none_or(|w| w.retry_after < retry_after) {
                worst = Some(OverLimit {
                    ask: index,
                    retry_after,
                });
            }
        }
    }
    Ok(worst)
}

async fn hit(
    tx: &mut Tx,
    bucket: &str,
    keep: Duration,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query("delete from rate_counters where bucket = $1 and window_start <= $2")
        .bind(bucket)
        .bind(at - keep)
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    sqlx::query(
        "insert into rate_counters (bucket, window_start, hits) values ($1, $2, 1)
         on conflict (bucket, window_start) do update set hits = rate_counters.hits + 1",
    )
    .bind(bucket)
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
        let buckets: Vec<&str> = asks.iter().map(|a| a.bucket.as_str()).collect();
        lock(&mut tx, &buckets).await?;
        if let Some(over) = over(&mut tx, asks, at).await? {
            return Ok(Some(over));
        }
        for ask in asks {
            let keep = ask.limits.iter().map(|l| l.window).max();
            hit(&mut tx, &ask.bucket, keep.unwrap_or_default(), at).await?;
        }
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
        hit(&mut tx, bucket, window, at).await?;
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

    async fn give_back(&self, buckets: &[String], at: OffsetDateTime) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for sql in [
            "delete from rate_counters where bucket = any($1) and window_start = $2 and hits = 1",
            "update rate_counters set hits = hits - 1 where bucket = any($1) and window_start = $2 and hits > 1",
        ] {
            sqlx::query(sql)
                .bind(buckets)
                .bind(at)
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        }
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
                Duration::days(1),
            ),
            (
                "delete from pending_sign_ins where expires_at < $1",
                Duration::minutes(10),
            ),
            (
                "delete from sessions where coalesce(ended_at, expires_at) < $1",
                Duration::days(30),
            ),
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
