//! 重新授权: the texts whose consent was withdrawn while an application is under way, read, ticked and granted anew.

use application::{
    UseError, account::register::AgreementBox, city::Agreement, consents::RenewSheet, error::Kind,
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::ids::FinancingApplicationId;
use serde::Serialize;

use super::Ledger;
use crate::{
    agreements_read,
    console::show_errors,
    errors::WebError,
    financing::{crumbs, id_of},
    forms::{AgreementPart, Field, FormView},
    parts::Link,
    posted::{Form, once},
    spawned::spawned,
    visit::{EnterpriseVisit, Visit, posted_by_enterprise},
    words,
};

const TEMPLATE: &str = "consents/renew.html";
const TITLE: &str = "重新授权";

/// `consents/renew.html`.
#[derive(Serialize)]
struct RenewPage {
    crumbs: Vec<Link>,
    number: String,
    recipient: String,
    back: String,
    form: FormView,
}

fn detail(id: FinancingApplicationId) -> String {
    format!("/enterprise/applications/{id}")
}

fn field_of(text: &Agreement) -> String {
    format!("agree_{}", text.code)
}

fn view(visit: &Visit, sheet: &RenewSheet) -> RenewPage {
    let back = detail(sheet.application);
    let mut form = FormView::new(format!("{back}/consents")).key(visit.kit.tokens().one_time());
    for text in &sheet.texts {
        form.push(Field::agreement(
            field_of(text),
            AgreementPart {
                code: text.code.clone(),
                lead: "我已阅读并同意".to_owned(),
                title: format!("《{}》（版本 {}）", text.title, text.version),
                href: format!("/agreements/{}", text.code),
                read: agreements_read::was_read(visit, &text.code, &text.version),
            },
        ));
    }
    RenewPage {
        crumbs: crumbs(&[
            ("融资需求管理", "/enterprise/applications"),
            (sheet.number.as_str(), back.as_str()),
            (TITLE, ""),
        ]),
        number: sheet.number.clone(),
        recipient: sheet.recipient.clone(),
        back,
        form,
    }
}

/// Nothing is to be granted any more: back to the application, told why.
fn told(visit: &Visit, id: FinancingApplicationId, error: UseError) -> Result<Response, WebError> {
    if error.kind != Kind::Conflict {
        return Err(error.into());
    }
    let text = words::text(error.code, &[]);
    Ok(visit.redirect(&detail(id), Some(("info", &text))))
}

pub(super) async fn page(
    State(web): State<Ledger>,
    visit: EnterpriseVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id: FinancingApplicationId = id_of(&id)?;
    let sheet = match web.uses.lapsed(visit.actor(), id).await {
        Ok(sheet) => sheet,
        Err(error) => return told(&visit.0, id, error),
    };
    let visit = visit.0.enterprise_console();
    Ok(visit.render(TEMPLATE, TITLE, &view(&visit, &sheet)))
}

pub(super) async fn grant(
    State(web): State<Ledger>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_enterprise(&visit)?;
    let id: FinancingApplicationId = id_of(&id)?;
    let once = once(&posted)?;
    // The city's texts of now: what was withdrawn and which of them count, the use case asks the database.
    let boxes: Vec<AgreementBox> = visit
        .city
        .agreements
        .iter()
        .map(|text| AgreementBox {
            code: text.code.clone(),
            opened: agreements_read::was_read(&visit, &text.code, &text.version),
            ticked: posted.has(&field_of(text)),
        })
        .collect();
    let (uses, writer) = (web.uses.clone(), actor.clone());
    let done = spawned(async move { uses.renew(&writer, id, &boxes, &once).await }).await;
    match done {
        Ok(()) => Ok(visit.redirect(
            &detail(id),
            Some(("success", "已重新授权，受理支行可以继续办理。")),
        )),
        Err(error) if error.kind == Kind::Invalid => {
            let sheet = match web.uses.lapsed(&actor, id).await {
                Ok(sheet) => sheet,
                Err(error) => return told(&visit, id, error),
            };
            let visit = visit.enterprise_console();
            let mut page = view(&visit, &sheet);
            page.form = page.form.fill(posted.pairs());
            for text in &sheet.texts {
                if let Some(field) = page.form.field_mut(&field_of(text)) {
                    // A box of a text that was never opened cannot be ticked, whatever was posted.
                    field.checked &= field.agreement.as_ref().is_some_and(|a| a.read);
                }
            }
            show_errors(&mut page.form, &error);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(visit.render_with(status, TEMPLATE, TITLE, &page))
        }
        Err(error) => told(&visit, id, error),
    }
}

/// The page in every shape, for the test that draws them all.
pub(super) fn samples() -> Vec<(&'static str, serde_json::Value)> {
    use crate::financing::ODD;
    let mut form = FormView::new("/enterprise/applications/x/consents").key("k");
    form.push(Field::agreement(
        "agree_enterprise_credit",
        AgreementPart {
            code: "enterprise_credit".to_owned(),
            lead: "我已阅读并同意".to_owned(),
            title: ODD.to_owned(),
            href: "javascript:alert(1)".to_owned(),
            read: false,
        },
    ));
    let page = |form: FormView| RenewPage {
        crumbs: crumbs(&[(ODD, "")]),
        number: ODD.to_owned(),
        recipient: ODD.to_owned(),
        back: "/enterprise/applications/x".to_owned(),
        form,
    };
    let mut wrong = form.clone();
    wrong.fail("agree_enterprise_credit", ODD);
    [page(form), page(wrong)]
        .into_iter()
        .map(|page| (TEMPLATE, serde_json::to_value(page).unwrap_or_default()))
        .collect()
}
