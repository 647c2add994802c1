use std::sync::atomic::{AtomicU64, Ordering};

use application::ports::clock::Clock;
use time::OffsetDateTime;
use uuid::Uuid;

/// A clock that stands still at 2025-03-01T08:00:00Z; its ids count.
#[derive(Debug, Default)]
pub struct Fixed(AtomicU64);

impl Clock for Fixed {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + time::Duration::seconds(1_740_816_000)
    }

    fn new_id(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed)) + 1)
    }
}
