//! 平台工作台, the list of the city's requests, and one of them without anything that is the bank's or the enterprise's own.

use domain::{
    financing::{
        ApplicationEvent, ApplicationRecord, ClockKind, EventDetail, IntakeStatus, ReviewStatus,
        Stage, Verb, is_overdue, rule_for,
    },
    ids::FinancingApplicationId,
    tenant::Role,
};
use time::OffsetDateTime;

use super::{Supervision, submitted};
use crate::{
    access::{Action, Actor, Room},
    desk::clock_of,
    error::{UseError, UseResult},
    ports::{
        branch_board::{Leaf, Urgency},
        complaints::Complaint,
        statistics::Counted,
        supervision::{
            CityCounts, CityList, CityRow, CitySearch, HoldRequest, HoldStatus, SupervisionNotice,
            Waiting,
        },
    },
};

/// Rows of a page of the list, and of the desk.
pub const PAGE: i64 = 20;
const DESK_ROWS: i64 = 8;

/// A row with its clock read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenRow {
    pub row: CityRow,
    pub urgency: Option<Urgency>,
}

/// 平台工作台.
#[derive(Clone, Debug)]
pub struct CityDesk {
    pub counts: CityCounts,
    pub overdue: Vec<SeenRow>,
    pub holds: Vec<HoldRequest>,
    /// What waits in rooms that this person may open.
    pub waiting: Vec<(Waiting, i64)>,
}

/// The room in which something waits.
const fn room_of(what: Waiting) -> Room {
    match what {
        Waiting::LateComplaints | Waiting::Complaints => Room::Complaints,
        Waiting::AccountHolds => Room::Enterprises,
        Waiting::Codes => Room::Supervision,
        Waiting::Suspensions => Room::Institutions,
        Waiting::Grants => Room::People,
        Waiting::Faces => Room::FaceReview,
        Waiting::Content => Room::Content,
        Waiting::Rules | Waiting::Days | Waiting::Texts => Room::Settings,
    }
}

/// One page of the list.
#[derive(Clone, Debug)]
pub struct CityLeaf {
    pub rows: Vec<SeenRow>,
    pub before: bool,
    pub after: bool,
    pub counts: CityCounts,
}

/// What this person may do; each use case checks again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CityPowers {
    /// Ask for a hold, or for its end.
    pub ask_hold: bool,
    /// Settle the hold that somebody else asked for.
    pub settle_hold: bool,
    /// Take back what this person asked for.
    pub withdraw_hold: bool,
    pub urge: bool,
}

/// One request as the city sees it.
#[derive(Clone, Debug)]
pub struct CityCase {
    pub record: ApplicationRecord,
    pub columns: (IntakeStatus, ReviewStatus),
    pub events: Vec<ApplicationEvent>,
    pub urgency: Option<Urgency>,
    pub overdue: bool,
    pub holds: Vec<HoldRequest>,
    pub notices: Vec<SupervisionNotice>,
    /// 投诉中: those that the city has not answered.
    pub complaints: Vec<Complaint>,
    pub powers: CityPowers,
}

impl CityCase {
    /// The hold that waits for a second person.
    pub fn open_hold(&self) -> Option<&HoldRequest> {
        self.holds.iter().find(|h| h.status == HoldStatus::Open)
    }
}

/// The words of the bank's own people stay theirs; that something happened does not.
fn without_bank_words(mut event: ApplicationEvent) -> ApplicationEvent {
    if event.verb.is_internal() && !matches!(event.verb, Verb::Freeze | Verb::Unfreeze) {
        event.note = String::new();
        event.reason_codes = Vec::new();
        event.detail = EventDetail::None;
    }
    event
}

impl Supervision {
    /// What the bank's clock says; while a request is frozen none runs.
    fn clock(
        &self,
        actor: &Actor,
        stage: Stage,
        frozen: bool,
        (since, due): (Option<OffsetDateTime>, Option<OffsetDateTime>),
    ) -> UseResult<Option<Urgency>> {
        let city = self
            .cities
            .by_id(actor.city)
            .ok_or_else(UseError::not_found)?;
        let calendar = city.work_calendar(&*self.calendar);
        let now = self.watch.clock.now();
        Ok(ClockKind::of_stage(stage)
            .filter(|_| !frozen)
            .zip(due)
            .map(|(kind, due)| clock_of(&city, &calendar, (kind, since), due, now)))
    }

