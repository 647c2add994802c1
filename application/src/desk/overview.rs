//! 工作台: counts that open their rows, and the rows that cannot wait.

use domain::{
    financing::{OWED, Stage},
    values::FreeText,
};
use time::OffsetDateTime;

use super::{Desk, DeskRow, end_of_day, list::group_stages, start_of_week};
use crate::{
    access::{Action, Actor, Room},
    error::UseResult,
    ports::{
        branch_board::{BoardFilter, BoardOrder, BoardScope, BranchBoard, Leaf},
        letters::OpenCall,
        store::StoreError,
    },
};

/// Rows shown on the desk itself.
const URGENT_ROWS: i64 = 8;
/// Requests for a call on the desk.
const CALL_ROWS: i64 = 10;

/// What is owed by whom a list is for: what was given back is owed by the headquarters, not by the branch.
pub(crate) fn owed(scope: BoardScope) -> Vec<Stage> {
    OWED.into_iter()
        .filter(|stage| scope == BoardScope::Institution || *stage != Stage::ReturnedToHq)
        .collect()
}

/// Capped counts of the desk (`COUNT_CAP` + 1 means more).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeskCounts {
    pub waiting: i64,
    pub due_today: i64,
    pub overdue: i64,
    pub working: i64,
    pub supplement: i64,
    /// 待放款.
    pub to_draw: i64,
    pub approved_this_week: i64,
    pub rejected_this_week: i64,
}

/// 工作台 as the page shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    pub counts: DeskCounts,
    /// Overdue first, then what is due by the end of today.
    pub urgent: Vec<DeskRow>,
    /// 请求回电 that nobody has answered.
    pub calls: Vec<OpenCall>,
}

pub(crate) fn overdue(scope: BoardScope, now: OffsetDateTime) -> BoardFilter {
    BoardFilter {
        scope,
        stages: owed(scope),
        due: Some((None, now)),
        ..BoardFilter::default()
    }
}

pub(crate) fn due_today(scope: BoardScope, now: OffsetDateTime) -> BoardFilter {
    BoardFilter {
        scope,
        stages: owed(scope),
        due: Some((Some(now), end_of_day(now))),
        ..BoardFilter::default()
    }
}

fn of(stages: &[Stage]) -> BoardFilter {
    BoardFilter {
        stages: stages.to_vec(),
        ..BoardFilter::default()
    }
}

/// A keyword as typed, or nothing (also when it is no text).
pub(crate) fn keyword(typed: &str) -> Option<String> {
    FreeText::<50>::parse_optional(typed)
        .ok()
        .flatten()
        .map(|text| text.as_str().to_owned())
}

/// By the same groups of stages as the lists that the counts open.
async fn counts(
    board: &mut dyn BranchBoard,
    now: OffsetDateTime,
) -> Result<DeskCounts, StoreError> {
    let week = |stage| BoardFilter {
        decided_since: Some(start_of_week(now)),
        ..of(stage)
    };
    Ok(DeskCounts {
        waiting: board.count(&of(&[Stage::Submitted])).await?,
        due_today: board.count(&due_today(BoardScope::Branch, now)).await?,
        overdue: board.count(&overdue(BoardScope::Branch, now)).await?,
        working: board.count(&of(group_stages("working"))).await?,
        supplement: board.count(&of(group_stages("supplement"))).await?,
        to_draw: board.count(&of(group_stages("to_draw"))).await?,
        approved_this_week: board.count(&week(group_stages("approved"))).await?,
        rejected_this_week: board.count(&week(group_stages("rejected"))).await?,
    })
}

impl Desk {
    /// Counts and urgent rows of the actor's own branch.
    pub async fn overview(&self, actor: &Actor) -> UseResult<Overview> {
        let permit = self
            .watch
            .permit(actor, Room::Desk, Action::View, actor.tenant)
            .await?;
        let city = self.city(actor)?;
        let now = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        let counts = counts(work.branch_board(), now).await?;
        let due = BoardFilter {
            due: Some((None, end_of_day(now))),
            ..of(&owed(BoardScope::Branch))
        };
        let leaf = work
            .branch_board()
            .rows(&due, BoardOrder::Due, Leaf::First, URGENT_ROWS)
            .await?;
        let calls = work.letters().open_calls(CALL_ROWS).await?;
        Ok(Overview {
            calls,
            counts,
            urgent: self.read(&city, leaf.rows, now),
        })
    }
}
