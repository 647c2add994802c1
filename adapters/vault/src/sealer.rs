//! One data key per tenant, wrapped by the master key; sealing and blind indexes with it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use application::ports::sealing::{Place, SealError, Sealer, TenantKeys, WrappedKey};
use async_trait::async_trait;
use tokio::sync::Mutex;
use uuid::Uuid;
use zeroize::Zeroize;

use crate::keys::{Key, Keys};
use crate::suite::{Suite, head};

/// How the sealer works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealSettings {
    /// Algorithm set of keys made from now on; older keys keep theirs.
    pub suite: Suite,
    /// After this long `ready` looks for new keys again.
    pub fresh_for: Duration,
    /// A new key of a tenant that already has one seals only after it has been known this long: by then every instance
    /// can open what it sealed.
    pub settle: Duration,
}

impl Default for SealSettings {
    fn default() -> Self {
        Self {
            suite: Suite::Aes,
            fresh_for: Duration::from_mins(1),
            settle: Duration::from_mins(2),
        }
    }
}

/// A data key as used: sealing key and index key are derived from it.
struct DataKey {
    id: u32,
    suite: Suite,
    seal: Key,
    index: Key,
    since: Instant,
}

/// The keys of a tenant, oldest first, never empty.
struct Ring {
    keys: Vec<Arc<DataKey>>,
    loaded: Instant,
}

impl Ring {
    fn current(&self, settle: Duration) -> &DataKey {
        let settled = self
            .keys
            .iter()
            .skip(1)
            .rfind(|key| key.since.elapsed() >= settle);
        settled.unwrap_or(&self.keys[0])
    }
}

/// Sealer 加密器 over a store of wrapped tenant keys.
pub struct VaultSealer {
    masters: Vec<Key>,
    store: Arc<dyn TenantKeys>,
    settings: SealSettings,
    rings: RwLock<HashMap<Uuid, Arc<Ring>>>,
    loading: Mutex<()>,
}

impl VaultSealer {
    /// With the master keys of the installation.
    pub fn new(keys: &Keys, store: Arc<dyn TenantKeys>, settings: SealSettings) -> Self {
        let masters = std::iter::once(&keys.master)
            .chain(&keys.previous_masters)
            .cloned()
            .collect();
        Self {
            masters,
            store,
            settings,
            rings: RwLock::default(),
            loading: Mutex::default(),
        }
    }

    fn ring(&self, tenant: Uuid) -> Option<Arc<Ring>> {
        self.rings
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&tenant)
            .cloned()
    }

    async fn load(&self, tenant: Uuid) -> Result<Arc<Ring>, SealError> {
        let mut stored = self.store.load(tenant).await?;
        if stored.is_empty() {
            self.store.create(tenant, self.draw(tenant, 1)?).await?;
            stored = self.store.load(tenant).await?;
        }
        stored.sort_by_key(|key| key.id);
        let known = self.ring(tenant);
        let mut keys = Vec::with_capacity(stored.len());
        for wrapped in &stored {
            let before = known
                .as_ref()
                .and_then(|ring| ring.keys.iter().find(|key| key.id == wrapped.id));
            keys.push(match before {
                Some(key) => key.clone(),
                None => Arc::new(self.unwrap(tenant, wrapped)?),
            });
        }
        if keys.is_empty() {
            return Err(SealError::Unavailable(
                "the key store did not keep the new key".to_owned(),
            ));
        }
        let ring = Arc::new(Ring {
            keys,
            loaded: Instant::now(),
        });
        self.rings
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(tenant, ring.clone());
        Ok(ring)
    }

    fn draw(&self, tenant: Uuid, id: u32) -> Result<WrappedKey, SealError> {
        let none = || SealError::Unavailable("no random numbers".to_owned());
        let key = Key::generate().ok_or_else(none)?;
        let suite = self.settings.suite;
        let master = &self.masters[0];
        let wrapper = suite.derive(master, "wrap");
        let wrapped = suite
            .seal(&wrapper, master.id(), &wrap_bound(tenant, id), key.bytes())
            .ok_or_else(none)?;
        Ok(WrappedKey { id, wrapped })
    }

    fn unwrap(&self, tenant: Uuid, key: &WrappedKey) -> Result<DataKey, SealError> {
        let (version, master_id) = head(&key.wrapped).ok_or(SealError::WrongMasterKey)?;
        let suite = Suite::of_version(version).ok_or(SealError::UnknownKey)?;
        let master = self
            .masters
            .iter()
            .find(|master| master.id() == master_id)
            .ok_or(SealError::WrongMasterKey)?;
        let wrapper = suite.derive(master, "wrap");
        let mut plain = suite
            .open(&wrapper, &wrap_bound(tenant, key.id), &key.wrapped)
            .ok_or(SealError::WrongMasterKey)?;
        let data = <[u8; 32]>::try_from(plain.as_slice()).map(Key::from_bytes);
        plain.zeroize();
        let data = data.map_err(|_| SealError::WrongMasterKey)?;
        Ok(DataKey {
            id: key.id,
            suite,
            seal: suite.derive(&data, "seal"),
            index: suite.derive(&data, "index"),
            since: Instant::now(),
        })
    }
}

