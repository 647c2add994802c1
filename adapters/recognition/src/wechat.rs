//! WeChat OCR 微信证照识别: with the city's own mini-program, a hundred pictures a day for nothing.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use application::ports::{
    recognition::{Recognised, RecognitionError, Recognizer},
    wechat_token::{WechatToken, WechatTokenError},
};
use async_trait::async_trait;
use domain::{enterprise::ProfileFile, ids::TenantId};
use outbound::{Answer, Ask, Fault, Line, Reason, Switchboard, sign};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    cloud::{self, Reply, text},
    texts::{IdBackTexts, IdFrontTexts, LicenceTexts},
};

pub const KIND: &str = "wechat";
/// As it is named among the lines of a city.
pub const LINE: &str = "recognition/wechat";
const HOST: &str = "api.weixin.qq.com";
const LARGEST: usize = 1_900_000;

/// Settings of the section `[recognition]`; app id and secret are those of `[wechat]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub kind: String,
    /// Who reads, as the person is told.
    pub provider_name: String,
    pub base_url: Option<String>,
}

/// A city's mini-program there.
pub struct Wechat {
    settings: Settings,
    line: Line,
    token: Arc<dyn WechatToken>,
}

/// What one call said; a token that is no good is told apart, so that one more may be taken.
enum Said<T> {
    Reply(Reply<T>),
    StaleToken,
}

#[derive(Deserialize)]
struct Licence {
    reg_num: Option<String>,
    enterprise_name: Option<String>,
    legal_representative: Option<String>,
    type_of_enterprise: Option<String>,
    type_of_organization: Option<String>,
    address: Option<String>,
    registered_capital: Option<String>,
    registered_date: Option<String>,
    valid_period: Option<String>,
    business_scope: Option<String>,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum Card {
    Front {
        name: Option<String>,
        id: Option<String>,
        addr: Option<String>,
        gender: Option<String>,
        nationality: Option<String>,
    },
    Back {
        valid_date: Option<String>,
    },
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
        Ok(Self {
            line: board.line(LINE, city, endpoint),
            settings,
            token,
        })
    }

    /// Sends the picture with the city's token; one that just died is replaced once.
    async fn ask<T: DeserializeOwned>(
        &self,
        path: &str,
        jpeg: Vec<u8>,
    ) -> Result<T, RecognitionError> {
        let (content_type, body) = multipart(
            &cloud::fitted(jpeg, LARGEST).await?,
            &format!("yjr{}", self.line.nonce()),
        );
        for _ in 0..2 {
            let token = self.token.current().await.map_err(|error| match error {
                WechatTokenError::Refused(code) => RecognitionError::NotReady(code),
                WechatTokenError::Unreachable => {
                    RecognitionError::Unreachable("no access token".to_owned())
                }
            })?;
            let ask = Ask::post(path)
                .query(sign::query(&[("access_token", token.expose_secret())]))
                .header("content-type", content_type.clone())
                .body(body.clone());
            match self.line.ask(ask, read).await.map_err(cloud::error)? {
                Said::Reply(reply) => return reply.good(),
                Said::StaleToken => self.token.died(&token).await,
            }
        }
        Err(RecognitionError::NotReady("access_token".to_owned()))
    }
}

/// One part named `img`, with a file name and a type, as they want it.
fn multipart(jpeg: &[u8], boundary: &str) -> (String, Vec<u8>) {
    let head = format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"img\"; filename=\"photo.jpg\"\r\ncontent-type: image/jpeg\r\n\r\n"
    );
    let tail = format!("\r\n--{boundary}--\r\n");
    (
        format!("multipart/form-data; boundary={boundary}"),
        [head.as_bytes(), jpeg, tail.as_bytes()].concat(),
    )
}

/// Absent or 0 is success; they name their JSON in several ways.
fn read<T: DeserializeOwned>(answer: &Answer) -> Result<Said<T>, Fault> {
    if answer.status != 200 {
        return Err(answer.foreign());
    }
    let body: Value = answer.json_named(&["application/json", "text/plain"])?;
    if !body.is_object() {
        return Err(Fault::unclear("an answer of another shape"));
    }
    let code = body.get("errcode").map_or(Some(0), Value::as_i64);
    let code = code.ok_or_else(|| Fault::unclear("an errcode of another shape"))?;
    let refused = |reason| Err(Fault::refused(code.to_string(), reason));
    match code {
        0 => serde_json::from_value(body)
            .map(|good| Said::Reply(Reply::Good(good)))
            .map_err(|_| Fault::unclear("an answer of another shape")),
        40001 | 40014 | 42001 => Ok(Said::StaleToken),
        101_001 => Ok(Said::Reply(Reply::Picture(RecognitionError::OtherDocument))),
        101_000 => refused(Reason::Parameters),
        45009 => refused(Reason::Quota),
        45011 => Err(Fault::throttled(code.to_string(), None)),
        48001 => refused(Reason::Permission),
        40013 | 40164 => refused(Reason::Credentials),
        // -1, 101002, and everything that nobody has described.
        _ => Err(Fault::unclear(code.to_string())),
    }
}

impl Licence {
    fn texts(&self) -> LicenceTexts {
        let of = |field: &Option<String>| text(field.as_deref(), false);
        LicenceTexts {
            credit_code: of(&self.reg_num),
            name: of(&self.enterprise_name),
            kind: of(&self.type_of_enterprise).or_else(|| of(&self.type_of_organization)),
            legal_representative: of(&self.legal_representative),
            registered_capital: of(&self.registered_capital),
            established: of(&self.registered_date),
            term: of(&self.valid_period),
            address: of(&self.address),
            scope: of(&self.business_scope),
        }
    }
}

#[async_trait]
impl Recognizer for Wechat {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn provider_name(&self) -> Option<&str> {
        Some(&self.settings.provider_name)
    }

    async fn recognise(
        &self,
        document: ProfileFile,
        jpeg: Vec<u8>,
    ) -> Result<Recognised, RecognitionError> {
        let today = cloud::today(self.line.clock());
        if document == ProfileFile::Licence {
            let licence: Licence = self.ask("/cv/ocr/bizlicense", jpeg).await?;
            return licence.texts().read(today);
        }
        let of = |field: Option<String>| text(field.as_deref(), false);
        match (document, self.ask("/cv/ocr/idcard", jpeg).await?) {
            (
                ProfileFile::IdFront,
                Card::Front {
                    name,
                    id,
                    addr,
                    gender,
                    nationality,
                },
            ) => IdFrontTexts {
                name: of(name),
                sex: of(gender),
                nation: of(nationality),
                birth: None,
                address: of(addr),
                number: of(id),
            }
            .read(today),
            (ProfileFile::IdBack, Card::Back { valid_date }) => IdBackTexts {
                authority: None,
                term: of(valid_date),
            }
            .read(),
            _ => Err(RecognitionError::OtherDocument),
        }
    }

    /// Its settings are those of `[wechat]`, whose own check looks at them.
    async fn self_check(&self) -> Result<(), RecognitionError> {
        Ok(())
    }
}
