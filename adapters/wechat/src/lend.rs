//! The token, lent to the city's other abilities with WeChat (face, recognition): they speak to it over lines of their own.

use application::ports::wechat_token::{WechatToken, WechatTokenError};
use async_trait::async_trait;
use outbound::Fault;
use secrecy::{ExposeSecret as _, SecretString};

use crate::call::Platform;

#[async_trait]
impl WechatToken for Platform {
    async fn current(&self) -> Result<SecretString, WechatTokenError> {
        match self.tokens.current(&self.settings).await {
            Ok(held) => Ok(held.token),
            Err(Fault::Refused { code, .. }) => Err(WechatTokenError::Refused(code)),
            Err(_) => Err(WechatTokenError::Unreachable),
        }
    }

    async fn died(&self, token: &SecretString) {
        let Ok(held) = self.tokens.current(&self.settings).await else {
            return;
        };
        // Another process may have put a new one there meanwhile: that one stays.
        if held.token.expose_secret() == token.expose_secret()
            && let Err(fault) = self.tokens.drop_if(&self.settings, &held).await
        {
            tracing::warn!(%fault, "a token that died was not put away");
        }
    }
}
