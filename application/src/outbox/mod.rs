//! Outbox worker 发件箱: works off what changes left behind, one city and one notice at a time, at least once (S-42).

mod alarms;
mod boxes;
pub(crate) mod letters;
mod patience;
mod quiet;
mod rings;
mod sms;
mod wechat;

use std::sync::Arc;

use domain::{financing::FinancingApplication, ids::FinancingApplicationId};
use serde_json::Value;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

pub use alarms::Alarms;
pub(crate) use patience::wait;
pub use patience::{TRIES, delay};
pub use quiet::QuietHours;
pub use sms::TEMPLATES;

use crate::{
    access::Permit,
    city::Cities,
    error::{UseError, UseResult},
    mini::{CHECK, CODE},
    ports::{
        clock::Clock,
        files::FileVault,
        notice_words::NoticeWords,
        outbox::OutboxNotice,
        plugs::Plugs,
        sealing::Sealer,
        sms::{SmsError, SmsSender},
        store::{Store, UnitOfWork},
        wechat::MiniProgram,
    },
    turns::{Turn, caught},
};

/// Topic of a message to a phone; made from an event by this worker itself.
pub(crate) const SMS: &str = "application.sms";
/// Topic of a message about an account, to the phone of a person or to one that is gone from the row (sealed in the payload).
pub(crate) const ACCOUNT_SMS: &str = "account.sms";
/// How long a notice is another worker's business while its provider is asked.
const LEASE: Duration = Duration::minutes(2);
/// Over which the city's budget of messages is counted.
pub(crate) const BUDGET_WINDOW: Duration = Duration::hours(24);
/// Notices of one round, so that no city waits for another.
const ROUND: usize = 200;

/// Where notices go.
#[derive(Clone)]
pub struct Channels {
    pub sms: Arc<dyn Plugs<dyn SmsSender>>,
    pub words: Arc<dyn NoticeWords>,
    pub mini: Arc<dyn Plugs<MiniProgram>>,
    /// Where codes are kept.
    pub vault: Arc<dyn FileVault>,
}

/// The worker.
#[derive(Clone)]
pub struct Deliverer {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    cities: Arc<dyn Cities>,
    sealer: Arc<dyn Sealer>,
    channels: Channels,
}

/// Why a notice did not go out.
enum Failure {
    /// May succeed later.
    Later(String),
    /// Its provider is away, busy or owes an answer: no try is counted. Not before so long, where the provider says so.
    Away(String, Option<std::time::Duration>),
    /// It is not to go out before an instant.
    Held(OffsetDateTime),
    /// Never will: people look at it.
    Never(String),
}

impl Failure {
    fn later(why: impl std::fmt::Display) -> Self {
        Self::Later(why.to_string())
    }

    fn away(why: impl std::fmt::Display, asked: Option<std::time::Duration>) -> Self {
        Self::Away(why.to_string(), asked)
    }
}

impl From<SmsError> for Failure {
    fn from(error: SmsError) -> Self {
        match error {
            SmsError::Refused { .. } => Self::Never(error.to_string()),
            SmsError::Throttled { after } => Self::away(error, after),
            SmsError::Unclear | SmsError::Unreachable(_) => Self::away(error, None),
            // A receipt may still tell; people decide if none comes.
            SmsError::Unknowable => Self::later(error),
        }
    }
}

impl From<UseError> for Failure {
    fn from(error: UseError) -> Self {
        let cause = error.source.map_or(String::new(), |s| format!(": {s}"));
        Self::later(format!("{}{cause}", error.code))
    }
}

impl From<crate::ports::store::StoreError> for Failure {
    fn from(error: crate::ports::store::StoreError) -> Self {
        Self::from(UseError::from(error))
    }
}

