//! Orphans 无主文件: an upload that a crash cut short leaves an object that no row names. It goes after a day.

use time::Duration;

use super::{GIVE_UP, Retention};
use crate::{access::Permit, error::UseResult, turns::Turns};

/// Younger ones may belong to an upload that is still on its way.
const GRACE: Duration = Duration::days(1);
const AT_ONCE: usize = 500;

impl Retention {
    /// One round over the objects of the city; answers how many went.
    pub async fn collect_orphans(&self, permit: &Permit) -> UseResult<u64> {
        let city = permit.city().0;
        let before = self.clock.now() - GRACE;
        let old = self.vault.older_than(city, before).await?;
        let (mut gone, mut failures, mut turns) = (0, 0, Turns::default());
        for some in old.chunks(AT_ONCE) {
            let keys: Vec<String> = some.iter().map(|key| key.as_str().to_owned()).collect();
            let mut work = self.store.begin(permit).await?;
            let named = work.closings().named_objects(&keys).await?;
            drop(work);
            for key in some.iter().filter(|key| !named.contains(key.as_str())) {
                match self.vault.delete(city, key).await {
                    Ok(()) => gone += 1,
                    // One that cannot be removed keeps no other.
                    Err(error) => {
                        turns.failed("an orphan", error.into());
                        failures += 1;
                    }
                }
                if failures == GIVE_UP {
                    return turns.end();
                }
            }
        }
        if gone > 0 {
            tracing::info!(%city, gone, "objects that no row names were taken away");
        }
        turns.take("orphans", Ok(gone));
        turns.end()
    }
}
