//! Accounts 账号: the sign-in door's view of people, before anybody is signed in.

use async_trait::async_trait;
use domain::ids::{EnterpriseId, TenantId, UserId};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{codes::CodeTry, sessions::SessionKind, store::StoreError};

/// How somebody names an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountName {
    /// Blind index of the phone.
    Phone([u8; 32]),
    /// 统一社会信用代码 of the enterprise; its owner is meant.
    CreditCode(String),
    /// Sign-in name of staff.
    Name(String),
    Id(UserId),
}

/// An active account in an active tenant.
#[derive(Clone, Debug)]
pub struct Account {
    pub user: UserId,
    pub kind: SessionKind,
    /// `None` until the first password is set.
    pub password_hash: Option<String>,
    pub consecutive_failures: i32,
}

/// Why a sign-in failed, for 登录记录.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    WrongPassword,
    /// The second factor did not fit.
    WrongCode,
    Blocked,
}

impl Refusal {
    pub const fn code(self) -> &'static str {
        match self {
            Self::WrongPassword => "wrong_password",
            Self::WrongCode => "wrong_code",
            Self::Blocked => "blocked",
        }
    }
}

/// Something that happened at a door, for 登录记录 and 操作日志.
#[derive(Clone, Debug)]
pub struct DoorEntry {
    pub id: Uuid,
    pub city: TenantId,
    pub user: Option<UserId>,
    /// `sign_in`, `register`, `password_reset` …
    pub action: &'static str,
    pub outcome: &'static str,
    pub ip: String,
    pub request_id: String,
    pub at: OffsetDateTime,
}

/// A new enterprise with its first person: one transaction.
#[derive(Clone, Debug)]
pub struct NewRegistration {
    pub city: TenantId,
    pub enterprise: EnterpriseId,
    pub user: UserId,
    pub company_name: String,
    pub legal_representative: String,
    pub region_code: String,
    pub phone_sealed: Vec<u8>,
    pub phone_index: [u8; 32],
    pub password_hash: String,
    pub channel: &'static str,
    /// 来源: the scene of the code that was scanned; empty: none was.
    pub scene: String,
    pub at: OffsetDateTime,
    pub consents: Vec<NewConsent>,
    /// The code that proves the phone; used up with the registration or not at all.
    pub code: CodeTry,
    pub entry: DoorEntry,
}

/// One accepted text (S-32).
#[derive(Clone, Debug)]
pub struct NewConsent {
    pub id: Uuid,
    pub agreement_code: String,
    pub agreement_version: String,
    pub agreement_title: String,
    pub body_hash: [u8; 32],
    pub purpose: &'static str,
    pub recipient: String,
}

#[async_trait]
pub trait Accounts: Send + Sync {
    /// The one active account that is meant; `None` when there is none, or more than one.
    async fn find(
        &self,
        city: TenantId,
        kind: SessionKind,
        name: &AccountName,
    ) -> Result<Option<Account>, StoreError>;
    /// A sign-in that failed: 登录记录, consecutive failures and 操作日志 in one transaction. One that succeeds is written with
    /// its session.
    async fn refused(
        &self,
        entry: &DoorEntry,
        outcome: Refusal,
        agent: &str,
    ) -> Result<(), StoreError>;
    /// Sets a password and forgets the failures; `entry` when the person did it, which ends 微信绑定, none for a mere rehash.
    async fn set_password(
        &self,
        user: UserId,
        hash: &str,
        at: OffsetDateTime,
        entry: Option<&DoorEntry>,
    ) -> Result<(), StoreError>;
    /// `Conflict("users_one_phone_per_city")` when the phone is registered already, `Conflict("sms_code_used")` when the same
    /// form was faster.
    async fn register(&self, new: &NewRegistration) -> Result<(), StoreError>;
}
