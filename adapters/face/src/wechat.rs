//! WeChat's own face check 微信人脸核身, version 2, for operators that qualify: begun by our server, filmed by WeChat in the city's
//! mini-program, and the verdict asked by our server.

mod codes;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use application::ports::{
    face::{
        FaceAsk, FaceChannel, FaceError, FaceQuery, FaceStart, FaceVerdict, FaceVerifier, FaceWay,
    },
    wechat_token::{WechatToken, WechatTokenError},
};
use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    ids::TenantId,
    values::{PersonName, ResidentId},
};
use outbound::{Answer, Ask, Fault, Line, Switchboard, sign};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::provider;

pub const KIND: &str = "wechat";
/// As it is named among the lines of a city.
pub const LINE: &str = "face/wechat";
const HOST: &str = "api.weixin.qq.com";
const CARD: &str = "IDENTITY_CARD";

/// Settings of the section `[face]`; app id and secret are those of `[wechat]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub kind: String,
    /// Who compares, as the consent names it.
    pub provider_name: String,
    #[serde(default)]
    pub image_retention_days: u16,
    pub base_url: Option<String>,
}

/// A city's mini-program there.
pub struct Wechat {
    settings: Settings,
    line: Line,
    token: Arc<dyn WechatToken>,
}

#[derive(Deserialize)]
struct Begun {
    verify_id: String,
}

#[derive(Deserialize)]
struct Queried {
    verify_ret: i64,
}

/// What one call said; a token that is no good is told apart, so that one more may be taken.
enum Said<T> {
    Good(T),
    StaleToken,
}

impl Wechat {
    pub fn new(
        board: &Switchboard,
        city: TenantId,
        token: Arc<dyn WechatToken>,
        settings: Settings,
    ) -> Result<Self, String> {
        let endpoint = board
            .endpoint(&[HOST], HOST, settings.base_url.as_deref())
            .map_err(|error| error.to_string())?;
        let line = board.line(LINE, city, endpoint).patient(provider::PATIENCE);
        Ok(Self {
            settings,
            line,
            token,
        })
    }

    /// Asks with the city's token; one that just died is replaced once.
    async fn ask<T: for<'de> Deserialize<'de>>(
        &self,
        path: &str,
        body: &Value,
    ) -> Result<T, FaceError> {
        for _ in 0..2 {
            let token = self.token.current().await.map_err(|error| match error {
                WechatTokenError::Refused(code) => FaceError::Refused(code),
                WechatTokenError::Unreachable => {
                    FaceError::Unreachable("no access token".to_owned())
                }
            })?;
            let ask = Ask::post(path)
                .query(sign::query(&[("access_token", token.expose_secret())]))
                .header("content-type", "application/json")
                .body(body.to_string());
            match self.line.ask(ask, read).await.map_err(provider::error)? {
                Said::Good(good) => return Ok(good),
                Said::StaleToken => self.token.died(&token).await,
            }
        }
        Err(FaceError::Refused("access_token".to_owned()))
    }
}

/// Absent or 0 is success; they name their JSON in several ways.
fn read<T: for<'de> Deserialize<'de>>(answer: &Answer) -> Result<Said<T>, Fault> {
    if answer.status != 200 {
        return Err(answer.foreign());
    }
    let body: Value = answer.json_named(&["application/json", "text/plain"])?;
    if !body.is_object() {
        return Err(Fault::unclear("an answer of another shape"));
    }
    match body.get("errcode").map_or(Some(0), Value::as_i64) {
        Some(0) => serde_json::from_value(body)
            .map(Said::Good)
            .map_err(|_| Fault::unclear("an answer of another shape")),
        Some(40001 | 40014 | 42001) => Ok(Said::StaleToken),
        Some(code) => Err(codes::fault(code)),
        None => Err(Fault::unclear("an errcode of another shape")),
    }
}

/// What binds a question to the person: their card, hashed as documented.
pub(crate) fn cert_hash(name: &str, number: &str) -> String {
    let text = format!(
        "cert_type={}&cert_name={}&cert_no={}",
        STANDARD.encode(CARD),
        STANDARD.encode(name),
        STANDARD.encode(number)
    );
    hex::encode(Sha256::digest(text))
}

fn card(name: &PersonName, id: &ResidentId) -> Value {
    json!({ "cert_type": CARD, "cert_name": name.as_str(), "cert_no": id.as_str() })
}

#[async_trait]
impl FaceVerifier for Wechat {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn provider_name(&self) -> &str {
        &self.settings.provider_name
    }

    fn way(&self, channel: FaceChannel) -> FaceWay {
        match channel {
            FaceChannel::MiniProgram => FaceWay::Away,
            FaceChannel::Web | FaceChannel::Phone => FaceWay::Nowhere,
        }
    }

    fn wants_openid(&self) -> bool {
        true
    }

    async fn start(&self, ask: FaceAsk) -> Result<FaceStart, FaceError> {
        let openid = &ask.journey.openid;
        if openid.is_empty() {
            return Err(FaceError::Refused("openid".to_owned()));
        }
        let body = json!({
            "out_seq_no": ask.check.0.simple().to_string(),
            "cert_info": card(&ask.subject.name, &ask.subject.id),
            "openid": openid,
        });
        let begun: Begun = self
            .ask("/cityservice/face/identify/getverifyid", &body)
            .await?;
        if begun.verify_id.is_empty() || begun.verify_id.len() > 256 {
            return Err(FaceError::Unclear("a session of another shape".to_owned()));
        }
        Ok(FaceStart::Away {
            session: begun.verify_id.clone(),
            page: String::new(),
            token: begun.verify_id,
        })
    }

    async fn verdict(&self, query: &FaceQuery) -> Result<FaceVerdict, FaceError> {
        // Who has ended the binding meanwhile can be asked about no more.
        if query.openid.is_empty() {
            return Err(FaceError::Refused("openid".to_owned()));
        }
        let body = json!({
            "verify_id": query.session,
            "out_seq_no": query.check.0.simple().to_string(),
            "cert_hash": cert_hash(query.name.as_str(), query.id.as_str()),
            "openid": query.openid,
        });
        let queried: Queried = self
            .ask("/cityservice/face/identify/queryverifyinfo", &body)
            .await?;
        Ok(codes::verdict(queried.verify_ret))
    }
}
