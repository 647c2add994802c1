//! Own account 账号安全: what a signed-in person sees and changes of their own account.

use async_trait::async_trait;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{codes::CodeTry, store::StoreError};

/// One's own phone, as stored.
#[derive(Clone, Debug)]
pub struct OwnAccount {
    pub account: String,
    pub name: String,
    pub phone_sealed: Vec<u8>,
    pub city: Uuid,
    pub created_at: OffsetDateTime,
}

/// A session in the list of one's sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnSession {
    pub id: Uuid,
    pub created_at: OffsetDateTime,
    pub seen_at: OffsetDateTime,
    pub ip: String,
    pub agent: String,
}

/// 登录设备 in the list of one's devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnDevice {
    pub id: Uuid,
    pub created_at: OffsetDateTime,
    /// Last renewal of its tokens.
    pub seen_at: OffsetDateTime,
    pub ip: String,
    pub agent: String,
}

/// 登录记录: a sign-in, good or bad.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnSignIn {
    pub at: OffsetDateTime,
    pub outcome: String,
    pub ip: String,
    pub agent: String,
}

/// One's own rows only; the walls see to it.
#[async_trait]
pub trait OwnAccounts: Send {
    async fn own_account(&mut self) -> Result<Option<OwnAccount>, StoreError>;
    /// Live sessions, newest first; `idle_since`: older ones are over.
    async fn own_sessions(
        &mut self,
        now: OffsetDateTime,
        idle_since: OffsetDateTime,
    ) -> Result<Vec<OwnSession>, StoreError>;
    async fn own_sign_ins(&mut self, most: i64) -> Result<Vec<OwnSignIn>, StoreError>;
    /// True when there was such a session.
    async fn end_own_session(&mut self, id: Uuid, at: OffsetDateTime) -> Result<bool, StoreError>;
    /// Devices with a token pair, newest first.
    async fn own_devices(&mut self, now: OffsetDateTime) -> Result<Vec<OwnDevice>, StoreError>;
    /// True when there was such a device; its tokens end with it.
    async fn end_own_device(&mut self, id: Uuid, at: OffsetDateTime) -> Result<bool, StoreError>;
    /// Ends all but one, and all devices but that one's; answers how many sessions.
    async fn end_other_sessions(
        &mut self,
        keep: Uuid,
        at: OffsetDateTime,
    ) -> Result<u64, StoreError>;
    /// Uses up a code that went to one's own phone; `Conflict("sms_code_used")` when the same form was faster.
    async fn use_own_code(&mut self, code: &CodeTry) -> Result<(), StoreError>;
    async fn set_own_password(&mut self, hash: &str, at: OffsetDateTime) -> Result<(), StoreError>;
    /// `Conflict("users_one_phone_per_city")` when somebody else has it.
    async fn set_own_phone(&mut self, sealed: &[u8], index: &[u8; 32]) -> Result<(), StoreError>;
}
