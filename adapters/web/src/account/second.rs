//! 动态验证码: the second half of a sign-in, setting it up there, and changing it later under 账号安全.

use application::error::{Kind, UseError};
use axum::{
    extract::{Query as AxumQuery, State},
    http::header,
    response::{IntoResponse as _, Response},
};
use domain::ids::UserId;
use secrecy::ExposeSecret as _;

use super::{
    Refusal, Room, STAFF, caller, next_path,
    options::Query,
    own::{console, signed, to_proof},
    pages::{CodesPage, EnrolPage, SecondPage},
    secret, signed_in, tell, with_next,
};
use crate::{
    errors::WebError,
    forms::{Field, FormView},
    parts::Described,
    posted::Form,
    spawned,
    visit::{self, StaffVisit, Visit},
};

const TITLE: &str = "动态验证";
const ENROL: &str = "绑定动态验证码";
const OWN: &str = "/branch/account/second";

/// The password was right: on to the second half, bound to a fresh pre-session.
pub(super) fn halfway(visit: &Visit, id: &str, next: Option<&str>) -> Response {
    let mut response = visit.redirect(&with_next("/staff/second", next), None);
    visit::set_cookie(&mut response, &visit.kit.cookie("pre", id));
    visit::set_cookie(&mut response, &visit.kit.cookie("sid", ""));
    response
}

fn code_field(label: &str, hint: &str, longest: u32) -> Field {
    Field::text("code", label)
        .required()
        .hint(hint)
        .autocomplete("one-time-code")
        .maxlength(longest)
        .width("m")
}

fn second_view(name: &str, next: Option<&str>) -> SecondPage {
    SecondPage {
        form: FormView::new("/staff/second")
            .with(code_field(
                "动态验证码",
                "身份验证器应用显示的 6 位数字。手机不在身边时，可以输入一个恢复码。",
                20,
            ))
            .with(Field::hidden("next", next.unwrap_or_default())),
        lead: format!("{name}，密码已通过。请再输入动态验证码，完成登录。"),
    }
}

pub async fn page(
    State(web): State<Room>,
    visit: Visit,
    AxumQuery(query): AxumQuery<Query>,
) -> Result<Response, WebError> {
    if visit.signed.as_ref().is_some_and(|s| s.kind == STAFF.0) {
        return Ok(visit.redirect(STAFF.home(), None));
    }
    let next = next_path(&query.next);
    let who = web.uses.sign_in.second.who(&caller(&visit)).await?;
    if !who.enrolled {
        return Ok(visit.redirect(&with_next("/staff/enrol", next.as_deref()), None));
    }
    let page = second_view(&who.name, next.as_deref());
    Ok(visit.render(SecondPage::TEMPLATE, TITLE, &page))
}

pub async fn enter(
    State(web): State<Room>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let next = next_path(posted.get("next"));
    let (uses, caller) = (web.uses.clone(), caller(&visit));
    let who = uses.sign_in.second.who(&caller).await?;
    let typed = secret(&posted, "code");
    let done =
        spawned(async move { uses.sign_in.by_second(&caller, typed.expose_secret()).await }).await;
    match done {
        Ok(id) => {
            let to = next.as_deref().unwrap_or(STAFF.home());
            Ok(signed_in(&visit, &id, to, None))
        }
        Err(error) => {
            let mut page = second_view(&who.name, next.as_deref());
            let refusal = tell(&mut page.form, error)?;
            Ok(refusal.answer(&visit, SecondPage::TEMPLATE, TITLE, &page))
        }
    }
}

/// The page to set up a second factor: halfway through a sign-in, or for somebody signed in.
async fn enrol_view(
    web: &Room,
    visit: &Visit,
    user: UserId,
    own: bool,
    next: Option<&str>,
) -> Result<EnrolPage, WebError> {
    let second = &web.uses.sign_in.second;
    let shown = second.enrolment(&caller(visit), user).await?;
    let (action, lead) = if own {
        (
            OWN,
            "绑定后，登录和重要操作都要输入动态验证码。原来绑定的手机不再有效，其他设备上的登录会退出。",
        )
    } else {
        (
            "/staff/enrol",
            "为保护企业资料，工作人员登录需要动态验证码。首次登录请先绑定您的手机。",
        )
    };
    Ok(EnrolPage {
        form: FormView::new(action)
            .with(code_field("动态验证码", "应用当前显示的 6 位数字。", 10).inputmode("numeric"))
            .with(Field::hidden("next", next.unwrap_or_default())),
        lead: lead.to_owned(),
        letters: shown.letters,
        qr: format!("{action}/qr.svg"),
        back: if own {
            STAFF.account().to_owned()
        } else {
            String::new()
        },
    })
}

