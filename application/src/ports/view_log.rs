//! View log 查看记录: who saw whose full data and why, written before the answer (S-30).

use async_trait::async_trait;
use domain::ids::{EnterpriseId, FinancingApplicationId, TenantId, UserId};
use time::OffsetDateTime;
use uuid::Uuid;

use super::store::StoreError;

/// One look at full data; the enterprise concerned can read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewEntry {
    pub id: Uuid,
    pub enterprise: EnterpriseId,
    pub viewer: UserId,
    pub viewer_name: String,
    pub viewer_tenant: TenantId,
    /// Name of the branch, as the enterprise reads it.
    pub viewer_node: String,
    pub application: Option<FinancingApplicationId>,
    /// What was seen, in the words of the page.
    pub fields: String,
    pub reason: String,
    pub request_id: String,
    pub at: OffsetDateTime,
}

/// A person of the staff with their node and its headquarters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    pub name: String,
    pub node: TenantId,
    pub node_name: String,
    /// `None` for people of a headquarters itself, or of the city.
    pub headquarters: Option<TenantId>,
}

#[async_trait]
pub trait ViewLog: Send {
    async fn write(&mut self, entry: ViewEntry) -> Result<(), StoreError>;

    /// Full views (查看完整) of this person since an instant, for the limit of section 6.
    async fn unmaskings_since(
        &mut self,
        viewer: UserId,
        since: OffsetDateTime,
    ) -> Result<i64, StoreError>;

    /// Who this viewer is and to whom they answer; for the worker.
    async fn viewer(&mut self, viewer: UserId) -> Result<Option<Viewer>, StoreError>;

    /// The latest looks at one application, newest first.
    async fn of_application(
        &mut self,
        application: FinancingApplicationId,
        most: i64,
    ) -> Result<Vec<ViewEntry>, StoreError>;
}
