//! Chain 发送链: a city's provider, its fallback, and the log of every try. Nothing is sent twice where a provider can tell.

use std::sync::Arc;

use application::{
    city::City,
    ports::{
        clock::Clock,
        sms::{Sms, SmsError, SmsReceipt, SmsSender},
        sms_log::{EarlierTry, NewTry, Outcome, Receipt, SendState, SmsLog},
    },
};
use async_trait::async_trait;
use domain::ids::TenantId;
use outbound::{Fault, Secret, Switchboard};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use time::Duration;

use crate::{
    aliyun, huawei,
    provider::{Callback, Provider, Trace},
    tencent,
};

/// Real kinds, in the order of the README.
pub const KINDS: [&str; 3] = [aliyun::KIND, tencent::KIND, huawei::KIND];

/// So old must a try be before "we do not know it" is believed.
const SETTLED: Duration = Duration::minutes(1);
/// So old must a try be before a message that bears it is sent again without any answer.
const GIVEN_UP_ON: Duration = Duration::minutes(2);
/// Copies of a message that may be out at most: the first one and the one that is sent when it was given up on.
const COPIES: usize = 2;

/// A city's senders.
#[derive(Clone)]
pub struct Chain {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) board: Switchboard,
    pub(crate) city: TenantId,
    pub(crate) providers: Vec<Arc<dyn Provider>>,
    pub(crate) receipt_key: Option<Secret>,
    pub(crate) log: Arc<dyn SmsLog>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// What the chain reads of the section; the rest belongs to the provider.
#[derive(Deserialize)]
struct Shared {
    receipt_key: Option<Secret>,
    fallback: Option<Value>,
}

impl Chain {
    /// Reads a city's section `[sms]` and its `[sms.fallback]`.
    pub fn new(
        board: &Switchboard,
        city: &City,
        section: &Value,
        log: Arc<dyn SmsLog>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, String> {
        let shared: Shared = read(section)?;
        let mut own = section.clone();
        if let Some(own) = own.as_object_mut() {
            own.remove("receipt_key");
            own.remove("fallback");
        }
        let key = shared.receipt_key.as_ref();
        let mut providers = vec![make(board, city, &own, key)?];
        if let Some(fallback) = &shared.fallback {
            let second = make(board, city, fallback, key);
            let second = second.map_err(|what| format!("fallback: {what}"))?;
            if second.kind() == providers[0].kind() {
                return Err("fallback: the same provider once more is none".to_owned());
            }
            providers.push(second);
        }
        Ok(Self {
            inner: Arc::new(Inner {
                board: board.clone(),
                city: city.id,
                providers,
                receipt_key: shared.receipt_key,
                log,
                clock,
            }),
        })
    }

    /// In the order in which they are asked.
    pub fn providers(&self) -> &[Arc<dyn Provider>] {
        &self.inner.providers
    }
}

fn read<T: DeserializeOwned>(section: &Value) -> Result<T, String> {
    T::deserialize(section).map_err(|error| error.to_string())
}

fn make(
    board: &Switchboard,
    city: &City,
    section: &Value,
    key: Option<&Secret>,
) -> Result<Arc<dyn Provider>, String> {
    let kind = section.get("kind").and_then(Value::as_str);
    let door = |kind| format!("{}/hooks/sms/{kind}", city.public_url);
    Ok(match kind.unwrap_or_default() {
        aliyun::KIND => Arc::new(aliyun::Aliyun::new(board, city.id, read(section)?)?),
        tencent::KIND => Arc::new(tencent::Tencent::new(board, city.id, read(section)?)?),
        huawei::KIND => {
            let callback = key.map(|key| Callback {
                door: door(huawei::KIND),
                key: key.clone(),
            });
            Arc::new(huawei::Huawei::new(
                board,
                city.id,
                read(section)?,
                callback,
            )?)
        }
        other => return Err(format!("there is no provider {other}")),
    })
}

#[async_trait]
impl SmsSender for Chain {
    /// Whoever asked may go away; what was begun is brought to its end and noted.
    async fn send(&self, sms: &Sms) -> Result<SmsReceipt, SmsError> {
        let (inner, sms) = (self.inner.clone(), sms.clone());
        let sent = tokio::spawn(async move { inner.send(&sms).await });
        sent.await.unwrap_or(Err(SmsError::Unclear))
    }
}

impl Inner {
    async fn send(&self, sms: &Sms) -> Result<SmsReceipt, SmsError> {
        let given_up_on = match self.settle(sms).await? {
            Settled::Done(receipt) => return Ok(receipt),
            Settled::Again => None,
            Settled::GivenUp(silent) => Some(silent),
        };
        let mut worst: Option<Fault> = None;
        for provider in self.in_order(given_up_on.as_deref()) {
            match self.try_with(&**provider, sms).await? {
                Ok(id) => return Ok(SmsReceipt(id)),
                Err(fault) => {
                    let next = falls_back(&fault, sms);
                    worst = Some(match worst {
                        Some(before) if rank(&before) > rank(&fault) => before,
                        _ => fault,
                    });
                    if !next {
                        break;
                    }
                }
            }
        }
        Err(worst.map_or(SmsError::Unclear, said))
    }

