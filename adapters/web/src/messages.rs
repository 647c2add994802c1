//! 消息 of the enterprise: what happened, read by a click, all at once if wished.

use application::{
    messages::{MessageBox, PER_PAGE},
    ports::messages::Ring,
};
use axum::{
    Router,
    extract::{Path, Query, State},
    response::Response,
};
use serde::{Deserialize, Serialize};

use crate::{
    doors::{self, Door, Who},
    errors::WebError,
    financing::{crumbs, id_of, minute},
    kit::Web,
    parts::{Link, Pager},
    posted::Form,
    spawned::spawned,
    visit::{EnterpriseVisit, Visit, posted_by_enterprise},
};

type Inbox = Web<MessageBox>;

pub fn doors() -> Vec<Door<Inbox>> {
    let who = Who::Enterprise;
    vec![
        Door::get("/enterprise/messages", who, list),
        Door::post("/enterprise/messages/read", who, read_all),
        Door::post("/enterprise/messages/{id}/open", who, open),
    ]
}

pub fn routes(web: Inbox) -> Router {
    doors::router(doors(), web)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct MessageQuery {
    unread: String,
    page: String,
}

#[derive(Serialize)]
struct Line {
    title: String,
    body: String,
    at: String,
    /// 短信：已送达 and its like; empty where none goes with it.
    sms: &'static str,
    unread: bool,
    action: String,
    label: &'static str,
}

#[derive(Serialize)]
struct MessagesPage {
    crumbs: Vec<Link>,
    tabs: Vec<Link>,
    lines: Vec<Line>,
    unread: u64,
    unread_only: bool,
    pager: Pager,
}

async fn list(
    State(web): State<Inbox>,
    visit: EnterpriseVisit,
    Query(query): Query<MessageQuery>,
) -> Result<Response, WebError> {
    let unread_only = query.unread == "1";
    let page = query.page.parse().unwrap_or(1).clamp(1, 50);
    let found = web.uses.list(visit.actor(), unread_only, page).await?;
    let visit = visit.0.enterprise_console();
    let base = "/enterprise/messages";
    let view = MessagesPage {
        crumbs: crumbs(&[("消息", base)]),
        tabs: vec![
            Link::new("全部消息", base).current(!unread_only),
            Link::new(
                format!("未读（{}）", found.unread),
                format!("{base}?unread=1"),
            )
            .current(unread_only),
        ],
        lines: found
            .rows
            .into_iter()
            .map(|m| Line {
                action: format!("{base}/{}/open", m.id),
                label: if m.link.is_empty() {
                    "标为已读"
                } else {
                    "查看"
                },
                at: minute(m.at),
                sms: m.sms.map_or("", Ring::zh),
                unread: m.read_at.is_none(),
                title: m.title,
                body: m.body,
            })
            .collect(),
        unread: found.unread,
        unread_only,
        pager: Pager::new(found.total, found.page, PER_PAGE, |n| {
            let unread = if unread_only { "unread=1&" } else { "" };
            format!("{base}?{unread}page={n}")
        }),
    };
    Ok(visit.render("messages/list.html", "消息", &view))
}

/// The badge of the head is read anew.
async fn refresh(visit: &Visit) {
    if let Some(id) = &visit.session_id {
        visit.kit.sessions().refresh(id).await;
    }
}

async fn open(
    State(web): State<Inbox>,
    Path(id): Path<String>,
    Form(visit, _): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_enterprise(&visit)?;
    let id = id_of(&id)?;
    let uses = web.uses.clone();
    let message = spawned(async move { uses.open(&actor, id).await }).await?;
    refresh(&visit).await;
    if message.link.is_empty() {
        return Ok(visit.redirect("/enterprise/messages", None));
    }
    Ok(visit.redirect(&message.link, None))
}

async fn read_all(State(web): State<Inbox>, Form(visit, _): Form) -> Result<Response, WebError> {
    let actor = posted_by_enterprise(&visit)?;
    let uses = web.uses.clone();
    let read = spawned(async move { uses.read_all(&actor).await }).await?;
    refresh(&visit).await;
    let text = if read == 0 {
        "没有未读消息。".to_owned()
    } else {
        format!("{read} 条消息已标为已读。")
    };
    Ok(visit.redirect("/enterprise/messages", Some(("success", &text))))
}

/// Every shape of the page, for the test that draws them all.
#[doc(hidden)]
pub fn samples() -> Vec<(&'static str, serde_json::Value)> {
    use crate::financing::ODD;
    let page = |lines: Vec<Line>, unread_only| MessagesPage {
        crumbs: crumbs(&[("消息", "")]),
        tabs: vec![Link::new(ODD, "/enterprise/messages").current(true)],
        unread: u64::try_from(lines.len()).unwrap_or(0),
        lines,
        unread_only,
        pager: Pager::new(40, 1, PER_PAGE, |n| format!("?page={n}")),
    };
    let line = Line {
        title: ODD.to_owned(),
        body: ODD.to_owned(),
        at: "2026-03-05 09:30".to_owned(),
        sms: Ring::Delivered.zh(),
        unread: true,
        action: "/enterprise/messages/x/open".to_owned(),
        label: "查看",
    };
    [
        page(vec![line], false),
        page(Vec::new(), false),
        page(Vec::new(), true),
    ]
    .map(|page| {
        (
            "messages/list.html",
            serde_json::to_value(page).unwrap_or_default(),
        )
    })
    .to_vec()
}
