//! Own account pages 账号安全: password, phone, sessions, sign-in records (A-27, S-14).

use application::{
    account::{NewPassword, Purpose, codes::CodeSent, own::Overview},
    error::{Kind, UseError},
    sessions::SignedIn,
};
use axum::{
    extract::{Path, Query as AxumQuery, State},
    response::Response,
};
use uuid::Uuid;

use super::{
    InWords, Room, Side, caller, captcha as doors, captcha_field, minute, next_path,
    options::Query,
    pages::{OwnPage, SessionLine, StepPage},
    password_fields, secret, signed_in, sms_field, tell, with_next,
};
use crate::{
    errors::WebError,
    forms::{Field, FormView},
    parts::{Cell, Described, Table, TagKind},
    posted::{Form, Posted},
    spawned,
    visit::{self, EnterpriseVisit, SignedVisit, StaffVisit, Visit},
};

const STEP: &str = "account/step.html";

pub(super) fn console(visit: Visit) -> Visit {
    if Side::of(&visit).is_staff() {
        visit.staff_console()
    } else {
        visit.enterprise_console()
    }
}

/// The signed-in person, at the door of their own kind (S-12).
pub(super) fn signed(visit: &Visit) -> Result<SignedIn, WebError> {
    let Some(signed) = &visit.signed else {
        return Err(UseError::new(Kind::SignedOut, "signed_out").into());
    };
    if signed.kind != Side::of(visit).0 {
        return Err(UseError::not_found().into());
    }
    Ok(signed.clone())
}

pub async fn enterprise(
    State(web): State<Room>,
    EnterpriseVisit(visit): EnterpriseVisit,
) -> Result<Response, WebError> {
    overview(&web, visit).await
}

pub async fn staff(
    State(web): State<Room>,
    StaffVisit(visit): StaffVisit,
) -> Result<Response, WebError> {
    overview(&web, visit).await
}

async fn overview(web: &Room, visit: Visit) -> Result<Response, WebError> {
    let side = Side::of(&visit);
    let person = signed(&visit)?;
    let seen = web.uses.own.overview(&person).await?;
    let mut page = own_page(side, &seen);
    if !side.is_staff() {
        (page.own_data, page.closing_until) = super::own_data::card(web, &visit).await?;
    }
    if side.is_staff() {
        page.facts.insert(
            4,
            super::second::fact(web, &visit, person.actor.user).await?,
        );
    }
    Ok(console(visit).render("account/own.html", "账号安全", &page))
}

fn own_page(side: Side, seen: &Overview) -> OwnPage {
    let base = side.account();
    let mut facts = vec![Described::new("姓名", &seen.name)];
    if side.is_staff() {
        facts.push(Described::new("账号", &seen.account));
    }
    facts.push(Described::new("手机号", &seen.phone_masked).change(format!("{base}/phone")));
    facts.push(Described::new("密码", "已设置").change(format!("{base}/password")));
    facts.push(Described::new("开通时间", minute(seen.created_at)));
    let sessions = seen
        .sessions
        .iter()
        .map(|(session, current)| SessionLine {
            device: device(&session.agent),
            ip: session.ip.clone(),
            since: minute(session.created_at),
            seen: minute(session.seen_at),
            current: *current,
            end_action: format!("{base}/sessions/{}/end", session.id),
        })
        .chain(seen.devices.iter().map(|(phone, current)| SessionLine {
            device: format!("小程序，{}", device(&phone.agent)),
            ip: phone.ip.clone(),
            since: minute(phone.created_at),
            seen: minute(phone.seen_at),
            current: *current,
            end_action: format!("{base}/devices/{}/end", phone.id),
        }))
        .collect::<Vec<_>>();
    let mut sign_ins = Table::new("最近 20 次登录记录")
        .column("时间", "nowrap")
        .column("设备", "")
        .column("IP 地址", "nowrap")
        .column("结果", "nowrap");
    for line in &seen.sign_ins {
        let (word, kind) = match line.outcome.as_str() {
            "ok" => ("登录成功", TagKind::Success),
            "wrong_password" => ("密码不正确", TagKind::Danger),
            "wrong_code" => ("动态验证码不正确", TagKind::Danger),
            _ => ("已拦截", TagKind::Warning),
        };
        sign_ins.push(vec![
            Cell::text(minute(line.at)),
            Cell::text(device(&line.agent)),
            Cell::text(&line.ip),
            Cell::tag(word, kind),
        ]);
    }
    OwnPage {
        facts,
        others: sessions.len() > 1,
        sessions,
        end_others_action: format!("{base}/sessions/end-others"),
        sign_ins,
        own_data: false,
        closing_until: String::new(),
    }
}

