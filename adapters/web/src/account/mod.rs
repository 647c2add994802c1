//! Account pages 账号: sign-in, registration, forgotten password, 账号安全, captcha and SMS doors.

use std::sync::Arc;

use application::{
    account::{
        Caller, Purpose,
        captcha::CaptchaDesk,
        closing::ClosingRoom,
        codes::{CodeSent, SmsDesk},
        export::Exports,
        join::JoinDoor,
        link::LinkDoor,
        own::OwnRoom,
        recover::Recovery,
        register::Registration,
        sign_in::SignIn,
    },
    error::{Kind, UseError, UseResult},
    ports::{
        demo_inbox::DemoInbox,
        pictures::PictureStudio,
        reference::{IndustryDirectory, Regions},
        sessions::SessionKind,
    },
};
use axum::{
    Router,
    http::{HeaderValue, header},
    response::Response,
};
use secrecy::SecretString;
use serde::Serialize;
use time::OffsetDateTime;

use crate::{
    doors::{self, Door, Who},
    errors::{self, WebError},
    forms::{Field, FormView, SmsPart},
    kit::Web,
    posted::Posted,
    visit::{self, Visit, encode, own_path},
    words,
};

pub mod book;
mod captcha;
mod forgot;
mod inbox;
mod join;
mod link;
mod login;
pub mod options;
mod own;
mod own_data;
mod pages;
mod prove;
mod register;
mod second;

pub use pages::samples;

/// The use cases behind these pages.
pub struct AccountUses {
    pub captcha: CaptchaDesk,
    pub codes: SmsDesk,
    pub sign_in: SignIn,
    pub registration: Registration,
    pub recovery: Recovery,
    pub own: OwnRoom,
    pub exports: Exports,
    pub closing: ClosingRoom,
    pub links: LinkDoor,
    pub joins: JoinDoor,
    pub pictures: Arc<dyn PictureStudio>,
    pub regions: Arc<dyn Regions>,
    pub industries: Arc<dyn IndustryDirectory>,
    pub inbox: Arc<dyn DemoInbox>,
}

type Room = Web<AccountUses>;

pub fn doors() -> Vec<Door<Room>> {
    let mut all = vec![
        Door::get("/login", Who::Public, login::enterprise_page),
        Door::post("/login", Who::Public, login::enterprise),
        Door::get("/login/sms", Who::Public, login::enterprise_sms_page),
        Door::post("/login/sms", Who::Public, login::enterprise_sms),
        Door::get("/staff", Who::Public, login::staff_home),
        Door::get("/staff/login", Who::Public, login::staff_page),
        Door::post("/staff/login", Who::Public, login::staff),
        Door::get("/staff/login/sms", Who::Public, login::staff_sms_page),
        Door::post("/staff/login/sms", Who::Public, login::staff_sms),
        Door::post("/logout", Who::Public, login::logout),
        Door::get("/forgot", Who::Public, forgot::enterprise_page),
        Door::post("/forgot", Who::Public, forgot::enterprise),
        Door::get("/staff/forgot", Who::Public, forgot::staff_page),
        Door::post("/staff/forgot", Who::Public, forgot::staff),
        Door::get("/register", Who::Public, register::page),
        Door::post("/register", Who::Public, register::register),
        Door::get("/register/done", Who::Enterprise, register::done),
        Door::get("/captcha.png", Who::Public, captcha::picture),
        Door::post("/sms-code", Who::Public, captcha::sms_code),
        Door::get("/options/regions", Who::Public, options::regions),
        Door::get("/options/industries", Who::Public, options::industries),
        Door::get("/demo/inbox", Who::Public, inbox::page),
        Door::get("/enterprise/account", Who::Enterprise, own::enterprise),
        Door::get("/branch/account", Who::Staff, own::staff),
        Door::get(
            "/enterprise/account/verify",
            Who::Enterprise,
            own::verify_page,
        ),
        Door::post("/enterprise/account/verify", Who::Enterprise, own::verify),
        Door::get("/join/{token}", Who::Link, join::page),
        Door::post("/join/{token}", Who::Link, join::open),
        Door::get("/staff/link/{token}", Who::Link, link::page),
        Door::post("/staff/link/{token}", Who::Link, link::open),
        Door::get("/staff/prove", Who::Staff, prove::page),
        Door::post("/staff/prove", Who::Staff, prove::prove),
        Door::get("/staff/second", Who::Public, second::page),
        Door::post("/staff/second", Who::Public, second::enter),
        Door::get("/staff/enrol", Who::Public, second::enrol_page),
        Door::post("/staff/enrol", Who::Public, second::enrol),
        Door::get("/staff/enrol/qr.svg", Who::Public, second::qr),
        Door::get("/branch/account/second", Who::Staff, second::own_page),
        Door::post("/branch/account/second", Who::Staff, second::own),
        Door::get("/branch/account/second/qr.svg", Who::Staff, second::own_qr),
        Door::get(
            "/enterprise/account/password",
            Who::Enterprise,
            own::password_page,
        ),
        Door::post(
            "/enterprise/account/password",
            Who::Enterprise,
            own::password,
        ),
        Door::get("/branch/account/password", Who::Staff, own::password_page),
        Door::post("/branch/account/password", Who::Staff, own::password),
        Door::get(
            "/enterprise/account/phone",
            Who::Enterprise,
            own::phone_page,
        ),
        Door::post("/enterprise/account/phone", Who::Enterprise, own::phone),
        Door::get("/branch/account/phone", Who::Staff, own::phone_page),
        Door::post("/branch/account/phone", Who::Staff, own::phone),
        Door::post(
            "/enterprise/account/devices/{id}/end",
            Who::Enterprise,
            own::end_device,
        ),
        Door::post(
            "/enterprise/account/sessions/{id}/end",
            Who::Enterprise,
            own::end_one,
        ),
        Door::post(
            "/branch/account/sessions/{id}/end",
            Who::Staff,
            own::end_one,
        ),
        Door::post(
            "/enterprise/account/sessions/end-others",
            Who::Enterprise,
            own::end_others,
        ),
        Door::post(
            "/branch/account/sessions/end-others",
            Who::Staff,
            own::end_others,
        ),
    ];
    all.extend(own_data::doors());
    all
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

/// Which people a page is for, and where its neighbours are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Side(SessionKind);

const ENTERPRISE: Side = Side(SessionKind::Enterprise);
const STAFF: Side = Side(SessionKind::Staff);

impl Side {
    fn of(visit: &Visit) -> Self {
        if crate::nav::is_staff_path(&visit.path) {
            STAFF
        } else {
            ENTERPRISE
        }
    }

    fn is_staff(self) -> bool {
        self == STAFF
    }

    fn home(self) -> &'static str {
        if self.is_staff() {
            "/staff"
        } else {
            "/enterprise"
        }
    }

    fn login(self) -> &'static str {
        if self.is_staff() {
            "/staff/login"
        } else {
            "/login"
        }
    }

    fn login_sms(self) -> &'static str {
        if self.is_staff() {
            "/staff/login/sms"
        } else {
            "/login/sms"
        }
    }

    fn forgot(self) -> &'static str {
        if self.is_staff() {
            "/staff/forgot"
        } else {
            "/forgot"
        }
    }

    fn account(self) -> &'static str {
        if self.is_staff() {
            "/branch/account"
        } else {
            "/enterprise/account"
        }
    }
}

