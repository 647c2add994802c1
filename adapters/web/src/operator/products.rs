//! 产品审核: what waits, what differs from the shelf, 通过发布 and 退回.

use application::{
    error::{Kind, UseError},
    ports::product_shelf::{DraftStatus, ProductDraft},
    products::{ProductForm, Reviewed, SeenDraft, SettleDraft},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::ids::ProductId;
use serde::Serialize;

use super::{OperatorDesk, crumbs};
use crate::{
    console::{AskPage, told},
    errors::WebError,
    forms::{Field, FormView},
    kit::Web,
    parts::{Cell, Described, Link, Table},
    posted::{Form, once},
    products::facts,
    show,
    spawned::spawned,
    visit::{StaffVisit, id_of},
};

const LIST: &str = "/operator/products";

fn section() -> Link {
    Link::new("产品审核", LIST)
}

/// 产品审核.
#[derive(Serialize)]
pub(super) struct ListPage {
    pub crumbs: Vec<Link>,
    pub table: Table,
}

impl ListPage {
    pub const TEMPLATE: &'static str = "operator/products.html";
}

pub(super) fn waiting_table(drafts: &[ProductDraft]) -> Table {
    let mut table = Table::new("等待审核的产品")
        .column("产品名称", "")
        .column("机构", "")
        .column("提交人", "nowrap")
        .column("提交时间", "nowrap");
    for draft in drafts {
        table.push(vec![
            Cell::link(
                &draft.form.product_name,
                format!("{LIST}/{}", draft.product),
            ),
            Cell::text(&draft.bank_name),
            Cell::text(&draft.saved_name),
            Cell::text(draft.submitted_at.map_or_else(String::new, show::minute)),
        ]);
    }
    table
}

pub(super) async fn list(
    State(web): State<Web<OperatorDesk>>,
    visit: StaffVisit,
) -> Result<Response, WebError> {
    let drafts = web.uses.products.waiting(visit.actor()).await?;
    let page = ListPage {
        crumbs: crumbs(section(), None),
        table: waiting_table(&drafts),
    };
    Ok(visit
        .0
        .staff_console()
        .render(ListPage::TEMPLATE, "产品审核", &page))
}

/// One draft beside the published version.
#[derive(Serialize)]
pub(super) struct DetailPage {
    pub crumbs: Vec<Link>,
    pub name: String,
    pub lead: String,
    pub may_check: bool,
    /// What became of it; empty while it waits.
    pub settled: String,
    pub publish_href: String,
    pub return_href: String,
    pub is_new: bool,
    pub changes: Table,
    pub content: Vec<Described>,
    pub public_href: String,
}

impl DetailPage {
    pub const TEMPLATE: &'static str = "operator/product.html";
}

fn page(desk: &OperatorDesk, reviewed: &Reviewed) -> DetailPage {
    let lists = &desk.products.lists;
    let words = |form: &ProductForm| facts::facts(lists, &reviewed.branches, form);
    let draft = &reviewed.draft;
    let after = words(&draft.form);
    let before = reviewed
        .shelved
        .as_ref()
        .map(|s| words(&ProductForm::of(&s.product)));
    let href = format!("{LIST}/{}", draft.product);
    DetailPage {
        crumbs: crumbs(section(), Some(&draft.form.product_name)),
        name: draft.form.product_name.clone(),
        lead: format!(
            "{}，{}于 {} 提交",
            draft.bank_name,
            draft.saved_name,
            draft.submitted_at.map_or_else(String::new, show::minute)
        ),
        may_check: reviewed.may_check && waits(draft),
        settled: settled(draft),
        publish_href: format!("{href}/publish"),
        return_href: format!("{href}/return"),
        is_new: before.is_none(),
        changes: facts::changes(before.as_deref().unwrap_or(&after), &after),
        content: facts::described(&after),
        public_href: before.map_or_else(String::new, |_| format!("/market/{}", draft.product)),
    }
}

pub(super) async fn detail(
    State(web): State<Web<OperatorDesk>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = ProductId(id_of(&id)?);
    let reviewed = web.uses.products.review(visit.actor(), id).await?;
    let page = page(&web.uses, &reviewed);
    let title = format!("产品审核：{}", page.name);
    Ok(visit
        .0
        .staff_console()
        .render(DetailPage::TEMPLATE, &title, &page))
}

fn waits(draft: &ProductDraft) -> bool {
    draft.status == DraftStatus::InReview
}

fn settled(draft: &ProductDraft) -> String {
    let Some(at) = draft.reviewed_at.filter(|_| !waits(draft)) else {
        return String::new();
    };
    let note = if draft.review_note.is_empty() {
        String::new()
    } else {
        format!("退回原因：{}", draft.review_note)
    };
    format!(
        "{}于 {} 审核：{}。{note}",
        draft.reviewed_name,
        show::minute(at),
        draft.status.zh()
    )
}

fn ask_page(reviewed: &Reviewed, key: &str, note: Option<&str>) -> AskPage {
    let draft = &reviewed.draft;
    let href = format!("{LIST}/{}", draft.product);
    let path = if note.is_some() { "return" } else { "publish" };
    let mut form = FormView::new(format!("{href}/{path}"))
        .key(key)
        .with(Field::hidden("revision", draft.revision.to_string()));
    if let Some(note) = note {
        form.push(
            Field::textarea("review_note", "退回原因")
                .required()
                .hint("机构会看到，请写明需要修改什么，最多 500 个字。")
                .maxlength(500)
                .value(note),
        );
    }
    let name = &draft.form.product_name;
    let (title, lead, yes) = if note.is_some() {
        (
            format!("要退回“{name}”吗？"),
            "退回后由机构修改并重新提交，已发布的内容不变。",
            "退回修改稿",
        )
    } else {
        (
            format!("要发布“{name}”吗？"),
            "发布后立即对企业展示，并保留为新的版本。",
            "通过发布",
        )
    };
    AskPage {
        title,
        lead: lead.to_owned(),
        crumbs: crumbs(section(), Some(name)),
        rows: vec![
            Described::new("产品名称", name),
            Described::new("机构", &draft.bank_name),
            Described::new("提交人", &draft.saved_name),
        ],
        form,
        yes,
        no: "返回",
        back: href,
        danger: note.is_some(),
    }
}

async fn ask(
    web: Web<OperatorDesk>,
    visit: StaffVisit,
    id: String,
    note: Option<&str>,
) -> Result<Response, WebError> {
    let id = ProductId(id_of(&id)?);
    let reviewed = web.uses.products.review(visit.actor(), id).await?;
    if !reviewed.may_check {
        return Err(WebError(UseError::denied()));
    }
    let visit = visit.0.staff_console();
    if !waits(&reviewed.draft) {
        return told(&visit, UseError::conflict("products.not_in_review"), LIST);
    }
    let key = visit.kit.tokens().one_time();
    Ok(ask_page(&reviewed, &key, note).drawn(&visit, None))
}

pub(super) async fn ask_publish(
    State(web): State<Web<OperatorDesk>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    ask(web, visit, id, None).await
}

pub(super) async fn ask_return(
    State(web): State<Web<OperatorDesk>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    ask(web, visit, id, Some("")).await
}

pub(super) async fn publish(
    State(web): State<Web<OperatorDesk>>,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, WebError> {
    settle(web, id, form, false).await
}

pub(super) async fn send_back(
    State(web): State<Web<OperatorDesk>>,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, WebError> {
    settle(web, id, form, true).await
}

async fn settle(
    web: Web<OperatorDesk>,
    id: String,
    Form(visit, posted): Form,
    back: bool,
) -> Result<Response, WebError> {
    let actor = visit.staff_actor()?.clone();
    let visit = visit.staff_console();
    let id = ProductId(id_of(&id)?);
    let note = posted.get("review_note").to_owned();
    let ask = SettleDraft {
        seen: SeenDraft {
            product: id,
            revision: posted.get("revision").parse().unwrap_or(0),
            once: once(&posted)?,
        },
        send_back: back.then(|| note.clone()),
    };
    let key = ask.seen.once.key.clone();
    let uses = web.uses.clone();
    let writer = actor.clone();
    match spawned(async move { uses.products.settle(&writer, ask).await }).await {
        Ok(()) => {
            let done = if back {
                "已退回，机构会收到通知。"
            } else {
                "已发布，机构会收到通知。"
            };
            Ok(visit.redirect(LIST, Some(("success", done))))
        }
        Err(error) if error.kind == Kind::Invalid => {
            let reviewed = web.uses.products.review(&actor, id).await?;
            let page = ask_page(&reviewed, &key, back.then_some(note.as_str()));
            Ok(page.drawn(&visit, Some(&error)))
        }
        Err(error) => told(&visit, error, LIST),
    }
}
