//! All lists, and 新建清单.

use std::collections::HashMap;

use application::{
    error::Kind,
    ports::branch_board::{Cursor, Leaf},
    visits::{NewList, SeenLists},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::calendar::local_date;
use serde::Serialize;
use time::Date;

use super::{LISTS, Room, TITLE, crumbs, list_href};
use crate::{
    branch::{leaf, write_cursor},
    console::{AskPage, told},
    errors::WebError,
    forms::{Field, FormView},
    parts::{Cell, Link, Table, TagKind},
    posted::{Form, Posted, once},
    show as shown,
    spawned::spawned,
    visit::{StaffVisit, posted_by_staff},
};

const NEW: &str = "/operator/visits/new";

/// `visits/lists.html`.
#[derive(Serialize)]
pub(super) struct ListsPage {
    pub crumbs: Vec<Link>,
    pub may_save: bool,
    pub table: Table,
    /// The page behind this one; empty: there is none.
    pub next: String,
    /// Where the newest are; empty: these are they.
    pub first: String,
}

impl ListsPage {
    pub const TEMPLATE: &'static str = "visits/lists.html";
}

pub(super) fn page(seen: &SeenLists, today: Date, behind: bool) -> ListsPage {
    let mut table = Table::new(TITLE)
        .column("清单名称", "")
        .column("走访截止", "nowrap")
        .column("户数", "num")
        .column("已下发", "num")
        .column("新建", "nowrap")
        .column("状态", "nowrap");
    for list in &seen.lists {
        let (word, kind) = if !list.is_open() {
            ("已关闭", TagKind::Neutral)
        } else if list.due_on < today {
            ("已过截止日期", TagKind::Warning)
        } else {
            ("进行中", TagKind::Info)
        };
        table.push(vec![
            Cell::link(&list.name, list_href(list.id)).second(&list.source),
            Cell::text(list.due_on.to_string()),
            Cell::text(list.rows_kept.to_string()),
            Cell::text(list.rows_sent.to_string()),
            Cell::text(shown::minute(list.created_at)).second(&list.created_name),
            Cell::tag(word, kind),
        ]);
    }
    let last = seen.lists.last().filter(|_| seen.more);
    let next = last.map(|list| {
        let cursor = Cursor {
            at: Some(list.created_at),
            id: list.id,
        };
        format!("{LISTS}?after={}", write_cursor(cursor))
    });
    ListsPage {
        crumbs: crumbs(seen.open, &[]),
        may_save: seen.may_save,
        table,
        next: next.unwrap_or_default(),
        first: if behind {
            LISTS.to_owned()
        } else {
            String::new()
        },
    }
}

pub(super) async fn show(
    State(web): State<Room>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let after = match leaf(&asked) {
        Leaf::After(Cursor { at: Some(at), id }) => Some((at, id)),
        _ => None,
    };
    let seen = web.uses.visits.lists(visit.actor(), after).await?;
    let visit = visit.0.staff_console();
    let today = local_date(visit.kit.clock().now());
    let page = page(&seen, today, after.is_some());
    Ok(visit.render(ListsPage::TEMPLATE, TITLE, &page))
}

fn form_page(key: &str, typed: &Posted) -> AskPage {
    let form = FormView::new(NEW)
        .key(key)
        .with(
            Field::text("visit_name", "清单名称")
                .required()
                .maxlength(60)
                .hint("例如：2026 年四季度制造业企业走访清单。"),
        )
        .with(
            Field::text("visit_source", "提供单位")
                .required()
                .maxlength(60)
                .hint("提出走访对象的单位，机构可以看到。"),
        )
        .with(
            Field::text("visit_due", "走访截止日期")
                .required()
                .width("s")
                .maxlength(10)
                .hint("格式如 2026-12-31。")
                .autocomplete("off"),
        )
        .fill(typed.pairs());
    AskPage {
        title: "新建走访清单".to_owned(),
        lead: "先建立清单，再用表格导入企业、分配机构并下发。".to_owned(),
        crumbs: crumbs(true, &[Link::new("新建走访清单", "")]),
        rows: Vec::new(),
        form,
        yes: "建立清单",
        no: "返回",
        back: LISTS.to_owned(),
        danger: false,
    }
}

pub(super) async fn form(State(web): State<Room>, visit: StaffVisit) -> Result<Response, WebError> {
    web.uses.visits.may_make(visit.actor()).await?;
    let visit = visit.0.staff_console();
    let key = visit.kit.tokens().one_time();
    Ok(form_page(&key, &Posted::default()).drawn(&visit, None))
}

pub(super) async fn make(
    State(web): State<Room>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let visit = visit.staff_console();
    let word = |name: &str| posted.get(name).to_owned();
    let ask = NewList {
        name: word("visit_name"),
        source: word("visit_source"),
        due: word("visit_due"),
        once: once(&posted)?,
    };
    let uses = web.uses.clone();
    match spawned(async move { uses.visits.make(&actor, ask).await }).await {
        Ok(list) => {
            let here = format!("{}/import", list_href(list));
            Ok(visit.redirect(&here, Some(("success", "清单已建立，请导入企业。"))))
        }
        Err(error) if error.kind == Kind::Invalid => {
            let key = visit.kit.tokens().one_time();
            Ok(form_page(&key, &posted).drawn(&visit, Some(&error)))
        }
        Err(error) => told(&visit, error, LISTS),
    }
}
