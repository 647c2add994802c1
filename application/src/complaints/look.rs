//! The lists and one complaint, as each of the three sides reads them; what one may do, for the buttons.

use domain::complaint::ComplaintStep;
use time::OffsetDateTime;
use uuid::Uuid;

use domain::tenant::TenantKind;

use super::ComplaintRoom;
use crate::{
    access::{Action, Actor, Room},
    error::UseResult,
    ports::complaints::{Complaint, ComplaintAsk, ComplaintCounts, ComplaintPage, StepRow},
};

/// Rows of a page of a list.
pub const PAGE: i64 = 20;

/// On which side somebody stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Enterprise,
    City,
    Bank,
}

/// Whose list and buttons these are.
pub fn side_of(actor: &Actor) -> Side {
    match (actor.enterprise, actor.tenant_kind) {
        (Some(_), _) => Side::Enterprise,
        (None, TenantKind::City) => Side::City,
        (None, _) => Side::Bank,
    }
}

/// What this person may do now; each use case checks again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ComplaintPowers {
    pub take: bool,
    pub note: bool,
    pub ask: bool,
    pub answer: bool,
    pub state: bool,
    pub reopen: bool,
    pub close: bool,
}

/// One complaint as this side reads it.
#[derive(Clone, Debug)]
pub struct SeenComplaint {
    pub complaint: Complaint,
    pub steps: Vec<StepRow>,
    pub powers: ComplaintPowers,
    pub side: Side,
    pub now: OffsetDateTime,
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct ListLeaf {
    pub page: ComplaintPage,
    pub counts: ComplaintCounts,
    pub side: Side,
    /// The enterprise's: a new one may be filed.
    pub may_file: bool,
    pub now: OffsetDateTime,
}

impl ComplaintRoom {
    pub async fn list(&self, actor: &Actor, ask: &ComplaintAsk) -> UseResult<ListLeaf> {
        let permit = self
            .watch
            .permit(actor, Room::Complaints, Action::View, actor.tenant)
            .await?;
        let now = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        let page = work.complaints().complaints(ask, now).await?;
        let counts = work.complaints().complaint_counts(now).await?;
        drop(work);
        let guard = &self.watch.guard;
        Ok(ListLeaf {
            page,
            counts,
            side: side_of(actor),
            may_file: guard.may(actor, Room::Complaints, Action::Submit).await,
            now,
        })
    }

    pub async fn view(&self, actor: &Actor, id: Uuid) -> UseResult<SeenComplaint> {
        let permit = self
            .watch
            .permit(actor, Room::Complaints, Action::View, id)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let Some(complaint) = work.complaints().complaint(id).await? else {
            drop(work);
            let missing = self
                .watch
                .missing(actor, Room::Complaints, Action::View, id);
            return Err(missing.await);
        };
        let steps = work.complaints().complaint_steps(id).await?;
        drop(work);
        let powers = self.powers(actor, &complaint).await;
        Ok(SeenComplaint {
            complaint,
            steps,
            powers,
            side: side_of(actor),
            now: self.watch.clock.now(),
        })
    }

    async fn powers(&self, actor: &Actor, complaint: &Complaint) -> ComplaintPowers {
        let guard = &self.watch.guard;
        let may = |action| guard.may(actor, Room::Complaints, action);
        let leads = |step| complaint.status.after(step, complaint.reopened).is_some();
        let asked = complaint.asked.as_ref();
        match side_of(actor) {
            Side::City if may(Action::Record).await => ComplaintPowers {
                take: leads(ComplaintStep::Taken),
                note: leads(ComplaintStep::Noted),
                ask: leads(ComplaintStep::StatementAsked) && asked.is_none_or(|a| a.stated),
                answer: leads(ComplaintStep::Answered),
                ..ComplaintPowers::default()
            },
            Side::Bank => ComplaintPowers {
                state: leads(ComplaintStep::Stated)
                    && asked.is_some_and(|a| a.id == actor.tenant && !a.stated)
                    && may(Action::Answer).await,
                ..ComplaintPowers::default()
            },
            Side::Enterprise if may(Action::Confirm).await => ComplaintPowers {
                reopen: leads(ComplaintStep::Reopened),
                close: leads(ComplaintStep::Closed),
                ..ComplaintPowers::default()
            },
            _ => ComplaintPowers::default(),
        }
    }
}
