//! Drafts 草稿 of one enterprise: no number, no bank, and everything that was typed.

use async_trait::async_trait;
use domain::{
    financing::FinancingApplication,
    ids::{FinancingApplicationId, ProductId, TenantId, UserId},
    scene::Scene,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::store::StoreError;
use crate::access::Actor;

/// What was typed, valid or not, so that nothing is lost on the way to 完善信息 and back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Typed {
    pub amount: String,
    pub term: String,
    pub rate: String,
    pub branch: String,
    /// `code@version` of the agreements whose box was ticked.
    pub agreed: Vec<String>,
}

/// A draft and what was typed in it.
#[derive(Clone, Debug)]
pub struct Draft {
    pub application: FinancingApplication,
    pub typed: Typed,
    /// How it was asked for, once it waited for the face check.
    pub held: Option<Held>,
}

/// 立即申请 of a request that waits: the consents were given in this moment, by this channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub channel: String,
    pub ip: String,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    pub confirm_duplicate: bool,
}

impl Held {
    /// For what was held before this was kept.
    pub(crate) fn now(actor: &Actor, at: OffsetDateTime) -> Self {
        Self {
            channel: actor.from.channel.to_owned(),
            ip: actor.from.ip.clone(),
            at,
            confirm_duplicate: true,
        }
    }
}

/// A request that may go on, and whose it is.
#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    pub application: FinancingApplicationId,
    pub creator: UserId,
}

/// A refusal that still keeps the same product closed for this enterprise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastRefusal {
    pub decided_at: OffsetDateTime,
    pub reason_codes: Vec<String>,
}

#[async_trait]
pub trait Drafts: Send {
    /// The newest draft for a product, locked; one form of an enterprise and product is saved at a time.
    async fn of_product(&mut self, product: ProductId) -> Result<Option<Draft>, StoreError>;

    /// One draft by its id, locked.
    async fn draft(&mut self, id: FinancingApplicationId) -> Result<Option<Draft>, StoreError>;

    /// Every draft, newest first.
    async fn drafts(&mut self) -> Result<Vec<Draft>, StoreError>;

    /// Requests of the city that wait for a face check which stands by now, the longest wait first; for the city's worker.
    async fn passed_and_waiting(&mut self, at_most: i64) -> Result<Vec<Waiting>, StoreError>;

    /// Keeps how a draft was asked for, before it waits.
    async fn hold(&mut self, id: FinancingApplicationId, held: &Held) -> Result<(), StoreError>;

    /// 待核身, newest first.
    async fn pending_face(&mut self) -> Result<Vec<Draft>, StoreError>;

    /// 来源 of a draft, where it has none yet.
    async fn came_from(
        &mut self,
        id: FinancingApplicationId,
        scene: &Scene,
    ) -> Result<(), StoreError>;

    async fn remember(
        &mut self,
        id: FinancingApplicationId,
        typed: &Typed,
    ) -> Result<(), StoreError>;

    /// Numbers of open requests for the same product and branch.
    async fn open_requests(
        &mut self,
        product: ProductId,
        branch: TenantId,
    ) -> Result<Vec<String>, StoreError>;

    /// The last time a bank refused this product to this enterprise.
    async fn last_refusal(&mut self, product: ProductId)
    -> Result<Option<LastRefusal>, StoreError>;

    /// Retention (S-35): takes away at most `at_most` drafts of the city that nobody touched since; answers how many. For the
    /// city's worker; the wall refuses anything younger than ninety days.
    async fn forget_untouched(
        &mut self,
        since: OffsetDateTime,
        at_most: i64,
    ) -> Result<u64, StoreError>;
}
