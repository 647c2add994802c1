//! Financing applications 融资需求 that the unit of work may touch.

use async_trait::async_trait;
use domain::{
    financing::{ApplicationEvent, FinancingApplication, Started},
    ids::FinancingApplicationId,
    values::ApplicationNumber,
};
use time::{Date, OffsetDateTime};

use super::store::StoreError;

/// A request on the same chain of 再次申请 (row 32) or 续贷.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelatedApplication {
    pub id: FinancingApplicationId,
    pub number: String,
    /// The one before; else one that was asked for afterwards.
    pub earlier: bool,
    /// 续贷: one of the two renews the loan of the other.
    pub renewal: bool,
}

#[async_trait]
pub trait FinancingApplications: Send {
    async fn find_for_update(
        &mut self,
        id: FinancingApplicationId,
    ) -> Result<Option<FinancingApplication>, StoreError>;

    /// A new one with its first event.
    async fn insert(
        &mut self,
        application: &FinancingApplication,
        event: &ApplicationEvent,
    ) -> Result<(), StoreError>;

    /// Saves what an event changed, and the event; `Stale` if someone else moved it.
    async fn save(
        &mut self,
        application: &FinancingApplication,
        event: &ApplicationEvent,
    ) -> Result<(), StoreError>;

    /// Removes a draft; `false` when it is none.
    async fn discard_draft(&mut self, id: FinancingApplicationId) -> Result<bool, StoreError>;

    /// The next 申请编号 of the city's day (Asia/Shanghai). Takes a row lock until the commit: ask last.
    async fn next_number(&mut self, day: Date) -> Result<ApplicationNumber, StoreError>;

    /// The log, oldest first.
    async fn events(
        &mut self,
        id: FinancingApplicationId,
    ) -> Result<Vec<ApplicationEvent>, StoreError>;

    /// The request before this one, that whose loan it renews, and those that came of it, submitted ones only; whoever asks sees only what is theirs to see.
    async fn related(
        &mut self,
        id: FinancingApplicationId,
    ) -> Result<Vec<RelatedApplication>, StoreError>;

    /// Every application of the city, drafts included, in the order of their ids, from the next one on.
    async fn all_after(
        &mut self,
        last: Option<FinancingApplicationId>,
        most: i64,
    ) -> Result<Vec<FinancingApplication>, StoreError>;

    /// Ids of applications whose timer has run out (rows 5, 11, 15, 27 and 30), longest ago first.
    async fn run_out(
        &mut self,
        at: &RunOut,
        most: i64,
    ) -> Result<Vec<FinancingApplicationId>, StoreError>;
}

/// When the timers of a city run out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunOut {
    pub now: OffsetDateTime,
    /// A branch that got it in such a time and should have accepted by then has had it for twice the limit; nothing where the calendar
    /// does not tell (row 11).
    pub accept_due_by: Vec<(Started, OffsetDateTime)>,
    /// Submitted in such a time, by then, and never accepted: the total clock is over (row 30).
    pub submitted_by: Vec<(Started, OffsetDateTime)>,
    /// An approval that was valid until a day before this one has passed (row 27).
    pub today: Date,
    /// Waits since then for a face check that did not come (row 5).
    pub held_by: OffsetDateTime,
}
