//! Lines 申请编号排队: where the submissions of a city wait for its day's number (decision 11).

use std::{sync::Arc, time::Duration};

use application::ports::store::StoreError;
use domain::ids::TenantId;
use moka::sync::Cache;
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    time::timeout,
};

/// Lines that are kept; a city whose line goes while somebody stands in it gets a second one, and PostgreSQL's order.
const MOST: u64 = 1_000;
/// As long as PostgreSQL would let them wait for the row (`lock_timeout` of the login): when nothing moves, whoever waits is told so
/// at the same time, not one after the other, and lets go of the connection.
const PATIENCE: Duration = Duration::from_secs(2);

/// One line a city. PostgreSQL holds a line of its own before the row, which is what other processes meet: but there everyone who waits
/// is woken by every commit, looks, and lies down again.
#[derive(Clone)]
pub(crate) struct Lines(Cache<TenantId, Arc<Mutex<()>>>);

/// Who has it goes on; dropped, the next one does.
pub(crate) type Turn = OwnedMutexGuard<()>;

impl Lines {
    pub(crate) fn new() -> Self {
        Self(Cache::new(MOST))
    }

    /// Waits for one's turn; `Stale` as after a lock that was waited for too long.
    pub(crate) async fn turn(&self, city: TenantId) -> Result<Turn, StoreError> {
        let line = self.0.get_with(city, Default::default);
        let turn = timeout(PATIENCE, line.lock_owned()).await;
        turn.map_err(|_| StoreError::Stale)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;
    use uuid::Uuid;

    use super::*;

    const HERE: TenantId = TenantId(Uuid::from_u128(1));
    const ELSEWHERE: TenantId = TenantId(Uuid::from_u128(2));

    #[tokio::test(start_paused = true)]
    async fn one_of_a_city_goes_on_at_a_time_and_another_city_waits_for_nobody() {
        let lines = Lines::new();
        let first = lines.turn(HERE).await.expect("nobody is before it");
        lines.turn(ELSEWHERE).await.expect("another line");
        let next = tokio::spawn({
            let lines = lines.clone();
            async move { lines.turn(HERE).await.map(drop) }
        });
        tokio::task::yield_now().await;
        assert!(!next.is_finished());
        drop(first);
        next.await.expect("it ran").expect("its turn");
    }

    #[tokio::test(start_paused = true)]
    async fn when_nothing_moves_all_who_wait_are_told_at_the_same_time() {
        let lines = Lines::new();
        let _stuck = lines.turn(HERE).await.expect("nobody is before it");
        let begun = Instant::now();
        let waiting = futures::future::join_all((0..16).map(|_| lines.turn(HERE)));
        let waiting = timeout(PATIENCE * 3, waiting).await.expect("an end");
        assert!(waiting.iter().all(|w| matches!(w, Err(StoreError::Stale))));
        assert_eq!(begun.elapsed().as_secs(), PATIENCE.as_secs());
    }
}