impl Deliverer {
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        cities: Arc<dyn Cities>,
        sealer: Arc<dyn Sealer>,
        channels: Channels,
    ) -> Self {
        Self {
            store,
            clock,
            cities,
            sealer,
            channels,
        }
    }

    /// Works off what is due in the city of the permit; answers how many notices were handled.
    pub async fn work_off(&self, permit: &Permit) -> UseResult<usize> {
        self.sealer.ready(permit.city().0).await?;
        for handled in 0..ROUND {
            if !self.one(permit).await? {
                return Ok(handled);
            }
        }
        Ok(ROUND)
    }

    async fn one(&self, permit: &Permit) -> UseResult<bool> {
        let mut work = self.store.begin(permit).await?;
        let now = self.clock.now();
        let Some(notice) = work.outbox().take_due(now, 1).await?.pop() else {
            return Ok(false);
        };
        if [SMS, ACCOUNT_SMS, CODE, CHECK].contains(&notice.topic.as_str()) {
            // Nothing leaves inside a transaction: the row is leased, and the outcome noted in another one.
            work.outbox().put_off(notice.id, now + LEASE).await?;
            work.commit().await?;
            let outcome = turn_of(&notice, Box::pin(self.send_out(permit, &notice))).await;
            self.settle(permit, &notice, outcome).await?;
            return Ok(true);
        }
        let put = self.put_messages(permit, &mut *work, &notice);
        let outcome = match turn_of(&notice, Box::pin(put)).await {
            Ok(()) => close(work, &notice, now).await,
            Err(failure) => {
                drop(work);
                Err(failure)
            }
        };
        if outcome.is_err() {
            self.settle(permit, &notice, outcome).await?;
        }
        Ok(true)
    }

    /// What leaves this process.
    async fn send_out(&self, permit: &Permit, notice: &OutboxNotice) -> Result<(), Failure> {
        match notice.topic.as_str() {
            CODE => self.draw_code(permit, notice).await,
            CHECK => self.check_content(permit, notice).await,
            ACCOUNT_SMS => self.send_account_sms(permit, notice).await,
            _ => self.send_message(permit, notice).await,
        }
    }

    async fn settle(
        &self,
        permit: &Permit,
        notice: &OutboxNotice,
        outcome: Result<(), Failure>,
    ) -> UseResult<()> {
        let mut work = self.store.begin(permit).await?;
        let now = self.clock.now();
        // What stands beside the letter that it belongs to: out, given up, or nothing new.
        let mut out = None;
        match outcome {
            Ok(()) => {
                work.outbox().done(notice.id, now).await?;
                out = Some(true);
            }
            Err(Failure::Never(why)) => {
                tracing::warn!(notice = %notice.id, topic = notice.topic, why, "a notice was parked");
                work.outbox().failed(notice.id, None, &why, now).await?;
                out = Some(false);
            }
            Err(Failure::Held(until)) => work.outbox().hold(notice.id, until, now).await?,
            Err(Failure::Away(why, asked)) => {
                let since = notice.waiting_since.unwrap_or(now);
                let asked = asked.and_then(|wait| Duration::try_from(wait).ok());
                let wait = patience::wait(since, now, self.clock.new_id());
                tracing::warn!(notice = %notice.id, topic = notice.topic, %since, why, "a notice waits for its provider");
                if let Some(wait) = wait {
                    let until = now + asked.map_or(wait, |asked| asked.max(wait));
                    work.outbox().wait(notice.id, until, &why, now).await?;
                } else {
                    work.outbox().failed(notice.id, None, &why, now).await?;
                    out = Some(false);
                }
            }
            Err(Failure::Later(why)) => {
                let next = delay(notice.tries, self.clock.new_id()).map(|wait| now + wait);
                tracing::warn!(notice = %notice.id, topic = notice.topic, tries = notice.tries + 1, why, "a notice did not go out");
                work.outbox().failed(notice.id, next, &why, now).await?;
                out = next.is_none().then_some(false);
            }
        }
        if let Some(out) = out.filter(|_| notice.topic == SMS) {
            work.messages().rang(notice.id, out).await?;
        }
        work.commit().await?;
        Ok(())
    }
}

/// A notice's turn. One that panics is a fault of ours in that notice: the try counts, and what stands behind it goes on.
async fn turn_of(
    notice: &OutboxNotice,
    turn: Turn<'_, Result<(), Failure>>,
) -> Result<(), Failure> {
    caught(turn).await.unwrap_or_else(|panic| {
        tracing::error!(notice = %notice.id, topic = notice.topic, %panic, "a notice was cut short");
        Err(Failure::later(panic))
    })
}

/// Done, in the transaction of what it led to; where that does not hold, the try counts like any other.
async fn close(
    mut work: Box<dyn UnitOfWork>,
    notice: &OutboxNotice,
    now: OffsetDateTime,
) -> Result<(), Failure> {
    work.outbox().done(notice.id, now).await?;
    Ok(work.commit().await?)
}

async fn application_of(
    work: &mut dyn UnitOfWork,
    payload: &Value,
) -> Result<FinancingApplication, Failure> {
    let id = payload["application"]
        .as_str()
        .and_then(|text| Uuid::try_parse(text).ok())
        .ok_or_else(|| Failure::Never("it names no application".to_owned()))?;
    let found = work.reminders().look_at(FinancingApplicationId(id)).await?;
    found.ok_or_else(|| Failure::Never("its application is gone".to_owned()))
}
