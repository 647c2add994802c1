//! Alibaba Cloud SMS 阿里云短信, Dysmsapi 2017-05-25.

use std::time::Duration;

use application::ports::{sms::Sms, sms_log::Receipt};
use async_trait::async_trait;
use domain::ids::TenantId;
use outbound::{
    Account, Answer, Ask, Fault, Line, NotReached, Reason, Secret, Switchboard, sign::acs3::Acs3,
};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use time::{OffsetDateTime, UtcOffset, macros::format_description};
use uuid::Uuid;

use crate::{
    provider::{PATIENCE, Provider, Trace, each},
    templates::Templates,
};

pub const KIND: &str = "aliyun";
const LINE: &str = "sms/aliyun";
const VERSION: &str = "2017-05-25";
const HOSTS: [&str; 3] = [
    "dysmsapi.aliyuncs.com",
    "dysmsapi-proxy.cn-beijing.aliyuncs.com",
    "dysmsapi-xman.cn-hongkong.aliyuncs.com",
];

/// Settings of the section.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub kind: String,
    /// 短信签名, without brackets.
    pub signature: String,
    pub access_key_id: Secret,
    pub access_key_secret: Secret,
    #[serde(default = "first_host")]
    pub host: String,
    pub base_url: Option<String>,
    pub templates: Templates,
}

fn first_host() -> String {
    HOSTS[0].to_owned()
}

/// A city's account there.
pub struct Aliyun {
    settings: Settings,
    line: Line,
}

impl Aliyun {
    /// Refuses settings that are not whole.
    pub fn new(board: &Switchboard, city: TenantId, settings: Settings) -> Result<Self, String> {
        let faults = settings.templates.faults();
        if !faults.is_empty() {
            return Err(faults.join("; "));
        }
        let endpoint = board
            .endpoint(&HOSTS, &settings.host, settings.base_url.as_deref())
            .map_err(|error| error.to_string())?;
        let line = board.line(LINE, city, endpoint).patient(PATIENCE);
        Ok(Self { settings, line })
    }

    fn signed(&self, action: &str, parameters: &[(&str, &str)]) -> Result<Ask, Fault> {
        let secret = |secret: &Secret| {
            secret
                .read()
                .map_err(|_| self.line.note(Fault::Unreachable(NotReached::Secret)))
        };
        let id = secret(&self.settings.access_key_id)?;
        let key = secret(&self.settings.access_key_secret)?;
        let signed = Acs3 {
            access_key_id: id.expose_secret(),
            security_token: None,
            host: self.line.host(),
            action,
            version: VERSION,
            parameters,
            body: None,
            at: self.line.clock().now(),
            nonce: &self.line.nonce(),
        }
        .sign(key.expose_secret());
        Ok(signed
            .headers
            .into_iter()
            .fold(Ask::post("/").query(signed.query), |ask, (name, value)| {
                ask.header(name, value)
            }))
    }
}

#[derive(Deserialize)]
struct Sent {
    #[serde(rename = "Code", alias = "code")]
    code: String,
    #[serde(rename = "BizId")]
    biz_id: Option<String>,
}

#[derive(Deserialize)]
struct Details {
    #[serde(rename = "Code", alias = "code")]
    code: String,
    #[serde(rename = "SmsSendDetailDTOs")]
    list: Option<DetailList>,
}

#[derive(Deserialize)]
struct DetailList {
    #[serde(rename = "SmsSendDetailDTO")]
    details: Vec<Detail>,
}

#[derive(Deserialize)]
struct Detail {
    #[serde(rename = "OutId")]
    out_id: Option<String>,
}

#[derive(Deserialize)]
struct Pushed {
    biz_id: String,
    out_id: Option<String>,
    success: bool,
    err_code: Option<String>,
}

/// The fault of a code; HTTP says nothing, two hundreds carry refusals too.
fn fault(code: &str) -> Fault {
    const MINUTE: Duration = Duration::from_mins(1);
    const LATER: Duration = Duration::from_hours(1);
    let refused = |reason| Fault::refused(code, reason);
    match code {
        "isv.BUSINESS_LIMIT_CONTROL" => Fault::throttled(code, Some(MINUTE)),
        "isv.DAY_LIMIT_CONTROL" | "isv.MONTH_LIMIT_CONTROL" => Fault::throttled(code, Some(LATER)),
        "isv.SMS_TEMPLATE_ILLEGAL" => refused(Reason::Template),
        "isv.SMS_SIGNATURE_ILLEGAL"
        | "isv.SMS_SIGN_ILLEGAL"
        | "isv.SIGN_STATE_ILLEGAL"
        | "isv.SMS_SIGNATURE_SCENE_ILLEGAL" => refused(Reason::Signature),
        "isv.TEMPLATE_MISSING_PARAMETERS"
        | "isv.TEMPLATE_PARAMS_ILLEGAL"
        | "isv.INVALID_JSON_PARAM"
        | "isv.PARAM_LENGTH_LIMIT"
        | "isv.PARAM_NOT_SUPPORT_URL"
        | "isv.INVALID_PARAMETERS"
        | "isv.EXTEND_CODE_ERROR" => refused(Reason::Parameters),
        "isv.SMS_CONTENT_ILLEGAL" | "isv.BLACK_KEY_CONTROL_LIMIT" => refused(Reason::Content),
        "isv.MOBILE_NUMBER_ILLEGAL" | "isv.MOBILE_COUNT_OVER_LIMIT" => refused(Reason::Recipient),
        "isv.DOMESTIC_NUMBER_NOT_SUPPORTED" => refused(Reason::Template),
        "isv.AMOUNT_NOT_ENOUGH"
        | "isv.OUT_OF_SERVICE"
        | "isv.PRODUCT_UN_SUBSCRIPT"
        | "isv.PRODUCT_UNSUBSCRIBE"
        | "isv.ACCOUNT_NOT_EXISTS"
        | "isv.ACCOUNT_ABNORMAL" => refused(Reason::Account),
        "isp.RAM_PERMISSION_DENY" | "isv.DENY_IP_RANGE" => refused(Reason::Permission),
        "SignatureDoesNotMatch" | "InvalidAccessKeyId.NotFound" => refused(Reason::Credentials),
        "InvalidTimeStamp.Expired" => refused(Reason::Clock),
        _ if code == "Throttling" || code.starts_with("Throttling.") => {
            Fault::throttled(code, None)
        }
        _ => Fault::unclear(code),
    }
}

