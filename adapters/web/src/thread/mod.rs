//! 沟通记录: the talk about one application, from the enterprise's side and from its branch's (W25).

mod called;
mod files;
mod page;

use application::{
    access::Actor,
    error::{Kind, UseError},
    ports::pictures::MAX_UPLOAD_BYTES,
    thread::{Along, Content, ThreadRoom, WriteLetter},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
};
use domain::ids::FinancingApplicationId;

use crate::{
    branch::staff,
    console::show_errors,
    doors::{self, Door, Who},
    errors::{WebError, status},
    financing::id_of,
    kit::Web,
    posted::{Form, Posted, once},
    spawned::{spawned, spawned_holding},
    visit::{EnterpriseVisit, StaffVisit, Visit, posted_by_enterprise},
    words,
};

/// Use cases of both sides.
#[derive(Clone)]
pub struct Threads {
    pub room: ThreadRoom,
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
            files::page_bank,
        ),
        Door::get(
            "/branch/applications/{id}/thread/files/{file}/file",
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
    let ask = WriteLetter {
        application: id,
        content: content(posted),
        body: posted.get("body").to_owned(),
        once: key,
    };
    let file = posted.take_file("file").map(|file| file.bytes.to_vec());
    let (uses, actor) = (web.uses.clone(), actor.clone());
    spawned_holding(posted.held(), async move {
        match file {
            Some(bytes) => {
                let along = Along::Bytes(bytes);
                uses.room.write_with_file(&actor, ask, along).await
            }
            None => uses.room.write(&actor, ask).await,
        }
    })
    .await
}

/// Refusals after which the form is drawn again with what was typed.
fn is_told_here(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Conflict | Kind::TooMany | Kind::Invalid | Kind::TooLarge
    )
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
        Err(error) if is_told_here(error.kind) => {
            // Told on the page itself, but only to somebody who may read it.
            let thread = web.uses.room.view(actor, id).await?;
            if !thread.may_write {
                let text = words::error_text(&error);
                return Ok(visit.redirect(&here, Some(("warning", &text))));
            }
            let key = visit.kit.tokens().one_time();
            let mut form = page::form(&thread, key).fill(posted.pairs());
            show_errors(&mut form, &error);
            let view = page::page(&thread, form);
            Ok(visit.render_with(status(error.kind), page::TEMPLATE, TITLE, &view))
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
