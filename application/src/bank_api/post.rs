//! 事件推送: what happened to an application is written down for its bank's system in the outbox's own transaction, and told by a
//! worker of its own, at least once (S-42, S-44).

use std::{collections::HashMap, fmt::Write as _, sync::Arc, time::Instant};

use domain::{
    financing::{FinancingApplication, Verb},
    ids::TenantId,
};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::task::{Id, JoinSet};
use uuid::Uuid;

use super::hook_place;
use crate::{
    access::Permit,
    error::{UseError, UseResult},
    outbox::delay,
    ports::{
        clock::Clock,
        outbox::OutboxNotice,
        sealing::Sealer,
        store::{Store, StoreError, UnitOfWork},
        tokens::Tokens,
        webhooks::{Call, CallError, DueDelivery, DueHook, HookCaller, Told},
    },
};

/// The event of the button 发送测试事件.
pub(super) const TEST: &str = "webhook.test";
/// How long a delivery is this worker's business while the bank is asked.
const LEASE: Duration = Duration::minutes(2);
/// Banks that are called at once, over all cities.
const AT_ONCE: usize = 10;
/// Deliveries in a row to one bank; then others have their turn.
const IN_A_ROW: usize = 20;

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

/// The banks that are being called 推送中: one stream for each, so that what waits for a slow one is its own.
#[derive(Default)]
pub struct Streams {
    running: JoinSet<UseResult<usize>>,
    /// City and bank of each that is under way or came to nothing.
    of: HashMap<Id, (TenantId, TenantId)>,
    /// How often each bank had its turn.
    turns: HashMap<TenantId, usize>,
}

impl Streams {
    /// Begins with those that had the fewest turns, and of these with what has waited the longest. A bank that is being called, or that
    /// rests after it was silent too often, is left out; none is called after `until`.
    pub fn begin(&mut self, by: &Messenger, due: Vec<(Permit, DueHook)>, until: Instant) {
        let mut due: Vec<(Permit, DueHook)> = due
            .into_iter()
            .filter(|(_, hook)| !self.calls(hook.bank) && !by.caller.rests(&hook.url))
            .collect();
        let turns = |bank: &TenantId| self.turns.get(bank).copied().unwrap_or_default();
        due.sort_by_key(|(_, hook)| (turns(&hook.bank), hook.since));
        due.truncate(AT_ONCE.saturating_sub(self.running.len()));
        for (permit, hook) in due {
            let (by, city, bank) = (by.clone(), permit.city(), hook.bank);
            let stream = self
                .running
                .spawn(async move { by.stream(&permit, bank, until).await });
            self.of.insert(stream.id(), (city, bank));
            *self.turns.entry(bank).or_default() += 1;
        }
    }

    fn calls(&self, bank: TenantId) -> bool {
        self.of.values().any(|(_, called)| *called == bank)
    }

    pub fn are_over(&self) -> bool {
        self.running.is_empty()
    }

    /// Waits for one to end: its city, and how many deliveries were handled. `None`: none is under way.
    pub async fn ended(&mut self) -> Option<(TenantId, UseResult<usize>)> {
        let (id, came) = match self.running.join_next_with_id().await? {
            Ok(ended) => ended,
            Err(error) => (error.id(), Err(UseError::bug(error))),
        };
        let (city, _) = *self.of.get(&id)?;
        // One that came to nothing is not begun again in this round: it would go round and round.
        if matches!(came, Ok(1..)) {
            self.of.remove(&id);
        }
        Some((city, came))
    }
}

impl Messenger {
    /// The banks in the city of the permit for whom something is due.
    pub async fn due(&self, permit: &Permit) -> UseResult<Vec<DueHook>> {
        let mut work = self.store.begin(permit).await?;
        Ok(work.webhooks().due_hooks(self.clock.now()).await?)
    }

    /// Tells one bank what is due, one delivery after the other, until it does not take one; answers how many were handled.
    async fn stream(&self, permit: &Permit, bank: TenantId, until: Instant) -> UseResult<usize> {
        self.sealer.ready(permit.city().0).await?;
        for handled in 0..IN_A_ROW {
            if Instant::now() >= until {
                return Ok(handled);
            }
            let now = self.clock.now();
            let mut work = self.store.begin(permit).await?;
            let due = work
                .webhooks()
                .take_due_delivery(bank, now, now + LEASE)
                .await?;
            work.commit().await?;
            let Some(due) = due else {
                return Ok(handled);
            };
            // Whoever dies from here on is followed by another once the lease is over: the same delivery with the same id.
            let outcome = self.tell(permit, &due).await;
            let told = self.told(&due, outcome);
            let mut work = self.store.begin(permit).await?;
            work.webhooks()
                .told(due.tenant, due.id, &told, self.clock.now())
                .await?;
            work.commit().await?;
            if !told.delivered {
                return Ok(handled + 1);
            }
        }
        Ok(IN_A_ROW)
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
