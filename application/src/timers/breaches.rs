//! 超时记录 (G2): a promise of an institution whose time has passed is noted once, while its clock still runs.

use time::OffsetDateTime;

use super::Timers;
use crate::{access::Permit, error::UseResult};

/// Rows of a round: a city that was never looked at is caught up with in a few.
const MOST: i64 = 1_000;

impl Timers {
    pub(super) async fn note_breaches(
        &self,
        permit: &Permit,
        now: OffsetDateTime,
    ) -> UseResult<()> {
        let mut work = self.store.begin(permit).await?;
        if work.breaches().note_breaches(now, MOST).await? > 0 {
            work.commit().await?;
        }
        Ok(())
    }
}
