//! 登录与注册: captchas, SMS codes, registration, token pairs, forgotten password (F-3, M-601 to M-608).

use application::{
    account::{
        NewPassword, Purpose,
        codes::CodeSent,
        devices::TokenPair,
        recover::AskRecovery,
        register::{AgreementBox, AskRegistration},
        second::Entrance,
        sign_in::{CodeSignIn, PasswordSignIn},
    },
    error::{UseError, UseResult},
    ports::sessions::SessionKind,
};
use axum::http::Method;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Api,
    call::Call,
    city::{Tick, was_opened},
    door::{Done, Door, Who},
};

const TAG: &str = "登录与注册";

/// 图形验证码.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskCaptcha {
    /// 用在哪里.
    pub(crate) purpose: CaptchaPurpose,
    /// 图片, or a small sum in words for those who cannot see it.
    #[serde(default)]
    pub(crate) way: CaptchaWay,
}

/// `password` 账号密码登录, `sign_in` 短信登录, `register` 注册, `recover` 找回密码; signed in: `profile` 完善信息, `proof` 验证身份,
/// `new_phone` 更换手机号.
#[derive(Clone, Copy, Deserialize, PartialEq, Eq, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CaptchaPurpose {
    Password,
    SignIn,
    Register,
    Recover,
    Profile,
    Proof,
    NewPhone,
}

/// 形式.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CaptchaWay {
    #[default]
    Picture,
    Words,
}

/// 图形验证码; the one before it is void.
#[derive(Serialize, ToSchema)]
pub(crate) struct Captcha {
    /// PNG, base64.
    picture: Option<String>,
    /// 算式.
    question: Option<String>,
    /// How long it may be answered.
    seconds: u32,
}

/// 短信验证码.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AskCode {
    purpose: CodePurpose,
    #[schema(max_length = 20)]
    phone: String,
    #[schema(max_length = 20)]
    captcha: String,
}

/// `register` 注册, `sign_in` 登录, `recover` 找回密码.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CodePurpose {
    Register,
    SignIn,
    Recover,
}

/// 已发送, as far as anybody may know.
#[derive(Serialize, ToSchema)]
pub(crate) struct Sent {
    /// Until another one may be asked for.
    wait_seconds: u32,
    phone_masked: String,
}

impl From<CodeSent> for Sent {
    fn from(sent: CodeSent) -> Self {
        Self {
            wait_seconds: sent.wait,
            phone_masked: sent.phone_masked,
        }
    }
}

/// 账号密码登录.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ByPassword {
    /// 手机号 or 统一社会信用代码.
    #[schema(max_length = 64)]
    account: String,
    #[schema(max_length = 128)]
    password: String,
    #[schema(max_length = 20)]
    captcha: String,
}

/// 短信登录.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ByCode {
    #[schema(max_length = 20)]
    phone: String,
    #[schema(max_length = 10)]
    sms_code: String,
}

/// 换新令牌.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Refresh {
    #[schema(max_length = 64)]
    refresh_token: String,
}

/// 令牌.
#[derive(Serialize, ToSchema)]
pub(crate) struct Tokens {
    access_token: String,
    /// Seconds.
    expires_in: i64,
    /// Works once.
    refresh_token: String,
    refresh_expires_in: i64,
}

impl From<TokenPair> for Tokens {
    fn from(pair: TokenPair) -> Self {
        Self {
            access_token: pair.access,
            expires_in: pair.access_seconds,
            refresh_token: pair.refresh,
            refresh_expires_in: pair.refresh_seconds,
        }
    }
}

/// 用户注册 (M-104 to M-114). Errors of an agreement are told at `agree_<code>`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Register {
    #[schema(max_length = 200)]
    company_name: String,
    #[schema(max_length = 100)]
    legal_representative: String,
    /// 地区代码, from the province down to the last one there is.
    #[schema(max_items = 4)]
    region: Vec<String>,
    #[schema(max_length = 20)]
    phone: String,
    #[schema(max_length = 10)]
    sms_code: String,
    #[schema(max_length = 128)]
    password: String,
    #[schema(max_length = 128)]
    password_again: String,
    #[schema(max_items = 20)]
    agreements: Vec<Tick>,
}

/// 找回密码; every device and session ends.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reset {
    #[schema(max_length = 20)]
    phone: String,
    #[schema(max_length = 10)]
    sms_code: String,
    #[schema(max_length = 128)]
    password: String,
    #[schema(max_length = 128)]
    password_again: String,
}

pub(crate) fn doors() -> Vec<Door> {
    let post = |path| (Method::POST, path);
    let public = Who::Public;
    vec![
        Door::write(TAG, "图形验证码", public, post("/api/v1/captchas"), captcha),
        Door::write(
            TAG,
            "发送短信验证码",
            public,
            post("/api/v1/sms-codes"),
            code,
        ),
        Door::write(
            TAG,
            "账号密码登录",
            public,
            post("/api/v1/tokens/password"),
            by_password,
        ),
        Door::write(TAG, "短信登录", public, post("/api/v1/tokens/sms"), by_code),
        Door::write(
            TAG,
            "换新令牌",
            public,
            post("/api/v1/tokens/refresh"),
            refresh,
        ),
        Door::act(
            TAG,
            "退出登录",
            Who::Enterprise,
            (Method::DELETE, "/api/v1/tokens/current"),
            sign_out,
        ),
        Door::write(
            TAG,
            "注册并登录",
            public,
            post("/api/v1/registrations"),
            register,
        )
        .created(),
        Door::write(
            TAG,
            "找回密码",
            public,
            post("/api/v1/password-resets"),
            reset,
        ),
    ]
}

