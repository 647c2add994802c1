//! 防重复提交: the key of a form and the hash of what it said (S-36).

use serde_json::Value;
use time::OffsetDateTime;

use crate::{
    error::UseResult,
    ports::store::{StoreError, UnitOfWork},
};

/// Carried by every input that creates or decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once {
    pub key: String,
    pub body_hash: [u8; 32],
}

impl Once {
    /// The first answer when this was done before; `None`: go on.
    pub async fn replayed(
        &self,
        work: &mut dyn UnitOfWork,
        action: &str,
        at: OffsetDateTime,
    ) -> UseResult<Option<Value>> {
        work.idempotency()
            .claim(action, &self.key, &self.body_hash, at)
            .await?
            .replayed()
    }

    /// Leaves the answer for a repeat.
    pub async fn done(
        &self,
        work: &mut dyn UnitOfWork,
        action: &str,
        answer: Value,
    ) -> Result<(), StoreError> {
        work.idempotency().answer(action, &self.key, answer).await
    }
}
