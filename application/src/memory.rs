//! Memory 内存: how many bytes of bodies and of opened files this process holds at once. Whoever finds no room waits a little and is
//! then told to come back: a few dozen large files would end the process, and with it every city.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError, Weak},
    time::Duration,
};

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

/// Bodies with files of people who are signed in; one person sends two at once, or one form with three photos.
pub static UPLOADS: LazyLock<Share> =
    LazyLock::new(|| Share::new("upload.no_room", 128 * MB, 2, 32 * MB));
/// Bodies with files of people who hold a link, or have no account yet; so many at once of one network, and one of the largest.
pub static LINK_UPLOADS: LazyLock<Share> =
    LazyLock::new(|| Share::new("upload.no_room", 32 * MB, 4, 12 * MB));
/// Opened files on their way to people who are signed in.
pub static FILES: LazyLock<Share> =
    LazyLock::new(|| Share::new("files.no_room", 96 * MB, 4, 32 * MB));
/// Opened files that everybody may have; so many at once of one network.
pub static PUBLIC_FILES: LazyLock<Share> =
    LazyLock::new(|| Share::new("files.no_room", 48 * MB, 8, 24 * MB));
/// Archives of one's own data: the largest one has room, twice while it is opened.
pub static ARCHIVES: LazyLock<Share> =
    LazyLock::new(|| Share::new("files.no_room", 256 * MB, 1, 256 * MB));

/// A share of the process's memory, and how much of it one person may have.
#[derive(Clone)]
pub struct Share {
    /// What is said when there is no room.
    code: &'static str,
    grains: Arc<Semaphore>,
    all: u32,
    each: usize,
    each_grains: u32,
    names: Names,
}

/// Whoever holds or waits for something; nobody else is remembered, and nobody is forgotten before that.
type Names = Arc<Mutex<HashMap<String, Weak<Own>>>>;

/// What one person or network may have.
#[derive(Debug)]
struct Own {
    name: String,
    names: Names,
    turns: Arc<Semaphore>,
    grains: Arc<Semaphore>,
}

impl Drop for Own {
    fn drop(&mut self) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever came in the meantime has another one under this name.
        if names
            .get(&self.name)
            .is_some_and(|own| own.strong_count() == 0)
        {
            names.remove(&self.name);
        }
    }
}

/// A place in memory: given back when the last one who holds it lets go.
#[derive(Clone, Debug)]
pub struct Held {
    _place: Arc<Place>,
}

#[derive(Debug)]
struct Place {
    grains: OwnedSemaphorePermit,
    /// Of what its name may have.
    own_grains: OwnedSemaphorePermit,
    _turn: OwnedSemaphorePermit,
    _own: Arc<Own>,
}

impl Place {
    /// Gives back what goes beyond so many bytes.
    fn shrink(&mut self, bytes: usize) {
        let left = bytes.div_ceil(GRAIN);
        for permit in [&mut self.grains, &mut self.own_grains] {
            let more = permit.num_permits().saturating_sub(left);
            drop(permit.split(more));
        }
    }
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
    /// So many bytes in all; for one person so many places at once, and so many bytes.
    pub fn new(code: &'static str, bytes: usize, each: usize, each_bytes: usize) -> Self {
        let grains = |bytes: usize| u32::try_from(bytes / GRAIN).unwrap_or(u32::MAX);
        Self {
            code,
            grains: Arc::new(Semaphore::new(bytes / GRAIN)),
            all: grains(bytes),
            each,
            each_grains: grains(each_bytes.min(bytes)),
            names: Names::default(),
        }
    }

    /// What this name may have, as long as it has something.
    fn own(&self, whose: &str) -> Arc<Own> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = names.get(whose).and_then(Weak::upgrade) {
            return own;
        }
        let own = Arc::new(Own {
            name: whose.to_owned(),
            names: Arc::clone(&self.names),
            turns: Arc::new(Semaphore::new(self.each)),
            grains: Arc::new(Semaphore::new(self.each_grains as usize)),
        });
        names.insert(whose.to_owned(), Arc::downgrade(&own));
        own
    }

    /// Room for so many bytes in the name of a person or a network; more than there is takes all there is, of all and of the name's
    /// own.
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
        place.shrink(bytes.len());
        let held = Held {
            _place: Arc::new(place),
        };
        Ok(Loaded { bytes, held })
    }

    async fn place(&self, whose: &str, bytes: usize) -> UseResult<Place> {
        let own = self.own(whose);
        let grains = u32::try_from(bytes.div_ceil(GRAIN)).unwrap_or(u32::MAX);
        let (grains, own_grains) = (grains.min(self.all), grains.min(self.each_grains));
        let taken = async {
            // Whoever waits for what is their own stands in nobody's way.
            let turn = own.turns.clone().acquire_owned().await?;
            let own_grains = own.grains.clone().acquire_many_owned(own_grains).await?;
            let grains = self.grains.clone().acquire_many_owned(grains).await?;
            Ok::<_, AcquireError>(Place {
                grains,
                own_grains,
                _turn: turn,
                _own: own,
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
        Share::new("files.no_room", 10 * GRAIN, 2, 10 * GRAIN)
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
    async fn nobody_has_more_than_their_bytes_however_few_their_places_are() {
        let share = Share::new("files.no_room", 10 * GRAIN, 4, 6 * GRAIN);
        let one = share.take("a", 5 * GRAIN).await.expect("room");
        told(&share, "a", 2 * GRAIN).await;
        let other = share.take("b", 5 * GRAIN).await;
        assert!(other.is_ok(), "waiting for one's own took nothing of this");
        drop((one, other));
        assert!(share.take("a", 6 * GRAIN).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn an_object_that_was_opened_gives_back_of_its_names_bytes_too() {
        let share = Share::new("files.no_room", 20 * GRAIN, 4, 6 * GRAIN);
        let read = async { Ok(vec![0; 3 * GRAIN]) };
        let loaded = share.load("a", 3 * GRAIN, read).await.expect("room");
        assert!(share.take("a", 3 * GRAIN).await.is_ok());
        told(&share, "a", 4 * GRAIN).await;
        drop(loaded);
    }

    #[test]
    fn one_name_alone_fills_no_share_and_sends_the_largest_body_of_its_doors() {
        for share in [&UPLOADS, &LINK_UPLOADS, &FILES, &PUBLIC_FILES] {
            assert!(share.each_grains < share.all);
        }
        let mb = |grains: u32| grains as usize * GRAIN / MB;
        assert_eq!([mb(UPLOADS.each_grains), mb(UPLOADS.all)], [32, 128]);
        assert_eq!(
            [mb(LINK_UPLOADS.each_grains), mb(LINK_UPLOADS.all)],
            [12, 32]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_name_is_known_exactly_as_long_as_it_holds_something() {
        let share = share();
        let known = || share.names.lock().expect("no panic").len();
        let one = share.take("a", 1).await.expect("room");
        let two = share.take("a", 1).await.expect("room");
        // However long a slow reader takes.
        tokio::time::advance(Duration::from_hours(24)).await;
        told(&share, "a", 1).await;
        drop(one);
        assert_eq!(known(), 1);
        drop(two);
        assert_eq!(known(), 0);
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
