//! WeChat 微信小程序: what a city's mini-program can do for us, one small port per ability, and what we remember of its people.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::{
    ids::{TenantId, UserId},
    scene::Scene,
    values::PhoneNumber,
    vocabulary,
};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{audit::AuditEntry, providers::Reason, store::StoreError};

/// A city's mini-program 小程序: its abilities, plugged in together because they share one app id.
#[derive(Clone)]
pub struct MiniProgram {
    pub app_id: String,
    pub login: Arc<dyn MiniProgramLogin>,
    pub phone: Arc<dyn PhoneByCode>,
    pub messages: Arc<dyn SubscriptionMessages>,
    pub codes: Arc<dyn MiniProgramCodes>,
    pub safety: Arc<dyn ContentSafety>,
}

/// Who somebody is to the mini-program. The platform's session key never gets this far (S-14).
#[derive(Clone, PartialEq, Eq)]
pub struct WechatIdentity {
    pub openid: String,
    /// Only where the mini-program is bound to an open-platform account.
    pub unionid: Option<String>,
}

impl fmt::Debug for WechatIdentity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WechatIdentity(***)")
    }
}

/// Why WeChat did not do it for certain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WechatError {
    /// The code from the phone is used up, expired or may have been: the person has to tap once more.
    #[error("the code from the phone no longer counts")]
    Again,
    /// The person has no one-time grant left, or takes no messages any more.
    #[error("the person has not granted another message")]
    NoGrant,
    /// The person has not used the mini-program lately; what needs that cannot be asked.
    #[error("the person has not used the mini-program lately")]
    NotActive,
    /// A number of another country: the platform works with numbers of the mainland.
    #[error("the phone number is not one of the mainland")]
    ForeignNumber,
    /// It said no: repeating is useless.
    #[error("WeChat refused: {}", .reason.code())]
    Refused { reason: Reason },
    /// Not now: nothing was done.
    #[error("WeChat asks us to wait")]
    Throttled { after: Option<Duration> },
    /// It was not reached: nothing was done.
    #[error("WeChat was not reached")]
    Unreachable,
    /// No answer, or one that is not known: it may have been done.
    #[error("it is unclear what WeChat did")]
    Unclear,
}

impl WechatError {
    /// Stable code, key of the message.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Again => "wechat.again",
            Self::NoGrant => "wechat.no_grant",
            Self::NotActive => "wechat.not_active",
            Self::ForeignNumber => "wechat.foreign_number",
            Self::Refused { .. } => "wechat.refused",
            Self::Throttled { .. } => "wechat.throttled",
            Self::Unreachable => "wechat.unreachable",
            Self::Unclear => "wechat.unclear",
        }
    }
}

/// Login 小程序登录: a code of `wx.login` (five minutes, once) becomes an identity.
#[async_trait]
pub trait MiniProgramLogin: Send + Sync {
    async fn identify(&self, code: &str) -> Result<WechatIdentity, WechatError>;
}

/// Phone number by code 手机号快速验证: a code of the phone button (five minutes, once, not the login's).
#[async_trait]
pub trait PhoneByCode: Send + Sync {
    /// `openid`, when given, is compared with the code's.
    async fn phone(&self, code: &str, openid: Option<&str>) -> Result<PhoneNumber, WechatError>;
}

/// A subscription message 订阅消息 to one person: which of our templates, filled with what.
#[derive(Clone)]
pub struct Subscription {
    pub openid: String,
    pub template: &'static str,
    pub params: Vec<(&'static str, String)>,
}

/// Subscription messages 订阅消息: each tap of the person buys one.
#[async_trait]
pub trait SubscriptionMessages: Send + Sync {
    /// WeChat's id of one of our templates; `None` when the city has not registered it.
    fn template_id(&self, template: &str) -> Option<&str>;

    /// All that the city has registered: our template and WeChat's id.
    fn offered(&self) -> Vec<(&str, &str)>;

    async fn send(&self, message: &Subscription) -> Result<(), WechatError>;
}

/// A picture as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct CodePicture {
    /// `image/jpeg` or `image/png`, by content.
    pub media_type: &'static str,
    pub bytes: Vec<u8>,
}

/// Mini-program codes 小程序码: the round codes that lead to a page of the mini-program.
#[async_trait]
pub trait MiniProgramCodes: Send + Sync {
    /// Which release the codes lead to, and hence what a kept one is good for: `release`, `trial`, `develop`, `demo`.
    fn edition(&self) -> &'static str;

    async fn draw(&self, scene: &Scene) -> Result<CodePicture, WechatError>;
}

vocabulary! {
    /// 检查结果: what the platform's check says of a text.
    SafetyVerdict {
        Pass = "pass" / "通过",
        Review = "review" / "需人工复核",
        Risky = "risky" / "含有违规内容",
    }
}

