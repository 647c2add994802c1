//! Huawei Cloud SMS 华为云短信, batchSendSms v1.

use application::ports::{sms::Sms, sms_log::Receipt};
use async_trait::async_trait;
use domain::ids::TenantId;
use outbound::{
    Account, Answer, Ask, Fault, Line, NotReached, Reason, Secret, Switchboard,
    sign::{Payload, sdk_hmac::SdkHmac, wsse},
};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    provider::{Callback, PATIENCE, Provider, Trace, each, knows_us},
    templates::Templates,
};

pub const KIND: &str = "huawei";
const LINE: &str = "sms/huawei";
const PATH: &str = "/sms/batchSendSms/v1";
const FORM: &str = "application/x-www-form-urlencoded";
const HOSTS: [&str; 2] = [
    "smsapi.cn-north-4.myhuaweicloud.com",
    "smsapi.cn-south-1.myhuaweicloud.com",
];

/// How requests are signed: both ways are documented.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Auth {
    #[default]
    Wsse,
    SdkHmac,
}

/// Settings of the section.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub kind: String,
    /// 短信签名; goes along only with a universal template.
    #[serde(default)]
    pub signature: String,
    pub app_key: Secret,
    pub app_secret: Secret,
    /// 通道号 of the signature.
    pub from: String,
    #[serde(default)]
    pub auth: Auth,
    #[serde(default)]
    pub digest: wsse::Digest,
    #[serde(default = "first_host")]
    pub host: String,
    pub base_url: Option<String>,
    pub templates: Templates,
}

fn first_host() -> String {
    HOSTS[0].to_owned()
}

/// A city's account there.
pub struct Huawei {
    settings: Settings,
    line: Line,
    /// Where receipts are to be pushed; none: nowhere.
    callback: Option<Callback>,
}

impl Huawei {
    /// Refuses settings that are not whole.
    pub fn new(
        board: &Switchboard,
        city: TenantId,
        settings: Settings,
        callback: Option<Callback>,
    ) -> Result<Self, String> {
        let mut faults = settings.templates.faults();
        if settings.from.is_empty() || !settings.from.chars().all(|c| c.is_ascii_digit()) {
            faults.push("from is not a channel number".to_owned());
        }
        if !faults.is_empty() {
            return Err(faults.join("; "));
        }
        let endpoint = board
            .endpoint(&HOSTS, &settings.host, settings.base_url.as_deref())
            .map_err(|error| error.to_string())?;
        let line = board.line(LINE, city, endpoint).patient(PATIENCE);
        Ok(Self {
            settings,
            line,
            callback,
        })
    }

    fn signed(&self, body: String) -> Result<Ask, Fault> {
        let secret = |secret: &Secret| {
            secret
                .read()
                .map_err(|_| self.line.note(Fault::Unreachable(NotReached::Secret)))
        };
        let key = secret(&self.settings.app_key)?;
        let secret = secret(&self.settings.app_secret)?;
        let at = self.line.clock().now();
        let headers = match self.settings.auth {
            Auth::Wsse => {
                let token = wsse::token(
                    key.expose_secret(),
                    secret.expose_secret(),
                    &self.line.nonce(),
                    at,
                    self.settings.digest,
                );
                vec![
                    ("authorization", wsse::AUTHORIZATION.to_owned()),
                    ("x-wsse", token),
                ]
            }
            Auth::SdkHmac => SdkHmac {
                app_key: key.expose_secret(),
                method: "POST",
                path: PATH,
                parameters: &[],
                host: self.line.host(),
                content_type: Some(FORM),
                at,
                payload: Payload::Unsigned,
            }
            .sign(secret.expose_secret()),
        };
        let ask = Ask::post(PATH).header("content-type", FORM).body(body);
        Ok(headers
            .into_iter()
            .fold(ask, |ask, (name, value)| ask.header(name, value)))
    }

    fn form(&self, to: &str, template: &str, params: &[&str], id: &str) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("from", &self.settings.from)
            .append_pair("to", to)
            .append_pair("templateId", template);
        if !params.is_empty() {
            form.append_pair("templateParas", &serde_json::json!(params).to_string());
        }
        if !self.settings.signature.is_empty() {
            form.append_pair("signature", &self.settings.signature);
        }
        if let Some(address) = self.callback.as_ref().and_then(Callback::address) {
            form.append_pair("statusCallback", &address);
        }
        form.append_pair("extend", id).finish()
    }
}

#[derive(Deserialize)]
struct Sent {
    code: String,
    result: Option<Vec<SentOne>>,
}

#[derive(Deserialize)]
struct SentOne {
    status: String,
    #[serde(default, rename = "smsMsgId")]
    id: String,
}

