//! Examination 自检: every provider of the chain, in the order in which they are asked, and the key of the door for receipts.

use application::ports::providers::{Examined, Examinee, Failure, Reason};
use async_trait::async_trait;
use secrecy::ExposeSecret as _;

use crate::chain::{Chain, Inner};

/// Fewer signs than these can be guessed.
const SHORTEST_KEY: usize = 16;

#[async_trait]
impl Examinee for Chain {
    async fn examine(&self, live: bool) -> Vec<Examined> {
        let inner = &self.inner;
        let mut examined = Vec::new();
        for provider in &inner.providers {
            let mut one = outbound::examine(&inner.board, inner.city, &**provider, live).await;
            one.signature = one.signature.and_then(|()| key_fault(inner));
            examined.push(one);
        }
        examined
    }
}

/// Without its key no receipt is taken, and nobody would notice.
fn key_fault(inner: &Inner) -> Result<(), Failure> {
    let Some(key) = &inner.receipt_key else {
        return Ok(());
    };
    let what = match key.read() {
        Err(error) => error.to_string(),
        Ok(key) => {
            let key = key.expose_secret();
            let plain = key
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
            if plain && key.len() >= SHORTEST_KEY {
                return Ok(());
            }
            format!("{SHORTEST_KEY} letters and digits at least")
        }
    };
    Err(Failure {
        at: inner.clock.now(),
        reason: Reason::ReceiptKey,
        code: format!("receipt_key: {what}"),
    })
}
