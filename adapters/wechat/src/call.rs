//! Platform 微信开放接口: one city's mini-program at `api.weixin.qq.com`, a line per ability so that none holds another up.

use domain::ids::TenantId;
use outbound::{Answer, Ask, EndpointError, Fault, Line, Switchboard};
use secrecy::ExposeSecret as _;

use crate::{
    errcode,
    settings::Settings,
    token::{Held, Shelf, Tokens},
};

pub(crate) const HOST: &str = "api.weixin.qq.com";
pub(crate) const LOGIN: &str = "wechat/login";
pub(crate) const PHONE: &str = "wechat/phone";
/// The line on which the token is asked for.
pub const TOKEN: &str = "wechat/token";
pub(crate) const MESSAGES: &str = "wechat/messages";
pub(crate) const CODES: &str = "wechat/codes";
pub(crate) const SAFETY: &str = "wechat/safety";

/// One city's mini-program.
pub struct Platform {
    pub(crate) settings: Settings,
    pub(crate) login: Line,
    pub(crate) phone: Line,
    pub(crate) messages: Line,
    pub(crate) codes: Line,
    pub(crate) safety: Line,
    pub(crate) tokens: Tokens,
}

impl Platform {
    /// Lines as they appear among the providers of a city.
    pub const LINES: [&'static str; 6] = [LOGIN, PHONE, TOKEN, MESSAGES, CODES, SAFETY];

    pub fn new(
        board: &Switchboard,
        city: TenantId,
        shelf: Shelf,
        settings: Settings,
    ) -> Result<Self, EndpointError> {
        let endpoint = board.endpoint(&[HOST], HOST, settings.base_url.as_deref())?;
        let line = |kind| board.line(kind, city, endpoint.clone());
        Ok(Self {
            login: line(LOGIN),
            phone: line(PHONE),
            messages: line(MESSAGES),
            codes: line(CODES),
            safety: line(SAFETY),
            tokens: Tokens::new(line(TOKEN), city, shelf),
            settings,
        })
    }

    /// Asks with the token. One that is said to be no good is put away, and the call made once more with the next.
    pub(crate) async fn ask<T>(
        &self,
        line: &Line,
        path: &'static str,
        body: &serde_json::Value,
        read: impl Fn(&Answer) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let held = self.tokens.current(&self.settings).await?;
        match line.ask(posting(path, &held, body), &read).await {
            Err(fault) if errcode::is_about_the_token(&fault) => {
                self.tokens.drop_if(&self.settings, &held).await?;
                let next = self.tokens.current(&self.settings).await?;
                line.ask(posting(path, &next, body), &read).await
            }
            outcome => outcome,
        }
    }
}

/// Real UTF-8 in the body: escaped text would be judged as harmless.
fn posting(path: &'static str, held: &Held, body: &serde_json::Value) -> Ask {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("access_token", held.token.expose_secret())
        .finish();
    Ask::post(path)
        .query(query)
        .header("content-type", "application/json")
        .body(body.to_string())
}
