//! Face checks 人脸核验: attempts, their verdicts, checks at the counter, and who is verified.

use async_trait::async_trait;
use domain::{
    identity::CheckStatus,
    ids::{EnterpriseId, FaceCheckId, TenantId, UserId},
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::store::StoreError;

/// One attempt, on the camera or at a counter. Never the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaceCheck {
    pub id: FaceCheckId,
    pub city: TenantId,
    pub enterprise: EnterpriseId,
    pub user: UserId,
    pub provider: String,
    pub session_ref: String,
    pub status: CheckStatus,
    /// Hundredths of a point, where the provider tells one.
    pub score: Option<i32>,
    pub reason_code: String,
    pub branch: Option<TenantId>,
    pub enterprise_name: String,
    /// Masked.
    pub person_name: String,
    /// Blind index of the resident number that was checked.
    pub legal_id_index: Option<Vec<u8>>,
    pub reference: String,
    pub note: String,
    pub channel: String,
    /// The provider's page on which the check goes on; empty as soon as it is settled.
    pub page: String,
    /// Where the person goes on afterwards, within the platform.
    pub next: String,
    /// How often the provider was asked for the verdict by the worker.
    pub asks: i32,
    pub created_at: OffsetDateTime,
    pub settled_at: Option<OffsetDateTime>,
}

/// What an attempt came to.
#[derive(Clone, Copy, Debug)]
pub struct Settlement<'a> {
    pub from: CheckStatus,
    pub to: CheckStatus,
    pub score: Option<i32>,
    pub reason_code: &'a str,
    /// Whether the provider takes money for it; unknown while it is unclear, and one that ends so may have cost it.
    pub charged: Option<bool>,
    pub at: OffsetDateTime,
}

/// Whether a person is verified, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    pub at: Option<OffsetDateTime>,
    pub method: Option<String>,
}

/// A branch that checks identity at its counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    pub id: TenantId,
    pub name: String,
    pub region_code: String,
    pub address: String,
    pub phone: String,
    pub opening_hours: String,
}

/// A consent to be noted (S-32).
#[derive(Clone, Debug)]
pub struct FaceConsent {
    pub id: Uuid,
    pub enterprise: EnterpriseId,
    pub user: UserId,
    pub code: String,
    pub version: String,
    pub title: String,
    pub body_hash: [u8; 32],
    pub purpose: &'static str,
    pub recipient: String,
    pub channel: &'static str,
    pub ip: String,
    pub at: OffsetDateTime,
}

#[async_trait]
pub trait FaceChecks: Send {
    /// Locks the person, so that attempts come one after the other, and says whether they are verified.
    async fn lock_person(&mut self, user: UserId) -> Result<Option<Verified>, StoreError>;
    async fn verified(&mut self, user: UserId) -> Result<Option<Verified>, StoreError>;
    async fn add_check(&mut self, check: &FaceCheck) -> Result<(), StoreError>;
    async fn check(&mut self, id: FaceCheckId) -> Result<Option<FaceCheck>, StoreError>;
    /// The newest attempt of a person.
    async fn latest_check(&mut self, user: UserId) -> Result<Option<FaceCheck>, StoreError>;
    /// The open request for a check at the counter.
    async fn open_request(&mut self, user: UserId) -> Result<Option<FaceCheck>, StoreError>;
    /// Attempts that failed since an instant.
    async fn failures_since(
        &mut self,
        user: UserId,
        since: OffsetDateTime,
    ) -> Result<i64, StoreError>;
    /// Attempts since an instant that cost money and verified nobody, or may have.
    async fn charged_since(
        &mut self,
        user: UserId,
        since: OffsetDateTime,
    ) -> Result<i64, StoreError>;
    /// Notes the provider's session and page of an attempt that was started, and when the worker asks first.
    async fn note_session(
        &mut self,
        id: FaceCheckId,
        session: &str,
        page: &str,
        ask_at: Option<OffsetDateTime>,
    ) -> Result<(), StoreError>;
    /// Moves an attempt on; `false` when it no longer stands where the caller saw it.
    async fn settle_check(
        &mut self,
        id: FaceCheckId,
        what: Settlement<'_>,
    ) -> Result<bool, StoreError>;
    /// Open attempts whose provider is to be asked now, each taken by one worker only until it `ask_again`s.
    async fn due_checks(
        &mut self,
        now: OffsetDateTime,
        lease: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<FaceCheck>, StoreError>;
    /// When the worker asks next.
    async fn ask_again_at(&mut self, id: FaceCheckId, at: OffsetDateTime)
    -> Result<(), StoreError>;
    /// 人脸核验 passed (P4), and a photo that waits for the operator has no purpose any more.
    async fn mark_verified(
        &mut self,
        user: UserId,
        method: &str,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;
    /// Another legal representative: nobody of the enterprise is verified any more, open requests are void.
    async fn clear_verified(
        &mut self,
        enterprise: EnterpriseId,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;
    async fn add_consent(&mut self, consent: &FaceConsent) -> Result<(), StoreError>;
    /// Whether this version of a text is consented to and not withdrawn.
    async fn has_consent(
        &mut self,
        user: UserId,
        code: &str,
        version: &str,
    ) -> Result<bool, StoreError>;
    /// Whether any version of a text is consented to and not withdrawn.
    async fn stands_by(&mut self, user: UserId, code: &str) -> Result<bool, StoreError>;
    /// The consent to being compared is withdrawn: attempts of the person that are under way end.
    async fn stop_checks(
        &mut self,
        user: UserId,
        reason_code: &str,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;
    /// Branches that check at the counter, nearest county first when one is given.
    async fn counters(&mut self, county: &str) -> Result<Vec<Counter>, StoreError>;
    /// Requests addressed to the branch of this unit of work, open ones first.
    async fn counter_requests(&mut self, most: i64) -> Result<Vec<FaceCheck>, StoreError>;
    /// The branch settles a request; `false` when it is settled already.
    async fn settle_at_counter(
        &mut self,
        id: FaceCheckId,
        to: CheckStatus,
        note: &str,
        by: UserId,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError>;
}