/// Content checks 内容安全检测 of what people write to others.
#[async_trait]
pub trait ContentSafety: Send + Sync {
    /// `openid`: the writer, who has used the mini-program within two hours.
    async fn text(&self, openid: &str, text: &str) -> Result<SafetyVerdict, WechatError>;
}

impl fmt::Debug for Subscription {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Subscription({})", self.template)
    }
}

/// The access token of a mini-program as all processes share it: sealed, with its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedToken {
    pub sealed: Vec<u8>,
    pub expires_at: OffsetDateTime,
}

/// When a process may ask for the next token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseTerm {
    pub now: OffsetDateTime,
    pub until: OffsetDateTime,
    /// A token that lives longer than this needs no successor yet.
    pub fresh_after: OffsetDateTime,
}

/// Access tokens 接口调用凭据, shared by the processes of an installation; one of them at a time asks for the next.
#[async_trait]
pub trait AccessTokens: Send + Sync {
    async fn read(&self, city: TenantId, app_id: &str) -> Result<Option<SharedToken>, StoreError>;

    /// Whether it is now this process's turn to ask, and nobody else's until an instant. Not when a fresh one has come meanwhile.
    async fn lease(
        &self,
        city: TenantId,
        app_id: &str,
        term: LeaseTerm,
    ) -> Result<bool, StoreError>;

    /// Keeps a new one and ends the lease.
    async fn put(
        &self,
        city: TenantId,
        app_id: &str,
        token: &SharedToken,
    ) -> Result<(), StoreError>;

    /// Takes it away if it is still exactly this one.
    async fn drop_if(&self, city: TenantId, app_id: &str, sealed: &[u8]) -> Result<(), StoreError>;
}

/// Who a WeChat identity belongs to 微信绑定.
#[derive(Clone)]
pub struct Binding {
    pub user: UserId,
    pub app_id: String,
    pub openid_index: [u8; 32],
    pub openid_sealed: Vec<u8>,
    pub at: OffsetDateTime,
    pub notices: Vec<BindingNotice>,
}

/// What the person is told of it: topic and payload of a row of the outbox.
#[derive(Clone)]
pub struct BindingNotice {
    pub id: Uuid,
    pub topic: &'static str,
    pub payload: Value,
}

/// Before anybody is signed in.
#[async_trait]
pub trait WechatDoor: Send + Sync {
    /// The active person of the city whom this identity belongs to.
    async fn bound_to(
        &self,
        city: TenantId,
        app_id: &str,
        openid_index: &[u8; 32],
    ) -> Result<Option<UserId>, StoreError>;

    /// Binds, in the place of whatever this person and this identity were bound to before, and leaves the notices behind.
    async fn bind(
        &self,
        city: TenantId,
        binding: &Binding,
        entry: AuditEntry,
    ) -> Result<(), StoreError>;
}

/// How many messages a person has granted for one of WeChat's templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub template_id: String,
    pub left: i32,
}

/// People of the mini-program 微信用户, within a unit of work: a person their own, the city's job everybody's.
#[async_trait]
pub trait WechatPeople: Send {
    async fn unbind(&mut self, user: UserId) -> Result<(), StoreError>;

    /// The sealed openid of a person for this app.
    async fn openid_of(
        &mut self,
        user: UserId,
        app_id: &str,
    ) -> Result<Option<Vec<u8>>, StoreError>;

    /// One more message each. At most `most` are kept of one template.
    async fn grant(
        &mut self,
        user: UserId,
        template_ids: &[String],
        most: i32,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;

    async fn grants(&mut self, user: UserId) -> Result<Vec<Grant>, StoreError>;

    /// Takes one; false when there is none.
    async fn take_grant(
        &mut self,
        user: UserId,
        template_id: &str,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError>;

    /// Gives one back that bought nothing.
    async fn give_back(
        &mut self,
        user: UserId,
        template_id: &str,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;

    /// WeChat says that there is none.
    async fn void_grants(
        &mut self,
        user: UserId,
        template_id: &str,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;
}

/// A code that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptCode {
    pub id: Uuid,
    pub scene: Scene,
    pub app_id: String,
    pub edition: &'static str,
    pub media_type: String,
    pub object_key: String,
    pub byte_size: i32,
    pub at: OffsetDateTime,
}

/// Kept codes 小程序码, within a unit of work: everybody of the city sees them, its job makes them.
#[async_trait]
pub trait KeptCodes: Send {
    async fn code_of(
        &mut self,
        app_id: &str,
        edition: &'static str,
        scene: &Scene,
    ) -> Result<Option<KeptCode>, StoreError>;

    /// False when there is one already.
    async fn keep_code(&mut self, code: &KeptCode) -> Result<bool, StoreError>;
}
