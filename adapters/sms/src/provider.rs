//! Provider 短信服务商: what each of the files beside this one must be able to do.

use application::ports::{sms::Sms, sms_log::Receipt};
use async_trait::async_trait;
use outbound::{Account, Fault, Reason, Secret};
use secrecy::ExposeSecret as _;
use serde::de::DeserializeOwned;
use serde_json::Value;
use time::OffsetDateTime;

/// One provider's account of one city; [`Account`] is what every ability can be examined by.
#[async_trait]
pub trait Provider: Account {
    /// Sends once; answers what the provider calls the message.
    async fn send(&self, sms: &Sms) -> Result<String, Fault>;

    /// What became of a message whose sending was unclear.
    async fn trace(&self, sms: &Sms, tried_at: OffsetDateTime) -> Result<Trace, Fault>;

    /// Reads a push of receipts, one by one: an odd one hides no other. `None` when nothing could be read.
    fn receipts(&self, body: &[u8]) -> Option<Vec<Receipt>>;

    /// What this provider wants to hear in answer to a push.
    fn acknowledgement(&self) -> serde_json::Value;
}

/// What a provider knows of a message by our own id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trace {
    /// It was taken.
    Sent,
    /// It never arrived there.
    NotSent,
    /// It cannot tell by our id.
    Unknowable,
    /// It cannot tell yet; these receipts came along, ours may be among them.
    Receipts(Vec<Receipt>),
}

/// Receipts of a list, item by item; `None` when the list holds something and nothing of it could be read.
pub(crate) fn each<T: DeserializeOwned>(
    list: Vec<Value>,
    receipt: impl Fn(T) -> Receipt,
) -> Option<Vec<Receipt>> {
    let all = list.len();
    let read: Vec<Receipt> = list
        .into_iter()
        .filter_map(|item| serde_json::from_value(item).ok())
        .map(receipt)
        .collect();
    if read.len() < all {
        tracing::warn!(
            all,
            read = read.len(),
            "receipts of a push could not be read"
        );
    }
    (all == 0 || !read.is_empty()).then_some(read)
}

/// A message must be gone, or handed to the fallback, while somebody waits in front of the screen: less than the eight
/// seconds that other providers get.
pub(crate) const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

/// Where a provider pushes receipts: the city's own address, and a key that only this provider is told.
#[derive(Clone, Debug)]
pub struct Callback {
    pub(crate) door: String,
    pub(crate) key: Secret,
}

impl Callback {
    /// `None` while the key cannot be read.
    pub(crate) fn address(&self) -> Option<String> {
        let key = self.key.read().ok()?;
        Some(format!("{}/{}", self.door, key.expose_secret()))
    }
}

/// A probe is meant to be refused for what it asks; only a no to ourselves is a fault.
pub(crate) fn knows_us(outcome: Result<String, Fault>) -> Result<(), Fault> {
    let ours = |reason: &Reason| {
        matches!(
            reason,
            Reason::Credentials
                | Reason::Permission
                | Reason::Clock
                | Reason::Account
                | Reason::Integration
        )
    };
    match outcome {
        Err(Fault::Refused { reason, .. }) if !ours(&reason) => Ok(()),
        Err(other) => Err(other),
        Ok(_) => Ok(()),
    }
}
