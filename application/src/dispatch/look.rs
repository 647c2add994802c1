//! What a person who dispatches looks at: what came back, what is asked, and the branches that could take a request.

use domain::{
    financing::{ApplicationRecord, MOVES, Stage},
    ids::FinancingApplicationId,
    tenant::{Role, TenantKind},
};

use super::Dispatch;
use crate::{
    access::{Action, Actor, Room},
    decided::is_within_reach,
    desk::{DeskRow, urgency},
    error::UseResult,
    ports::{
        branch_board::{BoardFilter, BoardOrder, BoardScope, Leaf},
        dispatch_board::{BranchPlace, Returned, RunningMove},
        moves::MoveRequest,
    },
};

/// Rows of one page.
const PAGE: i64 = 10;
/// Running questions on the page.
const RUNNING: i64 = 50;

/// What can be done with a request now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// 转派 (row 7).
    Reassign,
    /// 改派 (row 9).
    ReassignFromHq,
    /// 跨支行转派 (row 17).
    Move,
}

/// A branch that could take it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub branch: BranchPlace,
    /// Names of the counties served; empty: the whole city.
    pub counties: Vec<String>,
    /// It serves the county of the enterprise.
    pub serves_it: bool,
    /// It had the request and let the time for accepting run out.
    pub let_it_pass: bool,
}

/// One request before the person who dispatches it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DispatchCase {
    pub record: ApplicationRecord,
    /// `None`: nothing can be moved at this stage, or not by this person.
    pub way: Option<Way>,
    pub moves_left: u8,
    /// Where the enterprise is, down to the county.
    pub county: String,
    /// Branches that carry the product, without the one that has it now and those that gave it back.
    pub places: Vec<Place>,
    pub returned: Option<Returned>,
    pub running: Option<MoveRequest>,
    /// What was asked before, newest first.
    pub asked_before: Vec<MoveRequest>,
}

/// A row of 待改派.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnedRow {
    pub desk: DeskRow,
    pub returned: Returned,
}

/// 待改派 and what enterprises are asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DispatchList {
    pub rows: Vec<ReturnedRow>,
    pub before: bool,
    pub after: bool,
    /// Capped: `COUNT_CAP` + 1 means more.
    pub total: i64,
    pub running: Vec<RunningMove>,
    /// The person dispatches (the buttons are there).
    pub may_assign: bool,
}

impl Dispatch {
    /// 待改派, what is due first comes first; only for a headquarters.
    pub async fn list(&self, actor: &Actor, leaf: Leaf) -> UseResult<DispatchList> {
        if actor.tenant_kind != TenantKind::Bank {
            return Err(self
                .review
                .watch
                .missing(actor, Room::Dispatch, Action::View, actor.tenant)
                .await);
        }
        let permit = self
            .review
            .watch
            .permit(actor, Room::Dispatch, Action::View, actor.tenant)
            .await?;
        let city = self.review.city(actor)?;
        let now = self.review.watch.clock.now();
        let filter = BoardFilter {
            scope: BoardScope::Institution,
            stages: vec![Stage::ReturnedToHq],
            ..BoardFilter::default()
        };
        let mut work = self.review.store.begin(&permit).await?;
        let page = work
            .branch_board()
            .rows(&filter, BoardOrder::Due, leaf, PAGE)
            .await?;
        let total = if page.before || page.after {
            work.branch_board().count(&filter).await?
        } else {
            i64::try_from(page.rows.len()).unwrap_or(i64::MAX)
        };
        let ids: Vec<FinancingApplicationId> = page.rows.iter().map(|r| r.id).collect();
        let reasons = work.dispatch_board().returned_because(&ids).await?;
        let running = work.dispatch_board().running_moves(RUNNING).await?;
        let calendar = city.work_calendar(&*self.review.calendar);
        let rows = page
            .rows
            .into_iter()
            .map(|row| ReturnedRow {
                returned: reasons
                    .iter()
                    .find(|(id, _)| *id == row.id)
                    .map(|(_, why)| why.clone())
                    .unwrap_or_default(),
                desk: DeskRow {
                    urgency: urgency(&city, &calendar, &row, now),
                    row,
                },
            })
            .collect();
        Ok(DispatchList {
            rows,
            before: page.before,
            after: page.after,
            total,
            running,
            may_assign: self
                .review
                .watch
                .guard
                .may(actor, Room::Dispatch, Action::Assign)
                .await,
        })
    }