    /// As they are asked: whoever left us without an answer comes last.
    fn in_order(&self, given_up_on: Option<&str>) -> Vec<&Arc<dyn Provider>> {
        let (silent, others): (Vec<_>, Vec<_>) = self
            .providers
            .iter()
            .partition(|p| Some(p.kind()) == given_up_on);
        others.into_iter().chain(silent).collect()
    }

    /// What earlier tries of the same message came to: each that may be out is asked about before anything is sent.
    async fn settle(&self, sms: &Sms) -> Result<Settled, SmsError> {
        let mut tries = self.may_be_out(sms).await?;
        let mut heard = Told::All;
        if taken(&tries).is_none() && !tries.is_empty() {
            for earlier in &tries {
                let told = self.ask_about(sms, earlier).await?;
                if !earlier.let_go {
                    heard = heard.max(told);
                }
            }
            tries = self.may_be_out(sms).await?;
        }
        if let Some(receipt) = taken(&tries) {
            return Ok(Settled::Done(receipt));
        }
        tries.retain(|earlier| !earlier.let_go);
        let Some(newest) = tries.last() else {
            return Ok(Settled::Again);
        };
        let bears_another = sms.bears_repeat() && tries.len() < COPIES;
        let waited = self.clock.now() - newest.at >= GIVEN_UP_ON;
        let given_up = || Ok(Settled::GivenUp(newest.provider.clone()));
        match heard {
            Told::All if !bears_another => Err(SmsError::Unknowable),
            Told::All if waited => given_up(),
            // Down, it tells nothing: somebody else sends. Where there is nobody else, it is asked again when it is back.
            Told::NotAll if bears_another && waited && self.providers.len() > 1 => given_up(),
            _ => Err(SmsError::Unclear),
        }
    }

    async fn may_be_out(&self, sms: &Sms) -> Result<Vec<EarlierTry>, SmsError> {
        let tries = self.log.may_be_out(self.city, sms.id).await;
        tries.map_err(unreachable)
    }

    /// Notes what the provider tells of an earlier try.
    async fn ask_about(&self, sms: &Sms, earlier: &EarlierTry) -> Result<Told, SmsError> {
        let provider = self.providers.iter().find(|p| p.kind() == earlier.provider);
        let trace = match provider {
            Some(provider) => provider.trace(sms, earlier.at).await,
            None => Ok(Trace::Unknowable),
        };
        match trace {
            Ok(Trace::Sent) => self.close(earlier.id, SendState::Accepted).await?,
            Ok(Trace::NotSent) if self.clock.now() - earlier.at < SETTLED => {
                return Ok(Told::TooEarly);
            }
            Ok(Trace::NotSent) => self.close(earlier.id, SendState::Unreachable).await?,
            Ok(Trace::Receipts(receipts)) => self.note_all(&earlier.provider, &receipts).await?,
            Ok(Trace::Unknowable) => {}
            Err(fault) => {
                tracing::warn!(city = %self.city, provider = earlier.provider, %fault, "an unclear message could not be asked about");
                return Ok(Told::NotAll);
            }
        }
        Ok(Told::All)
    }

    async fn note_all(&self, provider: &str, receipts: &[Receipt]) -> Result<(), SmsError> {
        let now = self.clock.now();
        for receipt in receipts {
            let noted = self.log.receive(self.city, provider, receipt, now).await;
            noted.map_err(unreachable)?;
        }
        Ok(())
    }