fn read_sent(answer: &Answer) -> Result<String, Fault> {
    let Ok(sent) = answer.json::<Sent>() else {
        return Err(answer.foreign());
    };
    match (sent.code.as_str(), sent.biz_id) {
        ("OK", Some(id)) if answer.status == 200 && !id.is_empty() => Ok(id),
        ("OK", _) => Err(Fault::unclear("OK without BizId")),
        (code, _) if throttled(answer) => Err(Fault::throttled(code, None)),
        (code, _) => Err(fault(code)),
    }
}

/// The gateway's own sign of throttling; the unit of its number is not documented.
fn throttled(answer: &Answer) -> bool {
    answer
        .header("x-acs-retry-after")
        .and_then(|text| text.parse::<u64>().ok())
        .is_some_and(|wait| wait > 0)
}

fn read_details(answer: &Answer) -> Result<Vec<Detail>, Fault> {
    let Ok(details) = answer.json::<Details>() else {
        return Err(answer.foreign());
    };
    match (details.code.as_str(), details.list) {
        ("OK", list) if answer.status == 200 => Ok(list.map(|l| l.details).unwrap_or_default()),
        ("OK", _) => Err(answer.foreign()),
        (code, _) => Err(fault(code)),
    }
}

/// Their day is the day in Beijing.
fn day(at: OffsetDateTime) -> String {
    let beijing = UtcOffset::from_hms(8, 0, 0).unwrap_or(UtcOffset::UTC);
    at.to_offset(beijing)
        .format(format_description!("[year][month][day]"))
        .unwrap_or_default()
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
        self.signed("SendSms", &[("PhoneNumbers", "13800138000")])
            .map(|_| ())
    }

    async fn probe(&self) -> Result<(), Fault> {
        let day = day(self.line.clock().now());
        let parameters = [
            ("PhoneNumber", "13800138000"),
            ("SendDate", day.as_str()),
            ("PageSize", "1"),
            ("CurrentPage", "1"),
        ];
        let ask = self.signed("QuerySendDetails", &parameters)?;
        self.line.ask(ask, read_details).await.map(|_| ())
    }
}

#[async_trait]
impl Provider for Aliyun {
    async fn send(&self, sms: &Sms) -> Result<String, Fault> {
        let (template, params) = self
            .settings
            .templates
            .fill(sms)
            .ok_or_else(|| Fault::refused("template", Reason::Template))?;
        let params: serde_json::Map<String, serde_json::Value> = params
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        let has_params = !params.is_empty();
        let params = serde_json::Value::Object(params).to_string();
        let id = sms.id.to_string();
        let mut parameters = vec![
            ("PhoneNumbers", sms.phone.as_str()),
            ("SignName", self.settings.signature.as_str()),
            ("TemplateCode", template),
            ("OutId", id.as_str()),
        ];
        if has_params {
            parameters.push(("TemplateParam", params.as_str()));
        }
        let ask = self.signed("SendSms", &parameters)?;
        self.line.ask(ask, read_sent).await
    }

    async fn trace(&self, sms: &Sms, tried_at: OffsetDateTime) -> Result<Trace, Fault> {
        let (day, id) = (day(tried_at), sms.id.to_string());
        let parameters = [
            ("PhoneNumber", sms.phone.as_str()),
            ("SendDate", day.as_str()),
            ("PageSize", "50"),
            ("CurrentPage", "1"),
        ];
        let ask = self.signed("QuerySendDetails", &parameters)?;
        let details = self.line.ask(ask, read_details).await?;
        let ours = details.iter().any(|d| d.out_id.as_ref() == Some(&id));
        // A full page may hide ours.
        Ok(match (ours, details.len()) {
            (true, _) => Trace::Sent,
            (false, 50..) => Trace::Unknowable,
            (false, _) => Trace::NotSent,
        })
    }

    fn receipts(&self, body: &[u8]) -> Option<Vec<Receipt>> {
        each(serde_json::from_slice(body).ok()?, |one: Pushed| Receipt {
            provider_ref: one.biz_id,
            message: Uuid::try_parse(&one.out_id.unwrap_or_default()).ok(),
            delivered: one.success,
            reason: (!one.success).then_some(Reason::Undelivered),
            code: one.err_code.unwrap_or_default(),
        })
    }

    fn acknowledgement(&self) -> serde_json::Value {
        serde_json::json!({ "code": 0, "msg": "OK" })
    }
}
