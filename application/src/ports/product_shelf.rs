//! Product shelf 产品管理: what a bank offers and writes, and what waits for the city's review.

use async_trait::async_trait;
use domain::{
    ids::{ProductId, TenantId, UserId},
    product::ProductStatus,
    vocabulary,
};
use time::OffsetDateTime;

use super::{catalogue::Product, store::StoreError};
use crate::products::ProductForm;

vocabulary! {
    /// 修改稿状态; a draft that was let through is spent.
    DraftStatus {
        Draft = "draft" / "草稿",
        InReview = "in_review" / "审核中",
        Returned = "returned" / "已退回",
        Published = "published" / "已发布",
    }
}

/// 修改稿: what a bank writes beside the published version, or before the first one.
#[derive(Clone, Debug)]
pub struct ProductDraft {
    pub product: ProductId,
    pub bank: TenantId,
    pub bank_name: String,
    /// Counts every save; the page that was shown names it.
    pub revision: i32,
    pub status: DraftStatus,
    pub form: ProductForm,
    pub saved_by: UserId,
    pub saved_name: String,
    pub saved_at: OffsetDateTime,
    pub submitted_at: Option<OffsetDateTime>,
    /// Why it came back; empty otherwise.
    pub review_note: String,
    pub reviewed_by: Option<UserId>,
    pub reviewed_name: String,
    pub reviewed_at: Option<OffsetDateTime>,
}

impl ProductDraft {
    /// True while it is worked on or waits: not yet spent.
    pub fn is_open(&self) -> bool {
        self.status != DraftStatus::Published
    }
}

/// A product that was published at least once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shelved {
    pub product: Product,
    pub status: ProductStatus,
    pub off_shelf_reason: String,
}

/// A line of the bank's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShelfRow {
    pub id: ProductId,
    pub name: String,
    /// `None` before the first publication.
    pub status: Option<ProductStatus>,
    pub version: i32,
    /// The draft beside it, unless it is spent.
    pub draft: Option<DraftStatus>,
    pub updated_at: OffsetDateTime,
}

/// A branch of the own bank that may carry a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnBranch {
    pub id: TenantId,
    pub name: String,
}

/// A version that applications may have been made under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishedVersion {
    pub version: i32,
    pub at: OffsetDateTime,
}

#[async_trait]
pub trait ProductShelf: Send {
    /// Everything of the own bank, drafts included, the latest change first.
    async fn shelf(&mut self) -> Result<Vec<ShelfRow>, StoreError>;

    /// A product within reach that was published at least once, with branches and rules.
    async fn shelved(&mut self, id: ProductId) -> Result<Option<Shelved>, StoreError>;

    async fn product_draft(&mut self, id: ProductId) -> Result<Option<ProductDraft>, StoreError>;

    /// The same, locked until the commit.
    async fn product_draft_for_update(
        &mut self,
        id: ProductId,
    ) -> Result<Option<ProductDraft>, StoreError>;

    /// Writes the bank's own draft, new or not.
    async fn save_product_draft(&mut self, draft: &ProductDraft) -> Result<(), StoreError>;

    /// Writes what was decided about a draft: status and note.
    async fn settle_product_draft(&mut self, draft: &ProductDraft) -> Result<(), StoreError>;

    /// True when another product of the bank has this name.
    async fn name_taken(&mut self, id: ProductId, name: &str) -> Result<bool, StoreError>;

    /// Drafts of the city that wait for review, the oldest first.
    async fn waiting_drafts(&mut self) -> Result<Vec<ProductDraft>, StoreError>;

    /// Puts the version on the shelf: row, kept version, branches, rules. Its draft must still be in review.
    async fn publish(&mut self, product: &Product, at: OffsetDateTime) -> Result<(), StoreError>;

    /// 下架; false when it is not on the shelf of the own bank.
    async fn take_off(
        &mut self,
        id: ProductId,
        reason: &str,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError>;

    /// Branches of the own bank.
    async fn own_branches(&mut self) -> Result<Vec<OwnBranch>, StoreError>;

    async fn branches_of_bank(&mut self, bank: TenantId) -> Result<Vec<OwnBranch>, StoreError>;

    /// Newest first.
    async fn product_versions(
        &mut self,
        id: ProductId,
    ) -> Result<Vec<PublishedVersion>, StoreError>;
}
