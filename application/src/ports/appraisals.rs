//! Appraisals 机构考评 (O3): months that were put forward and published, and the figures that no rollup holds.

use async_trait::async_trait;
use domain::{
    appraisal::Facts,
    ids::{TenantId, UserId},
};
use time::{Date, OffsetDateTime};

use super::{statistics::Span, store::StoreError};

/// Who did it, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    pub by: UserId,
    pub by_name: String,
    pub at: OffsetDateTime,
}

/// A month that was put forward.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appraisal {
    /// Its first day.
    pub month: Date,
    pub submitted: Signed,
    pub published: Option<Signed>,
}

/// An institution's month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    pub bank: TenantId,
    pub bank_name: String,
    pub facts: Facts,
    /// Tenths of a point; `None`: nothing to score.
    pub tenths: Option<i64>,
}

/// What no rollup holds, for every institution of the city: its draws, ratings and complaints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    pub bank: TenantId,
    pub bank_name: String,
    pub facts: Facts,
}

#[async_trait]
pub trait Appraisals: Send {
    /// Every institution, with the facts that no rollup holds; the others are zero.
    async fn beside_the_rollups(&mut self, span: Span) -> Result<Vec<Beside>, StoreError>;

    async fn appraisal(&mut self, month: Date) -> Result<Option<Appraisal>, StoreError>;

    /// Those that the unit of work may see: all for the city, their own published ones for others.
    async fn scores(&mut self, month: Date) -> Result<Vec<Score>, StoreError>;

    /// Conflict `appraisals_pkey` when it was put forward before.
    async fn put_forward(
        &mut self,
        appraisal: &Appraisal,
        scores: &[Score],
    ) -> Result<(), StoreError>;

    /// False when there is nothing that is not published yet.
    async fn take_back(&mut self, month: Date) -> Result<bool, StoreError>;

    /// False when it is published already, or was taken back.
    async fn publish_appraisal(&mut self, month: Date, by: &Signed) -> Result<bool, StoreError>;

    /// Published months, the latest first.
    async fn published_months(&mut self, most: i64) -> Result<Vec<Date>, StoreError>;
}
