//! Limits 限流计数 on PostgreSQL: a row per hit, so that windows slide.

use std::time::Instant;

use application::{
    city::Keeping,
    ports::{
        limits::{Limit, LimitAsk, Limits, OverLimit, Pardon, Sweeper},
        store::StoreError,
    },
    retention::Kept,
};
use async_trait::async_trait;
use sqlx::{Postgres, Transaction, postgres::PgArguments, query::QueryAs};
use time::{Duration, OffsetDateTime};

use crate::{door::PgDoor, errors::store_error};

type Tx = Transaction<'static, Postgres>;
/// Counts and their oldest hits, one row a limit.
type Counting<'q> = QueryAs<'q, Postgres, (i64, Option<OffsetDateTime>), PgArguments>;

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

/// What is counted in each bucket since a moment, in the order of the asks.
macro_rules! counted {
    () => {
        "select a.n, a.most, coalesce(c.hits, 0)::bigint as hits, c.oldest
         from unnest($1::text[], $2::timestamptz[], $3::bigint[]) with ordinality a (bucket, since, most, n)
         left join lateral (select sum(hits) as hits, min(window_start) as oldest from rate_counters
           where bucket = a.bucket and window_start > a.since) c on true"
    };
}

/// One hit in each of the buckets `hits (bucket, since)`; what is older than its longest window goes.
macro_rules! hit {
    ($at:literal) => {
        concat!(
            "gone as (delete from rate_counters c using hits h where c.bucket = h.bucket and c.window_start <= h.since),
             made as (insert into rate_counters (bucket, window_start, hits) select bucket, ", $at, ", count(*) from hits group by bucket
               on conflict (bucket, window_start) do update set hits = rate_counters.hits + excluded.hits)"
        )
    };
}

/// The limits of some asks, each with the place of its ask.
struct Asked<'a>(Vec<(usize, &'a LimitAsk, Limit)>);

impl<'a> Asked<'a> {
    fn of(asks: &'a [LimitAsk]) -> Self {
        let each = asks.iter().enumerate();
        Self(
            each.flat_map(|(index, ask)| ask.limits.iter().map(move |limit| (index, ask, *limit)))
                .collect(),
        )
    }

    /// A query whose first three parameters are these.
    fn query<'q>(&self, sql: &'static str, at: OffsetDateTime) -> Counting<'q> {
        let Self(all) = self;
        let buckets = all.iter().map(|(_, ask, _)| ask.bucket.clone());
        let since = all.iter().map(|(_, _, limit)| at - limit.window);
        let most = all.iter().map(|(_, _, limit)| i64::from(limit.most));
        sqlx::query_as(sql)
            .bind(buckets.collect::<Vec<String>>())
            .bind(since.collect::<Vec<OffsetDateTime>>())
            .bind(most.collect::<Vec<i64>>())
    }

    /// The limit that is full and lasts longest, when these were counted.
    fn over(
        self,
        counted: Vec<(i64, Option<OffsetDateTime>)>,
        at: OffsetDateTime,
    ) -> Option<OverLimit> {
        let mut full = Vec::new();
        for ((ask, asked, limit), (hits, oldest)) in self.0.into_iter().zip(counted) {
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
        worst.map(|(_, over)| over)
    }
}

/// Part of a transaction of the door's: when a limit is reached, nothing was counted.
pub(crate) async fn take(
    tx: &mut Tx,
    asks: &[LimitAsk],
    at: OffsetDateTime,
) -> Result<Option<OverLimit>, StoreError> {
    let to_hit = || asks.iter().filter(|ask| !ask.watched);
    let buckets: Vec<&str> = to_hit().map(|a| a.bucket.as_str()).collect();
    lock(tx, &buckets).await?;
    let hits = to_hit().map(|ask| {
        let keep = ask.limits.iter().map(|l| l.window).max();
        (ask.bucket.as_str(), at - keep.unwrap_or_default())
    });
    let (hit, since): (Vec<&str>, Vec<OffsetDateTime>) = hits.unzip();
    let asked = Asked::of(asks);
    let sql = concat!(
        "with counted as materialized (",
        counted!(),
        "), hits as (select h.* from unnest($5::text[], $6::timestamptz[]) h (bucket, since)
            where not exists (select from counted where hits >= most)), ",
        hit!("$4::timestamptz"),
        " select hits, oldest from counted order by n"
    );
    let counted = asked
        .query(sql, at)
        .bind(at)
        .bind(hit)
        .bind(since)
        .fetch_all(&mut **tx)
        .await
        .map_err(store_error)?;
    Ok(asked.over(counted, at))
}

