//! 消息 of a branch's staff.

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
    parts::Pager,
    posted::Form,
    spawned::spawned,
    visit::{StaffVisit, own_path},
};

/// One message in the list.
#[derive(Serialize)]
struct Line {
    title: String,
    body: String,
    time: String,
    href: String,
    unread: bool,
}

/// 消息.
#[derive(Serialize)]
struct MessagesPage {
    lines: Vec<Line>,
    unread: u64,
    only_unread: bool,
    pager: Pager,
    base: &'static str,
}

const BASE: &str = "/branch/messages";

pub(super) async fn list(
    State(web): State<Web<Branch>>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let only_unread = asked.get("unread").is_some_and(|v| v == "1");
    let page = asked.get("page").and_then(|p| p.parse().ok()).unwrap_or(1);
    let found = web
        .uses
        .messages
        .list(visit.actor(), only_unread, page)
        .await?;
    let keep = if only_unread { "unread=1&" } else { "" };
    let page = MessagesPage {
        pager: Pager::new(found.total, found.page, PER_PAGE, |n| {
            format!("{BASE}?{keep}page={n}")
        }),
        lines: found
            .rows
            .into_iter()
            .map(|row| Line {
                href: format!("{BASE}/{}", row.id),
                title: row.title,
                body: row.body,
                time: show::minute(row.at),
                unread: row.read_at.is_none(),
            })
            .collect(),
        unread: found.unread,
        only_unread,
        base: BASE,
    };
    Ok(visit
        .0
        .branch_console()
        .render("branch/messages.html", "消息", &page))
}

/// 查看: marks it read and goes where it points.
pub(super) async fn open(
    State(web): State<Web<Branch>>,
    visit: StaffVisit,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let actor = visit.actor().clone();
    let uses = web.uses.clone();
    let row = spawned(async move { uses.messages.open(&actor, MessageId(id)).await }).await?;
    let to = own_path(&row.link)
        .filter(|p| !p.is_empty())
        .unwrap_or(BASE);
    Ok(visit.0.redirect(to, None))
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
