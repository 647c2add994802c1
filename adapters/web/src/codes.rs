//! 代码核实: the city's page for a 统一社会信用代码 that fails the public check and is genuine all the same.

use application::{
    codes::{AdmitCode, CodeDesk},
    error::Kind,
    ports::admitted_codes::AdmittedCode,
};
use axum::{Router, extract::State, http::StatusCode, response::Response};
use serde::Serialize;
use serde_json::Value;

use crate::{
    doors::{self, Door, Who},
    errors::WebError,
    forms::{Field, FormView},
    kit::Web,
    parts::{Cell, Link, Table},
    posted::Form,
    show,
    spawned::spawned,
    visit::{StaffVisit, posted_by_staff},
    words,
};

const PAGE: &str = "/operator/codes";
const TITLE: &str = "统一社会信用代码核实";

type Room = Web<CodeDesk>;

pub fn doors() -> Vec<Door<Room>> {
    vec![
        Door::get(PAGE, Who::Staff, list),
        Door::post(PAGE, Who::Staff, admit),
    ]
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

#[derive(Serialize)]
struct CodesPage {
    crumbs: Vec<Link>,
    form: FormView,
    table: Table,
}

impl CodesPage {
    const TEMPLATE: &'static str = "codes/list.html";

    fn new(form: FormView, codes: &[AdmittedCode]) -> Self {
        Self {
            crumbs: vec![Link::new("平台工作台", "/operator"), Link::new(TITLE, PAGE)],
            form,
            table: table(codes),
        }
    }
}

fn form() -> FormView {
    FormView::new(PAGE)
        .with(
            Field::text("code", "统一社会信用代码")
                .required()
                .hint("18 位，按营业执照原件逐位录入。")
                .maxlength(18)
                .autocomplete("off"),
        )
        .with(
            Field::text("company_name", "企业名称")
                .required()
                .maxlength(100)
                .autocomplete("off"),
        )
        .with(
            Field::textarea("code_reason", "核实情况")
                .required()
                .hint("如：已在国家企业信用信息公示系统查到该代码，并核对营业执照原件。")
                .maxlength(300)
                .rows(3),
        )
}

fn table(codes: &[AdmittedCode]) -> Table {
    let mut table = Table::new("已核实的代码")
        .column("统一社会信用代码", "nowrap")
        .column("企业名称", "")
        .column("核实情况", "wrap")
        .column("核实人", "nowrap")
        .column("核实时间", "nowrap");
    for code in codes {
        table.push(vec![
            Cell::text(&code.code),
            Cell::text(&code.company_name),
            Cell::text(&code.reason),
            Cell::text(&code.by_name),
            Cell::text(show::minute(code.at)),
        ]);
    }
    table
}

async fn list(State(web): State<Room>, visit: StaffVisit) -> Result<Response, WebError> {
    let codes = web.uses.list(visit.actor()).await?;
    let page = CodesPage::new(form(), &codes);
    Ok(visit
        .0
        .staff_console()
        .render(CodesPage::TEMPLATE, TITLE, &page))
}

async fn admit(State(web): State<Room>, Form(visit, posted): Form) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let ask = AdmitCode {
        code: posted.get("code").to_owned(),
        company_name: posted.get("company_name").to_owned(),
        reason: posted.get("code_reason").to_owned(),
    };
    let (uses, who) = (web.uses.clone(), actor.clone());
    match spawned(async move { uses.admit(&who, ask).await }).await {
        Ok(()) => {
            let told = "已登记。企业现在可以用这个代码保存企业信息。";
            Ok(visit.redirect(PAGE, Some(("success", told))))
        }
        Err(error) if error.kind == Kind::Invalid => {
            let mut form = form().fill(posted.pairs());
            for field in &error.fields {
                form.fail(&field.field, words::field_text(field));
            }
            let codes = web.uses.list(&actor).await?;
            let page = CodesPage::new(form, &codes);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(visit
                .staff_console()
                .render_with(status, CodesPage::TEMPLATE, TITLE, &page))
        }
        Err(error) => Err(WebError(error)),
    }
}

/// The page in its shapes, with values that must be escaped.
pub fn samples() -> Vec<(&'static str, Value)> {
    let nasty = "<b>\"'\\&</b>长企业名称".repeat(4);
    let mut failed = form();
    failed.fail("code", &nasty);
    let code = AdmittedCode {
        code: nasty.clone(),
        company_name: nasty.clone(),
        reason: nasty.clone(),
        by: domain::ids::UserId(uuid::Uuid::nil()),
        by_name: nasty,
        at: time::OffsetDateTime::UNIX_EPOCH,
    };
    [CodesPage::new(form(), &[]), CodesPage::new(failed, &[code])]
        .iter()
        .map(|page| {
            let value = serde_json::to_value(page).unwrap_or_default();
            (CodesPage::TEMPLATE, value)
        })
        .collect()
}
