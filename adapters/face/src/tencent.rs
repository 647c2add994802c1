//! Tencent Cloud FaceID 腾讯云人脸核身, 2018-03-01: the hosted flow, and one photo against the official source.

mod codes;
#[cfg(test)]
mod tests;

use application::ports::face::{
    FaceAsk, FaceChannel, FaceEnd, FaceError, FaceQuery, FaceStart, FaceVerdict, FaceVerifier,
    FaceWay,
};
use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::ids::TenantId;
use outbound::{
    Account, Answer, Ask, Fault, Line, NotReached, Secret, Switchboard,
    sign::{Payload, tc3::Tc3},
};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::provider::{self, Mode, Reply, charged_per_day, score};

pub const KIND: &str = "tencent";
/// As it is named among the lines of a city.
pub const LINE: &str = "face/tencent";
const HOST: &str = "faceid.tencentcloudapi.com";
const VERSION: &str = "2018-03-01";
const JSON: &str = "application/json";

/// Settings of the section `[face]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub kind: String,
    /// Who compares, as the consent names it.
    pub provider_name: String,
    pub mode: Mode,
    pub secret_id: Secret,
    pub secret_key: Secret,
    /// 业务流程 from the console; the hosted flow needs it.
    #[serde(default)]
    pub rule_id: String,
    #[serde(default = "first_region")]
    pub region: String,
    #[serde(default = "charged_per_day")]
    pub charged_per_day: u32,
    #[serde(default)]
    pub image_retention_days: u16,
    pub base_url: Option<String>,
}

fn first_region() -> String {
    "ap-guangzhou".to_owned()
}

