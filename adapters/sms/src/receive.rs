//! Receipts 送达回执: no provider signs its pushes, so each is told a door of its own; and only what fits a message of ours
//! that is still open counts (S-44).

use application::ports::{
    sms::{Heard, SmsReceiver},
    store::StoreError,
};
use async_trait::async_trait;
use secrecy::ExposeSecret as _;
use subtle::ConstantTimeEq as _;

use crate::chain::Chain;

/// Receipts of one push at most; providers send up to 50.
const MOST: usize = 500;

#[async_trait]
impl SmsReceiver for Chain {
    async fn receive(&self, provider: &str, key: &str, body: &[u8]) -> Result<Heard, StoreError> {
        let inner = &self.inner;
        let Some(expected) = inner.receipt_key.as_ref().and_then(|key| key.read().ok()) else {
            return Ok(Heard::NoDoor);
        };
        let same = expected.expose_secret().as_bytes().ct_eq(key.as_bytes());
        let provider = inner.providers.iter().find(|p| p.kind() == provider);
        let (Some(provider), true) = (provider, bool::from(same)) else {
            return Ok(Heard::NoDoor);
        };
        let Some(receipts) = provider.receipts(body) else {
            tracing::error!(city = %inner.city, provider = provider.kind(), "a push of receipts could not be read");
            return Ok(Heard::Unread);
        };
        let now = inner.clock.now();
        for receipt in receipts.iter().take(MOST) {
            let ours = inner
                .log
                .receive(inner.city, provider.kind(), receipt, now)
                .await?;
            if !ours {
                tracing::debug!(city = %inner.city, provider = provider.kind(), "a receipt belongs to no message of ours");
            }
        }
        Ok(Heard::Taken(provider.acknowledgement()))
    }
}
