//! Alibaba Cloud OCR 阿里云文字识别, 2021-07-07.

#[cfg(test)]
mod tests;

use application::ports::recognition::{Recognised, RecognitionError, Recognizer};
use async_trait::async_trait;
use domain::{enterprise::ProfileFile, ids::TenantId};
use outbound::{Account, Answer, Ask, Fault, Line, Reason, Secret, Switchboard, sign::acs3::Acs3};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    cloud::{self, Reply, text},
    texts::{IdBackTexts, IdFrontTexts, LicenceTexts},
};

pub const KIND: &str = "aliyun";
/// As it is named among the lines of a city.
pub const LINE: &str = "recognition/aliyun";
const HOST: &str = "ocr-api.cn-hangzhou.aliyuncs.com";
const VERSION: &str = "2021-07-07";
const BYTES: &str = "application/octet-stream";
const LARGEST: usize = 1_500_000;

/// Settings of the section `[recognition]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub kind: String,
    /// Who reads, as the person is told.
    pub provider_name: String,
    pub access_key_id: Secret,
    pub access_key_secret: Secret,
    pub base_url: Option<String>,
}

/// A city's account there.
pub struct Aliyun {
    settings: Settings,
    line: Line,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope {
    /// JSON in a text.
    data: Option<String>,
    code: Option<String>,
}

#[derive(Deserialize)]
struct Inner<T> {
    data: T,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Licence {
    credit_code: Option<String>,
    company_name: Option<String>,
    company_type: Option<String>,
    business_address: Option<String>,
    legal_person: Option<String>,
    business_scope: Option<String>,
    registered_capital: Option<String>,
    /// Theirs begins with a large letter.
    #[serde(rename = "RegistrationDate")]
    registration_date: Option<String>,
    valid_period: Option<String>,
    valid_from_date: Option<String>,
    valid_to_date: Option<String>,
}

#[derive(Deserialize)]
struct Card {
    face: Option<Inner<Front>>,
    back: Option<Inner<Back>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Front {
    name: Option<String>,
    sex: Option<String>,
    ethnicity: Option<String>,
    birth_date: Option<String>,
    address: Option<String>,
    id_number: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Back {
    issue_authority: Option<String>,
    valid_period: Option<String>,
}

impl Aliyun {
    pub fn new(board: &Switchboard, city: TenantId, settings: Settings) -> Result<Self, String> {
        let endpoint = board
            .endpoint(&[HOST], HOST, settings.base_url.as_deref())
            .map_err(|error| error.to_string())?;
        Ok(Self {
            line: board.line(LINE, city, endpoint),
            settings,
        })
    }

    fn signed(&self, action: &str, picture: Vec<u8>) -> Result<Ask, Fault> {
        let id = cloud::secret(&self.line, &self.settings.access_key_id)?;
        let key = cloud::secret(&self.line, &self.settings.access_key_secret)?;
        let signed = Acs3 {
            access_key_id: id.expose_secret(),
            security_token: None,
            host: self.line.host(),
            action,
            version: VERSION,
            parameters: &[],
            body: Some((BYTES, &picture)),
            at: self.line.clock().now(),
            nonce: &self.line.nonce(),
        }
        .sign(key.expose_secret());
        let mut ask = Ask::post("/").query(signed.query);
        for (name, value) in signed.headers {
            ask = ask.header(name, value);
        }
        Ok(ask.body(picture))
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        action: &str,
        jpeg: Vec<u8>,
    ) -> Result<T, RecognitionError> {
        let picture = cloud::fitted(jpeg, LARGEST).await?;
        let ask = self.signed(action, picture).map_err(cloud::error)?;
        self.line.ask(ask, read).await.map_err(cloud::error)?.good()
    }
}

#[async_trait]
impl Account for Aliyun {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn line(&self) -> &'static str {
        LINE
    }

    fn self_test(&self) -> Result<(), Fault> {
        self.signed("RecognizeBusinessLicense", Vec::new())
            .map(|_| ())
    }

    /// Asks with no picture: an error about the picture means that the key was known.
    async fn probe(&self) -> Result<(), Fault> {
        let ask = self.signed("RecognizeBusinessLicense", Vec::new())?;
        match self.line.ask(ask, read::<serde_json::Value>).await {
            Err(Fault::Refused {
                reason: Reason::Parameters,
                ..
            }) => Ok(()),
            outcome => outcome.map(|_| ()),
        }
    }
}

/// HTTP 200 with JSON in a text, or an HTTP status with a code.
fn read<T: DeserializeOwned>(answer: &Answer) -> Result<Reply<T>, Fault> {
    let named = answer.content_type() == "application/json";
    if !named || answer.status >= 500 && answer.status != 503 {
        return Err(answer.foreign());
    }
    let envelope: Envelope = answer.json()?;
    if let Some(code) = envelope.code.filter(|code| !code.is_empty()) {
        return judged(&code, answer).map(Reply::Picture);
    }
    let data = envelope.data.filter(|_| answer.status == 200);
    let data = data.ok_or_else(|| Fault::unclear("an answer without data"))?;
    serde_json::from_str::<Inner<T>>(&data)
        .map(|inner| Reply::Good(inner.data))
        .map_err(|_| Fault::unclear("data of another shape"))
}

/// Their errors, whose first letter is written in both sizes. What is not documented is unclear.
fn judged(code: &str, answer: &Answer) -> Result<RecognitionError, Fault> {
    let refused = |reason| Err(Fault::refused(code, reason));
    let small = code.to_ascii_lowercase();
    match small.as_str() {
        "unmatchedimagetype" => Ok(RecognitionError::OtherDocument),
        "illegalimagecontent"
        | "exceededimagecontent"
        | "unsupportedimageformat"
        | "illegalimagesize" => Ok(RecognitionError::Unreadable),
        "illegalimageurl" | "missingimageurl" | "notsafeimageurl" => refused(Reason::Parameters),
        "illegalsignature" | "invalidststoken" | "signaturedoesnotmatch" => {
            refused(Reason::Credentials)
        }
        "nopermission" => refused(Reason::Permission),
        "ocrservicenotopen" | "ocrserviceexpired" => refused(Reason::Account),
        _ if small.starts_with("throttling") => Err(Fault::throttled(code, answer.retry_after())),
        _ if small.starts_with("invalidaccesskeyid") => refused(Reason::Credentials),
        _ if small.starts_with("invalidtimestamp") => refused(Reason::Clock),
        // algorithmError, and everything that nobody has described.
        _ => Err(Fault::unclear(code)),
    }
}

impl Licence {
    /// 营业期限: as printed, or from the two days beside it.
    fn term(&self) -> Option<String> {
        let printed = self.valid_period.clone().filter(|t| !t.trim().is_empty());
        printed.or_else(|| {
            let (from, to) = (self.valid_from_date.as_ref()?, self.valid_to_date.as_ref()?);
            Some(format!("{from}至{to}"))
        })
    }