    async fn close(&self, id: uuid::Uuid, state: SendState) -> Result<(), SmsError> {
        let outcome = Outcome {
            state,
            provider_ref: String::new(),
            code: String::new(),
            reason: None,
        };
        let now = self.clock.now();
        let closed = self.log.close(self.city, id, &outcome, now).await;
        closed.map_err(unreachable)
    }

    async fn try_with(
        &self,
        provider: &dyn Provider,
        sms: &Sms,
    ) -> Result<Result<String, Fault>, SmsError> {
        let (log, clock) = (&*self.log, &*self.clock);
        noted(
            log,
            clock,
            (self.city, provider.kind()),
            sms,
            provider.send(sms),
        )
        .await
    }
}

/// One try of any provider, the demonstration's too, noted before and after. What cannot be noted before is not sent.
pub(crate) async fn noted(
    log: &dyn SmsLog,
    clock: &dyn Clock,
    (city, kind): (TenantId, &str),
    sms: &Sms,
    sending: impl Future<Output = Result<String, Fault>> + Send,
) -> Result<Result<String, Fault>, SmsError> {
    let new = NewTry {
        id: clock.new_id(),
        city,
        message: sms.id,
        template: sms.template.to_owned(),
        phone_masked: sms.phone.masked(),
        provider: kind.to_owned(),
        at: clock.now(),
    };
    log.open(&new).await.map_err(unreachable)?;
    let sent = sending.await;
    let noted = log.close(city, new.id, &outcome(&sent), clock.now()).await;
    if let Err(error) = noted {
        // It stays as being sent, which counts as unclear.
        tracing::error!(%city, %error, "the outcome of a message was not noted");
    }
    Ok(sent)
}

/// What earlier tries of a message mean for the next one.
enum Settled {
    Done(SmsReceipt),
    /// Nothing is out: it may be sent again.
    Again,
    /// Nobody said what became of it, and it bears another copy: with another provider than this one first.
    GivenUp(String),
}

/// Whether those who were asked about earlier tries told what they know.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    All,
    /// One is down.
    NotAll,
    /// One may not know it yet.
    TooEarly,
}

/// `Some` when a provider has taken the message.
fn taken(tries: &[EarlierTry]) -> Option<SmsReceipt> {
    let done = |one: &&EarlierTry| matches!(one.state, SendState::Accepted | SendState::Delivered);
    let done = tries.iter().find(done)?;
    Some(SmsReceipt(done.provider_ref.clone()))
}

/// The other provider is asked when nothing went out and the fault may lie here; after an unclear try only for what somebody
/// waits for.
fn falls_back(fault: &Fault, sms: &Sms) -> bool {
    match fault {
        Fault::Refused { reason, .. } => reason.lies_with_provider(),
        Fault::Throttled { .. } | Fault::Unreachable(_) => true,
        Fault::Unclear { .. } => sms.waited_for(),
    }
}

/// Of two faults the one that decides what happens next: unclear before later before never.
fn rank(fault: &Fault) -> u8 {
    match fault {
        Fault::Refused { .. } => 0,
        Fault::Throttled { .. } => 1,
        Fault::Unreachable(_) => 2,
        Fault::Unclear { .. } => 3,
    }
}

pub(crate) fn said(fault: Fault) -> SmsError {
    match fault {
        Fault::Refused { reason, .. } => SmsError::Refused { reason },
        Fault::Throttled { after, .. } => SmsError::Throttled { after },
        Fault::Unreachable(_) => SmsError::Unreachable(Box::new(fault)),
        Fault::Unclear { .. } => SmsError::Unclear,
    }
}

fn outcome(sent: &Result<String, Fault>) -> Outcome {
    let state = match sent {
        Ok(_) => SendState::Accepted,
        Err(Fault::Refused { .. }) => SendState::Refused,
        Err(Fault::Throttled { .. }) => SendState::Throttled,
        Err(Fault::Unreachable(_)) => SendState::Unreachable,
        Err(Fault::Unclear { .. }) => SendState::Unclear,
    };
    Outcome {
        state,
        provider_ref: sent.as_ref().cloned().unwrap_or_default(),
        code: sent.as_ref().err().map(Fault::code).unwrap_or_default(),
        reason: sent.as_ref().err().map(Fault::reason),
    }
}

fn unreachable(error: application::ports::store::StoreError) -> SmsError {
    SmsError::Unreachable(Box::new(error))
}
