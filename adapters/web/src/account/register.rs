//! Registration pages 用户注册 (M-101 to M-116 on the phone, M-201 to M-213 on the desktop).

use application::{
    account::{
        NewPassword, Purpose,
        codes::CodeSent,
        register::{AgreementBox, AskRegistration},
    },
    error::UseError,
};
use axum::{
    extract::{Query as AxumQuery, State},
    response::Response,
};

use super::{
    ENTERPRISE, InWords, Room, caller, captcha as doors, captcha_field, next_path,
    options::{Query, REGION_LEVELS, region_field},
    pages::{DonePage, RegisterPage},
    password_fields, phone_and_code, secret, signed_in, tell_on, with_next,
};
use crate::{
    agreements_read,
    errors::WebError,
    forms::{AgreementPart, Field, FormView},
    posted::{Form, Posted},
    posters, spawned,
    visit::{EnterpriseVisit, Visit},
};

const TEMPLATE: &str = "account/register.html";
const TITLE: &str = "用户注册";

/// What the page keeps through every round.
struct Turn {
    /// The phone's registration page, reached by the QR code (M-101).
    phone: bool,
    next: Option<String>,
    in_words: InWords,
}

impl Turn {
    fn asked(query: &Query) -> Self {
        Self {
            phone: query.from == "qr" || query.channel == "phone",
            next: next_path(&query.next),
            in_words: InWords::asked(query),
        }
    }

    fn posted(posted: &Posted) -> Self {
        Self {
            phone: posted.get("from") == "qr",
            next: next_path(posted.get("next")),
            in_words: InWords::posted(posted),
        }
    }

    /// Whose words tell what is wrong: the phone's screen has the general ones.
    fn screen(&self) -> &'static str {
        if self.phone { "" } else { "register" }
    }
}

pub async fn page(
    State(web): State<Room>,
    mut visit: Visit,
    AxumQuery(query): AxumQuery<Query>,
) -> Result<Response, WebError> {
    let turn = Turn::asked(&query);
    if let Some(signed) = &visit.signed {
        let home = if signed.kind == ENTERPRISE.0 {
            turn.next.as_deref().unwrap_or("/enterprise")
        } else {
            crate::nav::staff_home(signed.actor.tenant_kind)
        };
        return Ok(visit.redirect(home, None));
    }
    visit.ensure_binding();
    let chosen = [
        visit.city.default_province.clone(),
        visit.city.default_city.clone(),
        String::new(),
        String::new(),
    ];
    let page = view(&web, &visit, &turn, &chosen, None).await?;
    Ok(visit.render(TEMPLATE, TITLE, &page))
}

async fn view(
    web: &Room,
    visit: &Visit,
    turn: &Turn,
    chosen: &[String; 4],
    sent: Option<&CodeSent>,
) -> Result<RegisterPage, WebError> {
    // One value, two printed labels: the manual names it differently on phone and desktop.
    let (legal, legal_hint) = if turn.phone {
        ("法定代表人/经营者姓名", "请输入法定代表人/经营者姓名")
    } else {
        ("法人姓名", "请输入法人姓名")
    };
    let captcha = captcha_field(web, visit, Purpose::Register, turn.in_words, "图形验证码").await?;
    let [phone, code] = phone_and_code(Purpose::Register, "captcha,phone,captcha_kind", sent);
    let [password, password_again] = password_fields("密码", "确认密码");
    let mut form = FormView::new("/register")
        .with(
            Field::text("company_name", "企业全称")
                .required()
                .placeholder("请输入公司全称")
                .autocomplete("organization")
                .maxlength(100),
        )
        .with(
            Field::text("legal_representative", legal)
                .required()
                .placeholder(legal_hint)
                .maxlength(30),
        )
        .with(region_field(
            &*web.uses.regions.of(visit.city.id),
            "注册地址",
            chosen.each_ref().map(String::as_str),
        ))
        .with(captcha)
        .with(phone)
        .with(code)
        .with(password)
        .with(password_again);
    let mut agreements = Vec::new();
    for text in visit.city.ticked_on("register") {
        let name = format!("agree_{}", text.code);
        form.push(Field::agreement(
            name.clone(),
            AgreementPart {
                code: text.code.clone(),
                lead: "请仔细阅读并同意".to_owned(),
                title: format!("《{}》", text.title),
                href: format!("/agreements/{}?from=register", text.code),
                read: agreements_read::was_read(visit, &text.code, &text.version),
            },
        ));
        agreements.push(name);
    }
    let form = form
        .with(Field::hidden("from", if turn.phone { "qr" } else { "" }))
        .with(Field::hidden("next", turn.next.clone().unwrap_or_default()))
        .with(Field::hidden("captcha_kind", turn.in_words.code()));
    Ok(RegisterPage {
        form,
        agreements,
        phone: turn.phone,
        login_href: with_next("/login", turn.next.as_deref()),
        in_words: turn.in_words.0,
    })
}

