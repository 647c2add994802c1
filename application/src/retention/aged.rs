//! What simply grows old: rows that nothing hangs on go, and entries of the logs leave their links behind.

use serde_json::json;

use super::{Kept, Retention};
use crate::{
    access::Permit,
    city::Keeping,
    error::UseResult,
    ports::{aged::Sweep, audit::AuditEntry},
    turns::Turns,
};

/// Rows that one transaction takes away.
const AT_ONCE: i64 = 1_000;
/// Transactions of one round, so that no city waits for another.
const TURNS: u32 = 20;
const RETIRED: &str = "log.retired";

/// Swept here, one text each.
const PLAIN: [Kept; 10] = [
    Kept::Drafts,
    Kept::Estimates,
    Kept::Consents,
    Kept::FaceChecks,
    Kept::SignIns,
    Kept::Notices,
    Kept::Keys,
    Kept::Links,
    Kept::Sessions,
    Kept::ImportRows,
];

impl Retention {
    /// One round over everything that is swept here; answers how many rows went.
    pub(super) async fn forget_aged(&self, permit: &Permit, keeping: Keeping) -> UseResult<u64> {
        let mut turns = Turns::default();
        for of in PLAIN {
            turns.take(of.code(), self.all_aged(permit, of, keeping).await);
        }
        for of in [Kept::Deeds, Kept::Looks] {
            turns.take(of.code(), self.all_retired(permit, of, keeping).await);
        }
        turns.end()
    }

    async fn all_aged(&self, permit: &Permit, of: Kept, keeping: Keeping) -> UseResult<u64> {
        let mut gone = 0;
        for _ in 0..TURNS {
            let some = self.some_aged(permit, self.sweep(of, keeping)).await?;
            gone += some;
            if some == 0 {
                break;
            }
        }
        Ok(gone)
    }

    async fn all_retired(&self, permit: &Permit, of: Kept, keeping: Keeping) -> UseResult<u64> {
        let mut gone = 0;
        for _ in 0..TURNS {
            let some = self.retire(permit, self.sweep(of, keeping)).await?;
            gone += some;
            if some == 0 {
                break;
            }
        }
        Ok(gone)
    }

    fn sweep(&self, of: Kept, keeping: Keeping) -> Sweep {
        Sweep {
            of,
            before: self.clock.now() - of.time(keeping),
            most: AT_ONCE,
        }
    }

    async fn some_aged(&self, permit: &Permit, sweep: Sweep) -> UseResult<u64> {
        let mut work = self.store.begin(permit).await?;
        let gone = work.aged().forget_aged(sweep).await?;
        work.commit().await?;
        Ok(gone)
    }

    /// Nothing leaves a log without an entry that says so.
    async fn retire(&self, permit: &Permit, sweep: Sweep) -> UseResult<u64> {
        let (id, now) = (self.clock.new_id(), self.clock.now());
        let mut work = self.store.begin(permit).await?;
        let gone = work.aged().retire_entries(sweep, id, now).await?;
        if gone > 0 {
            let entry = AuditEntry::by_system(id, RETIRED, sweep.of.code(), now)
                .detail(json!({ "entries": gone }));
            work.audit().write(entry).await?;
            work.commit().await?;
        }
        Ok(gone)
    }
}
