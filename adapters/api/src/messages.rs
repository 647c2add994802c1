//! 消息: the enterprise's in-site messages.

use application::{error::UseResult, ports::messages::MessageRow};
use axum::http::Method;
use domain::ids::MessageId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    Api,
    call::Call,
    door::{Door, Who},
    shapes::{instant, limit, mark_of, read_mark},
};

const TAG: &str = "消息";

/// Which ones.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Ask {
    /// 只看未读.
    unread: Option<bool>,
    /// 上一页的 next_cursor.
    cursor: Option<String>,
    /// 每页条数, 1 to 50.
    #[param(minimum = 1, maximum = 50)]
    limit: Option<u32>,
}

/// 消息列表, newest first.
#[derive(Serialize, ToSchema)]
struct MessagePage {
    items: Vec<Message>,
    unread: u64,
    next_cursor: Option<String>,
}

/// 一条消息.
#[derive(Serialize, ToSchema)]
struct Message {
    id: Uuid,
    title: String,
    body: String,
    /// The page of the web that it is about, such as `/enterprise/applications/<id>`.
    link: String,
    at: String,
    read: bool,
}

/// 有几条标为已读.
#[derive(Serialize, ToSchema)]
struct Read {
    read: u64,
}

impl From<MessageRow> for Message {
    fn from(row: MessageRow) -> Self {
        Self {
            id: row.id.0,
            title: row.title,
            body: row.body,
            link: row.link,
            at: instant(row.at),
            read: row.read_at.is_some(),
        }
    }
}

pub(crate) fn doors() -> Vec<Door> {
    let own = Who::Enterprise;
    vec![
        Door::read(TAG, "消息列表", own, "/api/v1/messages", list),
        Door::act(
            TAG,
            "查看一条消息，并标为已读",
            own,
            (Method::POST, "/api/v1/messages/{id}/reading"),
            open,
        ),
        Door::act(
            TAG,
            "全部标为已读",
            own,
            (Method::POST, "/api/v1/messages/readings"),
            read_all,
        ),
    ]
}

async fn list(api: Api, call: Call, ask: Ask) -> UseResult<MessagePage> {
    let most = limit(ask.limit)?;
    let after = read_mark(ask.cursor.as_deref())?;
    let unread_only = ask.unread.unwrap_or(false);
    let part = api
        .uses
        .messages
        .after(call.actor()?, unread_only, after, most)
        .await?;
    let next_cursor = part.rows.last().filter(|_| part.more);
    Ok(MessagePage {
        next_cursor: next_cursor.map(|row| mark_of(row.at, row.id.0)),
        items: part.rows.into_iter().map(Into::into).collect(),
        unread: part.unread,
    })
}

async fn open(api: Api, call: Call) -> UseResult<Message> {
    let id = MessageId(call.id("id")?);
    let row = api.uses.messages.open(call.actor()?, id).await?;
    let read = Message::from(row);
    Ok(Message { read: true, ..read })
}

async fn read_all(api: Api, call: Call) -> UseResult<Read> {
    let read = api.uses.messages.read_all(call.actor()?).await?;
    Ok(Read { read })
}
