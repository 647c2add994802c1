//! Clock 时钟: the only source of instants and of new ids, so that tests can stop time.

use time::OffsetDateTime;
use uuid::Uuid;

/// Time and time-ordered ids.
pub trait Clock: Send + Sync {
    /// Now, in UTC, whole microseconds as the database keeps them.
    fn now(&self) -> OffsetDateTime;
    /// A fresh UUID v7.
    fn new_id(&self) -> Uuid;
}