pub async fn enrol_page(
    State(web): State<Room>,
    visit: Visit,
    AxumQuery(query): AxumQuery<Query>,
) -> Result<Response, WebError> {
    if visit.signed.as_ref().is_some_and(|s| s.kind == STAFF.0) {
        return Ok(visit.redirect(STAFF.home(), None));
    }
    let next = next_path(&query.next);
    let who = web.uses.sign_in.second.who(&caller(&visit)).await?;
    if who.enrolled {
        return Ok(visit.redirect(&with_next("/staff/second", next.as_deref()), None));
    }
    let page = enrol_view(&web, &visit, who.user, false, next.as_deref()).await?;
    Ok(visit.render(EnrolPage::TEMPLATE, ENROL, &page))
}

pub async fn enrol(
    State(web): State<Room>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let next = next_path(posted.get("next"));
    let (uses, from) = (web.uses.clone(), caller(&visit));
    let who = uses.sign_in.second.who(&from).await?;
    let typed = secret(&posted, "code");
    let done = spawned(async move {
        uses.sign_in
            .by_enrolment(&from, typed.expose_secret())
            .await
    })
    .await;
    match done {
        Ok((id, codes)) => {
            let next = next.unwrap_or_else(|| STAFF.home().to_owned());
            let mut response =
                visit.render(CodesPage::TEMPLATE, "恢复码", &CodesPage { codes, next });
            visit::set_cookie(&mut response, &visit.kit.cookie("sid", &id));
            visit::set_cookie(&mut response, &visit.kit.cookie("pre", ""));
            Ok(response)
        }
        Err(error) => {
            let mut page = enrol_view(&web, &visit, who.user, false, next.as_deref()).await?;
            let refusal = tell(&mut page.form, error)?;
            Ok(refusal.answer(&visit, EnrolPage::TEMPLATE, ENROL, &page))
        }
    }
}

async fn picture(web: &Room, visit: &Visit, user: UserId) -> Result<Response, WebError> {
    let second = &web.uses.sign_in.second;
    let shown = second.enrolment(&caller(visit), user).await?;
    let svg = web
        .uses
        .pictures
        .qr_svg(&shown.address)
        .map_err(UseError::bug)?;
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, svg).into_response())
}

pub async fn qr(State(web): State<Room>, visit: Visit) -> Result<Response, WebError> {
    let who = web.uses.sign_in.second.who(&caller(&visit)).await?;
    if who.enrolled {
        return Err(UseError::not_found().into());
    }
    picture(&web, &visit, who.user).await
}

pub async fn own_page(
    State(web): State<Room>,
    StaffVisit(visit): StaffVisit,
) -> Result<Response, WebError> {
    let person = signed(&visit)?;
    if !person.freshly_proved {
        return Ok(to_proof(&visit));
    }
    let page = enrol_view(&web, &visit, person.actor.user, true, None).await?;
    Ok(console(visit).render(EnrolPage::OWN, ENROL, &page))
}

pub async fn own(State(web): State<Room>, Form(visit, posted): Form) -> Result<Response, WebError> {
    let person = signed(&visit)?;
    let user = person.actor.user;
    let (uses, from) = (web.uses.clone(), caller(&visit));
    let typed = secret(&posted, "code");
    let done =
        spawned(async move { uses.own.enrol(&person, &from, typed.expose_secret()).await }).await;
    match done {
        Ok(codes) => {
            let page = CodesPage {
                codes,
                next: STAFF.account().to_owned(),
            };
            Ok(visit.render(CodesPage::TEMPLATE, "恢复码", &page))
        }
        Err(error) if error.kind == Kind::ProofNeeded => Ok(to_proof(&visit)),
        Err(error) => {
            let mut page = enrol_view(&web, &visit, user, true, None).await?;
            let refusal: Refusal = tell(&mut page.form, error)?;
            Ok(refusal.answer(&console(visit), EnrolPage::OWN, ENROL, &page))
        }
    }
}

pub async fn own_qr(
    State(web): State<Room>,
    StaffVisit(visit): StaffVisit,
) -> Result<Response, WebError> {
    let person = signed(&visit)?;
    if !person.freshly_proved {
        return Err(UseError::not_found().into());
    }
    picture(&web, &visit, person.actor.user).await
}

/// The line of 账号安全.
pub(super) async fn fact(web: &Room, visit: &Visit, user: UserId) -> Result<Described, WebError> {
    let second = &web.uses.sign_in.second;
    let from = caller(visit);
    let text = if second.enrolled(&from, user).await? {
        let left = second.recovery_left(&from, user).await?;
        format!("已绑定，剩余 {left} 个恢复码")
    } else {
        "未绑定".to_owned()
    };
    Ok(Described::new("动态验证码", text).change(OWN))
}
