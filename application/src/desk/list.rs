//! 待接单, 已接单, 全部融资需求: one list with different filters.

use domain::{
    calendar::SHANGHAI,
    financing::Stage,
    ids::{ProductId, TenantId, UserId},
    tenant::TenantKind,
};
use time::{Date, Duration, OffsetDateTime};

use super::{
    Desk, DeskRow,
    overview::{due_today, keyword, overdue},
    start_of_week,
};
use crate::{
    access::{Action, Actor, Room},
    error::UseResult,
    headquarters::RATE_DAYS,
    ports::branch_board::{
        BoardBranch, BoardFilter, BoardOrder, BoardProduct, BoardScope, Leaf, Officer,
    },
};

/// Rows of one page.
const PAGE: i64 = 10;

/// Stages that an enterprise reads as 通过.
const APPROVED: [Stage; 5] = [
    Stage::Approved,
    Stage::Disbursing,
    Stage::Disbursed,
    Stage::Settled,
    Stage::NotDrawn,
];

/// 通过 or 不通过: what a rate of approval is of.
const DECIDED: [Stage; 6] = [
    Stage::Approved,
    Stage::Disbursing,
    Stage::Disbursed,
    Stage::Settled,
    Stage::NotDrawn,
    Stage::Rejected,
];

/// Which list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListKind {
    /// 待接单, by due time.
    Queue,
    /// 已接单: accepted and not yet decided, by due time.
    Accepted,
    /// 全部融资需求, newest first.
    #[default]
    All,
}

/// What is asked of a list; unknown words filter nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListAsk {
    pub kind: ListKind,
    /// A word of [`group_stages`], or empty.
    pub group: String,
    pub keyword: String,
    pub product: Option<ProductId>,
    /// Only what this branch holds; a headquarters asks it.
    pub branch: Option<TenantId>,
    /// `today`, `overdue` or empty.
    pub due: String,
    /// `week`: decided this week; `recent`: within the days that the boards count.
    pub decided: String,
    /// `recent`: accepted within the days that the boards count.
    pub accepted: String,
    /// Days of the submission, both included.
    pub from: Option<Date>,
    pub until: Option<Date>,
    /// Only what this person holds.
    pub holder: Option<UserId>,
    /// Only 续贷.
    pub renewals: bool,
    pub leaf: Leaf,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Board {
    pub rows: Vec<DeskRow>,
    pub before: bool,
    pub after: bool,
    /// Capped: `COUNT_CAP` + 1 means more.
    pub total: i64,
    pub products: Vec<BoardProduct>,
    /// Branches to filter by: only for a headquarters.
    pub branches: Vec<BoardBranch>,
    /// 经办人 to filter by: only for a branch.
    pub officers: Vec<Officer>,
    /// Who looks.
    pub own: UserId,
    pub order: BoardOrder,
    /// The person may accept (the button is there).
    pub may_accept: bool,
}

/// The stages of a group's word.
pub fn group_stages(group: &str) -> &'static [Stage] {
    match group {
        "waiting" => &[Stage::Submitted, Stage::ReturnedToHq],
        "submitted" => &[Stage::Submitted],
        "returned" => &[Stage::ReturnedToHq],
        "in_approval" => &[Stage::InApproval],
        "to_draw" => &[Stage::Approved],
        "working" => &[Stage::Accepted, Stage::DueDiligence, Stage::InApproval],
        "supplement" => &[Stage::NeedSupplement],
        "disbursing" => &[Stage::Disbursing],
        "disbursed" => &[Stage::Disbursed],
        "settled" => &[Stage::Settled],
        "approved" => &APPROVED,
        "decided" => &DECIDED,
        "rejected" => &[Stage::Rejected, Stage::RefusedIntake],
        "withdrawn" => &[Stage::Withdrawn],
        "expired" => &[Stage::Expired],
        _ => &[],
    }
}

/// What waits at a branch, and nothing narrower.
fn waiting() -> BoardFilter {
    BoardFilter {
        stages: vec![Stage::Submitted],
        ..BoardFilter::default()
    }
}

fn midnight(day: Date) -> OffsetDateTime {
    day.midnight().assume_offset(SHANGHAI)
}

