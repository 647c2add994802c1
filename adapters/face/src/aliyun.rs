//! Alibaba Cloud Cloudauth 阿里云实人认证, 2019-03-07: the hosted page, and one photo against the official source.

mod codes;
#[cfg(test)]
mod tests;

use std::io::Cursor;

use application::ports::face::{
    FaceAsk, FaceChannel, FaceError, FaceQuery, FaceStart, FaceVerdict, FaceVerifier, FaceWay,
};
use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::ids::TenantId;
use image::{DynamicImage, ImageFormat, ImageReader, Limits, imageops::FilterType};
use outbound::{
    Account, Answer, Ask, Fault, Line, Secret, Switchboard,
    sign::{self, acs3::Acs3},
};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::provider::{self, Mode, Reply, charged_per_day, score};

pub const KIND: &str = "aliyun";
/// As it is named among the lines of a city.
pub const LINE: &str = "face/aliyun";
const HOSTS: [&str; 2] = ["cloudauth.aliyuncs.com", "cloudauth-dualstack.aliyuncs.com"];
const VERSION: &str = "2019-03-07";
const FORM: &str = "application/x-www-form-urlencoded";
/// A picture of theirs: portrait, 1080 × 1920 at most, 480 × 640 at least, under one megabyte.
const SIZES: [(u32, u32); 3] = [(1_080, 1_920), (720, 1_280), (540, 960)];
const SHORT_SIDE: u32 = 480;
const LONG_SIDE: u32 = 640;
const LARGEST: usize = 1_000_000;

/// Settings of the section `[face]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub kind: String,
    /// Who compares, as the consent names it.
    pub provider_name: String,
    pub mode: Mode,
    pub access_key_id: Secret,
    pub access_key_secret: Secret,
    /// 认证场景 from the console.
    pub scene_id: u64,
    #[serde(default = "first_host")]
    pub host: String,
    #[serde(default = "charged_per_day")]
    pub charged_per_day: u32,
    #[serde(default)]
    pub image_retention_days: u16,
    pub base_url: Option<String>,
}

fn first_host() -> String {
    HOSTS[0].to_owned()
}

