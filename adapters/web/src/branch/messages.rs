//! 消息 of a branch's staff: the same shape as the enterprise's.

use std::collections::HashMap;

use application::messages::PER_PAGE;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use domain::ids::MessageId;
use serde::Serialize;
use uuid::Uuid;

use super::{Branch, show, staff};
use crate::{
    errors::WebError,
    kit::Web,
    nav::staff_home,
    parts::{Link, Pager},
    posted::Form,
    spawned::spawned,
    visit::{StaffVisit, own_path},
};

/// One message in the list.
#[derive(Serialize)]
pub(super) struct Line {
    pub title: String,
    pub body: String,
    pub at: String,
    pub unread: bool,
    pub action: String,
    pub label: &'static str,
}

/// 消息.
#[derive(Serialize)]
pub(super) struct MessagesPage {
    pub crumbs: Vec<Link>,
    pub tabs: Vec<Link>,
    pub lines: Vec<Line>,
    pub unread: u64,
    pub unread_only: bool,
    pub pager: Pager,
}

impl MessagesPage {
    pub const TEMPLATE: &'static str = "branch/messages.html";
}

const BASE: &str = "/branch/messages";

pub(super) async fn list(
    State(web): State<Web<Branch>>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let unread_only = asked.get("unread").is_some_and(|v| v == "1");
    let page: u64 = asked.get("page").and_then(|p| p.parse().ok()).unwrap_or(1);
    let found = web
        .uses
        .messages
        .list(visit.actor(), unread_only, page.clamp(1, 50))
        .await?;
    let keep = if unread_only { "unread=1&" } else { "" };
    let page = MessagesPage {
        crumbs: vec![
            Link::new("工作台", staff_home(visit.actor().tenant_kind)),
            Link::new("消息", BASE),
        ],
        tabs: vec![
            Link::new("全部消息", BASE).current(!unread_only),
            Link::new(
                format!("未读（{}）", found.unread),
                format!("{BASE}?unread=1"),
            )
            .current(unread_only),
        ],
        pager: Pager::new(found.total, found.page, PER_PAGE, |n| {
            format!("{BASE}?{keep}page={n}")
        }),
        lines: found
            .rows
            .into_iter()
            .map(|row| Line {
                action: format!("{BASE}/{}/open", row.id),
                label: if row.link.is_empty() {
                    "标为已读"
                } else {
                    "查看"
                },
                at: show::minute(row.at),
                unread: row.read_at.is_none(),
                title: row.title,
                body: row.body,
            })
            .collect(),
        unread: found.unread,
        unread_only,
    };
    Ok(visit
        .0
        .staff_console()
        .render(MessagesPage::TEMPLATE, "消息", &page))
}

/// 查看: marks it read and goes where it points.
pub(super) async fn open(
    State(web): State<Web<Branch>>,
    Path(id): Path<Uuid>,
    Form(visit, _posted): Form,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    let uses = web.uses.clone();
    let row = spawned(async move { uses.messages.open(&actor, MessageId(id)).await }).await?;
    let to = own_path(&row.link)
        .filter(|p| !p.is_empty())
        .unwrap_or(BASE);
    Ok(visit.redirect(to, None))
}

pub(super) async fn read_all(
    State(web): State<Web<Branch>>,
    Form(visit, _posted): Form,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    let uses = web.uses.clone();
    spawned(async move { uses.messages.read_all(&actor).await }).await?;
    Ok(visit.redirect(BASE, Some(("success", "全部消息已标为已读。"))))
}
