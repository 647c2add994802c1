//! Sealing 加密存储: personal data at rest (security rules S-25, S-31).

use async_trait::async_trait;
use uuid::Uuid;

/// Place 存放位置: where a sealed value stands. It is bound into the seal, so a value moved elsewhere does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The tenant that owns the row; its data key seals the value.
    pub tenant: Uuid,
    /// Table name, as in the migration.
    pub table: &'static str,
    /// Id of the row, known before the row is written.
    pub row: Uuid,
    /// Column name, as in the migration.
    pub column: &'static str,
}

/// Sealer 加密器: authenticated encryption and blind indexes with one data key per tenant.
///
/// Call [`Sealer::ready`] before a unit of work is open (it may need a connection of its own); everything after it is
/// pure computation. Sealed layout: `version|key id|nonce|text|tag`.
#[async_trait]
pub trait Sealer: Send + Sync {
    /// Loads the keys of the tenant, creating the first one if it has none. Cheap when they are already here.
    async fn ready(&self, tenant: Uuid) -> Result<(), SealError>;
    /// Gives the tenant a further data key; new values use it, old ones stay readable. For the rotation job.
    async fn rotate(&self, tenant: Uuid) -> Result<(), SealError>;
    /// Seals a value for one place.
    fn seal(&self, place: &Place, plain: &[u8]) -> Result<Vec<u8>, SealError>;
    /// Opens what was sealed for exactly this place.
    fn open(&self, place: &Place, sealed: &[u8]) -> Result<Vec<u8>, SealError>;
    /// Seals again under the newest key; `None` when it already is. For the rotation job.
    fn reseal(&self, place: &Place, sealed: &[u8]) -> Result<Option<Vec<u8>>, SealError>;
    /// Blind index 盲索引: keyed hash, per tenant and purpose, of a normalised value, for look-up by equality.
    /// It stays the same when data keys rotate.
    fn blind_index(
        &self,
        tenant: Uuid,
        purpose: &'static str,
        normalised: &str,
    ) -> Result<[u8; 32], SealError>;
}

/// A data key of one tenant, wrapped by the master key; safe to store and to back up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// 1, 2, 3 … within the tenant; part of every sealed value.
    pub id: u32,
    /// The wrapped key.
    pub wrapped: Vec<u8>,
}

/// Tenant keys 租户密钥: the wrapped data keys, kept in the database.
#[async_trait]
pub trait TenantKeys: Send + Sync {
    /// All keys of the tenant, in any order; empty when there are none.
    async fn load(&self, tenant: Uuid) -> Result<Vec<WrappedKey>, SealError>;
    /// Stores the key unless the tenant already has one with this id (on conflict do nothing); committed on return.
    /// Whoever loses the race reads the winner's key with `load`.
    async fn create(&self, tenant: Uuid, key: WrappedKey) -> Result<(), SealError>;
}

/// Why sealing or opening did not work. Says nothing about the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// `ready` was not called for this tenant.
    #[error("the keys of this tenant are not loaded")]
    NotReady,
    /// The value names a key that this tenant does not have, or a version that is not known here.
    #[error("the value was sealed with a key that is not here")]
    UnknownKey,
    /// Changed, cut short, moved to another place, or of another tenant.
    #[error("the sealed value does not open here")]
    Broken,
    /// A wrapped key does not open with the master key of this installation.
    #[error("the master key does not fit the stored keys")]
    WrongMasterKey,
    /// The key store did not answer.
    #[error("the key store is unavailable: {0}")]
    Unavailable(String),
}

impl SealError {
    /// Stable code, key of the message.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotReady => "sealing.not_ready",
            Self::UnknownKey => "sealing.unknown_key",
            Self::Broken => "sealing.broken",
            Self::WrongMasterKey => "sealing.wrong_master_key",
            Self::Unavailable(_) => "sealing.unavailable",
        }
    }
}
