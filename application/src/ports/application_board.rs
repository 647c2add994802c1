//! Application board 融资需求管理: flat rows of one enterprise for lists and the detail page.

use async_trait::async_trait;
use domain::{
    financing::{FinancingApplication, IntakeStatus, ReviewStatus},
    ids::FinancingApplicationId,
};
use time::OffsetDateTime;

use super::store::StoreError;

/// What the list shows; empty means everything submitted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BoardFilter {
    pub intake: Option<IntakeStatus>,
    pub review: Option<ReviewStatus>,
    /// In number, product or institution.
    pub keyword: String,
    pub from: Option<OffsetDateTime>,
    /// Not included.
    pub until: Option<OffsetDateTime>,
    /// Only those with a decision still open.
    pub open_only: bool,
}

/// A page of the list, newest first (M-515).
#[derive(Clone, Debug)]
pub struct BoardPage {
    pub rows: Vec<FinancingApplication>,
    /// Counted up to [`COUNT_CAP`].
    pub total: u64,
    pub page: u64,
}

/// Counting stops here: an exact total on a big list is never worth its price.
pub const COUNT_CAP: u64 = 1_000;

/// Rows of a page (M-516).
pub const PER_PAGE: u64 = 10;

#[async_trait]
pub trait ApplicationBoard: Send {
    /// `page` counts from 1; one beyond the end shows the last.
    async fn page(&mut self, filter: &BoardFilter, page: u64) -> Result<BoardPage, StoreError>;

    /// What follows a row of the same list: pages that hold while new requests come in.
    async fn after(
        &mut self,
        filter: &BoardFilter,
        after: Option<(OffsetDateTime, uuid::Uuid)>,
        most: i64,
    ) -> Result<Vec<FinancingApplication>, StoreError>;

    /// Those with a draw that the enterprise has not answered, or whose doubt the branch has, the newest first.
    async fn to_confirm(&mut self, most: i64) -> Result<Vec<FinancingApplication>, StoreError>;

    /// One application, without a lock; drafts included.
    async fn one(
        &mut self,
        id: FinancingApplicationId,
    ) -> Result<Option<FinancingApplication>, StoreError>;
}
