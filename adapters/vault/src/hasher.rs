//! argon2id on threads of its own, with memory that is used again.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use application::ports::hashing::{HashError, PasswordHasher, PasswordVerdict};
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use async_trait::async_trait;
use rand::TryRngCore;
use rand::rngs::OsRng;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::keys::Key;

const OUTPUT: usize = 32;
const BEHIND_PAGES: i32 = 10;
/// Without any work for so long, a thread gives its memory back.
const QUIET: Duration = Duration::from_secs(10);
/// Stored parameters above these are not believed: a forged row must not make the program allocate gigabytes.
const MAX_MEMORY_KIB: u32 = 256 * 1024;
const MAX_PASSES: u32 = 16;

/// Cost of a hash and length of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashSettings {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes.
    pub passes: u32,
    /// Hashes at once: half the cores, so that a crowd that signs in leaves room for those who work.
    pub at_once: usize,
    /// How long one waits for a place before `Busy`.
    pub wait: Duration,
}

impl Default for HashSettings {
    fn default() -> Self {
        Self {
            memory_kib: 19_456,
            passes: 2,
            at_once: thread::available_parallelism().map_or(1, |cores| (cores.get() / 2).max(1)),
            wait: Duration::from_secs(2),
        }
    }
}

/// One piece of work: the hash of these under these parameters.
struct Work {
    password: SecretString,
    salt: Vec<u8>,
    params: Params,
    answer: oneshot::Sender<Option<[u8; OUTPUT]>>,
    _place: OwnedSemaphorePermit,
}

/// Password hasher 口令散列器: argon2id, peppered.
pub struct ArgonHasher {
    params: Params,
    wait: Duration,
    places: Arc<Semaphore>,
    queue: Sender<Work>,
}

impl ArgonHasher {
    /// Starts the hashing threads; they end when the hasher is dropped. `None` when the settings are not argon2's.
    pub fn new(pepper: &Key, settings: HashSettings) -> Option<Self> {
        let params = Params::new(settings.memory_kib, settings.passes, 1, Some(OUTPUT)).ok()?;
        let at_once = settings.at_once.max(1);
        let (queue, work) = channel();
        let work = Arc::new(Mutex::new(work));
        for number in 0..at_once {
            let (work, pepper) = (work.clone(), pepper.clone());
            thread::Builder::new()
                .name(format!("hash-{number}"))
                .spawn(move || hash_until_closed(&work, &pepper))
                .ok()?;
        }
        Some(Self {
            params,
            wait: settings.wait,
            places: Arc::new(Semaphore::new(at_once)),
            queue,
        })
    }

    async fn compute(
        &self,
        password: &SecretString,
        salt: &[u8],
        params: Params,
    ) -> Result<[u8; OUTPUT], HashError> {
        let place = timeout(self.wait, self.places.clone().acquire_owned())
            .await
            .map_err(|_| HashError::Busy)?
            .map_err(|_| HashError::Stopped)?;
        let (answer, answered) = oneshot::channel();
        let work = Work {
            password: password.clone(),
            salt: salt.to_vec(),
            params,
            answer,
            _place: place,
        };
        self.queue.send(work).map_err(|_| HashError::Stopped)?;
        answered
            .await
            .map_err(|_| HashError::Stopped)?
            .ok_or(HashError::Unreadable)
    }

    fn is_weaker(&self, params: &Params) -> bool {
        params.m_cost() < self.params.m_cost() || params.t_cost() < self.params.t_cost()
    }
}

/// The loop of one hashing thread. Its memory grows to what was needed, is used again, and goes when nobody signs in.
fn hash_until_closed(queue: &Mutex<Receiver<Work>>, pepper: &Key) {
    let mut memory: Vec<Block> = Vec::new();
    // On Linux this is the thread's alone: a page of somebody who works goes before a hash of somebody who arrives.
    if let Err(error) = rustix::process::nice(BEHIND_PAGES) {
        tracing::debug!(%error, "hashing keeps the priority of the pages");
    }
    loop {
        let next = queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv_timeout(QUIET);
        let work = match next {
            Ok(work) => work,
            Err(RecvTimeoutError::Timeout) => {
                memory = Vec::new();
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let blocks = work.params.block_count();
        if memory.len() < blocks {
            memory.resize(blocks, Block::default());
        }
        let hashed = Argon2::new_with_secret(
            pepper.bytes(),
            Algorithm::Argon2id,
            Version::V0x13,
            work.params,
        )
        .and_then(|argon| {
            let mut out = [0; OUTPUT];
            let password = work.password.expose_secret().as_bytes();
            argon.hash_password_into_with_memory(
                password,
                &work.salt,
                &mut out,
                &mut memory[..blocks],
            )?;
            Ok(out)
        });
        // Whoever asked may have gone away; then nobody needs the answer.
        let _ = work.answer.send(hashed.ok());
    }
}

#[async_trait]
impl PasswordHasher for ArgonHasher {
    async fn hash(&self, password: &SecretString) -> Result<String, HashError> {
        let mut salt = [0; 16];
        OsRng
            .try_fill_bytes(&mut salt)
            .map_err(|_| HashError::Stopped)?;
        let hash = Zeroizing::new(self.compute(password, &salt, self.params.clone()).await?);
        let phc = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&self.params).map_err(|_| HashError::Stopped)?,
            salt: Some(Salt::new(&salt).map_err(|_| HashError::Stopped)?),
            hash: Some(Output::new(&hash[..]).map_err(|_| HashError::Stopped)?),
        };
        Ok(phc.to_string())
    }

    async fn verify(
        &self,
        password: &SecretString,
        stored: &str,
    ) -> Result<PasswordVerdict, HashError> {
        let (params, salt, expected) = read(stored).ok_or(HashError::Unreadable)?;
        let old = self.is_weaker(&params);
        let hash = Zeroizing::new(self.compute(password, &salt, params).await?);
        let right: bool = hash[..].ct_eq(&expected).into();
        Ok(match (right, old) {
            (false, _) => PasswordVerdict::Wrong,
            (true, true) => PasswordVerdict::RightButOld,
            (true, false) => PasswordVerdict::Right,
        })
    }

    async fn verify_nobody(&self, password: &SecretString) -> Result<(), HashError> {
        self.compute(password, &[0; 16], self.params.clone())
            .await
            .map(drop)
    }

    fn needs_rehash(&self, stored: &str) -> bool {
        read(stored).is_none_or(|(params, ..)| self.is_weaker(&params))
    }
}

