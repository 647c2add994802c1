//! 机构工作台: counts that open their rows, late and due first.

use domain::financing::Stage;
use time::OffsetDateTime;

use super::Headquarters;
use crate::{
    access::{Actor, Room},
    desk::{DeskRow, due_today, end_of_day, overdue, owed, urgency},
    error::UseResult,
    ports::{
        branch_board::{BoardFilter, BoardOrder, BoardScope, Leaf},
        store::UnitOfWork,
        supervision::{Side, SupervisionNotice},
    },
};

/// Rows shown on the desk itself.
const URGENT_ROWS: i64 = 10;

/// Capped counts (`COUNT_CAP` + 1 means more).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HqCounts {
    pub overdue: i64,
    pub due_today: i64,
    /// 待改派.
    pub returned: i64,
    /// 待接单.
    pub waiting: i64,
    /// 审批中.
    pub in_approval: i64,
    /// 待放款.
    pub to_draw: i64,
    /// 复议申请.
    pub appeals: i64,
}

/// 机构工作台 as the page shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HqOverview {
    pub counts: HqCounts,
    /// Overdue first, then what is due by the end of today.
    pub urgent: Vec<DeskRow>,
    /// 平台督办 that nobody of the headquarters has read yet.
    pub supervised: Vec<SupervisionNotice>,
}

fn of(stage: Stage) -> BoardFilter {
    BoardFilter {
        scope: BoardScope::Institution,
        stages: vec![stage],
        ..BoardFilter::default()
    }
}

async fn counts(work: &mut dyn UnitOfWork, now: OffsetDateTime) -> UseResult<HqCounts> {
    let scope = BoardScope::Institution;
    let appeals = work.institution_board().open_appeals().await?;
    let board = work.branch_board();
    Ok(HqCounts {
        overdue: board.count(&overdue(scope, now)).await?,
        due_today: board.count(&due_today(scope, now)).await?,
        returned: board.count(&of(Stage::ReturnedToHq)).await?,
        waiting: board.count(&of(Stage::Submitted)).await?,
        in_approval: board.count(&of(Stage::InApproval)).await?,
        to_draw: board.count(&of(Stage::Approved)).await?,
        appeals,
    })
}

impl Headquarters {
    /// Counts and urgent rows of the actor's own institution.
    pub async fn overview(&self, actor: &Actor) -> UseResult<HqOverview> {
        let permit = self.look(actor, Room::Desk).await?;
        let city = self.city(actor)?;
        let now = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        let counts = counts(&mut *work, now).await?;
        let due = BoardFilter {
            scope: BoardScope::Institution,
            stages: owed(BoardScope::Institution),
            due: Some((None, end_of_day(now))),
            ..BoardFilter::default()
        };
        let leaf = work
            .branch_board()
            .rows(&due, BoardOrder::Due, Leaf::First, URGENT_ROWS)
            .await?;
        let calendar = city.work_calendar(&*self.calendar);
        let urgent = leaf
            .rows
            .into_iter()
            .map(|row| DeskRow {
                urgency: urgency(&city, &calendar, &row, now),
                row,
            })
            .collect();
        let supervised = work.supervision().unread_notices(Side::Bank).await?;
        Ok(HqOverview {
            counts,
            urgent,
            supervised,
        })
    }
}
