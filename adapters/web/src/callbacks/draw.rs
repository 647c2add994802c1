//! 抽样: which time, which institution, how many.

use application::{
    access::Actor,
    callbacks::{CallbackRoom, DrawSample},
    error::{Kind, UseError},
};
use axum::{extract::State, http::StatusCode, response::Response};
use serde::Serialize;

use super::{LIST, crumbs};
use crate::{
    console::{show_errors, told},
    errors::{WebError, status},
    forms::{Choice, Field, FormView},
    kit::Web,
    parts::Link,
    posted::{Form, Posted, once},
    spawned::spawned,
    visit::{StaffVisit, Visit, posted_by_staff},
};

const TITLE: &str = "抽取回访工单";

/// 抽取回访工单.
#[derive(Serialize)]
pub(super) struct DrawPage {
    pub crumbs: Vec<Link>,
    pub form: FormView,
}

impl DrawPage {
    pub const TEMPLATE: &'static str = "callbacks/draw.html";
}

async fn page(
    web: &Web<CallbackRoom>,
    visit: &Visit,
    actor: &Actor,
    posted: Option<(&Posted, &UseError)>,
) -> Result<Response, WebError> {
    let banks = web.uses.banks(actor).await?;
    let day = |name: &str, label: &str| {
        Field::text(name, label)
            .required()
            .width("s")
            .maxlength(10)
            .hint("格式如 2026-03-05。")
            .autocomplete("off")
    };
    let mut form = FormView::new("/operator/callbacks/draw")
        .key(visit.kit.tokens().one_time())
        .with(day("closed_from", "办结日期从"))
        .with(day("closed_until", "到"))
        .with(
            Field::select("bank", "机构（选填）", "全部机构").options(
                banks
                    .iter()
                    .map(|bank| Choice::new(bank.id.to_string(), bank.name.as_str())),
            ),
        )
        .with(
            Field::radio("measure", "抽样方式")
                .required()
                .options([("number", "按件数"), ("percent", "按百分比")])
                .value("percent"),
        )
        .with(
            Field::text("amount", "件数或百分比")
                .required()
                .width("s")
                .maxlength(3)
                .inputmode("numeric")
                .hint("按件数填 1 到 500，按百分比填 1 到 100。"),
        );
    let mut code = StatusCode::OK;
    if let Some((posted, error)) = posted {
        form = form.fill(posted.pairs());
        show_errors(&mut form, error);
        code = status(error.kind);
    }
    let page = DrawPage {
        crumbs: crumbs(&[Link::new(TITLE, "")]),
        form,
    };
    Ok(visit.render_with(code, DrawPage::TEMPLATE, TITLE, &page))
}

pub(super) async fn form(
    State(web): State<Web<CallbackRoom>>,
    visit: StaffVisit,
) -> Result<Response, WebError> {
    let actor = visit.actor().clone();
    page(&web, &visit.0.staff_console(), &actor, None).await
}

pub(super) async fn draw(
    State(web): State<Web<CallbackRoom>>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let visit = visit.staff_console();
    let word = |name: &str| posted.get(name).to_owned();
    let ask = DrawSample {
        from: word("closed_from"),
        until: word("closed_until"),
        bank: word("bank"),
        measure: word("measure"),
        amount: word("amount"),
        once: once(&posted)?,
    };
    let (uses, by) = (web.uses.clone(), actor.clone());
    match spawned(async move { uses.draw(&by, ask).await }).await {
        Ok(drawn) => {
            let told = format!("已抽取 {drawn} 件回访工单。");
            Ok(visit.redirect(LIST, Some(("success", &told))))
        }
        Err(error) if error.kind == Kind::Invalid => {
            page(&web, &visit, &actor, Some((&posted, &error))).await
        }
        Err(error) => told(&visit, error, LIST),
    }
}
