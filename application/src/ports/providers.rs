//! Providers 供应商: what can go wrong with any of them, in plain words (S-43, S-45).

use async_trait::async_trait;
use domain::{ids::TenantId, vocabulary};
use time::OffsetDateTime;

vocabulary! {
    /// 原因: why a provider said no. Its own codes stay with its adapter; people read these.
    Reason {
        Account = "account" / "账户欠费、停用或未开通该服务",
        Credentials = "credentials" / "密钥不正确或已失效",
        Secret = "secret" / "密钥没有设置，或者读不到",
        ReceiptKey = "receipt_key" / "回执口令没有设置、读不到，或者少于 16 位字母数字",
        Permission = "permission" / "账户无权调用，或本机地址不在白名单内",
        Clock = "clock" / "服务器时间不准，签名已过期",
        Quota = "quota" / "账户额度已用完",
        Frequency = "frequency" / "发送过于频繁，请稍后再试",
        Template = "template" / "模板不存在或未通过审核",
        Signature = "signature" / "短信签名不存在或未通过审核",
        Parameters = "parameters" / "内容与模板或接口要求不符",
        Content = "content" / "内容含有不被允许的文字",
        Recipient = "recipient" / "对方号码无效、停机或拒收",
        Subject = "subject" / "证件、姓名或图片不符合要求",
        Integration = "integration" / "接口地址或版本不正确",
        Undelivered = "undelivered" / "运营商未能送达",
        Internal = "internal" / "服务商系统故障",
        Unreachable = "unreachable" / "连不上服务商",
        Resting = "resting" / "连续失败，暂停调用，稍后自动恢复",
        Busy = "busy" / "同时进行的调用太多",
        NoAnswer = "no_answer" / "服务商没有答复，或者答复不完整",
        Unknown = "unknown" / "服务商给出了未知的答复",
    }
}

impl Reason {
    /// Whether the fault lies with this provider or with our contract with it, so that another provider may well succeed.
    pub const fn lies_with_provider(self) -> bool {
        !matches!(
            self,
            Self::Content | Self::Undelivered | Self::Recipient | Self::Subject | Self::Unknown
        )
    }
}

/// What an examination found, in plain words and with the provider's own code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub at: OffsetDateTime,
    pub reason: Reason,
    pub code: String,
}

/// One account with one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// Kind of the provider: `aliyun`.
    pub provider: String,
    /// 签名自检: a request could be signed, its secrets can be read.
    pub signature: Result<(), Failure>,
    /// 在线检查; `None`: not asked for.
    pub live: Option<Result<(), Failure>>,
    /// It failed too often and rests.
    pub resting: bool,
    /// Of this process, newest first.
    pub failures: Vec<Failure>,
}

/// Something that can be examined without doing anything.
#[async_trait]
pub trait Examinee: Send + Sync {
    /// Its accounts in the order in which they are asked; none for what needs no contract.
    async fn examine(&self, live: bool) -> Vec<Examined>;
}

/// A city's section, examined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// `sms`, `face`.
    pub name: &'static str,
    pub kind: String,
    /// 设置: what is missing or wrong, as the start would say it.
    pub settings: Result<(), String>,
    pub accounts: Vec<Examined>,
}

/// Examines everything that is plugged in for a city.
#[async_trait]
pub trait ProviderChecks: Send + Sync {
    async fn examine(&self, city: TenantId, live: bool) -> Vec<Section>;
}