/// `next` when it is an own path: nobody is sent anywhere else (S-18), nor to a door that has no page.
fn next_path(given: &str) -> Option<String> {
    own_path(given)
        .filter(|p| p.len() <= 400 && !takes_posts_only(p))
        .map(str::to_owned)
}

/// Doors that a form posts to and that show nothing.
const POSTED: [&str; 11] = [
    "/logout",
    "/sms-code",
    "/session/keep",
    "/enterprise/profile/files",
    "/enterprise/face/again",
    "/enterprise/face/consent",
    "/enterprise/face/handover",
    "/enterprise/face/leave",
    "/enterprise/face/photo",
    "/enterprise/messages/read",
    "/enterprise/profile/sms-code",
];

fn takes_posts_only(path: &str) -> bool {
    let own = path.split(['?', '#']).next().unwrap_or_default();
    POSTED.contains(&own.trim_end_matches('/'))
}

/// A path with the way back kept.
fn with_next(path: &str, next: Option<&str>) -> String {
    next.map_or_else(
        || path.to_owned(),
        |next| format!("{path}?next={}", encode(next)),
    )
}

fn caller(visit: &Visit) -> Caller {
    Caller {
        city: visit.city.clone(),
        binding: visit.binding().unwrap_or_default().to_owned(),
        origin: visit.origin.clone(),
        agent: visit.agent.clone(),
    }
}

fn secret(posted: &Posted, name: &str) -> SecretString {
    SecretString::from(posted.get(name).to_owned())
}

/// `2026-03-05 09:30` in Asia/Shanghai.
fn minute(at: OffsetDateTime) -> String {
    let at = at.to_offset(domain::calendar::SHANGHAI);
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute()
    )
}

/// Puts a refusal into a form; what is no answer to a form (a bug, a missing page) stays an error.
fn tell(form: &mut FormView, error: UseError) -> Result<Refusal, WebError> {
    tell_on("", form, error)
}