/// Part of a transaction of the door's.
pub(crate) async fn give_back(tx: &mut Tx, pardon: &Pardon) -> Result<(), StoreError> {
    sqlx::query(
        "with emptied as (delete from rate_counters where bucket = any($1)),
         gone as (delete from rate_counters where bucket = any($2) and window_start = $3 and hits = 1)
         update rate_counters set hits = hits - 1 where bucket = any($2) and window_start = $3 and hits > 1",
    )
    .bind(&pardon.emptied)
    .bind(&pardon.given_back)
    .bind(pardon.at)
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
        let over = take(&mut tx, asks, at).await?;
        tx.commit().await.map_err(store_error)?;
        Ok(over)
    }

    async fn look(
        &self,
        asks: &[LimitAsk],
        at: OffsetDateTime,
    ) -> Result<Option<OverLimit>, StoreError> {
        let mut tx = self.begin().await?;
        let asked = Asked::of(asks);
        let sql = concat!(
            "select hits, oldest from (",
            counted!(),
            ") counted order by n"
        );
        let counted = asked
            .query(sql, at)
            .fetch_all(&mut *tx)
            .await
            .map_err(store_error)?;
        Ok(asked.over(counted, at))
    }

    async fn count(
        &self,
        bucket: &str,
        window: Duration,
        at: OffsetDateTime,
    ) -> Result<u32, StoreError> {
        let mut tx = self.begin().await?;
        lock(&mut tx, &[bucket]).await?;
        let before: i64 = sqlx::query_scalar(concat!(
            "with hits as (select $1::text as bucket, $2::timestamptz as since), ",
            hit!("$3::timestamptz"),
            " select coalesce(sum(c.hits), 0)::bigint from rate_counters c where c.bucket = $1 and c.window_start > $2"
        ))
        .bind(bucket)
        .bind(at - window)
        .bind(at)
        .fetch_one(&mut *tx)
        .await
        .map_err(store_error)?;
        tx.commit().await.map_err(store_error)?;
        Ok(u32::try_from(before + 1).unwrap_or(u32::MAX))
    }

    async fn forgive(&self, pardon: &Pardon) -> Result<(), StoreError> {
        // Lost in a crash, it leaves an attempt too many on the account.
        let mut tx = self.begin_losable().await?;
        give_back(&mut tx, pardon).await?;
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

/// Rows that one statement takes away, so that none comes near the time that a statement has.
const AT_ONCE: i64 = 5_000;
/// Uploads whose pieces go with one statement: a piece is large.
const UPLOADS_AT_ONCE: i64 = 100;
/// What is still over then waits for the next round; each table has its first turn all the same.
const PATIENCE: std::time::Duration = std::time::Duration::from_mins(1);

/// Takes a batch of a table away; $1 is the moment, $2 how many at most. What is over is asked of a row once more when it goes: somebody
/// may have touched it meanwhile.
macro_rules! batch {
    ($table:literal, $over:literal) => {
        concat!(
            "delete from ",
            $table,
            " x where x.ctid in (select x.ctid from ",
            $table,
            " x where ",
            $over,
            " limit $2) and ",
            $over
        )
    };
}

/// What goes from one table.
struct Broom {
    table: &'static str,
    sql: &'static str,
    keep: Duration,
    most: i64,
}

impl Broom {
    const fn new(table: &'static str, sql: &'static str, keep: Duration) -> Self {
        Self {
            table,
            sql,
            keep,
            most: AT_ONCE,
        }
    }
}

/// In this order: what hangs on a row goes before it.
fn brooms() -> [Broom; 11] {
    let time = |kept: Kept| kept.time(Keeping::default());
    let minutes = Duration::minutes(10);
    let mut pieces = Broom::new(
        "upload_pieces",
        // The door reads only the columns that it needs.
        "delete from upload_pieces where (tenant_id, upload_id) in (
           select u.tenant_id, u.id from uploads u where u.expires_at < $1 and exists (
             select from upload_pieces p where p.tenant_id = u.tenant_id and p.upload_id = u.id) limit $2)",
        Duration::ZERO,
    );
    pieces.most = UPLOADS_AT_ONCE;
    let captchas = batch!("captchas", "x.expires_at < $1");
    let codes = batch!("sms_codes", "x.sent_at < $1");
    let nonces = batch!("bank_api_nonces", "x.expires_at < $1");
    let pending = batch!("pending_sign_ins", "x.expires_at < $1");
    let sessions = batch!("sessions", "coalesce(x.ended_at, x.expires_at) < $1");
    let tries = batch!("sms_tries", "x.at < $1");
    // Failures in a row count until a right password, however long that takes.
    let counters = batch!(
        "rate_counters",
        "x.window_start < $1 and x.bucket not like 'in:%:row'"
    );
    [
        Broom::new("captchas", captchas, minutes),
        Broom::new("sms_codes", codes, time(Kept::SmsCodes)),
        Broom::new("bank_api_nonces", nonces, Duration::ZERO),
        Broom::new("pending_sign_ins", pending, minutes),
        Broom::new("sessions", sessions, time(Kept::Sessions)),
        Broom::new(
            "refresh_tokens",
            "delete from refresh_tokens where ctid in (
               select r.ctid from refresh_tokens r join devices d on d.tenant_id = r.tenant_id and d.id = r.device_id
               where coalesce(d.ended_at, d.expires_at) < $1 limit $2)",
            time(Kept::Devices),
        ),
        Broom::new(
            "devices",
            batch!(
                "devices",
                "coalesce(x.ended_at, x.expires_at) < $1
                   and not exists (select from sessions s where s.tenant_id = x.tenant_id and s.device_id = x.id)
                   and not exists (select from refresh_tokens r where r.tenant_id = x.tenant_id and r.device_id = x.id)"
            ),
            time(Kept::Devices),
        ),
        pieces,
        Broom::new(
            "uploads",
            "delete from uploads where (tenant_id, id) in (
               select u.tenant_id, u.id from uploads u where u.expires_at < $1 and not exists (
                 select from upload_pieces p where p.tenant_id = u.tenant_id and p.upload_id = u.id) limit $2)
               and expires_at < $1",
            Duration::ZERO,
        ),
        Broom::new("sms_tries", tries, time(Kept::SmsTries)),
        Broom::new("rate_counters", counters, Duration::days(2)),
    ]
}

