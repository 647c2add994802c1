//! Password hashing 口令散列 (security rule S-20).

use async_trait::async_trait;
use secrecy::SecretString;

/// What a check of a password said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordVerdict {
    /// It fits.
    Right,
    /// It fits, but the stored hash is weaker than today's setting: hash again and store.
    RightButOld,
    /// It does not fit.
    Wrong,
}

impl PasswordVerdict {
    /// Whether the password was right.
    pub fn is_right(self) -> bool {
        self != Self::Wrong
    }
}

/// Password hasher 口令散列器: argon2id with a keyed pepper, at most as many at once as cores, never on async threads.
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Hashes a password to a PHC string.
    async fn hash(&self, password: &SecretString) -> Result<String, HashError>;
    /// Checks a password against a stored PHC string.
    async fn verify(
        &self,
        password: &SecretString,
        stored: &str,
    ) -> Result<PasswordVerdict, HashError>;
    /// The same work as `verify` for an account that does not exist, so that time says nothing (S-15).
    async fn verify_nobody(&self, password: &SecretString) -> Result<(), HashError>;
    /// Whether a stored hash was made with weaker parameters than today's.
    fn needs_rehash(&self, stored: &str) -> bool;
}

/// Why no verdict was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// The queue is longer than two seconds: answer 503 with `Retry-After`.
    #[error("too many passwords are being checked at this moment")]
    Busy,
    /// The stored string is not a hash that this program made.
    #[error("the stored hash is not readable")]
    Unreadable,
    /// The hashing threads are gone.
    #[error("password hashing has stopped")]
    Stopped,
}

impl HashError {
    /// Stable code, key of the message.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Busy => "hashing.busy",
            Self::Unreadable => "hashing.unreadable",
            Self::Stopped => "hashing.stopped",
        }
    }
}
