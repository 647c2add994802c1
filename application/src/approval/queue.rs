//! 待我审批: what waits for this person's signature; the branch's approver sees the own branch, headquarters all of theirs.

use domain::tenant::{Role, TenantKind};

use super::Approval;
use crate::{
    access::{Action, Actor, Room},
    desk::urgency,
    error::UseResult,
    leaf,
    ports::{
        approvals::{WaitingFor, WaitingRow},
        branch_board::Urgency,
    },
};

/// Rows of the page; whoever has more signs the most urgent first.
const MOST: i64 = 50;

/// One row with its clock read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub row: WaitingRow,
    pub urgency: Option<Urgency>,
}

/// The queue, and whether it goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    pub rows: Vec<Waiting>,
    pub more: bool,
}

impl Approval {
    pub async fn queue(&self, actor: &Actor) -> UseResult<Queue> {
        let review = &self.review;
        let permit = review
            .watch
            .permit(actor, Room::Approval, Action::View, actor.tenant)
            .await?;
        let signing = [Role::BranchApprover, Role::HqApprover];
        let whose = WaitingFor {
            person: actor.user,
            roles: signing.into_iter().filter(|r| actor.has(*r)).collect(),
            branch: (actor.tenant_kind == TenantKind::Branch).then_some(actor.tenant),
        };
        if whose.roles.is_empty() {
            return Ok(Queue::default());
        }
        let city = review.city(actor)?;
        let calendar = city.work_calendar(&*review.calendar);
        let now = review.watch.clock.now();
        let mut work = review.store.begin(&permit).await?;
        let mut rows = work.approvals().waiting(&whose, MOST + 1).await?;
        let more = leaf::cut(&mut rows, MOST);
        let rows = rows
            .into_iter()
            .map(|row| Waiting {
                urgency: urgency(&city, &calendar, &row.row, now),
                row,
            })
            .collect();
        Ok(Queue { rows, more })
    }
}
