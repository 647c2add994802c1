//! Provider 短信服务商: what each of the files beside this one must be able to do.

use application::ports::{sms::Sms, sms_log::Receipt};
use async_trait::async_trait;
use outbound::{Fault, Reason, Secret};
use secrecy::ExposeSecret as _;
use time::OffsetDateTime;

/// One provider's account of one city.
#[async_trait]
pub trait Provider: Send + Sync {
    fn kind(&self) -> &'static str;

    /// Name of its lines on the switchboard: `sms/` and the kind.
    fn line(&self) -> &'static str;

    /// Sends once; answers what the provider calls the message.
    async fn send(&self, sms: &Sms) -> Result<String, Fault>;

    /// What became of a message whose sending was unclear.
    async fn trace(&self, sms: &Sms, tried_at: OffsetDateTime) -> Result<Trace, Fault>;

    /// Reads a push of receipts; `None` when it is none of this provider's.
    fn receipts(&self, body: &[u8]) -> Option<Vec<Receipt>>;

    /// What this provider wants to hear in answer to a push.
    fn acknowledgement(&self) -> serde_json::Value;

    /// Signs a request that is not sent, so that secrets that cannot be read are found before a customer meets them.
    fn self_test(&self) -> Result<(), Fault>;

    /// A question that sends nothing and costs nothing: whether the provider knows our key.
    async fn probe(&self) -> Result<(), Fault>;
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