/// The same in the words of one screen.
fn tell_on(screen: &str, form: &mut FormView, error: UseError) -> Result<Refusal, WebError> {
    match error.kind {
        Kind::Invalid | Kind::Conflict | Kind::TooMany | Kind::Unavailable => {}
        _ => return Err(WebError(error)),
    }
    if error.kind == Kind::Unavailable {
        tracing::warn!(code = error.code, "a form was not accepted");
    }
    if error.fields.is_empty() {
        form.problem(words::error_text(&error));
    }
    for field in &error.fields {
        form.fail(&field.field, words::field_text_on(screen, field));
    }
    Ok(Refusal {
        status: errors::status(error.kind),
        retry_after: error.retry_after,
    })
}

/// How a refused form is answered.
struct Refusal {
    status: axum::http::StatusCode,
    retry_after: Option<u32>,
}

impl Refusal {
    fn answer(
        &self,
        visit: &Visit,
        template: &str,
        title: &str,
        page: &impl Serialize,
    ) -> Response {
        let mut response = visit.render_with(self.status, template, title, page);
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// After a sign-in: the new id in the cookie, the pre-session gone.
fn signed_in(visit: &Visit, id: &str, to: &str, notice: Option<(&str, &str)>) -> Response {
    let mut response = visit.redirect(to, notice);
    visit::set_cookie(&mut response, &visit.kit.cookie("sid", id));
    visit::set_cookie(&mut response, &visit.kit.cookie("pre", ""));
    response
}

/// How the captcha of a form is put: as a picture, or as a question in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct InWords(bool);

impl InWords {
    fn asked(query: &options::Query) -> Self {
        Self(query.captcha == "text")
    }

    /// As the form stood, or the other kind when that was asked for.
    fn posted(posted: &Posted) -> Self {
        let other = posted.action() == "other_captcha";
        Self((posted.get("captcha_kind") == "text") != other)
    }

    fn code(self) -> &'static str {
        if self.0 { "text" } else { "image" }
    }
}

/// The captcha of a form: a fresh one each time it is shown.
async fn captcha_field(
    web: &Room,
    visit: &Visit,
    purpose: Purpose,
    in_words: InWords,
    label: &str,
) -> UseResult<Field> {
    if in_words.0 {
        let question = web.uses.captcha.ask(&caller(visit), purpose).await?;
        return Ok(Field::text("captcha", "验证码")
            .required()
            .placeholder("请输入答案")
            .hint(format!("请回答：{question}"))
            .autocomplete("off")
            .maxlength(8)
            .width("m"));
    }
    let fresh = visit.kit.clock().new_id().simple().to_string();
    let image = format!("/captcha.png?form={}&n={}", purpose.code(), &fresh[20..]);
    Ok(Field::captcha("captcha", label, image)
        .required()
        .placeholder("请输入图中字符")
        .other_way("看不清图片？改用文字问答"))
}

/// What the button 获取验证码 sends and says.
fn sms_part(purpose: Purpose, with: &str, sent: Option<&CodeSent>) -> SmsPart {
    SmsPart {
        url: "/sms-code".to_owned(),
        with: with.to_owned(),
        purpose: purpose.code().to_owned(),
        wait: sent.map_or(0, |s| s.wait),
        sent: sent.map(sent_words).unwrap_or_default(),
        code: String::new(),
    }
}

/// The SMS code of a form with its button.
fn sms_field(label: &str, purpose: Purpose, with: &str, sent: Option<&CodeSent>) -> Field {
    Field::sms("sms_code", label, sms_part(purpose, with, sent))
        .required()
        .placeholder("请输入短信验证码")
        .width("m")
}

/// 手机号 with the button 获取验证码, and the code below it (M-107 to M-109, M-207, M-208).
fn phone_and_code(purpose: Purpose, with: &str, sent: Option<&CodeSent>) -> [Field; 2] {
    let code = "sms_code";
    let part = SmsPart {
        code: code.to_owned(),
        ..sms_part(purpose, with, sent)
    };
    [
        Field::phone("phone", "手机号")
            .required()
            .placeholder("请输入手机号")
            .sends(part),
        Field::code(code, "短信验证码")
            .required()
            .placeholder("请输入短信验证码")
            .width("m"),
    ]
}

/// Said alike whether the phone is known or not.
fn sent_words(sent: &CodeSent) -> String {
    format!(
        "验证码已发送至 {}，5 分钟内有效。如未收到，请核对手机号后重新获取。",
        sent.phone_masked
    )
}

/// New password and its repetition (M-209, M-210).
fn password_fields(label: &str, again: &str) -> [Field; 2] {
    const RULE: &str = "密码包含大写字母、小写字母、数字、标点符号中的三种以上，长度8-20";
    [
        Field::password("password", label, "new-password")
            .required()
            .placeholder(RULE)
            .hint(RULE),
        Field::password("password_again", again, "new-password")
            .required()
            .placeholder("请确认密码"),
    ]
}