/// Parameters, salt and hash of a PHC string of ours.
fn read(stored: &str) -> Option<(Params, Vec<u8>, Vec<u8>)> {
    let phc = PasswordHash::new(stored).ok()?;
    if phc.algorithm != Algorithm::Argon2id.ident() || phc.version != Some(Version::V0x13.into()) {
        return None;
    }
    let params = Params::try_from(&phc).ok()?;
    if params.m_cost() > MAX_MEMORY_KIB || params.t_cost() > MAX_PASSES || params.p_cost() != 1 {
        return None;
    }
    let hash = phc.hash?.as_ref().to_vec();
    (hash.len() == OUTPUT).then_some(())?;
    Some((params, phc.salt?.as_ref().to_vec(), hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hasher(settings: HashSettings) -> ArgonHasher {
        ArgonHasher::new(&Key::from_bytes([9; 32]), settings).expect("settings")
    }

    fn quick() -> HashSettings {
        HashSettings {
            memory_kib: 64,
            at_once: 2,
            ..HashSettings::default()
        }
    }

    fn word(text: &str) -> SecretString {
        SecretString::from(text)
    }

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let hasher = hasher(HashSettings::default());
        let stored = hasher.hash(&word("Ronghe@2026")).await.expect("hash");
        assert!(
            stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{stored}"
        );
        assert_eq!(
            hasher.verify(&word("Ronghe@2026"), &stored).await,
            Ok(PasswordVerdict::Right)
        );
        assert_eq!(
            hasher.verify(&word("ronghe@2026"), &stored).await,
            Ok(PasswordVerdict::Wrong)
        );
        assert_eq!(
            hasher.verify(&word(""), &stored).await,
            Ok(PasswordVerdict::Wrong)
        );
        assert!(!hasher.needs_rehash(&stored));
    }

    #[tokio::test]
    async fn two_hashes_of_one_password_differ() {
        let hasher = hasher(quick());
        let one = hasher.hash(&word("x")).await.expect("hash");
        assert_ne!(one, hasher.hash(&word("x")).await.expect("hash"));
    }

    #[tokio::test]
    async fn without_the_pepper_a_stolen_hash_fits_nothing() {
        let stored = hasher(quick())
            .hash(&word("Ronghe@2026"))
            .await
            .expect("hash");
        let thief = ArgonHasher::new(&Key::from_bytes([8; 32]), quick()).expect("settings");
        assert_eq!(
            thief.verify(&word("Ronghe@2026"), &stored).await,
            Ok(PasswordVerdict::Wrong)
        );
    }

    #[tokio::test]
    async fn a_hash_of_weaker_parameters_asks_to_be_made_again() {
        let stored = hasher(quick()).hash(&word("x")).await.expect("hash");
        let today = hasher(HashSettings {
            memory_kib: 128,
            ..quick()
        });
        assert!(today.needs_rehash(&stored));
        assert_eq!(
            today.verify(&word("x"), &stored).await,
            Ok(PasswordVerdict::RightButOld)
        );
        assert_eq!(
            today.verify(&word("y"), &stored).await,
            Ok(PasswordVerdict::Wrong)
        );
    }

    #[tokio::test]
    async fn strings_that_are_not_ours_are_refused_before_any_work() {
        let hasher = hasher(quick());
        let good = hasher.hash(&word("x")).await.expect("hash");
        for bad in [
            String::new(),
            "plain".to_owned(),
            good.replace("argon2id", "argon2i"),
            good.replace("m=64", "m=4194304"),
            good.replace("t=2", "t=4000"),
            good[..good.len() - 20].to_owned(),
        ] {
            assert_eq!(
                hasher.verify(&word("x"), &bad).await,
                Err(HashError::Unreadable),
                "{bad}"
            );
            assert!(hasher.needs_rehash(&bad));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_longer_than_two_seconds_is_told_to_come_back() {
        let hasher = hasher(HashSettings {
            at_once: 1,
            ..quick()
        });
        let taken = hasher.places.clone().acquire_owned().await.expect("place");
        assert_eq!(hasher.verify_nobody(&word("x")).await, Err(HashError::Busy));
        drop(taken);
        assert_eq!(hasher.verify_nobody(&word("x")).await, Ok(()));
    }

    #[tokio::test]
    async fn a_cancelled_request_gives_its_place_back() {
        let hasher = hasher(HashSettings {
            at_once: 1,
            ..quick()
        });
        for _ in 0..50 {
            let gone = timeout(Duration::ZERO, hasher.verify_nobody(&word("x"))).await;
            drop(gone);
        }
        assert_eq!(hasher.verify_nobody(&word("x")).await, Ok(()));
    }
}
