//! 确认拒单 (row 10): nobody of the institution takes it; the enterprise reads why.

use domain::{tenant::Role, values::FreeText};

use super::Dispatch;
use crate::{
    access::{Action, Actor, Permit, Room},
    decided::{CHOICE_STOPPED, known_reasons, reasons_fault},
    error::{Checks, FieldError, UseResult},
    review::{Intent, Seen},
};

/// 确认拒单 as the form says it.
#[derive(Clone, Debug)]
pub struct RefuseIntake {
    pub seen: Seen,
    pub reasons: Vec<String>,
    /// Told to the enterprise.
    pub note: String,
}

const ACTION: &str = "application.confirm_decline";

impl Dispatch {
    pub async fn refuse(&self, actor: &Actor, ask: RefuseIntake, intent: Intent) -> UseResult<()> {
        let object = ask.seen.application;
        let watch = &self.review.watch;
        let permit = watch
            .permit(actor, Room::Dispatch, Action::Decline, object)
            .await?;
        let outcome = self.close(actor, &permit, &ask, intent).await;
        watch
            .refused(actor, Room::Dispatch, Action::Decline, object, outcome)
            .await
    }

    async fn close(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &RefuseIntake,
        intent: Intent,
    ) -> UseResult<()> {
        let city = self.review.city(actor)?;
        let taken = self
            .review
            .take_within_reach(actor, permit, &ask.seen, ACTION, intent)
            .await?;
        let Some(mut taken) = taken else {
            return Ok(());
        };
        let mut checks = Checks::default();
        let reasons = known_reasons(&city, &ask.reasons);
        match reasons_fault(&city, &ask.reasons) {
            Some(fault) if fault == CHOICE_STOPPED || !reasons.is_empty() => {
                checks.push(FieldError::new("reasons", fault));
            }
            Some(_) => checks.push(FieldError::new("reasons", "dispatch.reason_code_empty")),
            None => {}
        }
        let note = checks.take("refusal_note", FreeText::<500>::parse(&ask.note));
        let (Some(note), true) = (note, checks.is_empty()) else {
            return Err(checks.into_error());
        };
        let by = actor.acting_as(&[Role::HqAdministrator]);
        let note = note.as_str().to_owned();
        let event = taken
            .application
            .confirm_decline(by, reasons, note, taken.at)?;
        let once = &ask.seen.once;
        self.review
            .settle(actor, taken, &event, ACTION, once, intent)
            .await
    }
}
