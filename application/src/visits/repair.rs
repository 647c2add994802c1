//! 整改任务 (G6): set for an enterprise that was refused, by department, done with a note; what is overdue comes first.

use domain::{
    calendar::{local_date, parse_day},
    visit::RepairState,
};
use serde_json::json;
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

use super::{PAGE, VisitRoom, repairable, text};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, FieldError, UseError, UseResult},
    leaf,
    once::Once,
    ports::{
        audit::AuditEntry,
        visits::{Repair, RepairCounts, RepairCursor, RepairDone, RepairFilter},
    },
};

const SET: &str = "visit.repair";
const DONE: &str = "visit.repaired";
/// A task is for so many days at most.
const LONGEST: Duration = Duration::days(366);

/// 设置整改任务 as the form says it.
#[derive(Clone, Debug)]
pub struct SetRepair {
    pub list: Uuid,
    pub row: Uuid,
    pub department: String,
    pub what: String,
    pub due: String,
    pub once: Once,
}

/// 完成整改 as the form says it.
#[derive(Clone, Debug)]
pub struct FinishRepair {
    pub repair: Uuid,
    pub note: String,
    pub once: Once,
}

/// What the address asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepairAsk {
    pub state: Option<RepairState>,
    pub department: Option<String>,
    pub after: Option<RepairCursor>,
}

/// 整改任务 by department, with the tasks themselves for those who may see enterprises.
#[derive(Clone, Debug)]
pub struct SeenRepairs {
    pub counts: Vec<RepairCounts>,
    pub rows: Vec<Repair>,
    pub more: bool,
    pub today: Date,
    pub may_finish: bool,
    pub open: bool,
}

/// One task.
#[derive(Clone, Debug)]
pub struct SeenRepair {
    pub repair: Repair,
    pub today: Date,
}

impl VisitRoom {
    /// Totals for whoever reads them; nobody's tasks but for those who may see enterprises.
    pub async fn repairs(&self, actor: &Actor, ask: &RepairAsk) -> UseResult<SeenRepairs> {
        let permit = self.reader(actor).await?;
        let guard = &self.watch.guard;
        let open = guard.may(actor, Room::Visits, Action::View).await;
        let today = local_date(self.watch.clock.now());
        let filter = RepairFilter {
            department: ask.department.clone(),
            done: ask.state.map(|state| state == RepairState::Done),
            due_before: ask
                .state
                .filter(|state| *state == RepairState::Overdue)
                .map(|_| today),
        };
        let mut work = self.store.begin(&permit).await?;
        let counts = work.visit_repairs().repair_counts(today).await?;
        let mut rows = if open {
            work.visit_repairs()
                .repairs(&filter, ask.after, PAGE + 1)
                .await?
        } else {
            Vec::new()
        };
        drop(work);
        let more = leaf::cut(&mut rows, PAGE);
        Ok(SeenRepairs {
            counts,
            rows,
            more,
            today,
            may_finish: guard.may(actor, Room::Visits, Action::Record).await,
            open,
        })
    }

    /// A task that is not done yet, for the form that ends it.
    pub async fn repair(&self, actor: &Actor, id: Uuid) -> UseResult<SeenRepair> {
        let permit = self.permit(actor, Action::Record, id).await?;
        let mut work = self.store.begin(&permit).await?;
        let found = work.visit_repairs().repair(id).await?;
        drop(work);
        let outcome = found.ok_or_else(UseError::not_found).and_then(undone);
        let repair = self.answered(actor, Action::Record, id, outcome).await?;
        Ok(SeenRepair {
            repair,
            today: local_date(self.watch.clock.now()),
        })
    }

    pub async fn set_repair(&self, actor: &Actor, ask: SetRepair) -> UseResult<()> {
        let permit = self.permit(actor, Action::Record, ask.row).await?;
        let outcome = self.set(actor, &permit, &ask).await;
        self.answered(actor, Action::Record, ask.row, outcome).await
    }

    async fn set(&self, actor: &Actor, permit: &Permit, ask: &SetRepair) -> UseResult<()> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, SET, at).await?.is_some() {
            return Ok(());
        }
        let row = work.visit_coverage().visit_row(ask.list, ask.row).await?;
        let row = row.ok_or_else(UseError::not_found)?;
        if !repairable(&row) {
            return Err(UseError::conflict("visits.not_repairable"));
        }
        let (department, what, due_on) = wanted(ask, at)?;
        let repair = Repair {
            id: self.watch.clock.new_id(),
            row: row.id,
            list: row.list,
            company_name: row.company_name,
            department,
            what,
            due_on,
            set_by: actor.user,
            set_name: actor.name.clone(),
            set_at: at,
            done: None,
        };
        work.visit_repairs().insert_repair(&repair).await?;
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), SET, repair.row, at)
            .detail(json!({ "department": repair.department }));
        work.audit().write(entry).await?;
        let answer = json!({ "repair": repair.id });
        ask.once.done(&mut *work, SET, answer).await?;
        Ok(work.commit().await?)
    }

    pub async fn finish_repair(&self, actor: &Actor, ask: FinishRepair) -> UseResult<()> {
        let permit = self.permit(actor, Action::Record, ask.repair).await?;
        let outcome = self.finish(actor, &permit, &ask).await;
        self.answered(actor, Action::Record, ask.repair, outcome)
            .await
    }

    async fn finish(&self, actor: &Actor, permit: &Permit, ask: &FinishRepair) -> UseResult<()> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, DONE, at).await?.is_some() {
            return Ok(());
        }
        let repair = work.visit_repairs().repair(ask.repair).await?;
        let repair = repair.ok_or_else(UseError::not_found).and_then(undone)?;
        let mut checks = Checks::default();
        let Some(note) = text::<300>(&mut checks, "repair_note", &ask.note) else {
            return Err(checks.into_error());
        };
        let done = RepairDone {
            at,
            by_name: actor.name.clone(),
            note,
        };
        if !work.visit_repairs().finish_repair(repair.id, &done).await? {
            return Err(UseError::conflict("visits.repair_done"));
        }
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), DONE, repair.row, at)
            .detail(json!({ "department": repair.department }));
        work.audit().write(entry).await?;
        ask.once.done(&mut *work, DONE, json!({})).await?;
        Ok(work.commit().await?)
    }
}

fn undone(repair: Repair) -> UseResult<Repair> {
    if repair.done.is_none() {
        Ok(repair)
    } else {
        Err(UseError::conflict("visits.repair_done"))
    }
}

/// Department, what is to be done and until when; everything that is wrong is told at once.
fn wanted(ask: &SetRepair, at: OffsetDateTime) -> UseResult<(String, String, Date)> {
    let today = local_date(at);
    let mut checks = Checks::default();
    let department = text::<40>(&mut checks, "repair_department", &ask.department);
    let what = text::<300>(&mut checks, "repair_what", &ask.what);
    let due = parse_day(&ask.due).filter(|day| *day >= today && *day - today <= LONGEST);
    if due.is_none() {
        checks.push(FieldError::new("repair_due", "visits.repair_day"));
    }
    match (department, what, due) {
        (Some(department), Some(what), Some(due)) => Ok((department, what, due)),
        _ => Err(checks.into_error()),
    }
}
