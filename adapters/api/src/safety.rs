//! 账号安全: who I am, devices and sessions, fresh proof, password and phone (S-14, S-41).

use application::{
    account::{Purpose, devices::access_seconds},
    error::{UseError, UseResult},
};
use axum::http::Method;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Api,
    call::Call,
    door::{Done, Door, NoQuery, Who},
    entry::{AskCaptcha, Captcha, CaptchaPurpose, Sent, drawn, new_password, secret},
    shapes::{Word, instant},
};

const TAG: &str = "账号安全";

/// 我的.
#[derive(Serialize, ToSchema)]
struct Me {
    /// Stays the same whatever the person changes.
    account: Uuid,
    enterprise_name: String,
    phone_masked: String,
    /// 角色.
    roles: Vec<Word>,
    /// 已完善; while false, 我的企业 carries the ！ (M-802).
    profile_complete: bool,
    /// 还缺的内容.
    missing: Vec<Word>,
    face_verified: bool,
    unread_messages: u64,
    /// 身份验证 is at most five minutes old.
    freshly_proved: bool,
}

/// 账号.
#[derive(Serialize, ToSchema)]
struct AccountView {
    name: String,
    phone_masked: String,
    created_at: String,
    devices: Vec<DeviceLine>,
    /// 网页登录.
    sessions: Vec<DeviceLine>,
    sign_ins: Vec<SignInLine>,
}

/// 登录设备, or 网页登录.
#[derive(Serialize, ToSchema)]
struct DeviceLine {
    id: Uuid,
    agent: String,
    ip: String,
    created_at: String,
    seen_at: String,
    /// 当前设备.
    current: bool,
}

/// 登录记录.
#[derive(Serialize, ToSchema)]
struct SignInLine {
    at: String,
    /// `ok`, `wrong_password`, `blocked`.
    outcome: String,
    ip: String,
    agent: String,
}

/// 图形验证码的答案.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Solved {
    #[schema(max_length = 20)]
    pub(crate) captcha: String,
}

/// 短信验证码.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CodeOf {
    #[schema(max_length = 10)]
    sms_code: String,
}

/// The access token that goes on from here; the one before is dead (S-13).
#[derive(Serialize, ToSchema)]
struct NextAccess {
    access_token: String,
    expires_in: i64,
}

/// 修改密码.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangePassword {
    #[schema(max_length = 128)]
    current_password: String,
    #[schema(max_length = 128)]
    password: String,
    #[schema(max_length = 128)]
    password_again: String,
}

/// 新手机号.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPhone {
    #[schema(max_length = 20)]
    phone: String,
    #[schema(max_length = 20)]
    captcha: String,
}

/// 更换手机号.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangePhone {
    #[schema(max_length = 20)]
    phone: String,
    #[schema(max_length = 10)]
    sms_code: String,
}

/// 退出了几处.
#[derive(Serialize, ToSchema)]
struct Ended {
    ended: u64,
}

pub(crate) fn doors() -> Vec<Door> {
    let own = Who::Enterprise;
    let post = |path| (Method::POST, path);
    let put = |path| (Method::PUT, path);
    let delete = |path| (Method::DELETE, path);
    vec![
        Door::read(TAG, "我的", own, "/api/v1/me", me),
        Door::read(TAG, "账号、设备和登录记录", own, "/api/v1/account", view),
        Door::act(
            TAG,
            "让一台设备退出",
            own,
            delete("/api/v1/account/devices/{id}"),
            end_device,
        ),
        Door::act(
            TAG,
            "让一处网页登录退出",
            own,
            delete("/api/v1/account/sessions/{id}"),
            end_session,
        ),
        Door::act(
            TAG,
            "其他设备和网页全部退出",
            own,
            post("/api/v1/account/sign-outs"),
            end_others,
        ),
        Door::write(
            TAG,
            "登录后的图形验证码",
            own,
            post("/api/v1/account/captchas"),
            captcha,
        ),
        Door::write(
            TAG,
            "发送验证身份的短信验证码",
            own,
            post("/api/v1/account/proof-codes"),
            proof_code,
        ),
        Door::write(TAG, "验证身份", own, post("/api/v1/account/proofs"), proof),
        Door::write(
            TAG,
            "修改密码",
            own,
            put("/api/v1/account/password"),
            password,
        ),
        Door::write(
            TAG,
            "向新手机号发送短信验证码",
            own,
            post("/api/v1/account/phone-codes"),
            phone_code,
        ),
        Door::write(TAG, "更换手机号", own, put("/api/v1/account/phone"), phone),
    ]
}

