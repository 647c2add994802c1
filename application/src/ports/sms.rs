//! SMS 短信: one message to one phone; the words belong to the sender's registered templates.

use std::time::Duration;

use async_trait::async_trait;
use domain::{ids::TenantId, values::PhoneNumber};
use uuid::Uuid;

use super::{providers::Reason, store::StoreError};

/// A message to send: which template, filled with what.
#[derive(Clone, Debug)]
pub struct Sms {
    /// Ours, the same for every try: providers give it back with their receipts.
    pub id: Uuid,
    pub city: TenantId,
    pub phone: PhoneNumber,
    /// Code of the template, such as `code` or `accepted`.
    pub template: &'static str,
    /// What the template is filled with.
    pub params: Vec<(&'static str, String)>,
}

impl Sms {
    /// Somebody sits in front of the screen and waits for it: a code or a link. A second copy says the same.
    pub fn waited_for(&self) -> bool {
        ["code", "staff_invite", "enterprise_invite", "staff_rebind"].contains(&self.template)
    }

    /// Whether a second copy only says the same once more. 放款 twice would read as two.
    pub fn bears_repeat(&self) -> bool {
        bears_repeat(self.template)
    }
}

/// [`Sms::bears_repeat`], whichever way the message goes.
pub fn bears_repeat(template: &str) -> bool {
    template != "disbursed"
}

/// What the provider calls the message, for questions later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmsReceipt(pub String);

/// Sends messages 短信; one implementation per provider.
#[async_trait]
pub trait SmsSender: Send + Sync {
    async fn send(&self, sms: &Sms) -> Result<SmsReceipt, SmsError>;
}

/// Takes receipts 送达回执 that a provider pushes; one implementation per city's senders.
#[async_trait]
pub trait SmsReceiver: Send + Sync {
    async fn receive(&self, provider: &str, key: &str, body: &[u8]) -> Result<Heard, StoreError>;
}

/// What became of a push of receipts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Taken, and what the provider wants to hear.
    Taken(serde_json::Value),
    /// Nothing of it could be read: it is not taken, so that the provider brings it again and people hear of it.
    Unread,
    /// There is no such door, or the key is another.
    NoDoor,
}

/// Why a message did not go out for certain.
#[derive(Debug, thiserror::Error)]
pub enum SmsError {
    /// The provider said no: repeating is useless.
    #[error("the provider refused the message: {}", .reason.code())]
    Refused { reason: Reason },
    /// Not now: nothing went out.
    #[error("the provider takes no more messages for a while")]
    Throttled { after: Option<Duration> },
    /// No answer, or one that is not known: it may have gone out.
    #[error("it is unclear whether the message went out")]
    Unclear,
    /// Nobody can tell whether an earlier try went out: asking again is no help.
    #[error("it is unclear whether the message went out, and nobody can be asked")]
    Unknowable,
    /// The provider was not reached: nothing went out.
    #[error("the provider was not reached")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl SmsError {
    /// Stable code, key of the message.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "sms.refused",
            Self::Throttled { .. } => "sms.throttled",
            Self::Unclear | Self::Unknowable => "sms.unclear",
            Self::Unreachable(_) => "sms.unreachable",
        }
    }
}
