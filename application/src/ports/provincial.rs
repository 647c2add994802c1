//! Provincial 全省统计: what cities have counted, carried into a read model of the province's own, and read there.

use async_trait::async_trait;
use domain::ids::TenantId;
use time::{Date, OffsetDateTime};

use super::{
    statistics::{Dimension, Span},
    store::StoreError,
};

/// The dimension of a city's sums as a whole.
pub const WHOLE: &str = "all";

/// By what a province sees its cities: neither by district nor by institution, which are the city's own business.
pub const TOLD_BY: [Dimension; 5] = [
    Dimension::Industry,
    Dimension::Guarantee,
    Dimension::FirstLoan,
    Dimension::Size,
    Dimension::Term,
];

/// Sums that a province is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    pub asked: i64,
    pub asked_cents: i64,
    pub accepted: i64,
    pub approved: i64,
    pub approved_cents: i64,
    pub rejected: i64,
    pub draws: i64,
    pub drawn_cents: i64,
    pub rate_weight: i64,
    pub homes: i64,
}

impl Carried {
    /// Both together.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        Self {
            asked: self.asked + other.asked,
            asked_cents: self.asked_cents + other.asked_cents,
            accepted: self.accepted + other.accepted,
            approved: self.approved + other.approved,
            approved_cents: self.approved_cents + other.approved_cents,
            rejected: self.rejected + other.rejected,
            draws: self.draws + other.draws,
            drawn_cents: self.drawn_cents + other.drawn_cents,
            rate_weight: self.rate_weight + other.rate_weight,
            homes: self.homes + other.homes,
        }
    }
}

/// On how many enterprises the sums of a month rest; those of `homes` are its own number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Firms {
    pub asking: i64,
    pub accepted: i64,
    pub approved: i64,
    pub rejected: i64,
    pub drawing: i64,
}

impl Firms {
    /// Of two cities together: an enterprise of both counts in both.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        Self {
            asking: self.asking + other.asking,
            accepted: self.accepted + other.accepted,
            approved: self.approved + other.approved,
            rejected: self.rejected + other.rejected,
            drawing: self.drawing + other.drawing,
        }
    }
}

/// Which cell of a city's months is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CellAt {
    /// The first day of it.
    pub month: Date,
    /// Code of a dimension, or [`WHOLE`].
    pub dimension: String,
    pub value: String,
}

/// A city that has told something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldCity {
    pub city: TenantId,
    pub slug: String,
    pub region_code: String,
    /// 平台名称.
    pub platform: String,
    pub told_at: OffsetDateTime,
}

/// A cell as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldCell {
    pub at: CellAt,
    pub sums: Carried,
    pub firms: Firms,
}

#[async_trait]
pub trait Provincial: Send {
    /// Sums of the city of this unit of work, from its rollups.
    async fn counted(&mut self, span: Span) -> Result<Vec<(CellAt, Carried)>, StoreError>;

    /// On how many of its enterprises they rest.
    async fn behind(&mut self, span: Span) -> Result<Vec<(CellAt, Firms)>, StoreError>;

    /// What a city has told the province of this unit of work.
    async fn told(&mut self, city: TenantId) -> Result<Vec<(CellAt, Carried)>, StoreError>;

    /// Puts cells in the place of everything that the city has told of these months.
    async fn tell(
        &mut self,
        city: &ToldCity,
        months: &[Date],
        cells: &[ToldCell],
    ) -> Result<(), StoreError>;

    /// Everything of a city goes; answers how many cells there were.
    async fn forget(&mut self, city: TenantId) -> Result<u64, StoreError>;

    /// The cities of the province, by the order of the regions.
    async fn cities(&mut self) -> Result<Vec<ToldCity>, StoreError>;

    async fn cells(
        &mut self,
        span: Span,
        dimension: &str,
    ) -> Result<Vec<(TenantId, ToldCell)>, StoreError>;
}