pub(crate) fn secret(text: String) -> SecretString {
    SecretString::from(text)
}

pub(crate) fn new_password(password: String, again: String) -> NewPassword {
    NewPassword {
        password: secret(password),
        again: secret(again),
    }
}

/// Codes of regions from the province down, as the selects of a page name them.
pub(crate) fn selects<const N: usize>(codes: Vec<String>) -> [String; N] {
    let mut codes = codes.into_iter();
    std::array::from_fn(|_| codes.next().unwrap_or_default())
}

/// Draws a captcha, or asks one in words.
pub(crate) async fn drawn(
    api: &Api,
    call: &Call,
    purpose: Purpose,
    way: CaptchaWay,
) -> UseResult<Captcha> {
    let (desk, caller) = (&api.uses.account.captcha, call.caller());
    let seconds = 180;
    Ok(match way {
        CaptchaWay::Picture => Captcha {
            picture: Some(STANDARD.encode(desk.draw(&caller, purpose).await?)),
            question: None,
            seconds,
        },
        CaptchaWay::Words => Captcha {
            picture: None,
            question: Some(desk.ask(&caller, purpose).await?),
            seconds,
        },
    })
}

async fn captcha(api: Api, call: Call, ask: AskCaptcha) -> UseResult<Captcha> {
    let purpose = match ask.purpose {
        CaptchaPurpose::Password => Purpose::Password,
        CaptchaPurpose::SignIn => Purpose::SignIn,
        CaptchaPurpose::Register => Purpose::Register,
        CaptchaPurpose::Recover => Purpose::Recover,
        _ => return Err(UseError::field("purpose", "api.choice")),
    };
    drawn(&api, &call, purpose, ask.way).await
}

async fn code(api: Api, call: Call, ask: AskCode) -> UseResult<Sent> {
    let purpose = match ask.purpose {
        CodePurpose::Register => Purpose::Register,
        CodePurpose::SignIn => Purpose::SignIn,
        CodePurpose::Recover => Purpose::Recover,
    };
    let desk = &api.uses.account.codes;
    let sent = desk
        .send(&call.caller(), purpose, &ask.phone, &ask.captcha)
        .await?;
    Ok(sent.into())
}

/// The token pair of whoever has just come in.
pub(crate) async fn paired(api: &Api, call: &Call, access: String) -> UseResult<Tokens> {
    let desk = &api.uses.account.devices;
    Ok(desk
        .pair(&call.caller(), &call.device, access)
        .await?
        .into())
}

/// Enterprise people have no second factor.
fn opened(entrance: Entrance) -> UseResult<String> {
    match entrance {
        Entrance::Open(access) => Ok(access),
        Entrance::Halfway(_) => Err(UseError::not_found()),
    }
}

async fn by_password(api: Api, call: Call, ask: ByPassword) -> UseResult<Tokens> {
    let ask = PasswordSignIn {
        account: ask.account,
        password: secret(ask.password),
        captcha: ask.captcha,
    };
    let sign_in = &api.uses.account.sign_in;
    let entrance = sign_in
        .by_password(&call.caller(), SessionKind::Enterprise, ask)
        .await?;
    paired(&api, &call, opened(entrance)?).await
}

async fn by_code(api: Api, call: Call, ask: ByCode) -> UseResult<Tokens> {
    let ask = CodeSignIn {
        phone: ask.phone,
        sms_code: ask.sms_code,
    };
    let sign_in = &api.uses.account.sign_in;
    let entrance = sign_in
        .by_code(&call.caller(), SessionKind::Enterprise, ask)
        .await?;
    paired(&api, &call, opened(entrance)?).await
}

async fn refresh(api: Api, call: Call, ask: Refresh) -> UseResult<Tokens> {
    let desk = &api.uses.account.devices;
    let pair = desk
        .renew(&call.caller(), &call.device, &ask.refresh_token)
        .await?;
    Ok(pair.into())
}

async fn sign_out(api: Api, call: Call) -> UseResult<Done> {
    let device = call.signed()?.device.ok_or_else(UseError::not_found)?;
    api.uses.account.devices.sign_out(device.id).await?;
    Ok(Done)
}

async fn register(api: Api, call: Call, ask: Register) -> UseResult<Tokens> {
    let agreements = ask
        .agreements
        .iter()
        .map(|tick| AgreementBox {
            code: tick.code.clone(),
            opened: was_opened(&api, &call, tick),
            ticked: tick.ticked,
        })
        .collect();
    let ask = AskRegistration {
        company_name: ask.company_name,
        legal_representative: ask.legal_representative,
        region: selects(ask.region),
        phone: ask.phone,
        sms_code: ask.sms_code,
        new_password: new_password(ask.password, ask.password_again),
        channel: crate::CHANNEL,
        scene: None,
        agreements,
    };
    let registration = &api.uses.account.registration;
    let access = registration.register(&call.caller(), ask).await?;
    paired(&api, &call, access).await
}

async fn reset(api: Api, call: Call, ask: Reset) -> UseResult<Done> {
    let ask = AskRecovery {
        phone: ask.phone,
        sms_code: ask.sms_code,
        new_password: new_password(ask.password, ask.password_again),
    };
    let recovery = &api.uses.account.recovery;
    recovery
        .reset(&call.caller(), SessionKind::Enterprise, ask)
        .await?;
    Ok(Done)
}
