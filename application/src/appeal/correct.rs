//! 更正误操作 (row 24): one person of headquarters asks, another confirms; both stand in the log. Until then the first one may take it
//! back.

use domain::{
    financing::{
        ActingPerson, ApplicationRecord, FinancingApplication, Stage, TransitionError, Verb,
    },
    tenant::Role,
    values::FreeText,
};
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{AppealRoom, approval};
use crate::{
    access::{Action, Actor, Permit, Room},
    city::City,
    decided::{as_shown, conclude, is_within_reach},
    error::{Checks, UseError, UseResult},
    once::Once,
    ports::{
        appeals::{Correction, CorrectionStatus, NewCorrection, Settled},
        audit::AuditEntry,
        store::{StoreError, UnitOfWork},
    },
    review::{Intent, Seen, Taken},
    two_people::{Withdrawal, said_yes},
};

/// The asking as the form says it.
#[derive(Clone, Debug)]
pub struct AskCorrection {
    pub seen: Seen,
    pub reason: String,
}

/// The second person's answer.
#[derive(Clone, Debug)]
pub struct SettleCorrection {
    pub correction: Uuid,
    /// The version of the application that the page showed.
    pub version: i32,
    /// `accept` or `decline`.
    pub verdict: String,
    pub once: Once,
}

const ASK: &str = "application.ask_correction";
const SETTLE: &str = "application.correct";
const WITHDRAW: &str = "application.withdraw_correction";

impl AppealRoom {
    pub async fn ask_correction(
        &self,
        actor: &Actor,
        ask: AskCorrection,
        intent: Intent,
    ) -> UseResult<()> {
        let object = ask.seen.application;
        let watch = &self.review.watch;
        let permit = watch
            .permit(actor, Room::Appeal, Action::Ask, object)
            .await?;
        let outcome = self.put_correction(actor, &permit, &ask, intent).await;
        watch
            .refused(actor, Room::Appeal, Action::Ask, object, outcome)
            .await
    }

    async fn put_correction(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &AskCorrection,
        intent: Intent,
    ) -> UseResult<()> {
        let mut checks = Checks::default();
        let reason = checks.take("correction_reason", FreeText::<500>::parse(&ask.reason));
        let Some(reason) = reason else {
            return Err(checks.into_error());
        };
        let city = self.review.city(actor)?;
        let taken = self
            .review
            .take_within_reach(actor, permit, &ask.seen, ASK, intent)
            .await?;
        let Some(Taken {
            mut work,
            application,
            at,
        }) = taken
        else {
            return Ok(());
        };
        let id = ask.seen.application;
        self.may_be_corrected(&city, &application, at)?;
        if work.appeals().running_correction(id).await?.is_some() {
            return Err(UseError::conflict("appeal.correction_asked_before"));
        }
        if intent == Intent::Check {
            return Ok(());
        }
        let asked = NewCorrection {
            id: self.review.watch.clock.new_id(),
            application: id,
            reason: reason.as_str().to_owned(),
            asked_by: actor.user,
            asked_name: actor.name.clone(),
            asked_at: at,
        };
        match work.appeals().ask_correction(&asked).await {
            Err(StoreError::Conflict(_)) => {
                return Err(UseError::conflict("appeal.correction_asked_before"));
            }
            done => done?,
        }
        let payload = json!({ "application": id.0, "correction": asked.id });
        work.outbox()
            .push(
                self.review.watch.clock.new_id(),
                "correction.asked",
                payload,
                at,
            )
            .await?;
        let entry = AuditEntry::by(actor, self.review.watch.clock.new_id(), ASK, id, at)
            .detail(json!({ "correction": asked.id }));
        work.audit().write(entry).await?;
        let once = &ask.seen.once;
        once.done(&mut *work, ASK, json!({ "correction": asked.id }))
            .await?;
        Ok(work.commit().await?)
    }

    /// What the domain will ask is told to the first person already.
    fn may_be_corrected(
        &self,
        city: &City,
        application: &FinancingApplication,
        at: OffsetDateTime,
    ) -> UseResult<()> {
        let record = application.record();
        if !matches!(record.stage, Stage::Rejected | Stage::RefusedIntake) {
            return Err(TransitionError::NotAllowed {
                stage: record.stage,
                verb: Verb::CorrectMistake,
                role: Role::HqAdministrator,
            }
            .into());
        }
        if record.frozen {
            return Err(TransitionError::Frozen.into());
        }
        if !self.in_time(city, record, at) {
            return Err(UseError::conflict("appeal.correction_too_late"));
        }
        Ok(())
    }

    /// Two working days after the decision (row 24).
    pub(super) fn in_time(
        &self,
        city: &City,
        record: &ApplicationRecord,
        at: OffsetDateTime,
    ) -> bool {
        let until = self.review.with_clocks(city, |clocks| {
            record
                .decided_at
                .and_then(|decided| clocks.correct_until(decided))
        });
        until.is_some_and(|until| at <= until)
    }

    /// Confirms it and undoes the mistake, or leaves everything as it is.
    pub async fn settle_correction(
        &self,
        actor: &Actor,
        ask: SettleCorrection,
        intent: Intent,
    ) -> UseResult<()> {
        let object = ask.correction;
        let watch = &self.review.watch;
        let permit = watch
            .permit(actor, Room::Appeal, Action::Confirm, object)
            .await?;
        let outcome = self.undo(actor, &permit, &ask, intent).await;
        watch
            .refused(actor, Room::Appeal, Action::Confirm, object, outcome)
            .await
    }

