//! Sign-in pages 登录: 账号密码 (M-214) and 短信登录, for enterprises and for staff; sign-out.

use application::account::{
    Purpose,
    codes::CodeSent,
    second::Entrance,
    sign_in::{CodeSignIn, PasswordSignIn},
};
use application::{error::UseError, ports::sessions::SessionKind};
use axum::{
    extract::{Query as AxumQuery, State},
    response::Response,
};

use super::{
    ENTERPRISE, InWords, Room, STAFF, Side, caller, captcha as doors, captcha_field, next_path,
    options::Query, pages::LoginPage, secret, signed_in, sms_field, tell, with_next,
};
use crate::{
    errors::WebError,
    forms::{Field, FormView},
    posted::{Form, Posted},
    spawned,
    visit::{self, Visit},
};

const TEMPLATE: &str = "account/login.html";

/// The two ways to sign in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Password,
    Sms,
}

pub async fn enterprise_page(
    State(web): State<Room>,
    visit: Visit,
    AxumQuery(query): AxumQuery<Query>,
) -> Result<Response, WebError> {
    open(&web, visit, ENTERPRISE, Way::Password, &query).await
}

pub async fn enterprise_sms_page(
    State(web): State<Room>,
    visit: Visit,
    AxumQuery(query): AxumQuery<Query>,
) -> Result<Response, WebError> {
    open(&web, visit, ENTERPRISE, Way::Sms, &query).await
}

pub async fn staff_page(
    State(web): State<Room>,
    visit: Visit,
    AxumQuery(query): AxumQuery<Query>,
) -> Result<Response, WebError> {
    open(&web, visit, STAFF, Way::Password, &query).await
}

pub async fn staff_sms_page(
    State(web): State<Room>,
    visit: Visit,
    AxumQuery(query): AxumQuery<Query>,
) -> Result<Response, WebError> {
    open(&web, visit, STAFF, Way::Sms, &query).await
}

pub async fn enterprise(
    State(web): State<Room>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    by_password(&web, visit, ENTERPRISE, &posted).await
}

pub async fn staff(
    State(web): State<Room>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    by_password(&web, visit, STAFF, &posted).await
}

pub async fn enterprise_sms(
    State(web): State<Room>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    by_code(&web, visit, ENTERPRISE, &posted).await
}

pub async fn staff_sms(
    State(web): State<Room>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    by_code(&web, visit, STAFF, &posted).await
}

async fn open(
    web: &Room,
    mut visit: Visit,
    side: Side,
    way: Way,
    query: &Query,
) -> Result<Response, WebError> {
    let next = next_path(&query.next);
    if visit.signed.as_ref().is_some_and(|s| s.kind == side.0) {
        return Ok(visit.redirect(next.as_deref().unwrap_or(side.home()), None));
    }
    visit.ensure_binding();
    let in_words = InWords::asked(query);
    let page = view(web, &visit, side, way, next, in_words, None).await?;
    Ok(visit.render(TEMPLATE, "登录", &page))
}

async fn view(
    web: &Room,
    visit: &Visit,
    side: Side,
    way: Way,
    next: Option<String>,
    in_words: InWords,
    sent: Option<&CodeSent>,
) -> Result<LoginPage, WebError> {
    let here = match way {
        Way::Password => side.login(),
        Way::Sms => side.login_sms(),
    };
    let hidden = |form: FormView| {
        form.with(Field::hidden("captcha_kind", in_words.code()))
            .with(Field::hidden("next", next.clone().unwrap_or_default()))
    };
    let form = match way {
        Way::Password => {
            let (hint, autocomplete) = if side.is_staff() {
                ("工号账号或手机号", "username")
            } else {
                ("手机号；完善信息后也可以用统一社会信用代码", "username")
            };
            let purpose = Purpose::password(side.0);
            let captcha = captcha_field(web, visit, purpose, in_words, "验证码").await?;
            FormView::new(here)
                .with(
                    Field::text("account", "账号")
                        .required()
                        .hint(hint)
                        .placeholder("请输入账号")
                        .autocomplete(autocomplete)
                        .maxlength(64),
                )
                .with(
                    Field::password("password", "密码", "current-password")
                        .required()
                        .placeholder("请输入密码"),
                )
                .with(captcha)
        }
        Way::Sms => {
            let purpose = Purpose::sign_in(side.0);
            let captcha = captcha_field(web, visit, purpose, in_words, "图形验证码").await?;
            FormView::new(here)
                .with(
                    Field::phone("phone", "手机号")
                        .required()
                        .placeholder("请输入手机号"),
                )
                .with(captcha)
                .with(sms_field(
                    "短信验证码",
                    purpose,
                    "phone,captcha,captcha_kind",
                    sent,
                ))
        }
    };
    let link = |path: &str| with_next(path, next.as_deref());
    Ok(LoginPage {
        form: hidden(form),
        staff: side.is_staff(),
        sms: way == Way::Sms,
        in_words: in_words.0,
        password_href: link(side.login()),
        sms_href: link(side.login_sms()),
        register_href: link("/register"),
        forgot_href: side.forgot().to_owned(),
    })
}

