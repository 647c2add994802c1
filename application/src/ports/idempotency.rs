//! Idempotency 幂等键 (S-36): the first answer again for the same body, a refusal for another.

use async_trait::async_trait;
use serde_json::Value;
use time::OffsetDateTime;

use super::store::StoreError;
use crate::error::{Kind, UseError, UseResult};

/// What a key says about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Never seen: go on, and leave the answer.
    Fresh,
    /// The same request was done before; its answer.
    Replay(Value),
    /// The key was used for another body.
    Other,
}

impl Claim {
    /// The stored answer, nothing when the work is still to be done, or the refusal of another body.
    pub fn replayed(self) -> UseResult<Option<Value>> {
        match self {
            Self::Fresh => Ok(None),
            Self::Replay(answer) => Ok(Some(answer)),
            Self::Other => Err(UseError::new(Kind::Invalid, "idempotency.other_body")),
        }
    }
}

/// Keys of the person that acts, in the transaction of the change itself.
#[async_trait]
pub trait Idempotency: Send {
    /// Takes the key. Waits for a request with the same key that is still running; if that takes too long, it is away.
    async fn claim(
        &mut self,
        action: &str,
        key: &str,
        body_hash: &[u8; 32],
        at: OffsetDateTime,
    ) -> Result<Claim, StoreError>;

    /// Leaves the answer for a repeat; ids only, no personal data.
    async fn answer(&mut self, action: &str, key: &str, answer: Value) -> Result<(), StoreError>;
}
