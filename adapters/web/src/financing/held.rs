//! 退回草稿 of a request that waits for the face check (row 5): a confirm page.

use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::ids::FinancingApplicationId;
use serde::Serialize;

use super::{Desk, LIST, crumbs, id_of};
use crate::{
    errors::WebError,
    parts::Link,
    posted::Form,
    spawned::spawned,
    visit::{EnterpriseVisit, posted_by_enterprise},
};

const DRAFTS: &str = "/enterprise/applications/drafts";

#[derive(Serialize)]
struct LeavePage {
    crumbs: Vec<Link>,
    action: String,
    product: String,
}

fn page(action: String, product: String) -> LeavePage {
    let list = ("融资需求管理", LIST);
    LeavePage {
        crumbs: crumbs(&[list, ("退回草稿", "")]),
        action,
        product,
    }
}

pub(super) async fn ask(
    State(web): State<Desk>,
    visit: EnterpriseVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id: FinancingApplicationId = id_of(&id)?;
    let held = web.uses.financing.pending_face(visit.actor()).await?;
    let held = held.into_iter().find(|one| one.id == id);
    let held = held.ok_or_else(application::UseError::not_found)?;
    let view = page(format!("{DRAFTS}/{id}/leave"), held.product_name);
    let visit = visit.0.enterprise_console();
    Ok(visit.render("financing/leave.html", "退回草稿", &view))
}

pub(super) async fn leave(
    State(web): State<Desk>,
    Path(id): Path<String>,
    Form(visit, _): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_enterprise(&visit)?;
    let id = id_of(&id)?;
    let uses = web.uses.clone();
    spawned(async move { uses.financing.leave_face(&actor, id).await }).await?;
    Ok(visit.redirect(
        DRAFTS,
        Some(("success", "已退回草稿，填写的内容都已保留。")),
    ))
}

pub(super) fn samples() -> Vec<(&'static str, serde_json::Value)> {
    use super::{ODD, sample};
    let view = page(DRAFTS.to_owned(), ODD.to_owned());
    vec![sample("financing/leave.html", &view)]
}