    async fn undo(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &SettleCorrection,
        intent: Intent,
    ) -> UseResult<()> {
        let confirm = said_yes(&ask.verdict)
            .ok_or_else(|| UseError::field("verdict", "appeal.verdict_empty"))?;
        let city = self.review.city(actor)?;
        let at = self.review.watch.clock.now();
        let mut work = self.review.store.begin(permit).await?;
        let once = &ask.once;
        if intent == Intent::Do && once.replayed(&mut *work, SETTLE, at).await?.is_some() {
            return Ok(());
        }
        let correction = open(&mut *work, ask.correction, actor).await?;
        let settled = Settled::by(actor, at);
        if !confirm {
            if intent == Intent::Check {
                return Ok(());
            }
            settle(&mut *work, correction.id, false, &settled).await?;
            let entry = AuditEntry::by(
                actor,
                self.review.watch.clock.new_id(),
                SETTLE,
                correction.application,
                at,
            )
            .detail(json!({ "correction": correction.id, "confirmed": false }));
            work.audit().write(entry).await?;
            once.done(&mut *work, SETTLE, json!({ "confirmed": false }))
                .await?;
            return Ok(work.commit().await?);
        }
        let mut application = as_shown(&mut *work, correction.application, ask.version, |a| {
            is_within_reach(a, actor)
        })
        .await?;
        let opened = approval(&mut *work, application.record(), at).await?;
        let asker = ActingPerson {
            id: Some(correction.asked_by),
            name: correction.asked_name.clone(),
            role: Role::HqAdministrator,
        };
        let second = actor.acting_as(&[Role::HqAdministrator, Role::HqApprover]);
        let reason = correction.reason.clone();
        let event = self.review.with_clocks(&city, |clocks| {
            application.correct_mistake(asker, &second, reason, opened, clocks, at)
        });
        let event = event.map_err(|error| match error {
            TransitionError::TooLate => UseError::conflict("appeal.correction_too_late"),
            error => error.into(),
        })?;
        if intent == Intent::Check {
            return Ok(());
        }
        settle(&mut *work, correction.id, true, &settled).await?;
        conclude(
            &self.review.watch,
            actor,
            work,
            &application,
            &event,
            SETTLE,
            once,
        )
        .await
    }
}

impl AppealRoom {
    /// Whoever asked takes it back; the decision stands as it is.
    pub async fn withdraw_correction(
        &self,
        actor: &Actor,
        ask: Withdrawal,
        intent: Intent,
    ) -> UseResult<()> {
        let watch = &self.review.watch;
        let (room, action) = (Room::Appeal, Action::Ask);
        let permit = watch.permit(actor, room, action, ask.asked).await?;
        let outcome = self.take_back(actor, &permit, &ask, intent).await;
        watch.refused(actor, room, action, ask.asked, outcome).await
    }

    async fn take_back(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &Withdrawal,
        intent: Intent,
    ) -> UseResult<()> {
        let reason = ask.reason()?;
        let clock = &self.review.watch.clock;
        let at = clock.now();
        let mut work = self.review.store.begin(permit).await?;
        let once = &ask.once;
        if intent == Intent::Do && once.replayed(&mut *work, WITHDRAW, at).await?.is_some() {
            return Ok(());
        }
        let correction = waiting(&mut *work, ask.asked).await?;
        if correction.asked_by != actor.user {
            return Err(UseError::conflict("two_people.not_the_asker"));
        }
        if intent == Intent::Check {
            return Ok(());
        }
        let id = correction.id;
        if !work.appeals().withdraw_correction(id, &reason, at).await? {
            return Err(UseError::conflict("stale"));
        }
        let of = correction.application;
        let entry = AuditEntry::by(actor, clock.new_id(), WITHDRAW, of, at)
            .detail(json!({ "correction": id, "reason": reason }));
        work.audit().write(entry).await?;
        once.done(&mut *work, WITHDRAW, json!({})).await?;
        Ok(work.commit().await?)
    }
}

/// The open one; otherwise who settled it or took it back.
async fn waiting(work: &mut dyn UnitOfWork, id: Uuid) -> UseResult<Correction> {
    let found = work.appeals().correction(id).await?;
    let correction = found.ok_or_else(UseError::not_found)?;
    correction.still_open()?;
    Ok(correction)
}

impl Correction {
    /// Refuses what is settled or taken back, and says by whom.
    pub fn still_open(&self) -> UseResult<()> {
        let code = match self.status {
            CorrectionStatus::Open => return Ok(()),
            CorrectionStatus::Withdrawn => "two_people.withdrawn",
            CorrectionStatus::Confirmed | CorrectionStatus::Declined => "appeal.settled_before",
        };
        Err(UseError::conflict(code).with("by", &self.settled_name))
    }
}

/// The open one, and not this person's own.
async fn open(work: &mut dyn UnitOfWork, id: Uuid, actor: &Actor) -> UseResult<Correction> {
    let correction = waiting(work, id).await?;
    if correction.asked_by == actor.user {
        return Err(UseError::conflict("appeal.same_person"));
    }
    Ok(correction)
}

async fn settle(
    work: &mut dyn UnitOfWork,
    id: Uuid,
    confirmed: bool,
    settled: &Settled,
) -> UseResult<()> {
    if work
        .appeals()
        .settle_correction(id, confirmed, settled)
        .await?
    {
        Ok(())
    } else {
        Err(UseError::conflict("stale"))
    }
}
