//! Complaints 投诉 (W21, C5): an enterprise complains, the city answers within its promise, and the node that is asked states its
//! side. Nothing here moves an application.

mod end;
mod file;
mod handle;
mod look;
pub(crate) mod notices;
mod state;
mod totals;

use std::sync::Arc;

use domain::{complaint::ComplaintStep, financing::Clocks};
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

pub use end::EndComplaint;
pub use file::FileComplaint;
pub(crate) use file::ForEnterprise;
pub use handle::{Answer, AskStatement, Note, Take};
pub use look::{ComplaintPowers, ListLeaf, PAGE, SeenComplaint, Side, side_of};
pub use state::State;
pub use totals::SeenTotals;

use crate::{
    access::Actor,
    audit::Watch,
    city::Cities,
    error::{UseError, UseResult},
    ports::{
        audit::AuditEntry,
        complaints::{Complaint, StepRow},
        reference::WorkCalendarSource,
        store::{Store, UnitOfWork},
    },
};

/// The room of all three sides.
#[derive(Clone)]
pub struct ComplaintRoom {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub cities: Arc<dyn Cities>,
    pub calendar: Arc<dyn WorkCalendarSource>,
}

impl ComplaintRoom {
    /// Until when the city answers what is asked now.
    fn due(&self, actor: &Actor, at: OffsetDateTime) -> UseResult<Option<OffsetDateTime>> {
        let city = self.cities.by_id(actor.city);
        let city = city.ok_or_else(UseError::not_found)?;
        let calendar = city.work_calendar(&*self.calendar);
        let clocks = Clocks {
            eras: &city.clocks,
            calendar: &calendar,
            pauses: &city.pauses,
        };
        Ok(clocks.complaint_due(at))
    }

    fn step(&self, actor: &Actor, step: ComplaintStep, words: &str, at: OffsetDateTime) -> StepRow {
        StepRow {
            id: self.watch.clock.new_id(),
            step,
            words: words.to_owned(),
            by: actor.person(),
            by_name: if actor.enterprise.is_some() {
                String::new()
            } else {
                actor.name.clone()
            },
            node: None,
            node_name: String::new(),
            at,
        }
    }

    /// The step, its entry in the log, and the notice for whoever has to hear of it.
    async fn note_step(
        &self,
        work: &mut dyn UnitOfWork,
        actor: &Actor,
        complaint: &Complaint,
        step: &StepRow,
        action: &'static str,
    ) -> UseResult<()> {
        work.complaints()
            .add_complaint_step(complaint.id, step)
            .await?;
        if notices::is_told(step.step) {
            let payload = json!({ "complaint": complaint.id, "step": step.step.code() });
            let id = self.watch.clock.new_id();
            work.outbox()
                .push(id, notices::TOPIC, payload, step.at)
                .await?;
        }
        let id = self.watch.clock.new_id();
        let entry = AuditEntry::by(actor, id, action, complaint.id, step.at)
            .detail(json!({ "number": complaint.number, "status": complaint.status.code() }));
        Ok(work.audit().write(entry).await?)
    }
}

/// Moves it by a step, or says why that is not possible now.
fn moved(complaint: &mut Complaint, step: ComplaintStep) -> UseResult<()> {
    let next = complaint.status.after(step, complaint.reopened);
    complaint.status = next.ok_or_else(|| not_now(complaint))?;
    Ok(())
}

fn not_now(complaint: &Complaint) -> UseError {
    UseError::conflict("complaint.not_now").with("status", complaint.status.zh())
}

/// The complaint, locked, if this side may change it.
async fn locked(work: &mut dyn UnitOfWork, id: Uuid) -> UseResult<Complaint> {
    let found = work.complaints().complaint_for_update(id).await?;
    found.ok_or_else(UseError::not_found)
}
