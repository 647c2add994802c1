//! Institution board 机构看板: how the branches and people of one institution stand, in a few grouped rows.

use async_trait::async_trait;
use domain::ids::UserId;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::store::StoreError;

/// The moments between which a board counts.
#[derive(Clone, Copy, Debug)]
pub struct BoardMoment {
    pub now: OffsetDateTime,
    pub end_of_day: OffsetDateTime,
    /// Since when acceptances and decisions count.
    pub since: OffsetDateTime,
}

/// One branch or person, in numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    pub id: Uuid,
    pub name: String,
    /// The branch of a person; empty for a branch itself.
    pub branch: String,
    /// 待接单; a person has none.
    pub waiting: i64,
    /// 办理中.
    pub working: i64,
    pub due_today: i64,
    pub overdue: i64,
    pub accepted: i64,
    /// Hours between the arrival at the branch and 接单, the middle one.
    pub median_hours: Option<f64>,
    pub approved: i64,
    pub decided: i64,
}

/// A 放款 or 还款 as a branch told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    pub branch: Uuid,
    /// The day on which the money moved.
    pub day: Date,
    pub at: OffsetDateTime,
}

/// What enterprises gave, in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StarSum {
    pub ratings: i64,
    pub stars: i64,
}

/// 本行中位数 of the branches of one institution; nothing where too few of them could be told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Medians {
    pub hours: Option<f64>,
    pub accepted: Option<f64>,
    pub approved_percent: Option<f64>,
    pub stars: Option<f64>,
}

#[async_trait]
pub trait InstitutionBoard: Send {
    /// Every branch of the institution, by name, at most 200.
    async fn by_branch(&mut self, moment: BoardMoment) -> Result<Vec<Standing>, StoreError>;

    /// Everybody who holds something or accepted something since, at most 200.
    async fn by_person(&mut self, moment: BoardMoment) -> Result<Vec<Standing>, StoreError>;

    /// Every 放款 and 还款 that the institution told of since then, at most 20,000.
    async fn told_since(&mut self, since: OffsetDateTime) -> Result<Vec<Told>, StoreError>;

    /// The own branch, or what one person holds in it; its name is not asked for.
    async fn own(
        &mut self,
        moment: BoardMoment,
        person: Option<UserId>,
    ) -> Result<Standing, StoreError>;

    /// 评价 of the own branch, or of what one person holds in it; hidden ones are not counted.
    async fn own_stars(&mut self, person: Option<UserId>) -> Result<StarSum, StoreError>;

    /// The middle of the branches of the own institution, as it was counted last.
    async fn medians(&mut self) -> Result<Medians, StoreError>;

    /// Counts the middle of every institution of the city.
    async fn note_medians(&mut self, moment: BoardMoment) -> Result<(), StoreError>;

    /// 复议申请 that wait, capped as the lists are.
    async fn open_appeals(&mut self) -> Result<i64, StoreError>;
}