/// A city's account there.
pub struct Aliyun {
    settings: Settings,
    line: Line,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope {
    /// A text, as documented.
    code: String,
    result_object: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Begun {
    certify_id: String,
    #[serde(default)]
    certify_url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Judged {
    #[serde(default)]
    certify_id: String,
    passed: String,
    sub_code: String,
    material_info: Option<String>,
}

impl Aliyun {
    /// Refuses settings that are not whole.
    pub fn new(board: &Switchboard, city: TenantId, settings: Settings) -> Result<Self, String> {
        if settings.provider_name.trim().is_empty() {
            return Err("provider_name is missing".to_owned());
        }
        let endpoint = board
            .endpoint(&HOSTS, &settings.host, settings.base_url.as_deref())
            .map_err(|error| error.to_string())?;
        let line = board.line(LINE, city, endpoint).patient(provider::PATIENCE);
        Ok(Self { settings, line })
    }

    fn signed(
        &self,
        action: &str,
        parameters: &[(&str, &str)],
        form: &[(&str, &str)],
    ) -> Result<Ask, Fault> {
        let id = provider::secret(&self.line, &self.settings.access_key_id)?;
        let key = provider::secret(&self.line, &self.settings.access_key_secret)?;
        let form = sign::query(form);
        let body = (!form.is_empty()).then_some((FORM, form.as_bytes()));
        let signed = Acs3 {
            access_key_id: id.expose_secret(),
            security_token: None,
            host: self.line.host(),
            action,
            version: VERSION,
            parameters,
            body,
            at: self.line.clock().now(),
            nonce: &self.line.nonce(),
        }
        .sign(key.expose_secret());
        let mut ask = Ask::post("/").query(signed.query);
        for (name, value) in signed.headers {
            ask = ask.header(name, value);
        }
        Ok(ask.body(form))
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        action: &str,
        parameters: &[(&str, &str)],
        form: &[(&str, &str)],
    ) -> Result<Reply<T>, FaceError> {
        let ask = self
            .signed(action, parameters, form)
            .map_err(provider::error)?;
        self.line.ask(ask, read).await.map_err(provider::error)
    }

    async fn begin(&self, ask: &FaceAsk) -> Result<FaceStart, FaceError> {
        let (scene, order) = (self.settings.scene_id.to_string(), order(ask));
        let (meta, kind) = (meta_info(ask), certify_kind(ask.channel));
        let reply = self
            .ask::<Begun>(
                "InitFaceVerify",
                &[
                    ("SceneId", &scene),
                    ("OuterOrderNo", &order),
                    ("ProductCode", "ID_PRO"),
                    ("CertType", "IDENTITY_CARD"),
                    ("CertName", ask.subject.name.as_str()),
                    ("CertNo", ask.subject.id.as_str()),
                    ("MetaInfo", &meta),
                    ("ReturnUrl", &ask.journey.return_to),
                    ("CertifyUrlType", kind),
                ],
                &[("Model", "MULTI_ACTION")],
            )
            .await?;
        match reply {
            Reply::Person(verdict) => Ok(FaceStart::Judged {
                session: String::new(),
                verdict,
            }),
            Reply::Good(begun)
                if begun.certify_id.is_empty() || !begun.certify_url.starts_with("https://") =>
            {
                Err(FaceError::Unclear("a session of another shape".to_owned()))
            }
            Reply::Good(begun) => Ok(FaceStart::Away {
                session: begun.certify_id,
                page: begun.certify_url,
                token: String::new(),
            }),
        }
    }

    async fn compare(&self, ask: &FaceAsk) -> Result<FaceStart, FaceError> {
        let Some(picture) = fitted(ask.photo.clone()).await? else {
            return Ok(FaceStart::Judged {
                session: String::new(),
                verdict: codes::poor_photo(),
            });
        };
        let (scene, order) = (self.settings.scene_id.to_string(), order(ask));
        let picture = STANDARD.encode(picture);
        let reply = self
            .ask::<Judged>(
                "ContrastFaceVerify",
                &[],
                &[
                    ("SceneId", &scene),
                    ("OuterOrderNo", &order),
                    ("ProductCode", "ID_MIN"),
                    ("CertType", "IDENTITY_CARD"),
                    ("CertName", ask.subject.name.as_str()),
                    ("CertNo", ask.subject.id.as_str()),
                    ("FaceContrastPicture", &picture),
                ],
            )
            .await?;
        Ok(match reply {
            Reply::Person(verdict) => FaceStart::Judged {
                session: String::new(),
                verdict,
            },
            Reply::Good(judged) => FaceStart::Judged {
                verdict: verdict(&judged),
                session: judged.certify_id,
            },
        })
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
        self.signed("DescribeFaceVerify", &[], &[]).map(|_| ())
    }

    /// Asks about a session that never was: free, and answered only to those who hold the key.
    async fn probe(&self) -> Result<(), Fault> {
        let scene = self.settings.scene_id.to_string();
        let parameters = [("SceneId", scene.as_str()), ("CertifyId", &"0".repeat(32))];
        let ask = self.signed("DescribeFaceVerify", &parameters, &[])?;
        self.line.ask(ask, read::<Value>).await.map(|_| ())
    }
}

/// Letters and digits, unique: our own check.
fn order(ask: &FaceAsk) -> String {
    ask.check.0.simple().to_string()
}

const fn certify_kind(channel: FaceChannel) -> &'static str {
    match channel {
        FaceChannel::Web => "WEB",
        FaceChannel::Phone | FaceChannel::MiniProgram => "H5",
    }
}

/// What they want to know of the device: a page in this very browser. Their own script would say more of it; ours loads no
/// script from elsewhere (S-17).
fn meta_info(ask: &FaceAsk) -> String {
    serde_json::json!({ "deviceType": "h5", "ua": ask.journey.browser }).to_string()
}

/// Photos that are made theirs at the same time.
static PLACES: Semaphore = Semaphore::const_new(2);

/// The photo as they take it, on a blocking thread; nothing where it can be no photo for them.
async fn fitted(jpeg: Vec<u8>) -> Result<Option<Vec<u8>>, FaceError> {
    let broken = |_| FaceError::Refused("picture".to_owned());
    // Kept until the work ends, even when nobody waits for it any more.
    let place = PLACES.acquire().await.map_err(broken)?;
    let done = spawn_blocking(move || {
        let _place = place;
        made_theirs(&jpeg)
    });
    done.await
        .map_err(|_| FaceError::Refused("picture".to_owned()))
}

fn large_enough(picture: &DynamicImage) -> bool {
    let (width, height) = (picture.width(), picture.height());
    width.min(height) >= SHORT_SIDE && width.max(height) >= LONG_SIDE
}

/// Never smaller or larger than allowed, upright already.
fn made_theirs(jpeg: &[u8]) -> Option<Vec<u8>> {
    let mut reader = ImageReader::with_format(Cursor::new(jpeg), ImageFormat::Jpeg);
    let mut limits = Limits::default();
    limits.max_alloc = Some(256 * 1024 * 1024);
    reader.limits(limits);
    let picture = reader.decode().ok()?;
    if !large_enough(&picture) {
        return None;
    }
    for (widest, highest) in SIZES {
        let smaller = picture.resize(widest, highest, FilterType::Triangle);
        let fits = picture.width() <= widest && picture.height() <= highest;
        let chosen = if fits { &picture } else { &smaller };
        if !large_enough(chosen) {
            return None;
        }
        let mut bytes = Cursor::new(Vec::new());
        chosen
            .to_rgb8()
            .write_to(&mut bytes, ImageFormat::Jpeg)
            .ok()?;
        if bytes.get_ref().len() <= LARGEST {
            return Some(bytes.into_inner());
        }
    }
    None
}

/// `Passed` is the verdict, `SubCode` explains it; both have to say the same.
fn verdict(judged: &Judged) -> FaceVerdict {
    match (judged.passed.as_str(), judged.sub_code.as_str()) {
        ("T", "200") => FaceVerdict::Passed {
            score: judged
                .material_info
                .as_deref()
                .and_then(|text| serde_json::from_str::<Value>(text).ok())
                .and_then(|material| score(material.get("verifyScore"))),
        },
        ("F", sub_code) => codes::refused(sub_code),
        _ => FaceVerdict::Unclear,
    }
}

/// HTTP 200 with the code inside, or the gateway's error with its own.
fn read<T: DeserializeOwned>(answer: &Answer) -> Result<Reply<T>, Fault> {
    let named = answer.content_type() == "application/json";
    if answer.status != 200 && !(400..500).contains(&answer.status) && answer.status != 503
        || !named
    {
        return Err(answer.foreign());
    }
    let envelope: Envelope = answer.json()?;
    if answer.status != 200 {
        return Err(codes::gateway(&envelope.code, answer.retry_after()));
    }
    if envelope.code == "200" {
        let object = envelope
            .result_object
            .ok_or_else(|| Fault::unclear("an answer without its object"))?;
        return serde_json::from_value(object)
            .map(Reply::Good)
            .map_err(|_| Fault::unclear("an answer of another shape"));
    }
    match codes::numbered(&envelope.code) {
        Some(verdict) => Ok(Reply::Person(verdict)),
        None => Err(codes::fault(&envelope.code)),
    }
}

#[async_trait]
impl FaceVerifier for Aliyun {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn provider_name(&self) -> &str {
        &self.settings.provider_name
    }

    /// No form for WeChat's mini-programs is documented: there the photo is compared, or nothing.
    fn way(&self, channel: FaceChannel) -> FaceWay {
        match (self.settings.mode, channel) {
            (Mode::Photo, _) => FaceWay::Photo,
            (Mode::Hosted, FaceChannel::MiniProgram) => FaceWay::Nowhere,
            (Mode::Hosted, _) => FaceWay::Away,
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
        let scene = self.settings.scene_id.to_string();
        let parameters = [
            ("SceneId", scene.as_str()),
            ("CertifyId", query.session.as_str()),
        ];
        let reply = self
            .ask::<Judged>("DescribeFaceVerify", &parameters, &[])
            .await?;
        Ok(match reply {
            Reply::Good(judged) => verdict(&judged),
            Reply::Person(verdict) => verdict,
        })
    }
}
