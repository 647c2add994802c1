//! Tencent Cloud OCR 腾讯云文字识别, 2018-11-19.

#[cfg(test)]
mod tests;

use application::ports::recognition::{Recognised, RecognitionError, Recognizer};
use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{enterprise::ProfileFile, ids::TenantId};
use outbound::{
    Account, Answer, Ask, Fault, Line, NotReached, Reason, Secret, Switchboard,
    sign::{Payload, tc3::Tc3},
};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    cloud::{self, Reply, text},
    dates,
    texts::{IdBackTexts, IdFrontTexts, LicenceTexts},
};

pub const KIND: &str = "tencent";
/// As it is named among the lines of a city.
pub const LINE: &str = "recognition/tencent";
const HOST: &str = "ocr.tencentcloudapi.com";
const VERSION: &str = "2018-11-19";
const JSON: &str = "application/json";
/// Seven megabytes once it is Base64.
const LARGEST: usize = 5_000_000;
/// -9108: the end of the scope was not read.
const SCOPE_CUT: i64 = -9108;

/// Settings of the section `[recognition]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub kind: String,
    /// Who reads, as the person is told.
    pub provider_name: String,
    pub secret_id: Secret,
    pub secret_key: Secret,
    pub base_url: Option<String>,
}

/// A city's account there.
pub struct Tencent {
    settings: Settings,
    line: Line,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope {
    response: Value,
}

/// Every field may be absent.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Licence {
    reg_num: Option<String>,
    name: Option<String>,
    #[serde(rename = "Type")]
    kind: Option<String>,
    person: Option<String>,
    capital: Option<String>,
    set_date: Option<String>,
    registration_date: Option<String>,
    period: Option<String>,
    address: Option<String>,
    business: Option<String>,
    recognize_warn_code: Option<Vec<i64>>,
    /// There in every answer; without it the answer is another.
    #[serde(rename = "RequestId")]
    _request_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Card {
    name: Option<String>,
    sex: Option<String>,
    nation: Option<String>,
    birth: Option<String>,
    address: Option<String>,
    id_num: Option<String>,
    authority: Option<String>,
    valid_date: Option<String>,
    /// JSON in a text.
    advanced_info: Option<String>,
    #[serde(rename = "RequestId")]
    _request_id: String,
}

impl Tencent {
    pub fn new(board: &Switchboard, city: TenantId, settings: Settings) -> Result<Self, String> {
        let endpoint = board
            .endpoint(&[HOST], HOST, settings.base_url.as_deref())
            .map_err(|error| error.to_string())?;
        Ok(Self {
            line: board.line(LINE, city, endpoint),
            settings,
        })
    }

    fn signed(&self, action: &str, body: &impl Serialize) -> Result<Ask, Fault> {
        let id = cloud::secret(&self.line, &self.settings.secret_id)?;
        let key = cloud::secret(&self.line, &self.settings.secret_key)?;
        let body = serde_json::to_vec(body).map_err(|_| Fault::Unreachable(NotReached::Form))?;
        let at = self.line.clock().now();
        let authorization = Tc3 {
            secret_id: id.expose_secret(),
            service: "ocr",
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
            .header("x-tc-timestamp", at.unix_timestamp().to_string())
            .header("authorization", authorization)
            .body(body))
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        action: &str,
        body: &Value,
    ) -> Result<T, RecognitionError> {
        let ask = self.signed(action, body).map_err(cloud::error)?;
        self.line.ask(ask, read).await.map_err(cloud::error)?.good()
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
        self.signed("BizLicenseOCR", &json!({})).map(|_| ())
    }

