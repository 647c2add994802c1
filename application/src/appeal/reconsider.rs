//! 复议 (row 23): asked by the enterprise once, taken up or declined by the approver of headquarters.

use domain::{
    financing::{Stage, TransitionError},
    ids::FinancingApplicationId,
    tenant::Role,
    values::FreeText,
};
use serde_json::json;

use super::{AppealRoom, approval};
use crate::{
    access::{Action, Actor, Permit, Room},
    decided::{as_shown, conclude, is_within_reach},
    error::{Checks, FieldError, UseError, UseResult},
    ports::{
        appeals::{AppealStatus, Settled},
        audit::AuditEntry,
    },
    review::Seen,
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
    pub async fn settle_appeal(&self, actor: &Actor, ask: SettleAppeal) -> UseResult<()> {
        let object = ask.seen.application;
        let permit = self.may_settle(actor, object).await?;
        let outcome = self.take_up(actor, &permit, &ask, true).await;
        self.watch
            .refused(actor, Room::Appeal, Action::Check, object, outcome)
            .await
    }

    /// Everything that settling checks, without doing it: for the confirm page.
    pub async fn check_appeal(&self, actor: &Actor, ask: &SettleAppeal) -> UseResult<()> {
        let permit = self.may_settle(actor, ask.seen.application).await?;
        self.take_up(actor, &permit, ask, false).await
    }

    async fn may_settle(&self, actor: &Actor, id: FinancingApplicationId) -> UseResult<Permit> {
        self.watch
            .permit(actor, Room::Appeal, Action::Check, id)
            .await
    }

    async fn take_up(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &SettleAppeal,
        for_good: bool,
    ) -> UseResult<()> {
        let (accept, note) = parse(&ask.verdict, &ask.note)?;
        let city = self.city(actor)?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        let once = &ask.seen.once;
        if for_good && once.replayed(&mut *work, ACTION, at).await?.is_some() {
            return Ok(());
        }
        let id = ask.seen.application;
        let mut application = as_shown(&mut *work, id, ask.seen.version, |a| {
            is_within_reach(a, actor)
        })
        .await?;
        let appeal = work
            .appeals()
            .appeal(id)
            .await?
            .ok_or_else(UseError::not_found)?;
        if appeal.status != AppealStatus::Open {
            return Err(UseError::conflict("appeal.settled_before").with("by", appeal.settled_name));
        }
        let settled = Settled {
            by: actor.user,
            name: actor.name.clone(),
            at,
        };
        if !accept {
            if !for_good {
                return Ok(());
            }
            if !work
                .appeals()
                .settle_appeal(id, false, &note, &settled)
                .await?
            {
                return Err(UseError::conflict("stale"));
            }
            let payload = json!({ "application": id.0 });
            work.outbox()
                .push(self.watch.clock.new_id(), "appeal.declined", payload, at)
                .await?;
            let entry = AuditEntry::by(actor, self.watch.clock.new_id(), ACTION, id, at)
                .detail(json!({ "accepted": false }));
            work.audit().write(entry).await?;
            once.done(&mut *work, ACTION, json!({ "accepted": false }))
                .await?;
            return Ok(work.commit().await?);
        }
        let opened = approval(&mut *work, application.record(), at).await?;
        if application.record().stage == Stage::Rejected && !opened.consent_stands {
            return Err(TransitionError::ConsentEnded.into());
        }
        let by = actor.acting_as(&[Role::HqApprover]);
        let event = self.with_clocks(&city, |clocks| {
            application.reconsider(by, appeal.asked_at, appeal.facts, opened, clocks, at)
        })?;
        if !for_good {
            return Ok(());
        }
        if !work
            .appeals()
            .settle_appeal(id, true, &note, &settled)
            .await?
        {
            return Err(UseError::conflict("stale"));
        }
        conclude(&self.watch, actor, work, &application, &event, ACTION, once).await
    }
}

fn parse(verdict: &str, note: &str) -> UseResult<(bool, String)> {
    let mut checks = Checks::default();
    let accept = match verdict {
        "accept" => Some(true),
        "decline" => Some(false),
        _ => {
            checks.push(FieldError::new("verdict", "appeal.verdict_empty"));
            None
        }
    };
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