    fn texts(&self) -> LicenceTexts {
        let of = |field: &Option<String>| text(field.as_deref(), false);
        LicenceTexts {
            credit_code: of(&self.credit_code),
            name: of(&self.company_name),
            kind: of(&self.company_type),
            legal_representative: of(&self.legal_person),
            registered_capital: of(&self.registered_capital),
            established: of(&self.registration_date),
            term: text(self.term().as_deref(), false),
            address: of(&self.business_address),
            scope: of(&self.business_scope),
        }
    }
}

impl Front {
    fn texts(&self) -> IdFrontTexts {
        let of = |field: &Option<String>| text(field.as_deref(), false);
        IdFrontTexts {
            name: of(&self.name),
            sex: of(&self.sex),
            nation: of(&self.ethnicity),
            birth: of(&self.birth_date),
            address: of(&self.address),
            number: of(&self.id_number),
        }
    }
}

#[async_trait]
impl Recognizer for Aliyun {
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
            let licence: Licence = self.ask("RecognizeBusinessLicense", jpeg).await?;
            return licence.texts().read(today);
        }
        // The side is found out by them: the other one is another document.
        let card: Card = self.ask("RecognizeIdcard", jpeg).await?;
        if document == ProfileFile::IdFront {
            let front = card.face.ok_or(RecognitionError::OtherDocument)?;
            front.data.texts().read(today)
        } else {
            let back = card.back.ok_or(RecognitionError::OtherDocument)?.data;
            IdBackTexts {
                authority: text(back.issue_authority.as_deref(), false),
                term: text(back.valid_period.as_deref(), false),
            }
            .read()
        }
    }

    async fn self_check(&self) -> Result<(), RecognitionError> {
        self.signed("RecognizeBusinessLicense", Vec::new())
            .map(|_| ())
            .map_err(cloud::error)
    }
}
