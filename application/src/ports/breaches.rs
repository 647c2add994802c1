//! Breaches 超时记录 (G2): promises of institutions whose time passed, as the city's worker noted them, and why the branch says so.

use async_trait::async_trait;
use domain::{
    financing::ClockKind,
    ids::{FinancingApplicationId, TenantId},
    vocabulary,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::store::StoreError;

vocabulary! {
    /// 超时原因, as the branch that was late gives it.
    BreachCause {
        Staffing = "staffing" / "经办人员不足或交接",
        Unreached = "unreached" / "联系不上企业",
        Materials = "materials" / "等待企业补充情况",
        Outside = "outside" / "等待第三方查询或登记",
        Approval = "approval" / "内部审批排队",
        System = "system" / "系统或网络故障",
        Other = "other" / "其他原因",
    }
}

/// A cause with who gave it, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenCause {
    pub cause: BreachCause,
    pub by_name: String,
    pub at: OffsetDateTime,
}

/// One promise that was missed; it names no enterprise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    pub id: Uuid,
    pub application: FinancingApplicationId,
    pub number: String,
    pub clock: ClockKind,
    pub due_at: OffsetDateTime,
    pub bank: TenantId,
    pub bank_name: String,
    /// `None`: headquarters' own step.
    pub branch: Option<TenantId>,
    pub branch_name: String,
    pub cause: Option<GivenCause>,
    /// When the step was done, or nobody waited for it any more; `None`: it is still owed.
    pub ended_at: Option<OffsetDateTime>,
}

/// The week of a bulletin, and since when repeated breaches count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreachWeek {
    pub from: OffsetDateTime,
    pub until: OffsetDateTime,
    pub since: OffsetDateTime,
}

/// What one branch, or the headquarters of an institution, missed in a week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missed {
    pub bank: TenantId,
    pub bank_name: String,
    /// `None`: headquarters' own steps.
    pub branch: Option<TenantId>,
    pub branch_name: String,
    pub accept: i64,
    pub dispatch: i64,
    pub contact: i64,
    pub decision: i64,
    pub disburse: i64,
    /// Those of them with a cause.
    pub caused: i64,
    /// Requests that these breaches are about.
    pub requests: i64,
    /// Weeks with a breach, of those that count for repetition, this one included.
    pub weeks: i64,
}

impl Missed {
    pub const fn total(&self) -> i64 {
        self.accept + self.dispatch + self.contact + self.decision + self.disburse
    }

    pub const fn of(&self, clock: ClockKind) -> i64 {
        match clock {
            ClockKind::Accept => self.accept,
            ClockKind::Dispatch => self.dispatch,
            ClockKind::Contact => self.contact,
            ClockKind::Decision => self.decision,
            ClockKind::Disburse => self.disburse,
            ClockKind::Supplement => 0,
        }
    }
}

/// Whose breaches, and of which clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BreachAsk {
    pub bank: Option<TenantId>,
    pub branch: Option<TenantId>,
    /// Headquarters' own steps alone.
    pub of_headquarters: bool,
    pub clock: Option<ClockKind>,
}

#[async_trait]
pub trait Breaches: Send {
    /// Notes at most so many promises whose time has passed and that nobody noted; answers how many.
    async fn note_breaches(&mut self, now: OffsetDateTime, most: i64) -> Result<u64, StoreError>;

    /// Every branch and headquarters with a breach in the week.
    async fn missed(
        &mut self,
        week: BreachWeek,
        bank: Option<TenantId>,
    ) -> Result<Vec<Missed>, StoreError>;

    /// Breaches of the week by institution, branch and due time.
    async fn breaches(
        &mut self,
        week: BreachWeek,
        ask: BreachAsk,
        most: i64,
    ) -> Result<Vec<Breach>, StoreError>;

    /// Breaches of the own branch since then, those without a cause first.
    async fn own_breaches(
        &mut self,
        since: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<Breach>, StoreError>;

    /// One of the own branch.
    async fn own_breach(&mut self, id: Uuid) -> Result<Option<Breach>, StoreError>;

    /// False when it is not the own branch's.
    async fn give_cause(&mut self, id: Uuid, given: &GivenCause) -> Result<bool, StoreError>;
}
