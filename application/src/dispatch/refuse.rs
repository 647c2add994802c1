//! 确认拒单 (row 10): nobody of the institution takes it; the enterprise reads why.

use domain::{tenant::Role, values::FreeText};

use super::Dispatch;
use crate::{
    access::{Action, Actor, Permit, Room},
    decided::{as_shown, conclude, is_within_reach},
    error::{Checks, FieldError, UseResult},
    review::Seen,
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
    pub async fn refuse(&self, actor: &Actor, ask: RefuseIntake) -> UseResult<()> {
        let object = ask.seen.application;
        let permit = self
            .watch
            .permit(actor, Room::Dispatch, Action::Decline, object)
            .await?;
        let outcome = self.close(actor, &permit, &ask, true).await;
        self.watch
            .refused(actor, Room::Dispatch, Action::Decline, object, outcome)
            .await
    }

    /// Everything that refusing checks, without doing it: for the confirm page.
    pub async fn check_refusal(&self, actor: &Actor, ask: &RefuseIntake) -> UseResult<()> {
        let object = ask.seen.application;
        let permit = self
            .watch
            .permit(actor, Room::Dispatch, Action::Decline, object)
            .await?;
        self.close(actor, &permit, ask, false).await
    }

    async fn close(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &RefuseIntake,
        for_good: bool,
    ) -> UseResult<()> {
        let city = self.city(actor)?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        let once = &ask.seen.once;
        if for_good && once.replayed(&mut *work, ACTION, at).await?.is_some() {
            return Ok(());
        }
        let mut application = as_shown(&mut *work, ask.seen.application, ask.seen.version, |a| {
            is_within_reach(a, actor)
        })
        .await?;
        let mut checks = Checks::default();
        // The city's own list, in its order: what is not on it was never offered.
        let reasons: Vec<String> = city
            .rejection_reasons
            .iter()
            .filter(|r| ask.reasons.contains(&r.code))
            .map(|r| r.code.clone())
            .collect();
        if reasons.is_empty() {
            checks.push(FieldError::new("reasons", "dispatch.reason_code_empty"));
        }
        let note = checks.take("refusal_note", FreeText::<500>::parse(&ask.note));
        let (Some(note), true) = (note, checks.is_empty()) else {
            return Err(checks.into_error());
        };
        let by = actor.acting_as(&[Role::HqAdministrator]);
        let event = application.confirm_decline(by, reasons, note.as_str().to_owned(), at)?;
        if !for_good {
            return Ok(());
        }
        conclude(&self.watch, actor, work, &application, &event, ACTION, once).await
    }
}
