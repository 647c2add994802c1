//! 待接单, 已接单, 全部融资需求: one list with different filters.

use domain::{
    financing::Stage,
    ids::{ProductId, TenantId, UserId},
    tenant::TenantKind,
};

use super::{
    Desk, DeskRow,
    overview::{due_today, keyword, overdue},
    start_of_week,
};
use crate::{
    access::{Action, Actor, Room},
    error::UseResult,
    ports::branch_board::{BoardBranch, BoardFilter, BoardOrder, BoardProduct, BoardScope, Leaf},
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
    /// `waiting`, `submitted`, `returned`, `in_approval`, `to_draw`, `working`, `supplement`, `approved`, `rejected`, `withdrawn`, `expired` or empty.
    pub group: String,
    pub keyword: String,
    pub product: Option<ProductId>,
    /// Only what this branch holds; a headquarters asks it.
    pub branch: Option<TenantId>,
    /// `today`, `overdue` or empty.
    pub due: String,
    /// `week`: decided this week.
    pub decided: String,
    /// Only what this person holds.
    pub holder: Option<UserId>,
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
        "approved" => &APPROVED,
        "rejected" => &[Stage::Rejected, Stage::RefusedIntake],
        "withdrawn" => &[Stage::Withdrawn],
        "expired" => &[Stage::Expired],
        _ => &[],
    }
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
        let mut filter = match (ask.kind, ask.due.as_str()) {
            (ListKind::Queue, _) => BoardFilter {
                stages: vec![Stage::Submitted],
                ..BoardFilter::default()
            },
            (ListKind::Accepted, _) => BoardFilter {
                stages: group_stages("working").to_vec(),
                ..BoardFilter::default()
            },
            (ListKind::All, "overdue") => overdue(scope, now),
            (ListKind::All, "today") => due_today(scope, now),
            (ListKind::All, _) => BoardFilter {
                stages: group_stages(&ask.group).to_vec(),
                ..BoardFilter::default()
            },
        };
        filter.scope = scope;
        filter.branch = ask.branch;
        filter.keyword = keyword(&ask.keyword);
        filter.product = ask.product;
        filter.holder = ask.holder;
        if ask.decided == "week" {
            filter.decided_since = Some(start_of_week(now));
        }
        let order_by_due = ask.kind != ListKind::All || filter.due.is_some();
        let order = if order_by_due {
            BoardOrder::Due
        } else {
            BoardOrder::Newest
        };
        let mut work = self.store.begin(&permit).await?;
        let leaf = work
            .branch_board()
            .rows(&filter, order, ask.leaf, PAGE)
            .await?;
        let total = if leaf.before || leaf.after {
            work.branch_board().count(&filter).await?
        } else {
            // The page is the whole list.
            i64::try_from(leaf.rows.len()).unwrap_or(i64::MAX)
        };
        let products = if ask.kind == ListKind::All {
            work.branch_board().products().await?
        } else {
            Vec::new()
        };
        let branches = if ask.kind == ListKind::All && actor.tenant_kind == TenantKind::Bank {
            work.branch_board().branches().await?
        } else {
            Vec::new()
        };
        Ok(Board {
            rows: self.read(&city, leaf.rows, now),
            before: leaf.before,
            after: leaf.after,
            total,
            products,
            branches,
            order,
            may_accept,
        })
    }
}
