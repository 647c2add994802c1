//! SMS 短信: one message to one phone; the words belong to the sender's registered templates.

use async_trait::async_trait;
use domain::{ids::TenantId, values::PhoneNumber};

/// A message to send: which template, filled with what.
#[derive(Clone, Debug)]
pub struct Sms {
    pub city: TenantId,
    pub phone: PhoneNumber,
    /// Code of the template, such as `code` or `accepted`.
    pub template: &'static str,
    /// What the template is filled with.
    pub params: Vec<(&'static str, String)>,
}

/// What the provider calls the message, for questions later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmsReceipt(pub String);

/// Sends messages 短信; one implementation per provider.
#[async_trait]
pub trait SmsSender: Send + Sync {
    async fn send(&self, sms: &Sms) -> Result<SmsReceipt, SmsError>;
}

/// Why a message did not go out for certain.
#[derive(Debug, thiserror::Error)]
pub enum SmsError {
    /// The provider said no: repeating is useless.
    #[error("the provider refused the message: {reason}")]
    Refused { reason: String },
    /// No answer, or one that is not known: it may have gone out.
    #[error("it is unclear whether the message went out")]
    Unclear,
    /// The provider was not reached: nothing went out.
    #[error("the provider was not reached")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl SmsError {
    /// Stable code, key of the message.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "sms.refused",
            Self::Unclear => "sms.unclear",
            Self::Unreachable(_) => "sms.unreachable",
        }
    }
}
