//! Face reviews 平台人工核验: two people of the operator compare a photo with the identity card; the photo goes with the decision.

use async_trait::async_trait;
use domain::{
    identity::ReviewStatus,
    ids::{EnterpriseId, FaceReviewId, TenantId, UserId},
};
use time::OffsetDateTime;

use super::{sealing::Place, store::StoreError};

/// One request. Names are masked where they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaceReview {
    pub id: FaceReviewId,
    pub city: TenantId,
    pub enterprise: EnterpriseId,
    pub user: UserId,
    pub enterprise_name: String,
    pub person_name: String,
    pub legal_id_index: Vec<u8>,
    pub reference: String,
    /// The sealed photo; empty once it is gone.
    pub object_key: String,
    pub status: ReviewStatus,
    /// What the first of the two found.
    pub passes: Option<bool>,
    pub note: String,
    pub proposed_by: Option<UserId>,
    pub proposed_name: String,
    pub proposed_at: Option<OffsetDateTime>,
    pub created_at: OffsetDateTime,
    pub settled_at: Option<OffsetDateTime>,
}

impl FaceReview {
    /// Where the photo is sealed.
    pub fn place(city: TenantId, id: FaceReviewId) -> Place {
        Place {
            tenant: city.0,
            table: "face_reviews",
            row: id.0,
            column: "object",
        }
    }

    pub fn is_open(&self) -> bool {
        matches!(
            self.status,
            ReviewStatus::Requested | ReviewStatus::Proposed
        )
    }
}

#[async_trait]
pub trait FaceReviews: Send {
    async fn add_review(&mut self, review: &FaceReview) -> Result<(), StoreError>;
    async fn review(&mut self, id: FaceReviewId) -> Result<Option<FaceReview>, StoreError>;
    /// The newest of a person.
    async fn latest_review(&mut self, user: UserId) -> Result<Option<FaceReview>, StoreError>;
    /// Requests of the city, open ones first.
    async fn reviews(&mut self, most: i64) -> Result<Vec<FaceReview>, StoreError>;
    /// What the first found; `false` when it does not wait for a first look any more.
    async fn propose(
        &mut self,
        id: FaceReviewId,
        passes: bool,
        note: &str,
        by: (UserId, &str),
        at: OffsetDateTime,
    ) -> Result<bool, StoreError>;
    /// Back to the first look; `false` when nothing was found yet.
    async fn look_again(&mut self, id: FaceReviewId) -> Result<bool, StoreError>;
    /// The second person agrees with exactly what was found, and the photo's end is set; `false` when that changed.
    async fn settle_review(
        &mut self,
        id: FaceReviewId,
        passes: bool,
        by: UserId,
        at: OffsetDateTime,
        photo_until: OffsetDateTime,
    ) -> Result<bool, StoreError>;
    /// Takes it back, or it is void; `false` when it is settled.
    async fn cancel_review(
        &mut self,
        id: FaceReviewId,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError>;
    /// A photo of the person that waits has no purpose any more: the request ends and the photo goes.
    async fn stop_review(&mut self, user: UserId, at: OffsetDateTime) -> Result<(), StoreError>;
    /// The same for what was asked before `since` and never decided; answers which.
    async fn stop_undecided(
        &mut self,
        since: OffsetDateTime,
        at: OffsetDateTime,
    ) -> Result<Vec<FaceReviewId>, StoreError>;
    /// Photos whose time is over.
    async fn photos_over(
        &mut self,
        now: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<(FaceReviewId, String)>, StoreError>;
    async fn photo_gone(&mut self, id: FaceReviewId) -> Result<(), StoreError>;
}