/// Shows the form again: what was typed is kept, passwords are not.
async fn again(
    web: &Room,
    visit: &Visit,
    side: Side,
    way: Way,
    posted: &Posted,
    result: Result<Option<CodeSent>, UseError>,
) -> Result<Response, WebError> {
    let next = next_path(posted.get("next"));
    let in_words = InWords::posted(posted);
    let sent = result.as_ref().ok().and_then(Option::as_ref);
    let mut page = view(web, visit, side, way, next, in_words, sent).await?;
    page.form = page.form.fill(posted.pairs());
    match result {
        Ok(_) => Ok(visit.render(TEMPLATE, "登录", &page)),
        Err(error) => {
            let refusal = tell(&mut page.form, error)?;
            Ok(refusal.answer(visit, TEMPLATE, "登录", &page))
        }
    }
}

async fn by_password(
    web: &Room,
    visit: Visit,
    side: Side,
    posted: &Posted,
) -> Result<Response, WebError> {
    if matches!(posted.action(), "refresh_captcha" | "other_captcha") {
        return again(web, &visit, side, Way::Password, posted, Ok(None)).await;
    }
    let ask = PasswordSignIn {
        account: posted.get("account").to_owned(),
        password: secret(posted, "password"),
        captcha: posted.get("captcha").to_owned(),
    };
    let (uses, caller) = (web.uses.clone(), caller(&visit));
    let done = spawned(async move { uses.sign_in.by_password(&caller, side.0, ask).await }).await;
    finish(web, visit, side, Way::Password, posted, done).await
}

async fn by_code(
    web: &Room,
    visit: Visit,
    side: Side,
    posted: &Posted,
) -> Result<Response, WebError> {
    match posted.action() {
        "refresh_captcha" | "other_captcha" => {
            return again(web, &visit, side, Way::Sms, posted, Ok(None)).await;
        }
        "send_code" => {
            let sent = doors::send(web, &visit, Purpose::sign_in(side.0), posted).await;
            return again(web, &visit, side, Way::Sms, posted, sent.map(Some)).await;
        }
        _ => {}
    }
    let ask = CodeSignIn {
        phone: posted.get("phone").to_owned(),
        sms_code: posted.get("sms_code").to_owned(),
    };
    let (uses, caller) = (web.uses.clone(), caller(&visit));
    let done = spawned(async move { uses.sign_in.by_code(&caller, side.0, ask).await }).await;
    finish(web, visit, side, Way::Sms, posted, done).await
}

async fn finish(
    web: &Room,
    visit: Visit,
    side: Side,
    way: Way,
    posted: &Posted,
    done: Result<Entrance, UseError>,
) -> Result<Response, WebError> {
    match done {
        Ok(entrance) => {
            // Somebody who was signed in here until now is not any more.
            if let Some(old) = &visit.session_id {
                visit.kit.sessions().end(old).await?;
            }
            let next = next_path(posted.get("next"));
            Ok(match entrance {
                Entrance::Open(id) => {
                    signed_in(&visit, &id, next.as_deref().unwrap_or(side.home()), None)
                }
                Entrance::Halfway(id) => super::second::halfway(&visit, &id, next.as_deref()),
            })
        }
        Err(error) => again(web, &visit, side, way, posted, Err(error)).await,
    }
}

/// The staff door itself: to the console of the branch, the institution or the city.
pub async fn staff_home(visit: Visit) -> Response {
    let home = match &visit.signed {
        Some(signed) if signed.kind == SessionKind::Staff => {
            crate::nav::staff_home(signed.actor.tenant_kind)
        }
        _ => STAFF.login(),
    };
    visit.redirect(home, None)
}

/// 退出. Whoever is not signed in any more is signed out just as well.
pub async fn logout(visit: Visit, form: Result<Form, WebError>) -> Result<Response, WebError> {
    const DONE: (&str, &str) = ("success", "您已退出登录。");
    // The staff's menus post to the same door: each goes back to their own sign-in.
    let side = match &visit.signed {
        Some(signed) => Side(signed.kind),
        // A province's site has no other.
        None if visit.city.is_province() => return Ok(visit.redirect(STAFF.login(), Some(DONE))),
        None => return Ok(visit.redirect("/login", Some(DONE))),
    };
    let Form(visit, _) = form?;
    if let Some(id) = visit.session_id.clone() {
        visit.kit.sessions().end(&id).await?;
    }
    let mut response = visit.redirect(side.login(), Some(DONE));
    visit::set_cookie(&mut response, &visit.kit.cookie("sid", ""));
    Ok(response)
}
