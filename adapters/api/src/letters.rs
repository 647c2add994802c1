//! 沟通记录 (W25): what the enterprise and the branch that holds its request write to each other.

use application::{
    access::Actor,
    error::{Kind, UseError, UseResult},
    ports::letters::{LetterRow, Side},
    thread::{Along, Content, OpenLetterFile, Thread, ThreadRoom, WriteLetter},
};
use axum::http::Method;
use domain::ids::{FileId, FinancingApplicationId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Api,
    call::Call,
    door::{Attached, Done, Door, NoQuery, Who},
    shapes::{Word, instant},
};

const TAG: &str = "沟通记录";

/// 沟通记录, oldest first: the latest 200.
#[derive(Serialize, ToSchema)]
struct Letters {
    items: Vec<Letter>,
    /// 可以继续留言.
    may_write: bool,
}

/// 一条留言.
#[derive(Serialize, ToSchema)]
struct Letter {
    id: Uuid,
    /// `enterprise` 企业, `bank` 受理支行.
    side: Word,
    author: String,
    /// `text` 留言, `file` 文件, `call_request` 请求回电.
    kind: Word,
    body: String,
    /// Opened at `/api/v1/applications/{id}/letters/files/{file}`.
    file: Option<Uuid>,
    at: String,
    /// By the other side.
    read: bool,
    called: Option<CalledBack>,
}

/// 联系结果 of a call that was asked for.
#[derive(Serialize, ToSchema)]
struct CalledBack {
    at: String,
    by: String,
    outcome: String,
}

/// 发送.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewLetter {
    #[serde(default)]
    kind: NewLetterKind,
    /// 最多 1000 个字; may be empty beside a file or a request for a call.
    #[schema(max_length = 1000)]
    #[serde(default)]
    body: String,
    /// A whole upload, sent along.
    upload: Option<Uuid>,
}

/// `text` 留言, `call_request` 请求回电.
#[derive(Clone, Copy, Default, Deserialize, PartialEq, Eq, ToSchema)]
#[serde(rename_all = "snake_case")]
enum NewLetterKind {
    #[default]
    Text,
    CallRequest,
}

pub(crate) fn doors() -> Vec<Door> {
    let own = Who::Enterprise;
    vec![
        Door::read(
            TAG,
            "留言列表",
            own,
            "/api/v1/applications/{id}/letters",
            list,
        ),
        Door::write(
            TAG,
            "留言、发送文件或请求回电",
            own,
            (Method::POST, "/api/v1/applications/{id}/letters"),
            write,
        )
        .keyed(),
        Door::act(
            TAG,
            "标为已读",
            own,
            (Method::POST, "/api/v1/applications/{id}/letters/readings"),
            read,
        ),
        Door::file(
            TAG,
            "查看留言中的文件",
            own,
            "/api/v1/applications/{id}/letters/files/{file}",
            open,
        )
        .conflicting(),
    ]
}

fn application(call: &Call) -> UseResult<FinancingApplicationId> {
    call.id("id").map(FinancingApplicationId)
}

fn letter(thread: &Thread, row: &LetterRow) -> Letter {
    Letter {
        id: row.id,
        side: Word::new(row.side.code(), row.side.zh()),
        author: match row.side {
            Side::Enterprise => row.author_name.clone(),
            Side::Bank => format!("{} {}", thread.record.handler_name, row.author_name),
        },
        kind: Word::new(row.kind.code(), row.kind.zh()),
        body: row.body.clone(),
        file: row.file.map(|file| file.0),
        at: instant(row.at),
        read: row.read_at.is_some(),
        called: row.called.as_ref().map(|called| CalledBack {
            at: instant(called.at),
            by: called.by_name.clone(),
            outcome: called.outcome.clone(),
        }),
    }
}

async fn list(api: Api, call: Call, _: NoQuery) -> UseResult<Letters> {
    let id = application(&call)?;
    let thread = api.uses.thread.view(call.actor()?, id).await?;
    Ok(Letters {
        items: thread.letters.iter().map(|l| letter(&thread, l)).collect(),
        may_write: thread.may_write,
    })
}

async fn write(api: Api, call: Call, ask: NewLetter) -> UseResult<Done> {
    let (id, actor, once) = (application(&call)?, call.actor()?, call.once()?);
    let room = &api.uses.thread;
    let content = match ask.kind {
        NewLetterKind::Text => Content::Text,
        NewLetterKind::CallRequest => Content::CallRequest,
    };
    let letter = WriteLetter {
        application: id,
        content,
        body: ask.body,
        once,
    };
    match ask.upload {
        Some(upload) => {
            let along = Along::Upload(upload);
            let written = room.write_with_file(actor, letter, along).await;
            if let Err(error) = written {
                return Err(unknown_upload(room, actor, id, error).await);
            }
        }
        None => room.write(actor, letter).await?,
    }
    Ok(Done)
}

/// Whoever sees the letters of a request, and is told all the same that something is missing, named an upload that is none.
async fn unknown_upload(
    room: &ThreadRoom,
    actor: &Actor,
    id: FinancingApplicationId,
    error: UseError,
) -> UseError {
    if error.kind == Kind::NotFound && room.view(actor, id).await.is_ok() {
        return UseError::field("upload", "api.upload_unknown");
    }
    error
}

async fn read(api: Api, call: Call) -> UseResult<Done> {
    let id = application(&call)?;
    api.uses.thread.read(call.actor()?, id).await?;
    Ok(Done)
}

/// The enterprise's own files are kept among its materials, the branch's with its letter.
async fn open(api: Api, call: Call, _: NoQuery) -> UseResult<Attached> {
    let (id, file) = (application(&call)?, FileId(call.id("file")?));
    let (actor, room) = (call.actor()?, &api.uses.thread);
    let thread = room.view(actor, id).await?;
    let mut rows = thread.letters.iter();
    let row = rows.find(|row| row.file == Some(file));
    let row = row.ok_or_else(UseError::not_found)?;
    if row.side == Side::Enterprise {
        let opened = api.uses.files.open(actor, file).await?;
        return Ok(Attached {
            media_type: opened.row.media_type,
            bytes: opened.bytes,
        });
    }
    let ask = OpenLetterFile {
        application: id,
        file,
    };
    let opened = room.open_file(actor, ask).await?;
    Ok(Attached {
        media_type: opened.media_type,
        bytes: opened.bytes,
    })
}
