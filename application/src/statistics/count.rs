//! The worker behind the figures: what changed is counted again, and the difference moves into the sums in one transaction.

use std::sync::Arc;

use crate::{
    access::Permit,
    error::UseResult,
    ports::store::{Store, UnitOfWork},
};

/// Changes that one transaction counts, and transactions of one round: other cities wait no longer than that.
const BATCH: i64 = 1_000;
const ROUND: usize = 20;

/// Keeps the rollups of a city.
#[derive(Clone)]
pub struct Counter {
    pub store: Arc<dyn Store>,
}

impl Counter {
    /// Counts what is due; answers how many changes were worked off.
    pub async fn round(&self, permit: &Permit) -> UseResult<usize> {
        let mut done = 0;
        for _ in 0..ROUND {
            let mut work = self.store.begin(permit).await?;
            let counted = work.statistics().count_due(BATCH).await?;
            work.commit().await?;
            if counted == 0 {
                break;
            }
            done += usize::try_from(counted).unwrap_or(usize::MAX);
        }
        Ok(done)
    }

    /// Counts everything anew; answers how many figures were wrong before.
    pub async fn rebuild(&self, permit: &Permit) -> UseResult<i64> {
        let mut work = self.store.begin(permit).await?;
        let wrong = wrong(&mut *work).await?;
        work.statistics().recount().await?;
        work.commit().await?;
        Ok(wrong)
    }

    /// Figures that a plain recount does not give, after what is due was counted.
    pub async fn check(&self, permit: &Permit) -> UseResult<i64> {
        let mut work = self.store.begin(permit).await?;
        let wrong = wrong(&mut *work).await?;
        work.commit().await?;
        Ok(wrong)
    }
}

/// With the city for itself: what another worker had half done would be told as wrong.
async fn wrong(work: &mut dyn UnitOfWork) -> UseResult<i64> {
    work.statistics().alone().await?;
    while work.statistics().count_due(BATCH).await? > 0 {}
    work.statistics().note_facts().await?;
    Ok(work.statistics().differences().await?)
}
