//! Orphans 无主文件: an upload that a crash cut short leaves an object that no row names. It goes after a day.

use time::Duration;

use super::Retention;
use crate::{access::Permit, error::UseResult};

/// Younger ones may belong to an upload that is still on its way.
const GRACE: Duration = Duration::days(1);
const AT_ONCE: usize = 500;

impl Retention {
    /// One round over the objects of the city; answers how many went.
    pub async fn collect_orphans(&self, permit: &Permit) -> UseResult<u64> {
        let city = permit.city().0;
        let before = self.clock.now() - GRACE;
        let old = self.vault.older_than(city, before).await?;
        let mut gone = 0;
        for some in old.chunks(AT_ONCE) {
            let keys: Vec<String> = some.iter().map(|key| key.as_str().to_owned()).collect();
            let mut work = self.store.begin(permit).await?;
            let named = work.closings().named_objects(&keys).await?;
            drop(work);
            for key in some.iter().filter(|key| !named.contains(key.as_str())) {
                self.vault.delete(city, key).await?;
                gone += 1;
            }
        }
        if gone > 0 {
            tracing::info!(%city, gone, "objects that no row names were taken away");
        }
        Ok(gone)
    }
}
