//! Profile drafts 完善信息草稿: what a person typed into 完善信息 and did not save yet.

use async_trait::async_trait;
use domain::ids::{EnterpriseId, TenantId, UserId};
use time::OffsetDateTime;

use super::{sealing::Place, store::StoreError};

/// A draft as stored: sealed under `profile_drafts / <user> / typed_sealed`.
#[derive(Clone, Debug)]
pub struct SealedDraft {
    pub typed: Vec<u8>,
    pub saved_at: OffsetDateTime,
}

impl SealedDraft {
    /// Where the draft of a person is sealed.
    pub fn place(city: TenantId, user: UserId) -> Place {
        Place {
            tenant: city.0,
            table: "profile_drafts",
            row: user.0,
            column: "typed_sealed",
        }
    }
}

#[async_trait]
pub trait ProfileDrafts: Send {
    /// The draft of whoever acts.
    async fn own_draft(&mut self) -> Result<Option<SealedDraft>, StoreError>;

    /// In the place of the one before, if there was one.
    async fn keep_own_draft(
        &mut self,
        enterprise: EnterpriseId,
        draft: &SealedDraft,
    ) -> Result<(), StoreError>;

    async fn drop_own_draft(&mut self) -> Result<(), StoreError>;
}