    /// One request and the branches that could take it.
    pub async fn look(&self, actor: &Actor, id: FinancingApplicationId) -> UseResult<DispatchCase> {
        let permit = self
            .review
            .watch
            .permit(actor, Room::Dispatch, Action::View, id)
            .await?;
        let mut work = self.review.store.begin(&permit).await?;
        let found = work
            .branch_board()
            .find(id)
            .await?
            .filter(|a| is_within_reach(a, actor));
        let Some(application) = found else {
            drop(work);
            return Err(self
                .review
                .watch
                .missing(actor, Room::Dispatch, Action::View, id)
                .await);
        };
        let record = application.record().clone();
        let county = work
            .dossiers()
            .find(id)
            .await?
            .map(|d| d.shown.county)
            .unwrap_or_default();
        let places = work.dispatch_board().places(record.product).await?;
        let returned = work.dispatch_board().returned_because(&[id]).await?.pop();
        let refused = work.dispatch_board().gave_it_back(id).await?;
        let asked = work.moves().moves_of(id).await?;
        drop(work);
        let way = way(&record, actor);
        let returned = returned.map(|(_, why)| why);
        let here = record.handler;
        let passed =
            way == Some(Way::ReassignFromHq) && returned.as_ref().is_none_or(Returned::is_timeout);
        let mut places = self.near_first(places, here.filter(|_| !passed), &county);
        places.retain(|place| !refused.contains(&place.branch.id));
        for place in &mut places {
            place.let_it_pass = passed && Some(place.branch.id) == here;
        }
        places.sort_by_key(|place| place.let_it_pass);
        let running = asked.iter().find(|m| m.status.is_running()).cloned();
        Ok(DispatchCase {
            moves_left: MOVES.saturating_sub(record.moves),
            places,
            returned,
            asked_before: asked
                .into_iter()
                .filter(|m| !m.status.is_running())
                .collect(),
            running,
            county,
            way,
            record,
        })
    }

    /// Branches that carry the product: those of the enterprise's county first, then by how much lies there.
    pub(super) fn near_first(
        &self,
        places: Vec<BranchPlace>,
        here: Option<domain::ids::TenantId>,
        county: &str,
    ) -> Vec<Place> {
        let mut near: Vec<Place> = places
            .into_iter()
            .filter(|p| p.carries && Some(p.id) != here)
            .map(|branch| {
                let full: Vec<String> = branch
                    .serves
                    .iter()
                    .filter_map(|code| self.regions.county_name(code))
                    .collect();
                let serves_it = branch.serves.is_empty() || full.iter().any(|name| name == county);
                let counties = branch
                    .serves
                    .iter()
                    .filter_map(|code| self.regions.find(code).map(|r| r.name))
                    .collect();
                Place {
                    branch,
                    counties,
                    serves_it,
                    let_it_pass: false,
                }
            })
            .collect();
        near.sort_by_key(|p| (!p.serves_it, p.branch.waiting + p.branch.working));
        near
    }
}

/// What this person can do with it at this stage.
pub(super) fn way(record: &ApplicationRecord, actor: &Actor) -> Option<Way> {
    let hq = actor.has(Role::HqAdministrator);
    if record.frozen {
        return None;
    }
    match record.stage {
        Stage::Submitted if hq || actor.has(Role::BranchHead) => Some(Way::Reassign),
        Stage::ReturnedToHq if hq => Some(Way::ReassignFromHq),
        Stage::Accepted | Stage::DueDiligence if hq => Some(Way::Move),
        _ => None,
    }
}
