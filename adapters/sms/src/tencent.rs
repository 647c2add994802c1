//! Tencent Cloud SMS 腾讯云短信, 2021-01-11.

use std::time::Duration;

use application::ports::{sms::Sms, sms_log::Receipt};
use async_trait::async_trait;
use domain::ids::TenantId;
use outbound::{
    Account, Answer, Ask, Fault, Line, NotReached, Reason, Secret, Switchboard,
    sign::{Payload, tc3::Tc3},
};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    provider::{PATIENCE, Provider, Trace, each, knows_us},
    templates::Templates,
};

pub const KIND: &str = "tencent";
const LINE: &str = "sms/tencent";
const VERSION: &str = "2021-01-11";
const JSON: &str = "application/json";
const HOSTS: [&str; 4] = [
    "sms.tencentcloudapi.com",
    "sms.ap-guangzhou.tencentcloudapi.com",
    "sms.ap-beijing.tencentcloudapi.com",
    "sms.ap-nanjing.tencentcloudapi.com",
];

/// Settings of the section.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub kind: String,
    /// 短信签名, the text and not its id.
    pub signature: String,
    pub secret_id: Secret,
    pub secret_key: Secret,
    /// 应用 SdkAppId from the console.
    pub sdk_app_id: String,
    #[serde(default = "first_region")]
    pub region: String,
    #[serde(default = "first_host")]
    pub host: String,
    pub base_url: Option<String>,
    pub templates: Templates,
}

fn first_region() -> String {
    "ap-guangzhou".to_owned()
}

fn first_host() -> String {
    HOSTS[0].to_owned()
}

/// A city's account there.
pub struct Tencent {
    settings: Settings,
    line: Line,
}

impl Tencent {
    /// Refuses settings that are not whole.
    pub fn new(board: &Switchboard, city: TenantId, settings: Settings) -> Result<Self, String> {
        let mut faults = settings.templates.faults();
        if settings.sdk_app_id.is_empty()
            || !settings.sdk_app_id.chars().all(|c| c.is_ascii_digit())
        {
            faults.push("sdk_app_id is not a number".to_owned());
        }
        if !faults.is_empty() {
            return Err(faults.join("; "));
        }
        let endpoint = board
            .endpoint(&HOSTS, &settings.host, settings.base_url.as_deref())
            .map_err(|error| error.to_string())?;
        let line = board.line(LINE, city, endpoint).patient(PATIENCE);
        Ok(Self { settings, line })
    }

