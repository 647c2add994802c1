//! Memory 内存: how many bytes of bodies and of opened files this process holds at once. Whoever finds no room waits a little and is
//! then told to come back: a few dozen large files would end the process, and with it every city.

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use moka::sync::Cache;
use tokio::{
    sync::{AcquireError, OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::error::{UseError, UseResult};

const MB: usize = 1024 * 1024;
/// One of our own pictures, where no row says how large it is.
pub(crate) const PICTURE: usize = 4 * MB;
/// What is counted: a semaphore counts in `u32`.
const GRAIN: usize = 1024;
/// With the wait for a place of the studio, shorter than the patience of a request.
const WAIT: Duration = Duration::from_secs(5);
/// Whoever is not heard of so long holds nothing any more.
const FORGOTTEN: Duration = Duration::from_mins(10);

/// Bodies with files of people who are signed in; one person sends two at once.
pub static UPLOADS: LazyLock<Share> = LazyLock::new(|| Share::new("upload.no_room", 128 * MB, 2));
/// Bodies with files of people who hold a link, or have no account yet; so many at once of one network.
pub static LINK_UPLOADS: LazyLock<Share> =
    LazyLock::new(|| Share::new("upload.no_room", 32 * MB, 4));
/// Opened files on their way to people who are signed in.
pub static FILES: LazyLock<Share> = LazyLock::new(|| Share::new("files.no_room", 96 * MB, 4));
/// Opened files that everybody may have; so many at once of one network.
pub static PUBLIC_FILES: LazyLock<Share> =
    LazyLock::new(|| Share::new("files.no_room", 48 * MB, 8));
/// Archives of one's own data: the largest one has room, twice while it is opened.
pub static ARCHIVES: LazyLock<Share> = LazyLock::new(|| Share::new("files.no_room", 256 * MB, 1));

/// A share of the process's memory, and how much of it one person may have.
#[derive(Clone)]
pub struct Share {
    /// What is said when there is no room.
    code: &'static str,
    grains: Arc<Semaphore>,
    all: u32,
    each: usize,
    turns: Cache<String, Arc<Semaphore>>,
}

/// A place in memory: given back when the last one who holds it lets go.
#[derive(Clone, Debug)]
pub struct Held {
    _place: Arc<Place>,
}

#[derive(Debug)]
struct Place {
    grains: OwnedSemaphorePermit,
    _turn: OwnedSemaphorePermit,
}

/// The bytes of an opened object, with their place in memory.
#[derive(Debug)]
pub struct Loaded {
    pub bytes: Vec<u8>,
    pub held: Held,
}

impl AsRef<[u8]> for Loaded {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Share {
    /// So many bytes in all, and so many places at once for one person.
    pub fn new(code: &'static str, bytes: usize, each: usize) -> Self {
        let all = u32::try_from(bytes / GRAIN).unwrap_or(u32::MAX);
        Self {
            code,
            grains: Arc::new(Semaphore::new(bytes / GRAIN)),
            all,
            each,
            turns: Cache::builder()
                .max_capacity(100_000)
                .time_to_idle(FORGOTTEN)
                .build(),
        }
    }

    /// Room for so many bytes in the name of a person or a network; more than there is takes all there is.
    pub async fn take(&self, whose: &str, bytes: usize) -> UseResult<Held> {
        let place = Arc::new(self.place(whose, bytes).await?);
        Ok(Held { _place: place })
    }

    /// Reads and opens an object of so many bytes: while that goes on it lies in memory twice, sealed and open.
    pub async fn load<F>(&self, whose: &str, bytes: usize, read: F) -> UseResult<Loaded>
    where
        F: Future<Output = UseResult<Vec<u8>>>,
    {
        let mut place = self.place(whose, bytes.saturating_mul(2)).await?;
        let bytes = read.await?;
        let more = place.grains.num_permits();
        let more = more.saturating_sub(bytes.len().div_ceil(GRAIN));
        drop(place.grains.split(more));
        let held = Held {
            _place: Arc::new(place),
        };
        Ok(Loaded { bytes, held })
    }

    async fn place(&self, whose: &str, bytes: usize) -> UseResult<Place> {
        let turns = self
            .turns
            .get_with_by_ref(whose, || Arc::new(Semaphore::new(self.each)));
        let grains = u32::try_from(bytes.div_ceil(GRAIN)).unwrap_or(u32::MAX);
        let grains = grains.min(self.all);
        let taken = async {
            let turn = turns.acquire_owned().await?;
            let grains = self.grains.clone().acquire_many_owned(grains).await?;
            Ok::<_, AcquireError>(Place {
                grains,
                _turn: turn,
            })
        };
        match timeout(WAIT, taken).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(closed)) => Err(UseError::bug(closed)),
            Err(full) => Err(UseError {
                code: self.code,
                ..UseError::unavailable(full)
            }),
        }
    }
}

/// The bytes that a row tells of.
pub(crate) fn bytes_of(byte_size: i32) -> usize {
    usize::try_from(byte_size).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    fn share() -> Share {
        Share::new("files.no_room", 10 * GRAIN, 2)
    }

    async fn told(share: &Share, whose: &str, bytes: usize) -> UseError {
        share.take(whose, bytes).await.expect_err("it is full")
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_fit_waits_a_little_and_is_then_told_to_come_back() {
        let share = share();
        let held = share.take("a", 8 * GRAIN).await.expect("room");
        let error = told(&share, "b", 3 * GRAIN).await;
        assert_eq!(
            (error.kind, error.code),
            (Kind::Unavailable, "files.no_room")
        );
        assert!(error.retry_after.is_some());
        assert!(
            share.take("b", 2 * GRAIN).await.is_ok(),
            "this much is left"
        );
        drop(held);
        assert!(share.take("b", 10 * GRAIN).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_has_more_than_their_places_however_small_they_are() {
        let share = share();
        let one = share.take("a", 1).await.expect("room");
        let two = share.take("a", 1).await.expect("room");
        told(&share, "a", 1).await;
        assert!(
            share.take("b", 1).await.is_ok(),
            "another one has their own"
        );
        drop((one, two));
        assert!(share.take("a", 1).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_is_held_until_the_last_one_lets_go() {
        let share = share();
        let held = share.take("a", 10 * GRAIN).await.expect("room");
        let of_the_job = held.clone();
        drop(held);
        told(&share, "b", GRAIN).await;
        drop(of_the_job);
        assert!(share.take("b", GRAIN).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn an_object_counts_twice_while_it_is_opened_and_once_until_it_is_sent() {
        let share = share();
        let read = async {
            assert_eq!(share.grains.available_permits(), 2);
            Ok(vec![0; 4 * GRAIN])
        };
        let loaded = share.load("a", 4 * GRAIN, read).await.expect("room");
        assert_eq!(share.grains.available_permits(), 6);
        drop(loaded);
        assert_eq!(share.grains.available_permits(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_larger_than_all_there_is_has_it_alone() {
        let share = share();
        let held = share.take("a", usize::MAX).await.expect("all of it");
        told(&share, "b", 1).await;
        drop(held);
        assert!(share.take("b", 1).await.is_ok());
    }

    #[tokio::test]
    async fn what_could_not_be_read_holds_nothing() {
        let share = share();
        let read = async { Err(UseError::not_found()) };
        assert!(share.load("a", 5 * GRAIN, read).await.is_err());
        assert_eq!(share.grains.available_permits(), 10);
    }
}
