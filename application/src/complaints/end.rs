//! 再次提出, 确认办结: what the enterprise does with an answer.

use domain::{
    complaint::{ComplaintStep, DAYS_TO_REOPEN},
    values::FreeText,
};
use serde_json::json;
use time::Duration;
use uuid::Uuid;

use super::{ComplaintRoom, locked, moved};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, UseError, UseResult},
    once::Once,
};

/// What becomes of an answer.
#[derive(Clone, Debug)]
pub struct EndComplaint {
    pub complaint: Uuid,
    /// Why the answer does not do; `None`: it does.
    pub again: Option<String>,
    pub once: Once,
}

const REOPEN: &str = "complaint.reopen";
const CLOSE: &str = "complaint.close";

impl ComplaintRoom {
    pub async fn end(&self, actor: &Actor, ask: EndComplaint) -> UseResult<()> {
        let object = ask.complaint;
        let permit = self
            .watch
            .permit(actor, Room::Complaints, Action::Confirm, object)
            .await?;
        let outcome = self.settle(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Complaints, Action::Confirm, object, outcome)
            .await
    }

    async fn settle(&self, actor: &Actor, permit: &Permit, ask: &EndComplaint) -> UseResult<()> {
        let at = self.watch.clock.now();
        let action = if ask.again.is_some() { REOPEN } else { CLOSE };
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, action, at).await?.is_some() {
            return Ok(());
        }
        let mut complaint = locked(&mut *work, ask.complaint).await?;
        let step = if let Some(reason) = &ask.again {
            moved(&mut complaint, ComplaintStep::Reopened)?;
            let until = complaint
                .answered_at
                .map(|a| a + Duration::days(DAYS_TO_REOPEN));
            if until.is_some_and(|until| until < at) {
                return Err(UseError::conflict("complaint.too_late"));
            }
            let mut checks = Checks::default();
            let words = checks.take("again", FreeText::<1000>::parse(reason));
            let words = words.ok_or_else(|| checks.into_error())?;
            complaint.reopened = true;
            complaint.clock_from = at;
            complaint.due_at = self.due(actor, at)?;
            self.step(actor, ComplaintStep::Reopened, words.as_str(), at)
        } else {
            moved(&mut complaint, ComplaintStep::Closed)?;
            complaint.closed_at = Some(at);
            self.step(actor, ComplaintStep::Closed, "", at)
        };
        work.complaints().save_own_complaint(&complaint).await?;
        self.note_step(&mut *work, actor, &complaint, &step, action)
            .await?;
        ask.once.done(&mut *work, action, json!({})).await?;
        Ok(work.commit().await?)
    }
}
