//! A clock that moves only when a test says so.

use std::sync::Mutex;

use application::ports::clock::Clock;
use time::{Duration, OffsetDateTime, macros::datetime};
use uuid::Uuid;

/// Stands still at a working day's morning in Cangzhou.
#[derive(Debug)]
pub struct StoppedClock(Mutex<OffsetDateTime>);

impl StoppedClock {
    pub fn new() -> Self {
        Self(Mutex::new(
            datetime!(2026-11-25 09:30:00 +8).to_offset(time::UtcOffset::UTC),
        ))
    }

    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock().expect("no test panics while holding it");
        *now += by;
    }

    pub fn set(&self, to: OffsetDateTime) {
        *self.0.lock().expect("no test panics while holding it") =
            to.to_offset(time::UtcOffset::UTC);
    }
}

impl Default for StoppedClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock().expect("no test panics while holding it")
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "ids must differ even while time stands still"
    )]
    fn new_id(&self) -> Uuid {
        Uuid::now_v7()
    }
}