/// Success is both: the request's code and the number's status.
fn read_sent(answer: &Answer) -> Result<String, Fault> {
    let Ok(sent) = answer.json::<Sent>() else {
        return Err(match answer.status {
            404 => Fault::refused("HTTP 404", Reason::Integration),
            _ => answer.foreign(),
        });
    };
    if sent.code != "000000" {
        return Err(fault(&sent.code));
    }
    match sent.result.as_deref() {
        Some([one]) if one.status != "000000" => Err(fault(&one.status)),
        Some([one]) if answer.status == 200 && !one.id.is_empty() => Ok(one.id.clone()),
        _ => Err(Fault::unclear("000000 without its one number")),
    }
}

fn fault(code: &str) -> Fault {
    let refused = |reason| Fault::refused(code, reason);
    match code {
        "E000001" | "E000002" | "E000003" | "E000004" | "E000005" | "E000111" => {
            refused(Reason::Credentials)
        }
        "E000110" => refused(Reason::Clock),
        "E000112" => refused(Reason::Account),
        "E000000" | "E000503" | "E200028" => refused(Reason::Parameters),
        "E200015" => Fault::throttled(code, None),
        "E200018" => refused(Reason::Signature),
        "E200029" | "E200030" | "E200031" | "E200033" => refused(Reason::Template),
        "E200036" => refused(Reason::Quota),
        "E200041" => refused(Reason::Recipient),
        // Seen in the wild, described nowhere: not to be sent again.
        "E000510" | "E000620" | "E000623" | "E000624" => refused(Reason::Unknown),
        _ => Fault::unclear(code),
    }
}

#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "statusReportList")]
    list: Vec<serde_json::Value>,
}

#[derive(Default, Deserialize)]
struct Pushed {
    #[serde(rename = "smsMsgId")]
    id: String,
    status: String,
    extend: Option<String>,
}

impl Pushed {
    fn receipt(self) -> Receipt {
        let delivered = self.status == "DELIVRD";
        Receipt {
            provider_ref: self.id,
            message: Uuid::try_parse(&self.extend.unwrap_or_default()).ok(),
            delivered,
            reason: (!delivered).then(|| undelivered(&self.status)),
            code: self.status,
        }
    }
}

fn undelivered(status: &str) -> Reason {
    match status {
        "MILIMIT" | "LIMIT" | "BEYONDN" | "CTLIMIT" => Reason::Frequency,
        "KEYWORD" => Reason::Content,
        "BLACK" | "TDBLACK" | "TSBLACK" | "MBBLACK" => Reason::Recipient,
        "SC:0017" => Reason::Template,
        "SC:0018" => Reason::Signature,
        _ => Reason::Undelivered,
    }
}

#[async_trait]
impl Account for Huawei {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn line(&self) -> &'static str {
        LINE
    }

    fn self_test(&self) -> Result<(), Fault> {
        self.signed(String::new()).map(|_| ())
    }

    /// A form without a number is refused for its form once the key was known.
    async fn probe(&self) -> Result<(), Fault> {
        let ask = self.signed(self.form("", "0", &[], "probe"))?;
        self.line
            .ask(ask, |answer| knows_us(read_sent(answer)))
            .await
    }
}

#[async_trait]
impl Provider for Huawei {
    async fn send(&self, sms: &Sms) -> Result<String, Fault> {
        let (template, params) = self
            .settings
            .templates
            .fill(sms)
            .ok_or_else(|| Fault::refused("template", Reason::Template))?;
        let params: Vec<&str> = params.into_iter().map(|(_, value)| value).collect();
        // Quotes and braces in a blank fail the whole call.
        if params.iter().any(|p| p.contains(['"', '{', '}'])) {
            return Err(Fault::refused("templateParas", Reason::Parameters));
        }
        let form = self.form(
            &sms.phone.e164(),
            template,
            &params,
            &sms.id.simple().to_string(),
        );
        let ask = self.signed(form)?;
        self.line.ask(ask, read_sent).await
    }

    /// There is no question by our id; a receipt may come, pushed.
    async fn trace(&self, _: &Sms, _: OffsetDateTime) -> Result<Trace, Fault> {
        Ok(Trace::Unknowable)
    }

    fn receipts(&self, body: &[u8]) -> Option<Vec<Receipt>> {
        // One as a form, or up to fifty as JSON.
        if let Ok(batch) = serde_json::from_slice::<Batch>(body) {
            return each(batch.list, Pushed::receipt);
        }
        let mut pushed = Pushed::default();
        for (name, value) in form_urlencoded::parse(body) {
            match &*name {
                "smsMsgId" => pushed.id = value.into_owned(),
                "status" => pushed.status = value.into_owned(),
                "extend" => pushed.extend = Some(value.into_owned()),
                _ => {}
            }
        }
        let whole = !pushed.id.is_empty() && !pushed.status.is_empty();
        whole.then(|| vec![pushed.receipt()])
    }

    fn acknowledgement(&self) -> serde_json::Value {
        serde_json::json!({ "code": "000000" })
    }
}
