//! Branch board 支行看板: the lists and counts of a branch, flat rows, keyset pages, capped counts (P9 to P11).

use async_trait::async_trait;
use domain::{
    financing::{ClockLevel, FinancingApplication, Stage},
    ids::{FinancingApplicationId, ProductId, TenantId, UserId},
    product::ProductRange,
    tenant::TenantKind,
    values::{Cents, Rate, Term},
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::store::StoreError;
use crate::access::Permit;

/// Counts stop here: a list says `300+`, nobody counts a million rows for a number (performance lesson 4). Thirty pages are more than
/// anybody leafs through, and a full branch costs no more than a small one.
pub const COUNT_CAP: i64 = 300;

/// Whose rows a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BoardScope {
    /// What the own branch holds.
    #[default]
    Branch,
    /// What every branch of the own institution holds.
    Institution,
}

impl BoardScope {
    /// A headquarters sees its whole institution.
    pub const fn of(kind: TenantKind) -> Self {
        match kind {
            TenantKind::Bank => Self::Institution,
            _ => Self::Branch,
        }
    }
}

/// What the rows of a list have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BoardFilter {
    pub scope: BoardScope,
    /// Only what this branch holds; for those who see several.
    pub branch: Option<TenantId>,
    /// Empty: every stage that a bank may see.
    pub stages: Vec<Stage>,
    /// Part of the enterprise's name, or a whole 申请编号.
    pub keyword: Option<String>,
    pub product: Option<ProductId>,
    /// Its clock is due from (included) until (excluded).
    pub due: Option<(Option<OffsetDateTime>, OffsetDateTime)>,
    pub decided_since: Option<OffsetDateTime>,
    /// Leaves out what was refused for nothing but that the enterprise declined it: no rate of approval counts it.
    pub not_declined: bool,
    pub accepted_since: Option<OffsetDateTime>,
    pub submitted_from: Option<OffsetDateTime>,
    /// Not included.
    pub submitted_until: Option<OffsetDateTime>,
    pub holder: Option<UserId>,
    /// Only 续贷.
    pub renewals: bool,
}

/// In which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoardOrder {
    /// What is due first comes first; what has no due time comes last.
    Due,
    /// Newest submission first.
    Newest,
}

/// The row beside which a page starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Due time or submission, as the order says; `None` where no clock runs.
    pub at: Option<OffsetDateTime>,
    pub id: Uuid,
}

/// Which page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Leaf {
    #[default]
    First,
    After(Cursor),
    Before(Cursor),
}

/// One row of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardRow {
    pub id: FinancingApplicationId,
    pub number: String,
    pub enterprise_name: String,
    pub product_name: String,
    pub amount: Cents,
    pub rate: Rate,
    pub term: Term,
    pub stage: Stage,
    pub ever_accepted: bool,
    pub frozen: bool,
    /// 续贷.
    pub renewal: bool,
    pub version: i32,
    pub holder_name: String,
    /// 受理支行.
    pub handler_name: String,
    pub submitted_at: OffsetDateTime,
    pub accepted_at: Option<OffsetDateTime>,
    pub decided_at: Option<OffsetDateTime>,
    pub paused_at: Option<OffsetDateTime>,
    pub due_at: Option<OffsetDateTime>,
    /// Since when the clock of `due_at` runs.
    pub due_since: Option<OffsetDateTime>,
}

/// A page of rows, in order, and whether there is more on either side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BoardLeaf {
    pub rows: Vec<BoardRow>,
    pub before: bool,
    pub after: bool,
}

/// A product that the branch carries, for the filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardProduct {
    pub id: ProductId,
    pub name: String,
}

/// A branch of the own institution, for the filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardBranch {
    pub id: TenantId,
    pub name: String,
}

/// Somebody who may hold an application: 客户经理 or 支行负责人 of the own branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Officer {
    pub id: UserId,
    pub name: String,
}

/// How urgent a row is, with the time left in words of numbers; the page finds the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Urgency {
    pub level: ClockLevel,
    pub left: time::Duration,
    /// Counted in working time (the enterprise's own clock runs on calendar days).
    pub working: bool,
}

#[async_trait]
pub trait BranchBoard: Send {
    async fn rows(
        &mut self,
        filter: &BoardFilter,
        order: BoardOrder,
        leaf: Leaf,
        most: i64,
    ) -> Result<BoardLeaf, StoreError>;

    /// How many rows there are, [`COUNT_CAP`] + 1 when there are more.
    async fn count(&mut self, filter: &BoardFilter) -> Result<i64, StoreError>;

    /// One application that this branch may see, without locking it.
    async fn find(
        &mut self,
        id: FinancingApplicationId,
    ) -> Result<Option<FinancingApplication>, StoreError>;

    /// Products that the branch carries now; of a headquarters, those of its institution.
    async fn products(&mut self) -> Result<Vec<BoardProduct>, StoreError>;

    /// The branches of the own institution within reach, by name.
    async fn branches(&mut self) -> Result<Vec<BoardBranch>, StoreError>;
    /// Who works in this branch now and may hold an application, by name.
    async fn officers(&mut self) -> Result<Vec<Officer>, StoreError>;

    /// What a product allowed in the version that was applied for.
    async fn range(
        &mut self,
        product: ProductId,
        version: i32,
    ) -> Result<Option<ProductRange>, StoreError>;
}

/// The front of a queue: what everybody of a branch looks at first, and again and again.
#[async_trait]
pub trait BranchQueue: Send + Sync {
    /// The first page of 待接单 of the permit's branch and how many rows there are, as [`BranchBoard::rows`] by due time and
    /// [`BranchBoard::count`] tell them, in one exchange with the store instead of a unit of work (P9).
    async fn front(&self, permit: &Permit, most: i64) -> Result<(BoardLeaf, i64), StoreError>;
}
