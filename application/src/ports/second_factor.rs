//! Second factor 动态验证码: the arithmetic of TOTP (RFC 6238), and what the sign-in door keeps about it.

use async_trait::async_trait;
use domain::ids::{TenantId, UserId};
use time::OffsetDateTime;

use super::{accounts::DoorEntry, store::StoreError};

/// Length of one step in seconds.
pub const STEP_SECONDS: i64 = 30;

/// TOTP 动态验证码: six digits of SHA-1 every thirty seconds, as every authenticator app computes them.
pub trait OneTimePasswords: Send + Sync {
    /// A new secret: 160 random bits.
    fn secret(&self) -> Vec<u8>;
    /// The secret in the letters that an app takes.
    fn letters(&self, secret: &[u8]) -> String;
    /// The code of a step; `None` for a secret that is none.
    fn code(&self, secret: &[u8], step: i64) -> Option<String>;
    /// A recovery code 恢复码: ten signs that are not mistaken for each other, in two groups.
    fn recovery_code(&self) -> String;
}

/// What is kept about somebody's second factor.
#[derive(Clone, Debug)]
pub struct Factor {
    pub user: UserId,
    pub account: String,
    pub name: String,
    /// Sealed; `None` while nothing is enrolled.
    pub secret: Option<Vec<u8>>,
    /// Recovery codes that were not used yet.
    pub recovery_left: i64,
}

/// A sign-in that waits for the second factor.
#[derive(Clone, Debug)]
pub struct PendingSignIn {
    pub fingerprint: [u8; 32],
    pub city: TenantId,
    pub user: UserId,
    pub at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

/// The enrolment page of one sign-in that waits, or of one session.
#[derive(Clone, Copy, Debug)]
pub struct EnrolmentPage {
    pub city: TenantId,
    pub user: UserId,
    /// Of what the browser holds.
    pub fingerprint: [u8; 32],
}

/// An enrolment whose first code fitted.
#[derive(Clone, Debug)]
pub struct NewFactor {
    pub page: EnrolmentPage,
    /// The step of the code that fitted: it is used up.
    pub step: i64,
    pub recovery_hashes: Vec<[u8; 32]>,
    pub at: OffsetDateTime,
    pub entry: DoorEntry,
}

/// The sign-in door's view of second factors.
#[async_trait]
pub trait SecondFactors: Send + Sync {
    /// Of an active person in an active tenant of this city.
    async fn factor(&self, city: TenantId, user: UserId) -> Result<Option<Factor>, StoreError>;
    /// Keeps a secret for this enrolment page; one that is there already stays and is answered. `None`: nobody waits there and no
    /// session is open.
    async fn propose(
        &self,
        page: &EnrolmentPage,
        sealed: &[u8],
    ) -> Result<Option<Vec<u8>>, StoreError>;
    /// The secret that this page shows.
    async fn proposed(&self, page: &EnrolmentPage) -> Result<Option<Vec<u8>>, StoreError>;
    /// Puts the proposed secret into use, with fresh recovery codes; false when it was not the one that its page shows now.
    async fn enrol(&self, new: &NewFactor, sealed: &[u8]) -> Result<bool, StoreError>;
    /// Uses up a step; false when it, or a later one, was used already.
    async fn take_step(&self, user: UserId, step: i64) -> Result<bool, StoreError>;
    /// Uses up a recovery code; false when there is no such code left.
    async fn take_recovery(
        &self,
        user: UserId,
        hash: &[u8; 32],
        entry: &DoorEntry,
    ) -> Result<bool, StoreError>;

    async fn wait(&self, pending: &PendingSignIn) -> Result<(), StoreError>;
    /// Who waits behind it, while it is not over.
    async fn waiting(
        &self,
        city: TenantId,
        fingerprint: &[u8; 32],
        now: OffsetDateTime,
    ) -> Result<Option<UserId>, StoreError>;
    /// Ends the waiting; false when it was over already.
    async fn arrived(&self, city: TenantId, fingerprint: &[u8; 32]) -> Result<bool, StoreError>;
}