#[async_trait]
impl Sealer for VaultSealer {
    async fn ready(&self, tenant: Uuid) -> Result<(), SealError> {
        let fresh = |ring: &Arc<Ring>| ring.loaded.elapsed() < self.settings.fresh_for;
        if self.ring(tenant).is_some_and(|ring| fresh(&ring)) {
            return Ok(());
        }
        let _one_at_a_time = self.loading.lock().await;
        let known = self.ring(tenant);
        if known.as_ref().is_some_and(fresh) {
            return Ok(());
        }
        match self.load(tenant).await {
            Err(SealError::Unavailable(why)) if known.is_some() => {
                tracing::warn!(%tenant, why, "tenant keys could not be refreshed; the known ones stay in use");
                Ok(())
            }
            loaded => loaded.map(drop),
        }
    }

    async fn rotate(&self, tenant: Uuid) -> Result<(), SealError> {
        let _one_at_a_time = self.loading.lock().await;
        let ring = self.load(tenant).await?;
        let next = ring.keys.iter().map(|key| key.id).max().unwrap_or(0) + 1;
        self.store.create(tenant, self.draw(tenant, next)?).await?;
        self.load(tenant).await.map(drop)
    }

    fn seal(&self, place: &Place, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let ring = self.ring(place.tenant).ok_or(SealError::NotReady)?;
        let key = ring.current(self.settings.settle);
        key.suite
            .seal(&key.seal, key.id, &place_bound(place), plain)
            .ok_or_else(|| SealError::Unavailable("no random numbers".to_owned()))
    }

    fn open(&self, place: &Place, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let ring = self.ring(place.tenant).ok_or(SealError::NotReady)?;
        let (version, id) = head(sealed).ok_or(SealError::Broken)?;
        let suite = Suite::of_version(version).ok_or(SealError::UnknownKey)?;
        let key = ring
            .keys
            .iter()
            .find(|key| key.id == id)
            .ok_or(SealError::UnknownKey)?;
        if key.suite != suite {
            return Err(SealError::Broken);
        }
        suite
            .open(&key.seal, &place_bound(place), sealed)
            .ok_or(SealError::Broken)
    }

    fn reseal(&self, place: &Place, sealed: &[u8]) -> Result<Option<Vec<u8>>, SealError> {
        let ring = self.ring(place.tenant).ok_or(SealError::NotReady)?;
        let (_, id) = head(sealed).ok_or(SealError::Broken)?;
        if id == ring.current(self.settings.settle).id {
            return Ok(None);
        }
        let mut plain = self.open(place, sealed)?;
        let again = self.seal(place, &plain);
        plain.zeroize();
        again.map(Some)
    }

    fn blind_index(
        &self,
        tenant: Uuid,
        purpose: &'static str,
        normalised: &str,
    ) -> Result<[u8; 32], SealError> {
        let ring = self.ring(tenant).ok_or(SealError::NotReady)?;
        let first = &ring.keys[0];
        Ok(first
            .suite
            .mac(&first.index, &[purpose.as_bytes(), normalised.as_bytes()]))
    }
}

/// What a value is bound to: `tenant|table|row|column`, variable parts with their length.
fn place_bound(place: &Place) -> Vec<u8> {
    let mut bound = b"yijianrong/value".to_vec();
    bound.extend_from_slice(place.tenant.as_bytes());
    bound.extend_from_slice(&(place.table.len() as u64).to_be_bytes());
    bound.extend_from_slice(place.table.as_bytes());
    bound.extend_from_slice(place.row.as_bytes());
    bound.extend_from_slice(place.column.as_bytes());
    bound
}

fn wrap_bound(tenant: Uuid, id: u32) -> Vec<u8> {
    [&b"yijianrong/key"[..], tenant.as_bytes(), &id.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests;