fn chosen(posted: &Posted) -> [String; 4] {
    REGION_LEVELS.map(|level| posted.get(level).to_owned())
}

async fn again(
    web: &Room,
    visit: &Visit,
    posted: &Posted,
    result: Result<Option<CodeSent>, UseError>,
) -> Result<Response, WebError> {
    let turn = Turn::posted(posted);
    let sent = result.as_ref().ok().and_then(Option::as_ref);
    let chosen = chosen(posted);
    let mut page = view(web, visit, &turn, &chosen, sent).await?;
    let kept: Vec<(String, String)> = posted
        .pairs()
        .iter()
        .filter(|(name, _)| !REGION_LEVELS.contains(&name.as_str()))
        .cloned()
        .collect();
    page.form = page.form.fill(&kept);
    for name in &page.agreements {
        if let Some(field) = page.form.field_mut(name) {
            // A box of a text that was never opened cannot be ticked, whatever was posted (M-115).
            field.checked &= field.agreement.as_ref().is_some_and(|a| a.read);
        }
    }
    match result {
        Ok(_) => Ok(visit.render(TEMPLATE, TITLE, &page)),
        Err(error) => {
            let refusal = tell_on(turn.screen(), &mut page.form, error)?;
            Ok(refusal.answer(visit, TEMPLATE, TITLE, &page))
        }
    }
}

pub async fn register(
    State(web): State<Room>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    if visit.signed.is_some() {
        return Ok(visit.redirect("/enterprise", None));
    }
    match posted.action() {
        "refresh_captcha" | "other_captcha" | "next_level" => {
            return again(&web, &visit, &posted, Ok(None)).await;
        }
        "send_code" => {
            let sent = doors::send(&web, &visit, Purpose::Register, &posted).await;
            return again(&web, &visit, &posted, sent.map(Some)).await;
        }
        _ => {}
    }
    let turn = Turn::posted(&posted);
    let ask = AskRegistration {
        company_name: posted.get("company_name").to_owned(),
        legal_representative: posted.get("legal_representative").to_owned(),
        region: chosen(&posted),
        phone: posted.get("phone").to_owned(),
        sms_code: posted.get("sms_code").to_owned(),
        new_password: NewPassword {
            password: secret(&posted, "password"),
            again: secret(&posted, "password_again"),
        },
        channel: if turn.phone { "phone" } else { "web" },
        scene: posters::scene_of(&visit),
        agreements: visit
            .city
            .ticked_on("register")
            .into_iter()
            .map(|text| AgreementBox {
                code: text.code.clone(),
                opened: agreements_read::was_read(&visit, &text.code, &text.version),
                ticked: posted.has(&format!("agree_{}", text.code)),
            })
            .collect(),
    };
    let (uses, caller) = (web.uses.clone(), caller(&visit));
    match spawned(async move { uses.registration.register(&caller, ask).await }).await {
        Ok(id) => {
            let to = with_next("/register/done", turn.next.as_deref());
            Ok(signed_in(&visit, &id, &to, None))
        }
        Err(error) => again(&web, &visit, &posted, Err(error)).await,
    }
}

/// 注册成功: what was done, and the next step 完善信息.
pub async fn done(
    State(web): State<Room>,
    EnterpriseVisit(visit): EnterpriseVisit,
    AxumQuery(query): AxumQuery<Query>,
) -> Result<Response, WebError> {
    let Some(signed) = &visit.signed else {
        return Err(UseError::not_found().into());
    };
    let page = DonePage {
        phone_masked: web.uses.own.phone_masked(&signed.actor).await?,
        next_href: next_path(&query.next).unwrap_or_default(),
    };
    Ok(visit.render("account/done.html", "注册成功", &page))
}