/// What the list shows, as it was asked for.
fn filter_of(ask: &ListAsk, scope: BoardScope, now: OffsetDateTime) -> BoardFilter {
    // What was given back is nobody's of a branch, and of one branch or person a headquarters asks what they owe.
    let one = ask.branch.is_some() || ask.holder.is_some();
    let owing = if one { BoardScope::Branch } else { scope };
    let of = |stages: &[Stage]| BoardFilter {
        stages: stages.to_vec(),
        ..BoardFilter::default()
    };
    let mut filter = match (ask.kind, ask.due.as_str()) {
        (ListKind::Queue, _) => of(&[Stage::Submitted]),
        (ListKind::Accepted, _) => of(group_stages("working")),
        (ListKind::All, "overdue") => overdue(owing, now),
        (ListKind::All, "today") => due_today(owing, now),
        (ListKind::All, _) => of(group_stages(&ask.group)),
    };
    let recent = |word: &str| (word == "recent").then(|| now - Duration::days(RATE_DAYS));
    // The rows behind a rate of approval are those that it counts.
    filter.not_declined = filter.stages == DECIDED;
    filter.scope = scope;
    filter.branch = ask.branch;
    filter.keyword = keyword(&ask.keyword);
    filter.product = ask.product;
    filter.holder = ask.holder;
    filter.renewals = ask.renewals;
    filter.accepted_since = recent(&ask.accepted);
    filter.submitted_from = ask.from.map(midnight);
    filter.submitted_until = ask.until.and_then(Date::next_day).map(midnight);
    filter.decided_since = if ask.decided == "week" {
        Some(start_of_week(now))
    } else {
        recent(&ask.decided)
    };
    filter
}

impl Desk {
    /// One page of a list of the actor's own branch.
    pub async fn list(&self, actor: &Actor, ask: ListAsk) -> UseResult<Board> {
        let room = match ask.kind {
            ListKind::Queue => Room::Intake,
            ListKind::Accepted | ListKind::All => Room::Desk,
        };
        let permit = self
            .watch
            .permit(actor, room, Action::View, actor.tenant)
            .await?;
        let may_accept = self
            .watch
            .guard
            .may(actor, Room::Intake, Action::Accept)
            .await;
        let city = self.city(actor)?;
        let now = self.watch.clock.now();
        let scope = BoardScope::of(actor.tenant_kind);
        let filter = filter_of(&ask, scope, now);
        let order_by_due = ask.kind != ListKind::All || filter.due.is_some();
        let order = if order_by_due {
            BoardOrder::Due
        } else {
            BoardOrder::Newest
        };
        let mut board = Board {
            rows: Vec::new(),
            before: false,
            after: false,
            total: 0,
            products: Vec::new(),
            branches: Vec::new(),
            officers: Vec::new(),
            own: actor.user,
            order,
            may_accept,
        };
        // 全部融资需求 may ask for the same rows, in another order and with what it is filtered by.
        let is_front = ask.kind == ListKind::Queue && ask.leaf == Leaf::First;
        let leaf = if is_front && filter == waiting() {
            let (leaf, total) = self.queue.front(&permit, PAGE).await?;
            board.total = total;
            leaf
        } else {
            let mut work = self.store.begin(&permit).await?;
            let shelf = work.branch_board();
            let leaf = shelf.rows(&filter, order, ask.leaf, PAGE).await?;
            board.total = if leaf.before || leaf.after {
                shelf.count(&filter).await?
            } else {
                // The page is the whole list.
                i64::try_from(leaf.rows.len()).unwrap_or(i64::MAX)
            };
            if ask.kind == ListKind::All {
                board.products = shelf.products().await?;
                match actor.tenant_kind {
                    TenantKind::Bank => board.branches = shelf.branches().await?,
                    TenantKind::Branch => board.officers = shelf.officers().await?,
                    TenantKind::City | TenantKind::Province => {}
                }
            }
            leaf
        };
        (board.before, board.after) = (leaf.before, leaf.after);
        board.rows = self.read(&city, leaf.rows, now);
        Ok(board)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(kind: ListKind, group: &str, due: &str) -> BoardFilter {
        let ask = ListAsk {
            kind,
            group: group.to_owned(),
            due: due.to_owned(),
            ..ListAsk::default()
        };
        filter_of(&ask, BoardScope::Branch, OffsetDateTime::UNIX_EPOCH)
    }

    #[test]
    fn only_the_rows_behind_a_rate_of_approval_leave_out_what_enterprises_declined() {
        assert!(asked(ListKind::All, "decided", "").not_declined);
        for group in ["", "approved", "rejected", "working"] {
            assert!(!asked(ListKind::All, group, "").not_declined, "{group}");
        }
        assert!(!asked(ListKind::All, "decided", "overdue").not_declined);
        assert!(!asked(ListKind::Queue, "decided", "").not_declined);
    }
}
