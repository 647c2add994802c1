//! 查看完整: the reason comes first, the full values are shown once.

use application::{
    enterprises::{UnmaskEnterprise, UnmaskedEnterprise},
    error::{Kind, UseError},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::ids::EnterpriseId;
use serde::Serialize;

use super::{Room, base, crumbs};
use crate::{
    console::{show_errors, told},
    errors::WebError,
    forms::{Field, FormView},
    parts::{Described, Link},
    posted::Form,
    spawned::spawned,
    visit::{StaffVisit, id_of, posted_by_staff},
};

const TITLE: &str = "查看完整企业信息";

/// `enterprises/reason.html`.
#[derive(Serialize)]
pub(super) struct ReasonPage {
    pub crumbs: Vec<Link>,
    pub name: String,
    pub form: FormView,
    pub back: String,
}

impl ReasonPage {
    pub const TEMPLATE: &'static str = "enterprises/reason.html";
}

/// `enterprises/full.html`.
#[derive(Serialize)]
pub(super) struct FullPage {
    pub crumbs: Vec<Link>,
    pub rows: Vec<Described>,
    pub reason: String,
    pub back: String,
}

impl FullPage {
    pub const TEMPLATE: &'static str = "enterprises/full.html";
}

fn form(id: EnterpriseId) -> FormView {
    FormView::new(format!("{}/full", base(id))).with(
        Field::text("reason", "查看原因")
            .required()
            .hint("至少 5 个字，如：电话核对疑似冒用的账户。原因会记录，企业可以看到。")
            .maxlength(100)
            .autocomplete("off"),
    )
}

fn reason_page(id: EnterpriseId, name: &str, form: FormView) -> ReasonPage {
    ReasonPage {
        crumbs: crumbs(&[(name, &base(id)), ("查看完整", "")]),
        name: name.to_owned(),
        form,
        back: base(id),
    }
}

pub(super) async fn ask(
    State(web): State<Room>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = EnterpriseId(id_of(&id)?);
    let case = web.uses.view(visit.actor(), id).await?;
    if !case.powers.unmask {
        return Err(WebError(UseError::denied()));
    }
    let page = reason_page(id, &case.sheet.row.name, form(id));
    Ok(visit
        .0
        .staff_console()
        .render(ReasonPage::TEMPLATE, TITLE, &page))
}

pub(super) async fn open(
    State(web): State<Room>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let visit = visit.staff_console();
    let id = EnterpriseId(id_of(&id)?);
    let case = web.uses.view(&actor, id).await?;
    let name = case.sheet.row.name;
    let ask = UnmaskEnterprise {
        enterprise: id,
        reason: posted.get("reason").to_owned(),
    };
    let uses = web.uses.clone();
    match spawned(async move { uses.unmask(&actor, ask).await }).await {
        Ok(seen) => {
            let page = FullPage {
                crumbs: crumbs(&[(&name, &base(id)), ("查看完整", "")]),
                rows: rows(&seen),
                reason: seen.reason,
                back: base(id),
            };
            Ok(visit.render(FullPage::TEMPLATE, "完整企业信息", &page))
        }
        Err(error) if error.kind == Kind::Invalid => {
            let mut form = form(id).fill(posted.pairs());
            show_errors(&mut form, &error);
            Ok(visit.render_with(
                StatusCode::UNPROCESSABLE_ENTITY,
                ReasonPage::TEMPLATE,
                TITLE,
                &reason_page(id, &name, form),
            ))
        }
        Err(error) => told(&visit, error, &base(id)),
    }
}

fn rows(seen: &UnmaskedEnterprise) -> Vec<Described> {
    let facts = &seen.facts;
    let row = |label: &str, text: &str| {
        Described::new(label, if text.is_empty() { "未填写" } else { text })
    };
    let legal_id = facts.legal_id.as_ref().map_or("", |id| id.as_str());
    let phone = facts.contact_phone.as_ref().map_or("", |p| p.as_str());
    let email = facts.email.as_ref().map_or("", |e| e.as_str());
    vec![
        row("企业名称", &facts.name),
        row("统一社会信用代码", &facts.credit_code),
        row("法定代表人姓名", &facts.legal_representative),
        row("法定代表人身份证号", legal_id),
        row("法定代表人联系电话", phone),
        row("所在地区", &seen.region),
        row("详细地址", &facts.address),
        row("电子邮箱", email),
    ]
}
