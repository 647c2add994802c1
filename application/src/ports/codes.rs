//! Codes 验证码: captchas and SMS codes as the door keeps them; hashes only.

use async_trait::async_trait;
use domain::ids::TenantId;
use time::OffsetDateTime;
use uuid::Uuid;

use super::store::StoreError;

/// A captcha that was drawn or asked.
#[derive(Clone, Debug)]
pub struct NewCaptcha {
    pub id: Uuid,
    pub session_hash: [u8; 32],
    pub form: String,
    pub answer_hash: [u8; 32],
    pub expires_at: OffsetDateTime,
}

/// Captchas 图形验证码: the newest of a session and form is the only one.
#[async_trait]
pub trait Captchas: Send + Sync {
    async fn put(&self, captcha: &NewCaptcha, at: OffsetDateTime) -> Result<(), StoreError>;
    /// Takes the answer away, so that there is one look whatever its outcome; `None` when there is none or it is over.
    async fn take(
        &self,
        session_hash: &[u8; 32],
        form: &str,
        at: OffsetDateTime,
    ) -> Result<Option<Vec<u8>>, StoreError>;
}

/// An SMS code that was made for one phone, purpose and session.
#[derive(Clone, Debug)]
pub struct NewSmsCode {
    pub id: Uuid,
    pub city: TenantId,
    pub phone_index: [u8; 32],
    pub purpose: &'static str,
    pub session_hash: [u8; 32],
    pub code_hash: [u8; 32],
    pub at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

/// A code that somebody typed.
#[derive(Clone, Debug)]
pub struct CodeTry {
    pub city: TenantId,
    pub phone_index: [u8; 32],
    pub purpose: &'static str,
    pub session_hash: [u8; 32],
    pub code_hash: [u8; 32],
    pub at: OffsetDateTime,
    /// A code that fits stays unused: whoever tries uses it up in a transaction of their own.
    pub keep: bool,
}

/// What a try came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeVerdict {
    /// It fits and is used up now.
    Right,
    /// It fits, but was used before: the same form sent twice.
    Used,
    Wrong,
    /// Five wrong tries, or over five minutes old.
    Over,
    /// None was asked for by this session for this phone and purpose.
    None,
}

/// SMS codes 短信验证码: bound to phone, purpose and session, used once, burnt by five wrong tries.
#[async_trait]
pub trait SmsCodes: Send + Sync {
    async fn put(&self, code: &NewSmsCode) -> Result<(), StoreError>;
    async fn attempt(&self, attempt: &CodeTry) -> Result<CodeVerdict, StoreError>;
}
