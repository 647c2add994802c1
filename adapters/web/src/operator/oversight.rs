//! 监管查看 (G1): one enterprise's requests for a written reason; both logs know of it before the page is drawn.

use application::{
    error::Kind,
    ports::supervision::CityRow,
    statistics::{OpenEnterprise, Opened},
};
use axum::{extract::State, http::StatusCode, response::Response};
use serde::Serialize;

use super::OperatorDesk;
use crate::{
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

const PAGE: &str = "/operator/oversight";
const TITLE: &str = "监管查看";

/// The form.
#[derive(Serialize)]
pub(super) struct AskPage {
    pub crumbs: Vec<Link>,
    pub form: FormView,
}

impl AskPage {
    pub const TEMPLATE: &'static str = "operator/oversight.html";
}

/// The requests, once.
#[derive(Serialize)]
pub(super) struct OpenedPage {
    pub crumbs: Vec<Link>,
    pub name: String,
    pub reason: String,
    pub table: Table,
    pub back: &'static str,
}

impl OpenedPage {
    pub const TEMPLATE: &'static str = "operator/oversight_opened.html";
}

fn crumbs(here: Option<&str>) -> Vec<Link> {
    let mut links = vec![
        Link::new("统计分析", super::statistics::PAGE),
        Link::new(TITLE, PAGE),
    ];
    links.extend(here.map(|label| Link::new(label, "")));
    links
}

fn form() -> FormView {
    FormView::new(PAGE)
        .with(
            Field::text("credit_code", "统一社会信用代码")
                .required()
                .maxlength(18)
                .autocomplete("off"),
        )
        .with(
            Field::text("reason", "查看原因")
                .required()
                .hint("至少 5 个字，如：信访件核查。原因会记入操作日志，企业可以看到。")
                .maxlength(100)
                .autocomplete("off"),
        )
}

pub(super) async fn ask(
    State(web): State<Web<OperatorDesk>>,
    visit: StaffVisit,
) -> Result<Response, WebError> {
    web.uses.oversight.ask(visit.actor()).await?;
    let page = AskPage {
        crumbs: crumbs(None),
        form: form(),
    };
    Ok(visit
        .0
        .staff_console()
        .render(AskPage::TEMPLATE, TITLE, &page))
}

fn table(rows: &[CityRow]) -> Table {
    let mut table = Table::new("融资需求")
        .column("申请编号", "nowrap")
        .column("机构和支行", "")
        .column("阶段", "nowrap")
        .column("提交时间", "nowrap");
    for row in rows {
        table.push(vec![
            Cell::text(&row.number),
            Cell::text(&row.bank_name).second(&row.branch_name),
            Cell::text(row.stage.zh()),
            Cell::text(show::minute(row.submitted_at)),
        ]);
    }
    table
}

pub(super) async fn open(
    State(web): State<Web<OperatorDesk>>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let visit = visit.staff_console();
    let asked = OpenEnterprise {
        credit_code: posted.get("credit_code").to_owned(),
        reason: posted.get("reason").to_owned(),
    };
    let uses = web.uses.clone();
    match spawned(async move { uses.oversight.open(&actor, asked).await }).await {
        Ok(seen) => Ok(visit.render(OpenedPage::TEMPLATE, TITLE, &opened(&seen))),
        Err(error) if error.kind == Kind::Invalid => {
            let mut form = form().fill(posted.pairs());
            for field in &error.fields {
                form.fail(&field.field, words::field_text(field));
            }
            let page = AskPage {
                crumbs: crumbs(None),
                form,
            };
            Ok(visit.render_with(
                StatusCode::UNPROCESSABLE_ENTITY,
                AskPage::TEMPLATE,
                TITLE,
                &page,
            ))
        }
        Err(error) => Err(WebError(error)),
    }
}

fn opened(seen: &Opened) -> OpenedPage {
    OpenedPage {
        crumbs: crumbs(Some(&seen.name)),
        name: seen.name.clone(),
        reason: seen.reason.clone(),
        table: table(&seen.rows),
        back: PAGE,
    }
}

pub(super) fn ask_sample(nasty: &str) -> AskPage {
    let mut form = form().fill(&[("credit_code".to_owned(), nasty.to_owned())]);
    form.fail("reason", nasty);
    AskPage {
        crumbs: crumbs(None),
        form,
    }
}

pub(super) fn opened_sample(full: bool, nasty: &str) -> OpenedPage {
    let mut page = opened(&Opened {
        name: nasty.to_owned(),
        reason: nasty.to_owned(),
        rows: Vec::new(),
    });
    if full {
        let cell = || Cell::text(nasty);
        page.table.push(vec![cell(), cell(), cell(), cell()]);
    }
    page
}
