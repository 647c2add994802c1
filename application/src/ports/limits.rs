//! Limits 限流: counters shared by all instances that outlive a restart (S-19).

use async_trait::async_trait;
use time::{Duration, OffsetDateTime};

use super::store::StoreError;

/// At most so many hits in any window of this length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    pub most: u32,
    pub window: Duration,
}

impl Limit {
    pub const fn new(most: u32, window: Duration) -> Self {
        Self { most, window }
    }
}

/// One bucket and what it may hold.
#[derive(Clone, Debug)]
pub struct LimitAsk {
    /// Starts with the city, except for buckets of an address.
    pub bucket: String,
    pub limits: Vec<Limit>,
    /// Not counted, only looked at.
    pub watched: bool,
}

impl LimitAsk {
    pub fn new(bucket: impl Into<String>, limits: impl Into<Vec<Limit>>) -> Self {
        Self {
            bucket: bucket.into(),
            limits: limits.into(),
            watched: false,
        }
    }

    /// A bucket that another count fills: it stops whoever comes while it is full, and is told of before any other.
    #[must_use]
    pub fn watched(mut self) -> Self {
        self.watched = true;
        self
    }
}

/// A limit that is reached: which of the asks, and when a repeat may succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverLimit {
    pub ask: usize,
    pub retry_after: u32,
}

/// Pardon: what an attempt that succeeded gets back.
#[derive(Clone, Debug)]
pub struct Pardon {
    /// Buckets that are emptied.
    pub emptied: Vec<String>,
    /// Buckets that lose their hits of one instant, `at`.
    pub given_back: Vec<String>,
    pub at: OffsetDateTime,
}

/// Counters 限流计数: sliding windows, exact to the microsecond.
#[async_trait]
pub trait Limits: Send + Sync {
    /// Counts one hit in every bucket that is not merely watched, or none when any limit is reached.
    async fn take(
        &self,
        asks: &[LimitAsk],
        at: OffsetDateTime,
    ) -> Result<Option<OverLimit>, StoreError>;
    /// Looks without counting.
    async fn look(
        &self,
        asks: &[LimitAsk],
        at: OffsetDateTime,
    ) -> Result<Option<OverLimit>, StoreError>;
    /// Counts one hit whatever the limit; answers how many are in the window now.
    async fn count(
        &self,
        bucket: &str,
        window: Duration,
        at: OffsetDateTime,
    ) -> Result<u32, StoreError>;
    /// What an attempt had cost is given back, in one transaction.
    async fn forgive(&self, pardon: &Pardon) -> Result<(), StoreError>;
    /// Empties buckets.
    async fn forget(&self, buckets: &[String]) -> Result<(), StoreError>;
}

/// Sweeper 清理: what the door keeps only for a while goes after its time (S-35): codes and counters a day, sessions thirty
/// days after their end.
#[async_trait]
pub trait Sweeper: Send + Sync {
    /// Takes away what is over; answers how many rows. Called now and then by a worker.
    async fn sweep(&self, now: OffsetDateTime) -> Result<u64, StoreError>;
}
