//! 事件推送: what happened to an application is written down for its bank's system in the outbox's own transaction, and told by a
//! worker of its own, at least once (S-42, S-44).

use std::{fmt::Write as _, sync::Arc};

use domain::financing::{FinancingApplication, Verb};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use super::hook_place;
use crate::{
    access::Permit,
    error::UseResult,
    outbox::delay,
    ports::{
        clock::Clock,
        outbox::OutboxNotice,
        sealing::Sealer,
        store::{Store, StoreError, UnitOfWork},
        tokens::Tokens,
        webhooks::{Call, CallError, DueDelivery, HookCaller, Told},
    },
};

/// The event of the button 发送测试事件.
pub(super) const TEST: &str = "webhook.test";
/// How long a delivery is this worker's business while the bank is asked.
const LEASE: Duration = Duration::minutes(2);
/// Deliveries of one round.
const ROUND: usize = 50;

/// The worker that tells banks.
#[derive(Clone)]
pub struct Messenger {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub sealer: Arc<dyn Sealer>,
    pub tokens: Arc<dyn Tokens>,
    pub caller: Arc<dyn HookCaller>,
}

/// The name of an event for machines.
const fn event_of(verb: Verb) -> &'static str {
    match verb {
        Verb::Submit | Verb::PassFace => "application.submitted",
        Verb::Reassign | Verb::ReassignFromHq | Verb::MoveBranch => "application.moved",
        Verb::Accept => "application.accepted",
        Verb::DeclineIntake | Verb::IntakeTimeout => "application.returned_to_hq",
        Verb::ConfirmDecline => "application.intake_refused",
        Verb::AskSupplement => "application.supplement_asked",
        Verb::AnswerSupplement => "application.supplement_answered",
        Verb::SubmitForApproval => "application.in_approval",
        Verb::Approve | Verb::Reject => "application.decided",
        Verb::Disburse | Verb::DisburseLast => "application.disbursed",
        Verb::GiveUp => "application.not_drawn",
        Verb::Settle => "application.settled",
        Verb::Withdraw => "application.withdrawn",
        Verb::Expire | Verb::SupplementTimeout => "application.expired",
        Verb::Freeze => "application.frozen",
        Verb::Unfreeze => "application.unfrozen",
        _ => "application.changed",
    }
}

/// What an outbox notice means to a bank's system; nothing for most.
fn event_in(notice: &OutboxNotice) -> Option<&'static str> {
    match notice.topic.as_str() {
        "application.event" => notice.payload["verb"]
            .as_str()
            .and_then(Verb::from_code)
            .map(event_of),
        "application.note" => match notice.payload["what"].as_str()? {
            "repaid" => Some("application.repaid"),
            "confirmed" => Some("application.draw_confirmed"),
            "disputed" => Some("application.draw_disputed"),
            _ => None,
        },
        _ => None,
    }
}

/// The very text that is signed and sent: ids, numbers and states, never a person.
pub(super) fn body(
    id: Uuid,
    event: &str,
    at: OffsetDateTime,
    about: Option<&FinancingApplication>,
) -> String {
    let application = about.map_or(Value::Null, |application| {
        let record = application.record();
        json!({
            "id": record.id.0,
            "number": record.number.as_ref().map(domain::values::ApplicationNumber::as_str),
            "stage": record.stage.code(),
            "version": record.version,
        })
    });
    let at = at.format(&Rfc3339).unwrap_or_default();
    json!({ "id": id, "type": event, "occurred_at": at, "application": application }).to_string()
}

/// Writes down what the bank of an application is to hear, in the transaction that works the notice off.
pub(crate) async fn announce(
    work: &mut dyn UnitOfWork,
    application: &FinancingApplication,
    notice: &OutboxNotice,
) -> Result<(), StoreError> {
    let Some(event) = event_in(notice) else {
        return Ok(());
    };
    let bank = application.record().bank;
    let hook = work.webhooks().hook(bank).await?;
    if !hook.is_some_and(|hook| hook.active) {
        return Ok(());
    }
    let text = body(notice.id, event, notice.created_at, Some(application));
    work.webhooks()
        .put_delivery(bank, notice.id, event, &text, notice.created_at)
        .await
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Messenger {
    /// Tells what is due in the city of the permit; answers how many were handled.
    pub async fn round(&self, permit: &Permit) -> UseResult<usize> {
        self.sealer.ready(permit.city().0).await?;
        for handled in 0..ROUND {
            let now = self.clock.now();
            let mut work = self.store.begin(permit).await?;
            let due = work.webhooks().take_due_delivery(now, now + LEASE).await?;
            work.commit().await?;
            let Some(due) = due else {
                return Ok(handled);
            };
            let outcome = self.tell(permit, &due).await;
            let told = self.told(&due, outcome);
            let mut work = self.store.begin(permit).await?;
            work.webhooks()
                .told(due.tenant, due.id, &told, self.clock.now())
                .await?;
            work.commit().await?;
        }
        Ok(ROUND)
    }

    async fn tell(&self, permit: &Permit, due: &DueDelivery) -> Result<u16, CallError> {
        let place = hook_place(permit.city().0, due.hook);
        let secret = self
            .sealer
            .open(&place, &due.secret_sealed)
            .map_err(|error| CallError::Unreachable(error.to_string()))?;
        let timestamp = self.clock.now().unix_timestamp();
        let text = format!("{timestamp}\n{}\n{}", due.id, due.body);
        let call = Call {
            url: due.url.clone(),
            id: due.id,
            event: due.event.clone(),
            timestamp,
            signature: hex(&self.tokens.mac(&secret, text.as_bytes())),
            body: due.body.clone(),
        };
        self.caller.call(&call).await
    }

    fn told(&self, due: &DueDelivery, outcome: Result<u16, CallError>) -> Told {
        let (status, error) = match outcome {
            Ok(status @ 200..300) => {
                return Told {
                    status: Some(status),
                    error: String::new(),
                    next_at: None,
                    delivered: true,
                };
            }
            Ok(status) => (Some(status), format!("HTTP {status}")),
            Err(error) => (None, error.to_string()),
        };
        tracing::warn!(delivery = %due.id, tries = due.tries + 1, error, "a bank did not take an event");
        let next_at = delay(due.tries, self.clock.new_id()).map(|wait| self.clock.now() + wait);
        Told {
            status,
            error: error.chars().take(200).collect(),
            next_at,
            delivered: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn the_main_steps_have_names_of_their_own() {
        for (verb, event) in [
            (Verb::Submit, "application.submitted"),
            (Verb::Accept, "application.accepted"),
            (Verb::Reject, "application.decided"),
            (Verb::DisburseLast, "application.disbursed"),
            (Verb::HandOver, "application.changed"),
        ] {
            assert_eq!(event_of(verb), event);
        }
    }

    #[test]
    fn a_body_is_one_line_of_json() {
        let text = body(Uuid::nil(), TEST, datetime!(2026-11-25 01:30 UTC), None);
        assert_eq!(
            text,
            "{\"application\":null,\"id\":\"00000000-0000-0000-0000-000000000000\",\
             \"occurred_at\":\"2026-11-25T01:30:00Z\",\"type\":\"webhook.test\"}"
        );
    }
}
