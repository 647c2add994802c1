//! Sessions 登录会话: opened at sign-in, read with every request, ended at once (S-13).

use async_trait::async_trait;
use domain::{
    ids::{EnterpriseId, TenantId, UserId},
    tenant::{Role, TenantKind},
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{accounts::DoorEntry, limits::Pardon, store::StoreError};

/// Whose session: limits differ (table of S-13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    Enterprise,
    Staff,
    /// Of an enterprise person on a device of their own: an access token, never a cookie (S-14).
    Device,
}

impl SessionKind {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Enterprise => "enterprise",
            Self::Staff => "staff",
            Self::Device => "device",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Enterprise, Self::Staff, Self::Device]
            .into_iter()
            .find(|kind| kind.code() == code)
    }

    /// Whose account it is: a device is an enterprise person's.
    #[must_use]
    pub const fn account(self) -> Self {
        match self {
            Self::Device => Self::Enterprise,
            other => other,
        }
    }
}

/// 登录设备 behind an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceMark {
    pub id: Uuid,
    /// Of the name that the device gives itself; every request names it again.
    pub fingerprint: [u8; 32],
    /// When the person signed in on it; renewed tokens change nothing about that.
    pub since: OffsetDateTime,
}

/// A session to open; the database holds the fingerprint of its id.
#[derive(Clone, Debug)]
pub struct NewSession {
    pub fingerprint: [u8; 32],
    pub public_id: Uuid,
    pub user: UserId,
    pub kind: SessionKind,
    pub at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
    /// Sessions of this person at once, the new one included; the oldest are ended.
    pub at_once: i64,
    pub ip: String,
    pub agent: String,
    /// Goes on with the device of this session, if it was one's.
    pub instead_of: Option<[u8; 32]>,
    /// A sign-in brings this.
    pub arrival: Option<Arrival>,
}

/// A sign-in that succeeded: 登录记录 and 操作日志 are written with the session or not at all, and the failures before it are forgotten.
#[derive(Clone, Debug)]
pub struct Arrival {
    pub entry: DoorEntry,
    /// What counting its attempt had cost.
    pub pardon: Option<Pardon>,
}

/// A live session and the person behind it, as they are now.
#[derive(Clone, Debug)]
pub struct LiveSession {
    pub public_id: Uuid,
    pub kind: SessionKind,
    pub user: UserId,
    pub name: String,
    pub tenant: TenantId,
    pub tenant_kind: TenantKind,
    pub tenant_name: String,
    pub city: TenantId,
    pub reach: Vec<TenantId>,
    pub enterprise: Option<EnterpriseId>,
    pub roles: Vec<Role>,
    pub seen_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
    pub proved_at: Option<OffsetDateTime>,
    /// Unread in-site messages, for the badge.
    pub unread: i64,
    pub device: Option<DeviceMark>,
}

#[async_trait]
pub trait Sessions: Send + Sync {
    async fn open(&self, new: &NewSession) -> Result<(), StoreError>;
    /// Only sessions that are not ended, of people who are active, in tenants that are active.
    async fn find(&self, fingerprint: &[u8; 32]) -> Result<Option<LiveSession>, StoreError>;
    async fn seen(&self, fingerprint: &[u8; 32], at: OffsetDateTime) -> Result<(), StoreError>;
    async fn proved(&self, fingerprint: &[u8; 32], at: OffsetDateTime) -> Result<(), StoreError>;
    async fn end(&self, fingerprint: &[u8; 32], at: OffsetDateTime) -> Result<(), StoreError>;
    /// Ends all sessions of a person but `keep`, and all devices but that of `keep`; answers how many sessions.
    async fn end_all(
        &self,
        user: UserId,
        keep: Option<&[u8; 32]>,
        at: OffsetDateTime,
    ) -> Result<u64, StoreError>;
}
