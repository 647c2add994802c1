//! 不通过 (row 22): coded reasons of the city and a text that the enterprise reads.

use domain::{
    financing::{Stage, TransitionError},
    tenant::Role,
    values::FreeText,
};

use super::{Review, Seen};
use crate::{
    access::{Action, Actor, Permit, Room},
    approval::single_step_limit,
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
    pub async fn reject(&self, actor: &Actor, ask: RejectApplication) -> UseResult<()> {
        let object = ask.seen.application;
        let permit = self
            .watch
            .permit(actor, Room::Review, Action::Reject, object)
            .await?;
        let outcome = self.refuse(actor, &permit, &ask, true).await;
        self.watch
            .refused(actor, Room::Review, Action::Reject, object, outcome)
            .await
    }

    /// Everything that refusing checks, without doing it: for the confirm page.
    pub async fn check_rejection(&self, actor: &Actor, ask: &RejectApplication) -> UseResult<()> {
        let permit = self
            .watch
            .permit(actor, Room::Review, Action::Reject, ask.seen.application)
            .await?;
        self.refuse(actor, &permit, ask, false).await
    }

    async fn refuse(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &RejectApplication,
        for_good: bool,
    ) -> UseResult<()> {
        let city = self.city(actor)?;
        let mut checks = Checks::default();
        // The city's own list, in its order: what is not on it was never offered.
        let reasons: Vec<String> = city
            .rejection_reasons
            .iter()
            .filter(|r| ask.reasons.contains(&r.code))
            .map(|r| r.code.clone())
            .collect();
        if reasons.is_empty() {
            checks.push(FieldError::new("reasons", "review.reason_empty"));
        }
        let opinion = checks.take("opinion", FreeText::<500>::parse(&ask.opinion));
        let (Some(opinion), true) = (opinion, checks.is_empty()) else {
            return Err(checks.into_error());
        };
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if for_good
            && ask
                .seen
                .once
                .replayed(&mut *work, ACTION, at)
                .await?
                .is_some()
        {
            return Ok(());
        }
        let mut application = self.load(actor, &mut *work, &ask.seen).await?;
        let record = application.record();
        if record.stage == Stage::InApproval {
            // A step is signed in the room of approvals, where its signature is kept.
            return Err(TransitionError::NotSingleStep.into());
        }
        let limit = single_step_limit(&mut *work, &city, record.bank).await?;
        let single_step = limit.is_some_and(|limit| record.amount <= limit);
        let by = actor.acting_as(&[Role::BranchApprover]);
        let event =
            application.reject(by, reasons, opinion.as_str().to_owned(), single_step, at)?;
        if !for_good {
            return Ok(());
        }
        self.conclude(actor, work, &application, &event, ACTION, &ask.seen.once)
            .await
    }
}
