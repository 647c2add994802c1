//! 防重复提交: the key of a form and the hash of what it said (S-36).

use std::ops::RangeInclusive;

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
    /// How many signs a key has.
    pub const KEY: RangeInclusive<usize> = 16..=64;

    /// Whether this is a key: visible ASCII only, so that forms, headers and the database count the same signs.
    pub fn is_key(text: &str) -> bool {
        Self::KEY.contains(&text.len()) && text.bytes().all(|sign| sign.is_ascii_graphic())
    }

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

#[cfg(test)]
mod tests {
    use super::Once;

    #[test]
    fn a_key_is_visible_ascii_and_its_signs_are_counted() {
        for (key, fits) in [
            ("0123456789abcdef", true),
            ("0123456789abcde", false),
            ("x".repeat(64).as_str(), true),
            ("x".repeat(65).as_str(), false),
            // Eighteen bytes, six signs: the database counts signs.
            ("一键融资平台", false),
            ("一二三四五六七八九十一二三四五六", false),
            ("0123456789 abcdef", false),
            ("0123456789\tabcdef", false),
            ("", false),
        ] {
            assert_eq!(Once::is_key(key), fits, "{key:?}");
        }
    }
}
