//! 加入企业: the page behind an invitation's link (W26).

use application::{
    account::{NewPassword, join::AskJoin, register::AgreementBox},
    error::UseError,
    ports::team::OpenInvitation,
};
use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{Room, caller, pages::LinkPage, password_fields, secret, signed_in, tell};
use crate::{
    agreements_read,
    errors::WebError,
    forms::{AgreementPart, Field, FormView},
    parts::Described,
    posted::{Form, Posted},
    spawned,
    team::right,
    visit::Visit,
};

const HEADING: &str = "加入企业";

fn view(visit: &Visit, open: &OpenInvitation) -> LinkPage {
    let [password, again] = password_fields("密码", "确认密码");
    let mut form = FormView::new(&visit.path).with(password).with(again);
    for text in visit.city.ticked_on("register") {
        form.push(Field::agreement(
            format!("agree_{}", text.code),
            AgreementPart {
                code: text.code.clone(),
                lead: "请仔细阅读并同意".to_owned(),
                title: format!("《{}》", text.title),
                href: format!("/agreements/{}?from=register", text.code),
                read: agreements_read::was_read(visit, &text.code, &text.version),
            },
        ));
    }
    LinkPage {
        heading: HEADING.to_owned(),
        lead: "企业管理员邀请您一起办理融资需求。请核对以下信息，设置只有您自己知道的密码。"
            .to_owned(),
        rows: vec![
            Described::new("企业", &open.enterprise_name),
            Described::new("姓名", &open.name),
            Described::new("权限", right(&open.roles)),
        ],
        form,
        button: "设置密码并加入".to_owned(),
    }
}

pub async fn page(
    State(web): State<Room>,
    mut visit: Visit,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    visit.ensure_binding();
    let open = web.uses.joins.look(&caller(&visit), &token).await?;
    let page = view(&visit, &open);
    Ok(visit.render(LinkPage::TEMPLATE, HEADING, &page))
}

pub async fn open(
    State(web): State<Room>,
    Path(token): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let from = caller(&visit);
    let open = web.uses.joins.look(&from, &token).await?;
    let ask = AskJoin {
        new_password: NewPassword {
            password: secret(&posted, "password"),
            again: secret(&posted, "password_again"),
        },
        channel: "web",
        agreements: boxes(&visit, &posted),
    };
    let uses = web.uses.clone();
    match spawned(async move { uses.joins.join(&from, &token, ask).await }).await {
        Ok(id) => {
            if let Some(old) = &visit.session_id {
                visit.kit.sessions().end(old).await?;
            }
            let told = Some(("success", "您已加入企业并登录。"));
            Ok(signed_in(&visit, &id, "/enterprise", told))
        }
        Err(error) => again(&visit, &open, &posted, error),
    }
}

fn boxes(visit: &Visit, posted: &Posted) -> Vec<AgreementBox> {
    visit
        .city
        .ticked_on("register")
        .into_iter()
        .map(|text| AgreementBox {
            code: text.code.clone(),
            opened: agreements_read::was_read(visit, &text.code, &text.version),
            ticked: posted.has(&format!("agree_{}", text.code)),
        })
        .collect()
}

fn again(
    visit: &Visit,
    open: &OpenInvitation,
    posted: &Posted,
    error: UseError,
) -> Result<Response, WebError> {
    let mut page = view(visit, open);
    for text in visit.city.ticked_on("register") {
        let name = format!("agree_{}", text.code);
        if let Some(field) = page.form.field_mut(&name) {
            let read = field.agreement.as_ref().is_some_and(|a| a.read);
            field.checked = read && posted.has(&name);
        }
    }
    let refusal = tell(&mut page.form, error)?;
    Ok(refusal.answer(visit, LinkPage::TEMPLATE, HEADING, &page))
}
