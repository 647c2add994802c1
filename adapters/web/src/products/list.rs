//! The list of the bank's products, and one of them.

use application::{
    ports::product_shelf::{ProductDraft, Shelved},
    products::{ProductForm, ProductRoom},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::product::ProductStatus;
use serde::Serialize;

use super::{LIST, ProductDesk, base, crumbs, draft_tag, facts, id_of, row_tag, status_tag};
use crate::{
    errors::WebError,
    kit::Web,
    parts::{Cell, Described, Link, Table, Tag},
    show,
    visit::StaffVisit,
};

/// 产品管理.
#[derive(Serialize)]
pub(super) struct ListPage {
    pub crumbs: Vec<Link>,
    pub table: Table,
    pub total: usize,
    pub may_save: bool,
}

impl ListPage {
    pub const TEMPLATE: &'static str = "products/list.html";
}

pub(super) async fn list(
    State(web): State<Web<ProductDesk>>,
    visit: StaffVisit,
) -> Result<Response, WebError> {
    let shelf = web.uses.products.shelf(visit.actor()).await?;
    let mut table = Table::new("本机构的产品")
        .column("产品名称", "")
        .column("状态", "nowrap")
        .column("修改稿", "nowrap")
        .column("更新时间", "nowrap");
    for row in &shelf.rows {
        let tag = row_tag(row);
        let version = if row.version > 0 {
            format!("第 {} 版", row.version)
        } else {
            "尚未发布".to_owned()
        };
        let draft = match (row.status, row.draft) {
            (Some(_), Some(draft)) => {
                let tag = draft_tag(draft);
                Cell::tag(tag.label, tag.kind)
            }
            _ => Cell::text("-"),
        };
        table.push(vec![
            Cell::link(&row.name, base(row.id)).second(version),
            Cell::tag(tag.label, tag.kind),
            draft,
            Cell::text(show::minute(row.updated_at)),
        ]);
    }
    let page = ListPage {
        crumbs: vec![Link::new("机构工作台", "/hq"), Link::new("产品管理", LIST)],
        total: shelf.rows.len(),
        table,
        may_save: shelf.may_save,
    };
    Ok(visit
        .0
        .staff_console()
        .render(ListPage::TEMPLATE, "产品管理", &page))
}

/// One product: shelf, draft, versions, and what may be done.
#[derive(Serialize)]
pub(super) struct DetailPage {
    pub crumbs: Vec<Link>,
    pub name: String,
    pub tags: Vec<Tag>,
    pub returned: String,
    pub returned_by: String,
    pub in_review: bool,
    pub off_reason: String,
    pub actions: Vec<Action>,
    pub changes: Option<Table>,
    pub unchanged: bool,
    pub draft: Vec<Described>,
    pub published_title: String,
    pub published: Vec<Described>,
    pub public_href: String,
    pub versions: Table,
    pub has_versions: bool,
}

impl DetailPage {
    pub const TEMPLATE: &'static str = "products/detail.html";
}

#[derive(Serialize)]
pub(super) struct Action {
    pub label: &'static str,
    pub href: String,
    pub kind: &'static str,
}

pub(super) async fn detail(
    State(web): State<Web<ProductDesk>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let room = web.uses.products.look(visit.actor(), id_of(&id)?).await?;
    let page = page(&web.uses, &room);
    let title = page.name.clone();
    Ok(visit
        .0
        .staff_console()
        .render(DetailPage::TEMPLATE, &title, &page))
}

fn actions(room: &ProductRoom) -> Vec<Action> {
    let href = base(room.id);
    let open = room.draft.as_ref().is_some_and(ProductDraft::is_open);
    let waits = room.is_in_review();
    let published = room
        .shelved
        .as_ref()
        .is_some_and(|s| s.status == ProductStatus::Published);
    let action = |there: bool, label, path: &str, kind| {
        there.then(|| Action {
            label,
            href: format!("{href}/{path}"),
            kind,
        })
    };
    let edit = if open { "继续修改" } else { "修改产品" };
    [
        action(
            room.may_submit && open && !waits,
            "提交发布",
            "submit",
            "primary",
        ),
        action(
            room.may_save && !waits,
            edit,
            "edit",
            if open { "line" } else { "primary" },
        ),
        action(room.may_submit && waits, "撤回提交", "take-back", "line"),
        action(open, "预览", "preview", "line"),
        action(room.may_submit && published, "下架产品", "off", "danger"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn versions(room: &ProductRoom) -> Table {
    let mut table = Table::new("历次发布")
        .column("版本", "nowrap")
        .column("发布时间", "nowrap");
    for one in &room.versions {
        table.push(vec![
            Cell::text(format!("第 {} 版", one.version)),
            Cell::text(show::minute(one.at)),
        ]);
    }
    table
}

fn page(desk: &ProductDesk, room: &ProductRoom) -> DetailPage {
    let lists = &desk.products.lists;
    let words = |form: &ProductForm| facts::facts(lists, &room.branches, form);
    let draft = room.draft.as_ref().filter(|d| d.is_open());
    let published = room
        .shelved
        .as_ref()
        .map(|s| words(&ProductForm::of(&s.product)))
        .unwrap_or_default();
    let written = draft.map(|d| words(&d.form)).unwrap_or_default();
    let both = draft.is_some() && room.shelved.is_some();
    let changes = both.then(|| facts::changes(&published, &written));
    let mut tags: Vec<Tag> = room.shelved.iter().map(|s| status_tag(s.status)).collect();
    if let Some(draft) = draft {
        let tag = draft_tag(draft.status);
        let label = if both {
            format!("修改稿：{}", tag.label)
        } else {
            tag.label
        };
        tags.push(Tag::new(label, tag.kind));
    }
    let on_shelf = |s: &&Shelved| s.status == ProductStatus::Published;
    DetailPage {
        crumbs: crumbs(&room.name(), Some(room.id), None),
        name: room.name(),
        tags,
        returned: draft.map_or_else(String::new, |d| d.review_note.clone()),
        returned_by: draft.map_or_else(String::new, |d| d.reviewed_name.clone()),
        in_review: room.is_in_review(),
        off_reason: room
            .shelved
            .as_ref()
            .map_or_else(String::new, |s| s.off_shelf_reason.clone()),
        actions: actions(room),
        unchanged: changes.as_ref().is_some_and(|t| t.rows.is_empty()),
        changes: changes.filter(|t| !t.rows.is_empty()),
        draft: if both {
            Vec::new()
        } else {
            facts::described(&written)
        },
        published_title: room.shelved.as_ref().map_or_else(String::new, |s| {
            format!("已发布内容（第 {} 版）", s.product.version)
        }),
        published: facts::described(&published),
        public_href: room
            .shelved
            .as_ref()
            .filter(on_shelf)
            .map_or_else(String::new, |_| format!("/market/{}", room.id)),
        has_versions: !room.versions.is_empty(),
        versions: versions(room),
    }
}
