//! 不通过 (row 22): coded reasons of the city and a text that the enterprise reads.

use domain::{
    financing::{Stage, TransitionError},
    tenant::Role,
    values::FreeText,
};

use super::{Intent, Review, Seen};
use crate::{
    access::{Action, Actor, Permit, Room},
    approval::single_step_limit,
    decided::{known_reasons, reasons_fault},
    error::{Checks, FieldError, UseResult},
};

/// 不通过 as the form says it.
#[derive(Clone, Debug)]
pub struct RejectApplication {
    pub seen: Seen,
    pub reasons: Vec<String>,
    pub opinion: String,
}

const ACTION: &str = "application.reject";

impl Review {
    pub async fn reject(
        &self,
        actor: &Actor,
        ask: RejectApplication,
        intent: Intent,
    ) -> UseResult<()> {
        let object = ask.seen.application;
        let permit = self
            .watch
            .permit(actor, Room::Review, Action::Reject, object)
            .await?;
        let outcome = self.refuse(actor, &permit, &ask, intent).await;
        self.watch
            .refused(actor, Room::Review, Action::Reject, object, outcome)
            .await
    }

    async fn refuse(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &RejectApplication,
        intent: Intent,
    ) -> UseResult<()> {
        let city = self.city(actor)?;
        let mut checks = Checks::default();
        let reasons = known_reasons(&city, &ask.reasons);
        if let Some(fault) = reasons_fault(&city, &ask.reasons) {
            checks.push(FieldError::new("reasons", fault));
        }
        let opinion = checks.take("opinion", FreeText::<500>::parse(&ask.opinion));
        let (Some(opinion), true) = (opinion, checks.is_empty()) else {
            return Err(checks.into_error());
        };
        let taken = self.take(actor, permit, &ask.seen, ACTION, intent).await?;
        let Some(mut taken) = taken else {
            return Ok(());
        };
        let record = taken.application.record();
        if record.stage == Stage::InApproval {
            // A step is signed in the room of approvals, where its signature is kept.
            return Err(TransitionError::NotSingleStep.into());
        }
        let limit = single_step_limit(&mut *taken.work, &city, record.bank).await?;
        let single_step = limit.is_some_and(|limit| record.amount <= limit);
        let by = actor.acting_as(&[Role::BranchApprover]);
        let opinion = opinion.as_str().to_owned();
        let event = taken
            .application
            .reject(by, reasons, opinion, single_step, taken.at)?;
        self.settle(actor, taken, &event, ACTION, &ask.seen.once, intent)
            .await
    }
}
