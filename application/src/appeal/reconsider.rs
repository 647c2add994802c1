//! 复议 (row 23): asked by the enterprise once, taken up or declined by the approver of headquarters.

use domain::{
    financing::{Stage, TransitionError},
    tenant::Role,
    values::FreeText,
};
use serde_json::json;

use super::{AppealRoom, approval};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, FieldError, UseError, UseResult},
    once::Once,
    ports::{
        appeals::{Appeal, AppealStatus, Settled},
        audit::AuditEntry,
    },
    review::{Intent, Seen, Taken},
    two_people::said_yes,
};

/// 复议 as the form says it.
#[derive(Clone, Debug)]
pub struct SettleAppeal {
    pub seen: Seen,
    /// `accept` or `decline`.
    pub verdict: String,
    /// Told to the enterprise; must be there when it is declined.
    pub note: String,
}

const ACTION: &str = "application.settle_appeal";

impl AppealRoom {
    pub async fn settle_appeal(
        &self,
        actor: &Actor,
        ask: SettleAppeal,
        intent: Intent,
    ) -> UseResult<()> {
        let object = ask.seen.application;
        let watch = &self.review.watch;
        let permit = watch
            .permit(actor, Room::Appeal, Action::Check, object)
            .await?;
        let outcome = self.answer(actor, &permit, &ask, intent).await;
        watch
            .refused(actor, Room::Appeal, Action::Check, object, outcome)
            .await
    }

    async fn answer(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &SettleAppeal,
        intent: Intent,
    ) -> UseResult<()> {
        let (accept, note) = parse(&ask.verdict, &ask.note)?;
        let taken = self
            .review
            .take_within_reach(actor, permit, &ask.seen, ACTION, intent)
            .await?;
        let Some(mut taken) = taken else {
            return Ok(());
        };
        let found = taken.work.appeals().appeal(ask.seen.application).await?;
        let appeal = found.ok_or_else(UseError::not_found)?;
        if appeal.status != AppealStatus::Open {
            return Err(UseError::conflict("appeal.settled_before").with("by", appeal.settled_name));
        }
        if accept {
            self.take_up(actor, taken, &ask.seen.once, appeal, note, intent)
                .await
        } else {
            self.turn_down(actor, taken, &ask.seen.once, note, intent)
                .await
        }
    }

    /// 受理: back into approval, with the terms that were last proposed.
    async fn take_up(
        &self,
        actor: &Actor,
        mut taken: Taken,
        once: &Once,
        appeal: Appeal,
        note: String,
        intent: Intent,
    ) -> UseResult<()> {
        let city = self.review.city(actor)?;
        let at = taken.at;
        let record = taken.application.record();
        let opened = approval(&mut *taken.work, record, at).await?;
        if record.stage == Stage::Rejected && !opened.consent_stands {
            return Err(TransitionError::ConsentEnded.into());
        }
        let by = actor.acting_as(&[Role::HqApprover]);
        let application = &mut taken.application;
        let event = self.review.with_clocks(&city, |clocks| {
            application.reconsider(by, appeal.asked_at, appeal.facts, opened, clocks, at)
        })?;
        close(actor, &mut taken, true, &note).await?;
        self.review
            .settle(actor, taken, &event, ACTION, once, intent)
            .await
    }

    /// 不受理: nothing changes but the answer.
    async fn turn_down(
        &self,
        actor: &Actor,
        mut taken: Taken,
        once: &Once,
        note: String,
        intent: Intent,
    ) -> UseResult<()> {
        if intent == Intent::Check {
            return Ok(());
        }
        close(actor, &mut taken, false, &note).await?;
        let Taken {
            mut work,
            application,
            at,
        } = taken;
        let id = application.record().id;
        let clock = &self.review.watch.clock;
        let payload = json!({ "application": id.0 });
        work.outbox()
            .push(clock.new_id(), "appeal.declined", payload, at)
            .await?;
        let entry = AuditEntry::by(actor, clock.new_id(), ACTION, id, at)
            .detail(json!({ "accepted": false }));
        work.audit().write(entry).await?;
        once.done(&mut *work, ACTION, json!({ "accepted": false }))
            .await?;
        Ok(work.commit().await?)
    }
}

/// Leaves the answer with the appeal; another may have been quicker.
async fn close(actor: &Actor, taken: &mut Taken, accepted: bool, note: &str) -> UseResult<()> {
    let settled = Settled::by(actor, taken.at);
    let id = taken.application.record().id;
    let appeals = taken.work.appeals();
    if appeals.settle_appeal(id, accepted, note, &settled).await? {
        Ok(())
    } else {
        Err(UseError::conflict("stale"))
    }
}

fn parse(verdict: &str, note: &str) -> UseResult<(bool, String)> {
    let mut checks = Checks::default();
    let accept = said_yes(verdict);
    if accept.is_none() {
        checks.push(FieldError::new("verdict", "appeal.verdict_empty"));
    }
    let note = if accept == Some(true) {
        checks
            .take("appeal_note", FreeText::<500>::parse_optional(note))
            .map(|note| note.map(|n| n.as_str().to_owned()).unwrap_or_default())
    } else {
        checks
            .take("appeal_note", FreeText::<500>::parse(note))
            .map(|note| note.as_str().to_owned())
    };
    match (accept, note) {
        (Some(accept), Some(note)) if checks.is_empty() => Ok((accept, note)),
        _ => Err(checks.into_error()),
    }
}
