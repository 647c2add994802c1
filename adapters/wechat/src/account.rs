//! Account 小程序账号 for the examination: app id and secret alone, without the shelf of tokens.

use async_trait::async_trait;
use domain::ids::TenantId;
use outbound::{Account, EndpointError, Fault, Line, NotReached, Switchboard};

use crate::{
    call::{HOST, TOKEN},
    settings::Settings,
    token,
};

/// A city's mini-program, as the platform knows it.
pub struct WechatAccount {
    settings: Settings,
    line: Line,
    /// The line whose failures are told.
    told: &'static str,
}

impl WechatAccount {
    /// `told` names the ability's own line; the key is always that of the mini-program.
    pub fn new(
        board: &Switchboard,
        city: TenantId,
        settings: Settings,
        told: &'static str,
    ) -> Result<Self, EndpointError> {
        let endpoint = board.endpoint(&[HOST], HOST, settings.base_url.as_deref())?;
        Ok(Self {
            line: board.line(TOKEN, city, endpoint),
            settings,
            told,
        })
    }
}

#[async_trait]
impl Account for WechatAccount {
    fn kind(&self) -> &'static str {
        crate::KIND
    }

    fn line(&self) -> &'static str {
        self.told
    }

    fn self_test(&self) -> Result<(), Fault> {
        let secret = self.settings.secret.read();
        secret
            .map(|_| ())
            .map_err(|_| self.line.note(Fault::Unreachable(NotReached::Secret)))
    }

    /// Asks for the token that counts anyway: nobody's is put out.
    async fn probe(&self) -> Result<(), Fault> {
        token::issue(&self.line, &self.settings).await.map(|_| ())
    }
}