impl PgDoor {
    /// One batch; answers how many rows went.
    async fn sweep_some(&self, broom: &Broom, now: OffsetDateTime) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(broom.sql)
            .bind(now - broom.keep)
            .bind(broom.most)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)?;
        Ok(done.rows_affected())
    }

    /// Batch after batch while they come back full and the round has time.
    async fn sweep_table(
        &self,
        broom: &Broom,
        now: OffsetDateTime,
        until: Instant,
    ) -> Result<u64, StoreError> {
        let mut swept = 0;
        loop {
            let some = self.sweep_some(broom, now).await?;
            swept += some;
            if some < broom.most.unsigned_abs() || Instant::now() >= until {
                return Ok(swept);
            }
        }
    }
}

#[async_trait]
impl Sweeper for PgDoor {
    async fn sweep(&self, now: OffsetDateTime) -> Result<u64, StoreError> {
        let until = Instant::now() + PATIENCE;
        let (mut swept, mut failed) = (0, None);
        for broom in brooms() {
            match self.sweep_table(&broom, now, until).await {
                Ok(gone) => swept += gone,
                // What one table suffers is nothing to the others.
                Err(error) => {
                    let cause = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::error!(table = broom.table, %error, ?cause, "a table was not swept");
                    failed.get_or_insert(error);
                }
            }
        }
        failed.map_or(Ok(swept), Err)
    }
}
