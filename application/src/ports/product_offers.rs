//! Product offers 可申请的产品: what may be applied for now and which branches carry it, read in the transaction itself.

use async_trait::async_trait;
use domain::{
    ids::{ProductId, TenantId},
    product::{GuaranteeType, ProductRange},
};

use super::store::StoreError;

/// A product on the shelf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub product: ProductId,
    pub version: i32,
    pub name: String,
    pub bank: TenantId,
    pub bank_name: String,
    /// The institution's sign of one character; empty when it has none.
    pub bank_mark: String,
    pub range: ProductRange,
    pub guarantee: GuaranteeType,
    /// Vocabulary rate_term.
    pub rate_term: String,
}

/// A branch that carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferBranch {
    pub id: TenantId,
    pub name: String,
    pub region_code: String,
    /// County codes served; empty: the whole city.
    pub serves: Vec<String>,
    pub address: String,
    pub phone: String,
    /// 接单速度 in hours of working time; nothing while too few acceptances tell it.
    pub usual_response_hours: Option<i32>,
    /// Serves the county of the enterprise that asks.
    pub near: bool,
}

#[async_trait]
pub trait ProductOffers: Send {
    /// `None` when it is unknown or off the shelf.
    async fn offer(&mut self, product: ProductId) -> Result<Option<Offer>, StoreError>;

    /// Published branches that carry it: those that serve the county of the enterprise that asks come first.
    async fn branches_of(&mut self, product: ProductId) -> Result<Vec<OfferBranch>, StoreError>;

    /// Everything on the shelf of the institution of a branch that this branch carries, by name.
    async fn carried_by(&mut self, branch: TenantId) -> Result<Vec<Offer>, StoreError>;

    /// Products that the city shows first.
    async fn featured(&mut self, most: i64) -> Result<Vec<Offer>, StoreError>;
}