    fn signed(&self, action: &str, body: &impl Serialize) -> Result<Ask, Fault> {
        let secret = |secret: &Secret| {
            secret
                .read()
                .map_err(|_| self.line.note(Fault::Unreachable(NotReached::Secret)))
        };
        let id = secret(&self.settings.secret_id)?;
        let key = secret(&self.settings.secret_key)?;
        let body = serde_json::to_vec(body).map_err(|_| Fault::Unreachable(NotReached::Form))?;
        let at = self.line.clock().now();
        let authorization = Tc3 {
            secret_id: id.expose_secret(),
            service: "sms",
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

    async fn pull(&self, limit: u32) -> Result<Vec<Status>, Fault> {
        let body = PullStatus {
            limit,
            sdk_app_id: &self.settings.sdk_app_id,
        };
        let ask = self.signed("PullSmsSendStatus", &body)?;
        let pulled: Pulled = self.line.ask(ask, read).await?;
        Ok(pulled.list)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SendSms<'a> {
    phone_number_set: [String; 1],
    sms_sdk_app_id: &'a str,
    template_id: &'a str,
    sign_name: &'a str,
    template_param_set: Vec<&'a str>,
    session_context: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PullStatus<'a> {
    limit: u32,
    #[serde(rename = "SmsSdkAppId")]
    sdk_app_id: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<T> {
    response: Body<T>,
}

#[derive(Deserialize)]
struct Body<T> {
    #[serde(rename = "Error")]
    error: Option<WireError>,
    #[serde(flatten)]
    good: Option<T>,
}

#[derive(Deserialize)]
struct WireError {
    #[serde(rename = "Code")]
    code: String,
}

#[derive(Deserialize)]
struct Sent {
    #[serde(rename = "SendStatusSet")]
    list: Vec<SentOne>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SentOne {
    code: String,
    #[serde(default)]
    serial_no: String,
}

#[derive(Deserialize)]
struct Pulled {
    #[serde(rename = "PullSmsSendStatusSet")]
    list: Vec<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    serial_no: String,
    #[serde(rename = "ReportStatus")]
    outcome: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    session_context: String,
}

#[derive(Deserialize)]
struct Pushed {
    sid: String,
    report_status: String,
    errmsg: Option<String>,
}

/// The good half of an answer; both halves come with HTTP 200, everything else is not theirs.
fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, Fault> {
    if answer.status != 200 {
        return Err(answer.foreign());
    }
    let body = answer.json::<Envelope<T>>()?.response;
    match (body.error, body.good) {
        (Some(error), _) => Err(fault(&error.code)),
        (None, Some(good)) => Ok(good),
        (None, None) => Err(Fault::unclear("an answer without its body")),
    }
}

/// One number was asked for, so exactly one status must come back, and it must be good.
fn read_sent(answer: &Answer) -> Result<String, Fault> {
    let sent: Sent = read(answer)?;
    match sent.list.as_slice() {
        [one] if one.code == "Ok" && !one.serial_no.is_empty() => Ok(one.serial_no.clone()),
        [one] if one.code == "Ok" => Err(Fault::unclear("Ok without SerialNo")),
        [one] => Err(fault(&one.code)),
        _ => Err(Fault::unclear("another number of statuses")),
    }
}

/// The same codes stand for the whole request and for one number.
fn fault(code: &str) -> Fault {
    let wait = |seconds| Fault::throttled(code, Some(Duration::from_secs(seconds)));
    let refused = |reason| Fault::refused(code, reason);
    match code {
        "LimitExceeded.PhoneNumberThirtySecondLimit" => wait(30),
        "LimitExceeded.PhoneNumberOneHourLimit"
        | "LimitExceeded.PhoneNumberDailyLimit"
        | "LimitExceeded.PhoneNumberSameContentDailyLimit"
        | "LimitExceeded.AppDailyLimit"
        | "LimitExceeded.AppMainlandChinaDailyLimit"
        | "LimitExceeded.DailyLimit"
        | "FailedOperation.MarketingSendTimeConstraint" => wait(3_600),
        "LimitExceeded.DeliveryFrequencyLimit" => wait(60),
        "RequestLimitExceeded"
        | "RequestLimitExceeded.UinLimitExceeded"
        | "RequestLimitExceeded.GlobalRegionUinLimitExceeded"
        | "RequestLimitExceeded.IPLimitExceeded" => Fault::throttled(code, None),
        "FailedOperation.TemplateIncorrectOrUnapproved"
        | "FailedOperation.TemplateUnapprovedOrNotExist"
        | "FailedOperation.TemplateIdNotExist" => refused(Reason::Template),
        "FailedOperation.SignatureIncorrectOrUnapproved" | "FailedOperation.SignIdNotExist" => {
            refused(Reason::Signature)
        }
        "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"
        | "InvalidParameterValue.TemplateParameterFormatError"
        | "InvalidParameterValue.TemplateParameterLengthLimit"
        | "InvalidParameterValue.ContentLengthLimit"
        | "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter"
        | "MissingParameter.EmptyPhoneNumberSet"
        | "LimitExceeded.PhoneNumberCountLimit" => refused(Reason::Parameters),
        "FailedOperation.ContainSensitiveWord" | "InvalidParameter.DirtyWordFound" => {
            refused(Reason::Content)
        }
        "InvalidParameterValue.IncorrectPhoneNumber"
        | "FailedOperation.PhoneNumberParseFail"
        | "FailedOperation.PhoneNumberInBlacklist" => refused(Reason::Recipient),
        "FailedOperation.InsufficientBalanceInSmsPackage"
        | "UnauthorizedOperation.ServiceSuspendDueToArrears"
        | "UnauthorizedOperation.SdkAppIdIsDisabled"
        | "InvalidParameterValue.SdkAppIdNotExist" => refused(Reason::Account),
        "UnauthorizedOperation.SmsSdkAppIdVerifyFail"
        | "UnauthorizedOperation.RequestIpNotInWhitelist"
        | "UnauthorizedOperation.RequestPermissionDeny"
        | "AuthFailure.UnauthorizedOperation" => refused(Reason::Permission),
        "InternalError.RequestTimeException" | "AuthFailure.SignatureExpire" => {
            refused(Reason::Clock)
        }
        "AuthFailure.SignatureFailure"
        | "AuthFailure.SecretIdNotFound"
        | "AuthFailure.TokenFailure" => refused(Reason::Credentials),
        "InvalidAction" | "NoSuchVersion" | "RequestSizeLimitExceeded" => {
            refused(Reason::Integration)
        }
        // Timeouts between them and the carrier, and everything that nobody has described.
        _ => Fault::unclear(code),
    }
}

fn receipt(serial_no: String, context: &str, status: &str, words: String) -> Receipt {
    let delivered = status == "SUCCESS";
    Receipt {
        provider_ref: serial_no,
        message: Uuid::try_parse(context).ok(),
        delivered,
        reason: (!delivered).then_some(Reason::Undelivered),
        code: words,
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
        self.signed("SendSms", &serde_json::json!({})).map(|_| ())
    }

    /// A pull would take receipts away from whoever needs them, so an empty send asks: a parameter error means that the key
    /// was known.
    async fn probe(&self) -> Result<(), Fault> {
        let body = SendSms {
            phone_number_set: [String::new()],
            sms_sdk_app_id: &self.settings.sdk_app_id,
            template_id: "0",
            sign_name: &self.settings.signature,
            template_param_set: Vec::new(),
            session_context: String::new(),
        };
        let ask = self.signed("SendSms", &body)?;
        self.line
            .ask(ask, |answer| knows_us(read_sent(answer)))
            .await
    }
}

#[async_trait]
impl Provider for Tencent {
    async fn send(&self, sms: &Sms) -> Result<String, Fault> {
        let (template_id, params) = self
            .settings
            .templates
            .fill(sms)
            .ok_or_else(|| Fault::refused("template", Reason::Template))?;
        let body = SendSms {
            phone_number_set: [sms.phone.e164()],
            sms_sdk_app_id: &self.settings.sdk_app_id,
            template_id,
            sign_name: &self.settings.signature,
            template_param_set: params.into_iter().map(|(_, value)| value).collect(),
            session_context: sms.id.to_string(),
        };
        let ask = self.signed("SendSms", &body)?;
        self.line.ask(ask, read_sent).await
    }

    /// By our id only in receipts, each handed out once: all of them are passed on.
    async fn trace(&self, _: &Sms, _: OffsetDateTime) -> Result<Trace, Fault> {
        let list = self.pull(100).await?;
        Ok(Trace::Receipts(
            list.into_iter()
                .map(|s| receipt(s.serial_no, &s.session_context, &s.outcome, s.description))
                .collect(),
        ))
    }

    fn receipts(&self, body: &[u8]) -> Option<Vec<Receipt>> {
        each(serde_json::from_slice(body).ok()?, |one: Pushed| {
            let words = one.errmsg.unwrap_or_default();
            receipt(one.sid, "", &one.report_status, words)
        })
    }

    fn acknowledgement(&self) -> serde_json::Value {
        serde_json::json!({ "result": 0, "errmsg": "OK" })
    }
}
