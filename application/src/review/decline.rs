//! 拒单 (row 8): coded reasons of the city and a note; headquarters has one working day to find another branch.

use domain::{tenant::Role, values::FreeText};

use super::{Intent, Review, Seen};
use crate::{
    access::{Action, Actor, Permit, Room},
    city::IntakeRefusal,
    decided::CHOICE_STOPPED,
    error::{Checks, FieldError, UseResult},
};

/// 拒单 as the form says it.
#[derive(Clone, Debug)]
pub struct DeclineIntake {
    pub seen: Seen,
    pub reasons: Vec<String>,
    pub note: String,
}

const ACTION: &str = "application.decline_intake";

impl Review {
    pub async fn decline(
        &self,
        actor: &Actor,
        ask: DeclineIntake,
        intent: Intent,
    ) -> UseResult<()> {
        let object = ask.seen.application;
        let permit = self
            .watch
            .permit(actor, Room::Intake, Action::Decline, object)
            .await?;
        let outcome = self.give_away(actor, &permit, &ask, intent).await;
        self.watch
            .refused(actor, Room::Intake, Action::Decline, object, outcome)
            .await
    }

    async fn give_away(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &DeclineIntake,
        intent: Intent,
    ) -> UseResult<()> {
        let city = self.city(actor)?;
        let mut checks = Checks::default();
        let stopped = |r: &IntakeRefusal| !r.active && ask.reasons.contains(&r.code);
        let reasons: Vec<String> = city
            .offered_refusals()
            .filter(|r| ask.reasons.contains(&r.code))
            .map(|r| r.code.clone())
            .collect();
        if city.intake_refusals.iter().any(stopped) {
            checks.push(FieldError::new("intake_reasons", CHOICE_STOPPED));
        } else if reasons.is_empty() {
            checks.push(FieldError::new(
                "intake_reasons",
                "review.decline_reason_empty",
            ));
        }
        let note = checks.take("decline_note", FreeText::<300>::parse(&ask.note));
        let (Some(note), true) = (note, checks.is_empty()) else {
            return Err(checks.into_error());
        };
        let taken = self.take(actor, permit, &ask.seen, ACTION, intent).await?;
        let Some(mut taken) = taken else {
            return Ok(());
        };
        let by = actor.acting_as(&[Role::BranchHead, Role::CustomerManager]);
        let note = note.as_str().to_owned();
        let event = self.with_clocks(&city, |clocks| {
            taken
                .application
                .decline_intake(by, reasons, note, clocks, taken.at)
        })?;
        self.settle(actor, taken, &event, ACTION, &ask.seen.once, intent)
            .await
    }
}
