//! Forgotten password 找回密码.

use application::{
    account::{NewPassword, Purpose, codes::CodeSent, recover::AskRecovery},
    error::UseError,
};
use axum::{
    extract::{Query as AxumQuery, State},
    response::Response,
};

use super::{
    ENTERPRISE, InWords, Room, STAFF, Side, caller, captcha as doors, captcha_field,
    options::Query, pages::ForgotPage, password_fields, secret, sms_field, tell,
};
use crate::{
    errors::WebError,
    forms::{Field, FormView},
    posted::{Form, Posted},
    spawned,
    visit::Visit,
};

const TEMPLATE: &str = "account/forgot.html";
const TITLE: &str = "找回密码";

pub async fn enterprise_page(
    State(web): State<Room>,
    visit: Visit,
    AxumQuery(query): AxumQuery<Query>,
) -> Result<Response, WebError> {
    open(&web, visit, ENTERPRISE, &query).await
}

pub async fn staff_page(
    State(web): State<Room>,
    visit: Visit,
    AxumQuery(query): AxumQuery<Query>,
) -> Result<Response, WebError> {
    open(&web, visit, STAFF, &query).await
}

pub async fn enterprise(
    State(web): State<Room>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    reset(&web, visit, ENTERPRISE, &posted).await
}

pub async fn staff(
    State(web): State<Room>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    reset(&web, visit, STAFF, &posted).await
}

async fn open(
    web: &Room,
    mut visit: Visit,
    side: Side,
    query: &Query,
) -> Result<Response, WebError> {
    if visit.signed.is_some() {
        return Ok(visit.redirect(side.account(), None));
    }
    visit.ensure_binding();
    let page = view(web, &visit, side, InWords::asked(query), None).await?;
    Ok(visit.render(TEMPLATE, TITLE, &page))
}

async fn view(
    web: &Room,
    visit: &Visit,
    side: Side,
    in_words: InWords,
    sent: Option<&CodeSent>,
) -> Result<ForgotPage, WebError> {
    let purpose = Purpose::recover(side.0);
    let here = side.forgot();
    let [password, password_again] = password_fields("新密码", "确认新密码");
    let form = FormView::new(here)
        .with(
            Field::phone("phone", "手机号")
                .required()
                .placeholder("请输入手机号")
                .hint("注册账号时使用的手机号"),
        )
        .with(captcha_field(web, visit, purpose, in_words, "图形验证码").await?)
        .with(sms_field(
            "短信验证码",
            purpose,
            "phone,captcha,captcha_kind",
            sent,
        ))
        .with(password)
        .with(password_again)
        .with(Field::hidden("captcha_kind", in_words.code()));
    Ok(ForgotPage {
        form,
        login_href: side.login().to_owned(),
        in_words: in_words.0,
    })
}

async fn again(
    web: &Room,
    visit: &Visit,
    side: Side,
    posted: &Posted,
    result: Result<Option<CodeSent>, UseError>,
) -> Result<Response, WebError> {
    let sent = result.as_ref().ok().and_then(Option::as_ref);
    let mut page = view(web, visit, side, InWords::posted(posted), sent).await?;
    page.form = page.form.fill(posted.pairs());
    match result {
        Ok(_) => Ok(visit.render(TEMPLATE, TITLE, &page)),
        Err(error) => {
            let refusal = tell(&mut page.form, error)?;
            Ok(refusal.answer(visit, TEMPLATE, TITLE, &page))
        }
    }
}

async fn reset(
    web: &Room,
    visit: Visit,
    side: Side,
    posted: &Posted,
) -> Result<Response, WebError> {
    match posted.action() {
        "refresh_captcha" | "other_captcha" => {
            return again(web, &visit, side, posted, Ok(None)).await;
        }
        "send_code" => {
            let sent = doors::send(web, &visit, Purpose::recover(side.0), posted).await;
            return again(web, &visit, side, posted, sent.map(Some)).await;
        }
        _ => {}
    }
    let ask = AskRecovery {
        phone: posted.get("phone").to_owned(),
        sms_code: posted.get("sms_code").to_owned(),
        new_password: NewPassword {
            password: secret(posted, "password"),
            again: secret(posted, "password_again"),
        },
    };
    let (uses, caller) = (web.uses.clone(), caller(&visit));
    match spawned(async move { uses.recovery.reset(&caller, side.0, ask).await }).await {
        Ok(()) => Ok(visit.redirect(
            side.login(),
            Some((
                "success",
                "密码已重新设置，其他设备上的登录已退出。请使用新密码登录。",
            )),
        )),
        Err(error) => again(web, &visit, side, posted, Err(error)).await,
    }
}
