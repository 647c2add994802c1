//! The system's clock.

use application::ports::clock::Clock;
use time::OffsetDateTime;
use uuid::Uuid;

/// Time and ids of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one home of the system's time"
    )]
    fn now(&self) -> OffsetDateTime {
        let now = OffsetDateTime::now_utc();
        now.replace_microsecond(now.microsecond()).unwrap_or(now)
    }

    #[expect(clippy::disallowed_methods, reason = "the one home of new ids")]
    fn new_id(&self) -> Uuid {
        Uuid::now_v7()
    }
}