    /// Asks with an empty picture: an error about the picture means that the key was known.
    async fn probe(&self) -> Result<(), Fault> {
        let ask = self.signed("BizLicenseOCR", &json!({ "ImageBase64": "" }))?;
        match self.line.ask(ask, read::<Value>).await {
            Err(Fault::Refused {
                reason: Reason::Parameters,
                ..
            }) => Ok(()),
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
            judged(code.ok_or_else(|| Fault::unclear("an error without a code"))?)
                .map(Reply::Picture)
        }
    }
}

/// Their errors: about this very picture, or about the call. What is not documented is unclear.
fn judged(code: &str) -> Result<RecognitionError, Fault> {
    let refused = |reason| Err(Fault::refused(code, reason));
    match code {
        "FailedOperation.ImageDecodeFailed"
        | "FailedOperation.ImageBlur"
        | "FailedOperation.IdCardTooSmall"
        | "FailedOperation.IdCardInfoIllegal"
        | "FailedOperation.EmptyImageError"
        | "FailedOperation.ImageSizeTooLarge"
        | "LimitExceeded.TooLargeFileError" => Ok(RecognitionError::Unreadable),
        "FailedOperation.ImageNoIdCard"
        | "FailedOperation.CardSideError"
        | "FailedOperation.MultiCardError"
        | "FailedOperation.NoBizLicense" => Ok(RecognitionError::OtherDocument),
        "FailedOperation.OcrFailed"
        | "FailedOperation.EngineRecognizeTimeout"
        | "FailedOperation.UnKnowError"
        | "InternalError" => Err(Fault::unclear(code)),
        "FailedOperation.UnOpenError"
        | "FailedOperation.ArrearsError"
        | "ResourceUnavailable.InArrears"
        | "ResourcesSoldOut.ChargeStatusException" => refused(Reason::Account),
        "ResourceUnavailable.ResourcePackageRunOut" | "FailedOperation.CountLimitError" => {
            refused(Reason::Quota)
        }
        _ if code.starts_with("RequestLimitExceeded") => Err(Fault::throttled(code, None)),
        "InvalidParameter.ConfigFormatError" | "FailedOperation.DownLoadError" => {
            refused(Reason::Parameters)
        }
        _ if code.starts_with("InvalidParameterValue") || code.starts_with("MissingParameter") => {
            refused(Reason::Parameters)
        }
        "AuthFailure.SignatureExpire" => refused(Reason::Clock),
        "AuthFailure.UnauthorizedOperation" | "UnauthorizedOperation" => {
            refused(Reason::Permission)
        }
        _ if code.starts_with("AuthFailure.") => refused(Reason::Credentials),
        "InvalidAction" | "NoSuchVersion" => refused(Reason::Integration),
        _ => Err(Fault::unclear(code)),
    }
}

/// 成立日期 as far as it is a day: sometimes only year and month are printed there.
fn established(licence: &Licence) -> Option<&str> {
    let days = [&licence.set_date, &licence.registration_date];
    days.into_iter()
        .filter_map(Option::as_deref)
        .find(|text| dates::date(text).is_some())
}

fn licence(read: &Licence) -> LicenceTexts {
    let warnings = read.recognize_warn_code.as_deref().unwrap_or_default();
    // A copy or the photo of a screen; a cut scope says nothing of the rest.
    let warned = warnings.iter().any(|code| *code != SCOPE_CUT);
    let of = |field: &Option<String>| text(field.as_deref(), warned);
    LicenceTexts {
        credit_code: of(&read.reg_num),
        name: of(&read.name),
        kind: of(&read.kind),
        legal_representative: of(&read.person),
        registered_capital: of(&read.capital),
        established: text(established(read), warned),
        term: of(&read.period),
        address: of(&read.address),
        scope: text(
            read.business.as_deref(),
            warned || warnings.contains(&SCOPE_CUT),
        ),
    }
}

impl Card {
    /// Anything they warn of: covered, edited, a copy, a screen, glare.
    fn is_warned(&self) -> bool {
        self.advanced_info
            .as_deref()
            .and_then(|text| serde_json::from_str::<Value>(text).ok())
            .and_then(|info| Some(!info.get("WarnInfos")?.as_array()?.is_empty()))
            .unwrap_or(false)
    }

    fn front(&self) -> IdFrontTexts {
        let warned = self.is_warned();
        let of = |field: &Option<String>| text(field.as_deref(), warned);
        IdFrontTexts {
            name: of(&self.name),
            sex: of(&self.sex),
            nation: of(&self.nation),
            birth: text(
                self.birth
                    .as_deref()
                    .map(|t| t.replace('/', "-"))
                    .as_deref(),
                warned,
            ),
            address: of(&self.address),
            number: of(&self.id_num),
        }
    }

    fn back(&self) -> IdBackTexts {
        let warned = self.is_warned();
        IdBackTexts {
            authority: text(self.authority.as_deref(), warned),
            term: text(self.valid_date.as_deref(), warned),
        }
    }
}

#[async_trait]
impl Recognizer for Tencent {
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
        let picture = STANDARD.encode(cloud::fitted(jpeg, LARGEST).await?);
        let card = |side: &str| {
            let config = json!({ "CopyWarn": true, "ReshootWarn": true, "DetectPsWarn": true, "ReflectWarn": true });
            json!({ "ImageBase64": picture, "CardSide": side, "Config": config.to_string() })
        };
        let today = cloud::today(self.line.clock());
        match document {
            ProfileFile::Licence => {
                let body = json!({ "ImageBase64": picture, "EnableCopyWarn": true });
                licence(&self.ask("BizLicenseOCR", &body).await?).read(today)
            }
            ProfileFile::IdFront => {
                let card: Card = self.ask("IDCardOCR", &card("FRONT")).await?;
                card.front().read(today)
            }
            ProfileFile::IdBack => {
                let card: Card = self.ask("IDCardOCR", &card("BACK")).await?;
                card.back().read()
            }
        }
    }

    async fn self_check(&self) -> Result<(), RecognitionError> {
        self.signed("BizLicenseOCR", &json!({}))
            .map(|_| ())
            .map_err(cloud::error)
    }
}