    fn read(&self, actor: &Actor, rows: Vec<CityRow>) -> UseResult<Vec<SeenRow>> {
        rows.into_iter()
            .map(|row| {
                let times = (row.due_since, row.due_at);
                let urgency = self.clock(actor, row.stage, row.frozen, times)?;
                Ok(SeenRow { row, urgency })
            })
            .collect()
    }

    /// Counts, what is overdue, and the holds that wait for a second person.
    pub async fn desk(&self, actor: &Actor) -> UseResult<CityDesk> {
        let permit = self
            .watch
            .permit(actor, Room::Supervision, Action::View, actor.tenant)
            .await?;
        let now = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        let desk = work.supervision();
        let counts = desk.city_counts(now).await?;
        let overdue = desk
            .city_rows(CityList::Overdue, None, None, now, Leaf::First, DESK_ROWS)
            .await?;
        let holds = desk.open_holds().await?;
        let all = desk.city_waiting(now).await?;
        drop(work);
        let mut waiting = Vec::with_capacity(all.len());
        for (what, count) in all {
            let guard = &self.watch.guard;
            if guard.may(actor, room_of(what), Action::View).await {
                waiting.push((what, count));
            }
        }
        Ok(CityDesk {
            counts,
            overdue: self.read(actor, overdue.rows)?,
            holds,
            waiting,
        })
    }

    /// One page of the city's requests, all of them or what fits the words.
    pub async fn list(
        &self,
        actor: &Actor,
        list: CityList,
        search: Option<&CitySearch>,
        counted: Option<&Counted>,
        leaf: Leaf,
    ) -> UseResult<CityLeaf> {
        let permit = self
            .watch
            .permit(actor, Room::Supervision, Action::View, actor.tenant)
            .await?;
        let now = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        let desk = work.supervision();
        let counts = desk.city_counts(now).await?;
        let found = desk
            .city_rows(list, search, counted, now, leaf, PAGE)
            .await?;
        drop(work);
        Ok(CityLeaf {
            rows: self.read(actor, found.rows)?,
            before: found.before,
            after: found.after,
            counts,
        })
    }

    /// One request of the city.
    pub async fn view(&self, actor: &Actor, id: FinancingApplicationId) -> UseResult<CityCase> {
        let permit = self
            .watch
            .permit(actor, Room::Supervision, Action::View, id)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let found = work.reminders().look_at(id).await?;
        let Ok(application) = submitted(found) else {
            drop(work);
            let missing = self
                .watch
                .missing(actor, Room::Supervision, Action::View, id);
            return Err(missing.await);
        };
        let record = application.record().clone();
        let columns = application.columns().ok_or_else(UseError::not_found)?;
        let events = work.financing_applications().events(id).await?;
        let holds = work.supervision().holds(id).await?;
        let notices = work.supervision().notices(id).await?;
        let complaints = work.complaints().open_complaints_about(id).await?;
        drop(work);
        let clock = ClockKind::of_stage(record.stage);
        let since = clock.and_then(|kind| kind.started(&record));
        let times = (since, record.due_at);
        let mut case = CityCase {
            urgency: self.clock(actor, record.stage, record.frozen, times)?,
            overdue: is_overdue(&record, self.watch.clock.now()),
            events: events.into_iter().map(without_bank_words).collect(),
            columns,
            record,
            holds,
            notices,
            complaints,
            powers: CityPowers::default(),
        };
        case.powers = self.powers(actor, &case).await;
        Ok(case)
    }

    async fn powers(&self, actor: &Actor, case: &CityCase) -> CityPowers {
        let may = |action| self.watch.guard.may(actor, Room::Supervision, action);
        let stage = case.record.stage;
        let holdable = rule_for(stage, Verb::Freeze, Role::Operator).is_some();
        let open = case.open_hold();
        CityPowers {
            ask_hold: holdable && open.is_none() && may(Action::Ask).await,
            settle_hold: open.is_some_and(|h| h.asked_by != actor.user)
                && may(Action::Confirm).await,
            withdraw_hold: open.is_some_and(|h| h.asked_by == actor.user) && may(Action::Ask).await,
            urge: case.overdue && may(Action::Save).await,
        }
    }

    /// True while the bank owes a step and is late.
    pub(super) fn late(&self, record: &ApplicationRecord) -> bool {
        is_overdue(record, self.watch.clock.now())
    }
}