async fn me(api: Api, call: Call, _: NoQuery) -> UseResult<Me> {
    let signed = call.signed()?;
    let page = api.uses.profiles.view(&signed.actor).await?;
    let messages = api.uses.messages.list(&signed.actor, true, 1).await?;
    Ok(Me {
        account: signed.actor.user.0,
        enterprise_name: page.facts.name.clone(),
        phone_masked: page.phone.masked(),
        roles: (signed.actor.roles.iter())
            .map(|role| Word::new(role.code(), role.zh()))
            .collect(),
        profile_complete: page.facts.completed_at.is_some(),
        missing: (page.missing.iter())
            .map(|fact| Word::new(fact.code(), fact.zh()))
            .collect(),
        face_verified: page.face_verified,
        unread_messages: messages.unread,
        freshly_proved: signed.freshly_proved,
    })
}

async fn view(api: Api, call: Call, _: NoQuery) -> UseResult<AccountView> {
    let own = api.uses.account.own.overview(call.signed()?).await?;
    Ok(AccountView {
        name: own.name,
        phone_masked: own.phone_masked,
        created_at: instant(own.created_at),
        devices: own
            .devices
            .into_iter()
            .map(|(device, current)| DeviceLine {
                id: device.id,
                agent: device.agent,
                ip: device.ip,
                created_at: instant(device.created_at),
                seen_at: instant(device.seen_at),
                current,
            })
            .collect(),
        sessions: own
            .sessions
            .into_iter()
            .map(|(session, current)| DeviceLine {
                id: session.id,
                agent: session.agent,
                ip: session.ip,
                created_at: instant(session.created_at),
                seen_at: instant(session.seen_at),
                current,
            })
            .collect(),
        sign_ins: own
            .sign_ins
            .into_iter()
            .map(|one| SignInLine {
                at: instant(one.at),
                outcome: one.outcome,
                ip: one.ip,
                agent: one.agent,
            })
            .collect(),
    })
}

async fn end_device(api: Api, call: Call) -> UseResult<Done> {
    let own = &api.uses.account.own;
    own.end_device(call.signed()?, call.id("id")?).await?;
    Ok(Done)
}

async fn end_session(api: Api, call: Call) -> UseResult<Done> {
    let own = &api.uses.account.own;
    own.end_session(call.actor()?, call.id("id")?).await?;
    Ok(Done)
}

async fn end_others(api: Api, call: Call) -> UseResult<Ended> {
    let ended = api.uses.account.own.end_others(call.actor()?).await?;
    Ok(Ended { ended })
}

async fn captcha(api: Api, call: Call, ask: AskCaptcha) -> UseResult<Captcha> {
    let purpose = match ask.purpose {
        CaptchaPurpose::Profile => Purpose::Profile,
        CaptchaPurpose::Proof => Purpose::Proof,
        CaptchaPurpose::NewPhone => Purpose::NewPhone,
        _ => return Err(UseError::field("purpose", "api.choice")),
    };
    drawn(&api, &call, purpose, ask.way).await
}

async fn proof_code(api: Api, call: Call, ask: Solved) -> UseResult<Sent> {
    let own = &api.uses.account.own;
    let sent = own
        .send_proof(call.actor()?, &call.caller(), &ask.captcha)
        .await?;
    Ok(sent.into())
}

async fn proof(api: Api, call: Call, ask: CodeOf) -> UseResult<NextAccess> {
    let own = &api.uses.account.own;
    let access_token = own
        .verify(call.signed()?, &call.caller(), &ask.sms_code)
        .await?;
    Ok(NextAccess {
        access_token,
        expires_in: access_seconds(),
    })
}

async fn password(api: Api, call: Call, ask: ChangePassword) -> UseResult<Done> {
    let own = &api.uses.account.own;
    let current = secret(ask.current_password);
    let new = new_password(ask.password, ask.password_again);
    own.change_password(call.signed()?, &call.caller(), &current, &new)
        .await?;
    Ok(Done)
}

async fn phone_code(api: Api, call: Call, ask: NewPhone) -> UseResult<Sent> {
    let own = &api.uses.account.own;
    let sent = own
        .send_new_phone(call.signed()?, &call.caller(), &ask.phone, &ask.captcha)
        .await?;
    Ok(sent.into())
}

async fn phone(api: Api, call: Call, ask: ChangePhone) -> UseResult<Done> {
    let own = &api.uses.account.own;
    own.change_phone(call.signed()?, &call.caller(), &ask.phone, &ask.sms_code)
        .await?;
    Ok(Done)
}
