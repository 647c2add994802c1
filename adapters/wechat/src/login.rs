//! Login 小程序登录: `code2Session`. The session key that comes with it is read past and kept nowhere.

use application::ports::wechat::{MiniProgramLogin, WechatError, WechatIdentity};
use async_trait::async_trait;
use outbound::{Answer, Ask, Fault, NotReached};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, de::IgnoredAny};

use crate::{call::Platform, errcode};

#[derive(Deserialize)]
struct Session {
    openid: String,
    /// It must be there, and is not ours to keep.
    #[serde(rename = "session_key")]
    _session_key: IgnoredAny,
    unionid: Option<String>,
}

#[async_trait]
impl MiniProgramLogin for Platform {
    async fn identify(&self, code: &str) -> Result<WechatIdentity, WechatError> {
        if !is_code(code) {
            return Err(WechatError::Again);
        }
        let secret =
            self.settings.secret.read().map_err(|_| {
                errcode::told(&self.login.note(Fault::Unreachable(NotReached::Secret)))
            })?;
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("appid", &self.settings.app_id)
            .append_pair("secret", secret.expose_secret())
            .append_pair("js_code", code)
            .append_pair("grant_type", "authorization_code")
            .finish();
        let ask = Ask::get("/sns/jscode2session").query(query);
        self.login
            .ask(ask, session)
            .await
            .map_err(|fault| of_a_code(&fault))
    }
}

fn session(answer: &Answer) -> Result<WechatIdentity, Fault> {
    let session: Session = errcode::read(answer)?;
    let sound = |id: &str| {
        (1..=64).contains(&id.len())
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    if !sound(&session.openid) {
        return Err(Fault::unclear("an openid of another shape"));
    }
    Ok(WechatIdentity {
        openid: session.openid,
        unionid: session.unionid.filter(|id| sound(id)),
    })
}

/// A code from the phone, before anybody is asked about it.
pub(crate) fn is_code(code: &str) -> bool {
    (1..=128).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_graphic())
}

/// A code counts once: after an answer that nobody understood it may be used up, and the person taps again.
pub(crate) fn of_a_code(fault: &Fault) -> WechatError {
    match (errcode::number(fault), fault) {
        (Some("40029" | "40163"), _) | (_, Fault::Unclear { .. }) => WechatError::Again,
        _ => errcode::told(fault),
    }
}
