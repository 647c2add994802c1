//! Reminders 提醒: requests whose clock is about to matter, and phones to tell.

use async_trait::async_trait;
use domain::{
    financing::{ClockKind, FinancingApplication, Replayed, Started},
    ids::{EnterpriseId, FinancingApplicationId, TenantId, UserId},
    tenant::Role,
};
use time::OffsetDateTime;

use super::store::StoreError;

/// First words of the keys under which a reminder is told once.
pub const SUPPLEMENT_WARNING: &str = "supplement-warning";
pub const UNACCEPTED_NOTICE: &str = "unaccepted-notice";

/// How far a clock has come when it is spoken of (B3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// 50 %.
    Half,
    /// 80 %.
    Soon,
    /// 100 %: headquarters hears of it.
    Over,
    /// One working day later: the city hears of it.
    Late,
}

impl Step {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Half => "half",
            Self::Soon => "soon",
            Self::Over => "over",
            Self::Late => "late",
        }
    }
}

/// Clocks that have come as far as a step, and not yet to the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Milestone {
    pub kind: ClockKind,
    pub step: Step,
    /// Those of one limit; whenever, where the limit does not matter.
    pub started: Started,
    /// Due after this; `None`: whenever.
    pub due_after: Option<OffsetDateTime>,
    /// Due by then; `None`: whenever.
    pub due_by: Option<OffsetDateTime>,
}

impl Milestone {
    /// The key under which a clock's step is told once; `run` counts how often the clock was started anew.
    pub fn key(&self, id: FinancingApplicationId, run: i64) -> String {
        format!("{}{id}:{run}", self.key_head())
    }

    pub fn key_head(&self) -> String {
        format!("clock:{}:{}:", self.kind.code(), self.step.code())
    }
}

/// An application that reached a milestone and whose people were not told.
#[derive(Clone, Debug)]
pub struct Reached {
    pub application: FinancingApplication,
    pub run: i64,
}

#[async_trait]
pub trait Reminders: Send {
    /// One application, without a lock.
    async fn look_at(
        &mut self,
        id: FinancingApplicationId,
    ) -> Result<Option<FinancingApplication>, StoreError>;

    /// 退回补充 of such a time that ends before `due_before`, whose enterprise was not yet warned (row 15).
    async fn supplement_warnings(
        &mut self,
        started: Started,
        due_before: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<FinancingApplication>, StoreError>;

    /// Submitted in such a time, before `submitted_before`, accepted by nobody, and nobody told of it (row 30).
    async fn unaccepted(
        &mut self,
        started: Started,
        submitted_before: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<FinancingApplication>, StoreError>;

    /// Applications at a milestone, locked against other workers until the commit; longest due first.
    async fn reached(
        &mut self,
        milestone: &Milestone,
        most: i64,
    ) -> Result<Vec<Reached>, StoreError>;

    /// Active people of a node in one of these roles.
    async fn staff_of(&mut self, node: TenantId, roles: &[Role])
    -> Result<Vec<UserId>, StoreError>;

    /// The person themself while they are active, else nobody.
    async fn active(&mut self, user: UserId) -> Result<bool, StoreError>;

    /// Open applications whose running clock has no due time, because the calendar ends before.
    async fn undated(&mut self) -> Result<i64, StoreError>;

    /// Those of them that last changed before an instant.
    async fn undated_before(
        &mut self,
        before: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<FinancingApplicationId>, StoreError>;

    /// Gives an application the due times that its log tells; false when it moved on or has one by now.
    async fn date(
        &mut self,
        application: &FinancingApplication,
        told: &Replayed,
    ) -> Result<bool, StoreError>;

    /// Applications with a due time after an instant, or an open one without any, in the order of their ids, after the last one seen.
    async fn due_after(
        &mut self,
        since: OffsetDateTime,
        last: Option<FinancingApplicationId>,
        most: i64,
    ) -> Result<Vec<FinancingApplicationId>, StoreError>;

    /// Gives an application the due times that its log tells, in the place of those that it has; false when they are the same.
    async fn date_anew(
        &mut self,
        application: &FinancingApplication,
        told: &Replayed,
    ) -> Result<bool, StoreError>;

    /// 企业管理员 of an enterprise, while there is an active one.
    async fn owner_of(&mut self, enterprise: EnterpriseId) -> Result<Option<UserId>, StoreError>;

    /// The sealed sign-in phone of a person of an enterprise or of the staff of this city.
    async fn phone_of(&mut self, user: UserId) -> Result<Option<Vec<u8>>, StoreError>;
}