/// A device in words that its owner knows again; never the raw header.
fn device(agent: &str) -> String {
    let pick = |list: &[(&str, &'static str)]| {
        list.iter()
            .find(|(sign, _)| agent.contains(sign))
            .map(|(_, word)| *word)
    };
    let system = pick(&[
        ("iPhone", "苹果手机"),
        ("iPad", "苹果平板"),
        ("Android", "安卓设备"),
        ("Windows", "Windows 电脑"),
        ("Macintosh", "苹果电脑"),
        ("Linux", "Linux 电脑"),
    ]);
    let browser = pick(&[
        ("MicroMessenger", "微信"),
        ("Edg", "Edge 浏览器"),
        ("Firefox", "火狐浏览器"),
        ("Trident", "IE 浏览器"),
        ("Chrome", "谷歌内核浏览器"),
        ("Safari", "Safari 浏览器"),
    ]);
    match (system, browser) {
        (Some(system), Some(browser)) => format!("{system}，{browser}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "其他设备".to_owned(),
    }
}

/// The proof comes first; it brings back here.
pub(super) fn to_proof(visit: &Visit) -> Response {
    let side = Side::of(visit);
    let door = if side.is_staff() {
        crate::proof::DOOR.to_owned()
    } else {
        format!("{}/verify", side.account())
    };
    visit.redirect(&with_next(&door, Some(&visit.path)), None)
}

pub async fn verify_page(
    State(web): State<Room>,
    SignedVisit(visit): SignedVisit,
    AxumQuery(query): AxumQuery<Query>,
) -> Result<Response, WebError> {
    signed(&visit)?;
    let next = next_path(&query.next);
    let page = verify_view(&web, &visit, next, InWords::asked(&query), None).await?;
    Ok(console(visit).render(STEP, "身份验证", &page))
}

async fn verify_view(
    web: &Room,
    visit: &Visit,
    next: Option<String>,
    in_words: InWords,
    sent: Option<&CodeSent>,
) -> Result<StepPage, WebError> {
    let side = Side::of(visit);
    let masked = web.uses.own.phone_masked(&signed(visit)?.actor).await?;
    let form = FormView::new(format!("{}/verify", side.account()))
        .with(Field::fixed("own_phone", "手机号", masked))
        .with(captcha_field(web, visit, Purpose::Proof, in_words, "图形验证码").await?)
        .with(sms_field(
            "短信验证码",
            Purpose::Proof,
            "captcha,captcha_kind",
            sent,
        ))
        .with(Field::hidden("next", next.unwrap_or_default()))
        .with(Field::hidden("captcha_kind", in_words.code()));
    Ok(StepPage {
        form,
        heading: "身份验证".to_owned(),
        lead: "为保护账号安全，请先用当前手机号验证身份。验证后 5 分钟内有效。".to_owned(),
        button: "验证身份".to_owned(),
        back_href: side.account().to_owned(),
        in_words: in_words.0,
        account_href: side.account().to_owned(),
    })
}

pub async fn verify(
    State(web): State<Room>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let person = signed(&visit)?;
    let side = Side::of(&visit);
    let next = next_path(posted.get("next"));
    let result: Result<Option<CodeSent>, UseError> = match posted.action() {
        "refresh_captcha" | "other_captcha" => Ok(None),
        "send_code" => doors::send(&web, &visit, Purpose::Proof, &posted)
            .await
            .map(Some),
        _ => {
            let (uses, caller) = (web.uses.clone(), caller(&visit));
            let code = posted.get("sms_code").to_owned();
            match spawned(async move { uses.own.verify(&person, &caller, &code).await }).await {
                Ok(id) => {
                    let to = next.as_deref().unwrap_or(side.account());
                    return Ok(signed_in(&visit, &id, to, None));
                }
                Err(error) => Err(error),
            }
        }
    };
    let sent = result.as_ref().ok().and_then(Option::as_ref);
    let page = verify_view(&web, &visit, next, InWords::posted(&posted), sent).await?;
    answer(visit, &posted, "身份验证", page, result.map(|_| ()))
}

/// The step again, with what was typed and what is wrong with it.
fn answer(
    visit: Visit,
    posted: &Posted,
    title: &str,
    mut page: StepPage,
    result: Result<(), UseError>,
) -> Result<Response, WebError> {
    page.form = page.form.fill(posted.pairs());
    let visit = console(visit);
    match result {
        Ok(()) => Ok(visit.render(STEP, title, &page)),
        Err(error) => {
            let refusal = tell(&mut page.form, error)?;
            Ok(refusal.answer(&visit, STEP, title, &page))
        }
    }
}

fn password_view(visit: &Visit) -> StepPage {
    let base = Side::of(visit).account();
    let [password, password_again] = password_fields("新密码", "确认新密码");
    let form = FormView::new(format!("{base}/password"))
        .with(
            Field::password("current_password", "当前密码", "current-password")
                .required()
                .placeholder("请输入当前密码"),
        )
        .with(password)
        .with(password_again);
    StepPage {
        form,
        heading: "修改密码".to_owned(),
        lead: "修改后，其他设备上的登录会退出。".to_owned(),
        button: "修改密码".to_owned(),
        back_href: base.to_owned(),
        in_words: false,
        account_href: base.to_owned(),
    }
}

pub async fn password_page(SignedVisit(visit): SignedVisit) -> Result<Response, WebError> {
    if !signed(&visit)?.freshly_proved {
        return Ok(to_proof(&visit));
    }
    let page = password_view(&visit);
    Ok(console(visit).render(STEP, "修改密码", &page))
}

pub async fn password(
    State(web): State<Room>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let person = signed(&visit)?;
    let (uses, caller) = (web.uses.clone(), caller(&visit));
    let current = secret(&posted, "current_password");
    let new = NewPassword {
        password: secret(&posted, "password"),
        again: secret(&posted, "password_again"),
    };
    let done = spawned(async move {
        uses.own
            .change_password(&person, &caller, &current, &new)
            .await
    })
    .await;
    match done {
        Ok(()) => Ok(visit.redirect(
            Side::of(&visit).account(),
            Some(("success", "密码已修改，其他设备上的登录已退出。")),
        )),
        Err(error) if error.kind == Kind::ProofNeeded => Ok(to_proof(&visit)),
        Err(error) => {
            let page = password_view(&visit);
            answer(visit, &posted, "修改密码", page, Err(error))
        }
    }
}

async fn phone_view(
    web: &Room,
    visit: &Visit,
    in_words: InWords,
    sent: Option<&CodeSent>,
) -> Result<StepPage, WebError> {
    let base = Side::of(visit).account();
    let here = format!("{base}/phone");
    let masked = web.uses.own.phone_masked(&signed(visit)?.actor).await?;
    let form = FormView::new(here.clone())
        .with(Field::fixed("own_phone", "当前手机号", masked))
        .with(
            Field::phone("phone", "新手机号")
                .required()
                .placeholder("请输入新手机号"),
        )
        .with(captcha_field(web, visit, Purpose::NewPhone, in_words, "图形验证码").await?)
        .with(sms_field(
            "短信验证码",
            Purpose::NewPhone,
            "phone,captcha,captcha_kind",
            sent,
        ))
        .with(Field::hidden("captcha_kind", in_words.code()));
    Ok(StepPage {
        form,
        heading: "更换手机号".to_owned(),
        lead: "更换后请使用新手机号登录，其他设备上的登录会退出。".to_owned(),
        button: "更换手机号".to_owned(),
        back_href: base.to_owned(),
        in_words: in_words.0,
        account_href: base.to_owned(),
    })
}

pub async fn phone_page(
    State(web): State<Room>,
    SignedVisit(visit): SignedVisit,
    AxumQuery(query): AxumQuery<Query>,
) -> Result<Response, WebError> {
    if !signed(&visit)?.freshly_proved {
        return Ok(to_proof(&visit));
    }
    let page = phone_view(&web, &visit, InWords::asked(&query), None).await?;
    Ok(console(visit).render(STEP, "更换手机号", &page))
}

pub async fn phone(
    State(web): State<Room>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let person = signed(&visit)?;
    let result: Result<Option<CodeSent>, UseError> = match posted.action() {
        "refresh_captcha" | "other_captcha" => Ok(None),
        "send_code" => doors::send(&web, &visit, Purpose::NewPhone, &posted)
            .await
            .map(Some),
        _ => {
            let (uses, caller) = (web.uses.clone(), caller(&visit));
            let phone = posted.get("phone").to_owned();
            let code = posted.get("sms_code").to_owned();
            let done =
                spawned(
                    async move { uses.own.change_phone(&person, &caller, &phone, &code).await },
                )
                .await;
            match done {
                Ok(()) => {
                    return Ok(visit.redirect(
                        Side::of(&visit).account(),
                        Some(("success", "手机号已更换，下次请使用新手机号登录。")),
                    ));
                }
                Err(error) => Err(error),
            }
        }
    };
    if let Err(error) = &result
        && error.kind == Kind::ProofNeeded
    {
        return Ok(to_proof(&visit));
    }
    let sent = result.as_ref().ok().and_then(Option::as_ref);
    let page = phone_view(&web, &visit, InWords::posted(&posted), sent).await?;
    answer(visit, &posted, "更换手机号", page, result.map(|_| ()))
}

pub async fn end_one(
    State(web): State<Room>,
    Path(id): Path<Uuid>,
    Form(visit, _): Form,
) -> Result<Response, WebError> {
    let person = signed(&visit)?;
    let uses = web.uses.clone();
    let own = spawned(async move { uses.own.end_session(&person.actor, id).await }).await?;
    if own {
        let mut response = visit.redirect(
            Side::of(&visit).login(),
            Some(("success", "您已退出登录。")),
        );
        visit::set_cookie(&mut response, &visit.kit.cookie("sid", ""));
        return Ok(response);
    }
    Ok(visit.redirect(
        Side::of(&visit).account(),
        Some(("success", "该设备上的登录已退出。")),
    ))
}

pub async fn end_device(
    State(web): State<Room>,
    Path(id): Path<Uuid>,
    Form(visit, _): Form,
) -> Result<Response, WebError> {
    let person = signed(&visit)?;
    let uses = web.uses.clone();
    spawned(async move { uses.own.end_device(&person, id).await }).await?;
    Ok(visit.redirect(
        Side::of(&visit).account(),
        Some(("success", "该设备上的登录已退出。")),
    ))
}

pub async fn end_others(
    State(web): State<Room>,
    Form(visit, _): Form,
) -> Result<Response, WebError> {
    let person = signed(&visit)?;
    let uses = web.uses.clone();
    spawned(async move { uses.own.end_others(&person.actor).await }).await?;
    Ok(visit.redirect(
        Side::of(&visit).account(),
        Some(("success", "其他设备上的登录已全部退出。")),
    ))
}

#[cfg(test)]
mod tests {
    use super::device;

    #[test]
    fn a_device_is_told_in_words_and_never_by_its_raw_header() {
        let chrome =
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120 Safari/537.36";
        assert_eq!(device(chrome), "Windows 电脑，谷歌内核浏览器");
        assert_eq!(device("<script>alert(1)</script>"), "其他设备");
    }
}
