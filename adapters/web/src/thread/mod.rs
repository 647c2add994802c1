//! 沟通记录: the talk about one application, from the enterprise's side and from its branch's (W25).

mod called;
mod files;
mod page;

use application::{
    access::Actor,
    error::{Kind, UseError},
    files::{Files, UploadFor},
    ports::pictures::MAX_UPLOAD_BYTES,
    thread::{Content, ThreadRoom, WriteLetter},
};
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::ids::FinancingApplicationId;

use crate::{
    branch::{once, staff},
    doors::{self, Door, Who},
    errors::WebError,
    financing::id_of,
    kit::Web,
    posted::{Form, Posted},
    spawned::spawned,
    visit::{EnterpriseVisit, StaffVisit, Visit, posted_by_enterprise},
    words,
};

/// Use cases of both sides.
#[derive(Clone)]
pub struct Threads {
    pub room: ThreadRoom,
    /// What the enterprise sends along is kept as its other files are.
    pub files: Files,
}

type Room = Web<Threads>;

/// Largest body of the form: one file and what is said about it.
const ONE_UPLOAD: usize = MAX_UPLOAD_BYTES + 1024 * 1024;

pub fn doors() -> Vec<Door<Room>> {
    let (own, bank) = (Who::Enterprise, Who::Staff);
    vec![
        Door::get("/enterprise/applications/{id}/thread", own, show_enterprise),
        Door::post(
            "/enterprise/applications/{id}/thread",
            own,
            write_enterprise,
        )
        .body(ONE_UPLOAD),
        Door::get(
            "/enterprise/applications/{id}/thread/files/{file}",
            own,
            files::open_enterprise,
        ),
        Door::post(
            "/enterprise/applications/{id}/thread/read",
            own,
            read_enterprise,
        ),
        Door::get("/branch/applications/{id}/thread", bank, show_bank),
        Door::post("/branch/applications/{id}/thread", bank, write_bank).body(ONE_UPLOAD),
        Door::get(
            "/branch/applications/{id}/thread/files/{file}",
            bank,
            files::open_bank,
        ),
        Door::post("/branch/applications/{id}/thread/read", bank, read_bank),
        Door::get(
            "/branch/applications/{id}/thread/{letter}/called",
            bank,
            called::form,
        ),
        Door::post(
            "/branch/applications/{id}/thread/{letter}/called",
            bank,
            called::note,
        ),
    ]
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

/// Every page in every shape, for the test that draws them.
#[doc(hidden)]
pub fn samples() -> Vec<(&'static str, serde_json::Value)> {
    [page::samples(), called::samples()].concat()
}

const TITLE: &str = "沟通记录";

async fn show(
    web: &Room,
    visit: Visit,
    actor: &Actor,
    id: FinancingApplicationId,
) -> Result<Response, WebError> {
    let thread = web.uses.room.view(actor, id).await?;
    let key = visit.kit.tokens().one_time();
    let view = page::page(&thread, page::form(&thread, key));
    Ok(visit.render(page::TEMPLATE, TITLE, &view))
}

async fn show_enterprise(
    State(web): State<Room>,
    visit: EnterpriseVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let actor = visit.actor().clone();
    show(&web, visit.0.enterprise_console(), &actor, id_of(&id)?).await
}

async fn show_bank(
    State(web): State<Room>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let actor = visit.actor().clone();
    show(&web, visit.0.staff_console(), &actor, id_of(&id)?).await
}

/// A request for a call says so in its own field; a file makes the letter one.
fn content(posted: &Posted) -> Content {
    if posted.get("kind") == "call_request" {
        Content::CallRequest
    } else {
        Content::Text
    }
}

async fn send(
    web: &Room,
    actor: &Actor,
    id: FinancingApplicationId,
    posted: &mut Posted,
) -> Result<(), UseError> {
    let key = once(posted).map_err(|e| e.0)?;
    let mut ask = WriteLetter {
        application: id,
        content: content(posted),
        body: posted.get("body").to_owned(),
        once: key,
    };
    let file = posted.take_file("file").map(|file| file.bytes.to_vec());
    let (uses, actor) = (web.uses.clone(), actor.clone());
    spawned(async move {
        if let Some(bytes) = file {
            if actor.enterprise.is_none() {
                return uses.room.write_with_file(&actor, ask, bytes).await;
            }
            // Whoever may not write here keeps nothing either.
            if !uses.room.view(&actor, id).await?.may_write {
                return Err(UseError::conflict("thread.closed"));
            }
            let what = UploadFor::Material("thread".to_owned());
            let kept = uses.files.keep(&actor, what, "file", bytes).await?;
            ask.content = Content::File(kept.id);
        }
        uses.room.write(&actor, ask).await
    })
    .await
}

async fn write(
    web: &Room,
    visit: Visit,
    actor: &Actor,
    id: FinancingApplicationId,
    mut posted: Posted,
) -> Result<Response, WebError> {
    let sent = send(web, actor, id, &mut posted).await;
    let here = page::href(application::thread::side_of(actor), id);
    match sent {
        Ok(()) => Ok(visit.redirect(&here, Some(("success", "已发送。")))),
        Err(error) if error.kind == Kind::Conflict || error.kind == Kind::TooMany => {
            let text = words::error_text(&error);
            // Told on the page itself, but only to somebody who may read it.
            web.uses.room.view(actor, id).await?;
            Ok(visit.redirect(&here, Some(("warning", &text))))
        }
        Err(error) if !error.fields.is_empty() => {
            let thread = web.uses.room.view(actor, id).await?;
            let key = visit.kit.tokens().one_time();
            let mut form = page::form(&thread, key).fill(posted.pairs());
            for problem in &error.fields {
                form.fail(&problem.field, words::field_text(problem));
            }
            let view = page::page(&thread, form);
            Ok(visit.render_with(
                StatusCode::UNPROCESSABLE_ENTITY,
                page::TEMPLATE,
                TITLE,
                &view,
            ))
        }
        Err(error) => Err(error.into()),
    }
}

async fn write_enterprise(
    State(web): State<Room>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_enterprise(&visit)?;
    let id = id_of(&id)?;
    write(&web, visit.enterprise_console(), &actor, id, posted).await
}

async fn write_bank(
    State(web): State<Room>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    let id = id_of(&id)?;
    write(&web, visit.staff_console(), &actor, id, posted).await
}

async fn read(
    web: &Room,
    visit: &Visit,
    actor: Actor,
    id: FinancingApplicationId,
) -> Result<Response, WebError> {
    let here = page::href(application::thread::side_of(&actor), id);
    let uses = web.uses.clone();
    spawned(async move { uses.room.read(&actor, id).await }).await?;
    Ok(visit.redirect(&here, None))
}

async fn read_enterprise(
    State(web): State<Room>,
    Path(id): Path<String>,
    Form(visit, _): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_enterprise(&visit)?;
    read(&web, &visit, actor, id_of(&id)?).await
}

async fn read_bank(
    State(web): State<Room>,
    Path(id): Path<String>,
    Form(visit, _): Form,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    read(&web, &visit, actor, id_of(&id)?).await
}
