//! 验证身份 of staff: the door that [`crate::proof`] sends to. A form that came along is offered for sending again.

use application::account::prove::ProofWay;
use axum::{
    extract::{Query as AxumQuery, State},
    response::Response,
};
use serde::Deserialize;

use super::{
    Room, STAFF, caller, next_path,
    pages::{Carried, ProvePage, ProvedPage},
    secret, signed_in, tell,
};
use crate::{
    errors::WebError,
    forms::{Field, FormView},
    posted::{Form, Posted},
    proof::DOOR,
    spawned,
    visit::{self, StaffVisit, Visit},
};

const TITLE: &str = "验证身份";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Query {
    next: String,
    to: String,
}

/// What goes on after the proof.
struct Onward {
    next: String,
    /// The form that came along: where it goes, and its fields.
    form: Option<(String, String)>,
}

impl Onward {
    fn page(next: &str) -> Self {
        Self {
            next: next_path(next).unwrap_or_else(|| STAFF.home().to_owned()),
            form: None,
        }
    }

    /// A form that has just come along, or comes again with the code.
    fn posted(query: &Query, posted: &Posted) -> Self {
        let mut onward = Self::page(posted.get("next"));
        if posted.has("_carried") {
            onward.form =
                staff_path(posted.get("_to")).map(|to| (to, posted.get("_carried").to_owned()));
        } else if let Some(to) = staff_path(&query.to) {
            let mut fields = form_urlencoded::Serializer::new(String::new());
            for (name, value) in posted.pairs().iter().filter(|(name, _)| name != "_csrf") {
                fields.append_pair(name, value);
            }
            onward.form = Some((to, fields.finish()));
        }
        onward
    }

    fn back(&self) -> &str {
        self.form.as_ref().map_or(&self.next, |(to, _)| to)
    }
}

fn staff_path(path: &str) -> Option<String> {
    next_path(path).filter(|p| crate::nav::is_staff_path(p))
}

async fn view(web: &Room, visit: &Visit, onward: &Onward) -> Result<ProvePage, WebError> {
    let signed = super::own::signed(visit)?;
    let way = web.uses.own.proof_way(&signed, &caller(visit)).await?;
    let (field, lead) = match way {
        ProofWay::Code => (
            Field::text("code", "动态验证码")
                .required()
                .hint("身份验证器应用显示的 6 位数字。")
                .autocomplete("one-time-code")
                .inputmode("numeric")
                .maxlength(10)
                .width("m"),
            "接下来的操作关系到审批结果或权限，请输入动态验证码。验证后 5 分钟内有效。",
        ),
        ProofWay::Password => (
            Field::password("current_password", "登录密码", "current-password")
                .required()
                .placeholder("请输入登录密码"),
            "接下来的操作关系到审批结果或权限，请再次输入登录密码。验证后 5 分钟内有效。",
        ),
    };
    let mut form = FormView::new(DOOR)
        .with(field)
        .with(Field::hidden("next", &onward.next));
    if let Some((to, fields)) = &onward.form {
        form.push(Field::hidden("_to", to));
        form.push(Field::hidden("_carried", fields));
    }
    Ok(ProvePage {
        form,
        lead: lead.to_owned(),
        back: onward.back().to_owned(),
    })
}

pub async fn page(
    State(web): State<Room>,
    StaffVisit(visit): StaffVisit,
    AxumQuery(query): AxumQuery<Query>,
) -> Result<Response, WebError> {
    let page = view(&web, &visit, &Onward::page(&query.next)).await?;
    Ok(visit
        .staff_console()
        .render(ProvePage::TEMPLATE, TITLE, &page))
}

pub async fn prove(
    State(web): State<Room>,
    AxumQuery(query): AxumQuery<Query>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let person = super::own::signed(&visit)?;
    let onward = Onward::posted(&query, &posted);
    if onward.form.is_some() && !posted.has("_carried") {
        // The form has only just come along: now it is asked for.
        let page = view(&web, &visit, &onward).await?;
        return Ok(visit
            .staff_console()
            .render(ProvePage::TEMPLATE, TITLE, &page));
    }
    let name = if posted.has("code") {
        "code"
    } else {
        "current_password"
    };
    let typed = secret(&posted, name);
    let (uses, caller) = (web.uses.clone(), caller(&visit));
    match spawned(async move { uses.own.prove(&person, &caller, &typed).await }).await {
        Ok(id) => Ok(go_on(visit, &id, &onward)),
        Err(error) => {
            let mut page = view(&web, &visit, &onward).await?;
            let refusal = tell(&mut page.form, error)?;
            let visit = visit.staff_console();
            Ok(refusal.answer(&visit, ProvePage::TEMPLATE, TITLE, &page))
        }
    }
}

/// On to the page that was wanted, or to the form that came along, under the new session id.
fn go_on(mut visit: Visit, id: &str, onward: &Onward) -> Response {
    let Some((to, fields)) = &onward.form else {
        return signed_in(&visit, id, &onward.next, None);
    };
    visit.session_id = Some(id.to_owned());
    let cookie = visit.kit.cookie("sid", id);
    let page = ProvedPage {
        action: to.clone(),
        hidden: form_urlencoded::parse(fields.as_bytes())
            .map(|(name, value)| Carried {
                name: name.into_owned(),
                value: value.into_owned(),
            })
            .collect(),
        back: to.clone(),
    };
    let mut response = visit
        .staff_console()
        .render(ProvedPage::TEMPLATE, "身份已验证", &page);
    visit::set_cookie(&mut response, &cookie);
    response
}