/// A city's account there.
pub struct Tencent {
    settings: Settings,
    line: Line,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DetectAuth<'a> {
    rule_id: &'a str,
    id_card: &'a str,
    name: &'a str,
    /// Only a page has somewhere to come back to.
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_url: Option<&'a str>,
    /// Comes back with the verdict: whose check it was.
    extra: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GetDetectInfo<'a> {
    biz_token: &'a str,
    rule_id: &'a str,
    /// Texts only: no picture of the person is fetched.
    info_type: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ImageRecognition<'a> {
    id_card: &'a str,
    name: &'a str,
    image_base64: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope {
    response: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Begun {
    url: String,
    biz_token: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Detected {
    text: Option<Text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Text {
    err_code: Option<i64>,
    #[serde(default)]
    id_card: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    extra: Option<String>,
    sim: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Compared {
    result: String,
    sim: Option<Value>,
    #[serde(default)]
    request_id: String,
}

impl Tencent {
    /// Refuses settings that are not whole.
    pub fn new(board: &Switchboard, city: TenantId, settings: Settings) -> Result<Self, String> {
        if settings.mode == Mode::Hosted && settings.rule_id.trim().is_empty() {
            return Err("rule_id is missing: the hosted flow needs it".to_owned());
        }
        if settings.provider_name.trim().is_empty() {
            return Err("provider_name is missing".to_owned());
        }
        let endpoint = board
            .endpoint(&[HOST], HOST, settings.base_url.as_deref())
            .map_err(|error| error.to_string())?;
        let line = board.line(LINE, city, endpoint).patient(provider::PATIENCE);
        Ok(Self { settings, line })
    }

    fn signed(&self, action: &str, body: &impl Serialize) -> Result<Ask, Fault> {
        let id = provider::secret(&self.line, &self.settings.secret_id)?;
        let key = provider::secret(&self.line, &self.settings.secret_key)?;
        let body = serde_json::to_vec(body).map_err(|_| Fault::Unreachable(NotReached::Form))?;
        let at = self.line.clock().now();
        let authorization = Tc3 {
            secret_id: id.expose_secret(),
            service: "faceid",
            host: self.line.host(),
            content_type: JSON,
            action: Some(action),
            at,
            payload: Payload::Signed(&body),
        }
        .authorization(key.expose_secret());
        Ok(Ask::post("/")
            .header("content-type", JSON)
            .header("x-tc-action", action)
            .header("x-tc-version", VERSION)
            .header("x-tc-region", self.settings.region.clone())
            .header("x-tc-timestamp", at.unix_timestamp().to_string())
            .header("authorization", authorization)
            .body(body))
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        action: &str,
        body: &impl Serialize,
    ) -> Result<Reply<T>, FaceError> {
        let ask = self.signed(action, body).map_err(provider::error)?;
        self.line.ask(ask, read).await.map_err(provider::error)
    }

    async fn begin(&self, ask: &FaceAsk) -> Result<FaceStart, FaceError> {
        let body = DetectAuth {
            rule_id: &self.settings.rule_id,
            id_card: ask.subject.id.as_str(),
            name: ask.subject.name.as_str(),
            redirect_url: Some(ask.journey.return_to.as_str()).filter(|url| !url.is_empty()),
            extra: ask.check.to_string(),
        };
        match self.ask::<Begun>("DetectAuth", &body).await? {
            Reply::Person(verdict) => Ok(FaceStart::Judged {
                session: String::new(),
                verdict,
            }),
            // Their address is shown to a person: it has to be one.
            Reply::Good(begun)
                if begun.biz_token.is_empty() || !begun.url.starts_with("https://") =>
            {
                Err(FaceError::Unclear("a session of another shape".to_owned()))
            }
            Reply::Good(begun) => {
                let (page, token) = match ask.channel {
                    FaceChannel::MiniProgram => (String::new(), begun.biz_token.clone()),
                    FaceChannel::Web | FaceChannel::Phone => (begun.url, String::new()),
                };
                Ok(FaceStart::Away {
                    session: begun.biz_token,
                    page,
                    token,
                })
            }
        }
    }

    async fn compare(&self, ask: &FaceAsk) -> Result<FaceStart, FaceError> {
        let body = ImageRecognition {
            id_card: ask.subject.id.as_str(),
            name: ask.subject.name.as_str(),
            image_base64: STANDARD.encode(&ask.photo),
        };
        let (session, verdict) = match self.ask::<Compared>("ImageRecognitionV2", &body).await? {
            Reply::Person(verdict) => (String::new(), verdict),
            Reply::Good(compared) if compared.result == "Success" => (
                compared.request_id,
                FaceVerdict::Passed {
                    score: score(compared.sim.as_ref()),
                },
            ),
            // A failure of the person comes as a result and not as an error.
            Reply::Good(compared) => (
                compared.request_id,
                codes::named(&compared.result).unwrap_or(FaceVerdict::Unclear),
            ),
        };
        // One photo is judged once: nobody can be asked about it again.
        let session = match verdict {
            FaceVerdict::Unclear => String::new(),
            _ => session,
        };
        Ok(FaceStart::Judged { session, verdict })
    }

    /// Passed only for the very person and check that was asked for.
    fn judge(query: &FaceQuery, text: &Text) -> FaceVerdict {
        let Some(code) = text.err_code else {
            return FaceVerdict::Pending;
        };
        if code != 0 {
            return codes::numbered(code);
        }
        let same = text.id_card.as_deref() == Some(query.id.as_str())
            && text.name.as_deref() == Some(query.name.as_str())
            && text.extra.as_deref() == Some(query.check.to_string().as_str());
        if same {
            FaceVerdict::Passed {
                score: score(text.sim.as_ref()),
            }
        } else {
            FaceVerdict::Unclear
        }
    }
}

#[async_trait]
impl Account for Tencent {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn line(&self) -> &'static str {
        LINE
    }

    fn self_test(&self) -> Result<(), Fault> {
        self.signed("DetectAuth", &serde_json::json!({}))
            .map(|_| ())
    }

    /// Asks about a session that never was: free, and answered only to those who hold the key.
    async fn probe(&self) -> Result<(), Fault> {
        let body = GetDetectInfo {
            biz_token: "00000000-0000-0000-0000-000000000000",
            rule_id: &self.settings.rule_id,
            info_type: "1",
        };
        let ask = self.signed("GetDetectInfoEnhanced", &body)?;
        match self.line.ask(ask, read::<Value>).await {
            // A flow that is not there is what the next person would meet.
            Err(Fault::Refused { code, .. })
                if code.starts_with("InvalidParameter")
                    && !(self.settings.mode == Mode::Hosted && code.contains(".RuleId")) =>
            {
                Ok(())
            }
            outcome => outcome.map(|_| ()),
        }
    }
}

/// The good half of an answer; both halves come with HTTP 200, everything else is not theirs.
fn read<T: DeserializeOwned>(answer: &Answer) -> Result<Reply<T>, Fault> {
    if answer.status != 200 {
        return Err(answer.foreign());
    }
    let body = answer.json::<Envelope>()?.response;
    match body.get("Error") {
        None => serde_json::from_value(body)
            .map(Reply::Good)
            .map_err(|_| Fault::unclear("an answer of another shape")),
        Some(error) => {
            let code = error.get("Code").and_then(Value::as_str);
            let code = code.ok_or_else(|| Fault::unclear("an error without a code"))?;
            match codes::named(code) {
                Some(verdict) => Ok(Reply::Person(verdict)),
                None => Err(codes::fault(code)),
            }
        }
    }
}

#[async_trait]
impl FaceVerifier for Tencent {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn provider_name(&self) -> &str {
        &self.settings.provider_name
    }

    fn way(&self, _: FaceChannel) -> FaceWay {
        match self.settings.mode {
            Mode::Hosted => FaceWay::Away,
            Mode::Photo => FaceWay::Photo,
        }
    }

    fn charged_most(&self) -> u32 {
        self.settings.charged_per_day
    }

    async fn start(&self, ask: FaceAsk) -> Result<FaceStart, FaceError> {
        match self.settings.mode {
            Mode::Hosted => self.begin(&ask).await,
            Mode::Photo => self.compare(&ask).await,
        }
    }

    async fn verdict(&self, query: &FaceQuery) -> Result<FaceVerdict, FaceError> {
        let body = GetDetectInfo {
            biz_token: &query.session,
            rule_id: &self.settings.rule_id,
            info_type: "1",
        };
        let reply = self.ask::<Detected>("GetDetectInfoEnhanced", &body).await?;
        let verdict = match reply {
            Reply::Person(FaceVerdict::Ended(FaceEnd::Left)) => FaceVerdict::Ended(FaceEnd::Left),
            // Anything else about the person has no place here: the question failed, not the check.
            Reply::Person(_) => FaceVerdict::Unclear,
            // Nobody has opened the page yet.
            Reply::Good(Detected { text: None }) => FaceVerdict::Pending,
            Reply::Good(Detected { text: Some(text) }) => {
                if let Some(fault) = text.err_code.and_then(codes::operators) {
                    self.line.note(fault);
                }
                Self::judge(query, &text)
            }
        };
        Ok(verdict)
    }
}
