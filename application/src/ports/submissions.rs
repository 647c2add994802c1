//! 确认提交 in few statements: what the last check reads together, and every paper that goes to the bank at once (P6, P7).

use async_trait::async_trait;
use domain::ids::{FinancingApplicationId, ProductId, TenantId};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    audit::AuditEntry,
    consents::Granted,
    dossiers::{Dossier, DossierFile},
    drafts::LastRefusal,
    product_offers::{Offer, OfferBranch},
    store::StoreError,
};

/// Shelf, branch and history as they are at the moment of the click.
#[derive(Clone, Debug)]
pub struct LastCheck {
    pub offer: Offer,
    /// The asked branch, when it is published and carries the product.
    pub branch: Option<OfferBranch>,
    pub refusal: Option<LastRefusal>,
    /// Numbers of open requests for the same product and branch.
    pub open: Vec<String>,
}

/// Everything that a submission writes beside the application itself.
#[derive(Clone, Debug)]
pub struct Papers {
    pub application: FinancingApplicationId,
    pub dossier: Dossier,
    pub files: Vec<DossierFile>,
    pub consents: Vec<Granted>,
    pub entry: AuditEntry,
    pub notice: Uuid,
    pub payload: Value,
    /// Action and key of the click, and what it is answered with for ever.
    pub action: &'static str,
    pub key: String,
    pub answer: Value,
    pub at: OffsetDateTime,
}

#[async_trait]
pub trait Submissions: Send {
    /// `None` when the product is unknown or off the shelf.
    async fn last_check(
        &mut self,
        product: ProductId,
        branch: Option<TenantId>,
    ) -> Result<Option<LastCheck>, StoreError>;

    /// Dossier, pictures, consents, audit entry, outbox row and stored answer: all or none.
    async fn hand_over(&mut self, papers: &Papers) -> Result<(), StoreError>;
}
