//! WeChat's access token 接口调用凭据, lent to the other abilities that a city's mini-program has with WeChat (face, recognition).

use async_trait::async_trait;
use secrecy::SecretString;

/// One city's token, shared by all processes; whoever keeps it also renews it.
#[async_trait]
pub trait WechatToken: Send + Sync {
    /// A token that counts now. Never logged, never kept by the borrower.
    async fn current(&self) -> Result<SecretString, WechatTokenError>;

    /// WeChat said that this one is no good any more.
    async fn died(&self, token: &SecretString);
}

/// Why there is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WechatTokenError {
    /// The contract or its secret is wrong: for the operator.
    #[error("WeChat gives no access token: {0}")]
    Refused(String),
    #[error("WeChat's access token cannot be had now")]
    Unreachable,
}
