//! 沟通文件 that a branch sent: a picture to look at, a PDF only as a download (S-23, S-25).

use application::{access::Actor, thread::OpenLetterFile};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::ids::FileId;

use super::Room;
use crate::{
    branch::sealed_off,
    errors::WebError,
    financing::id_of,
    spawned::spawned,
    visit::{EnterpriseVisit, StaffVisit, id_of as file_id},
};

async fn open(web: Room, actor: Actor, id: String, file: String) -> Result<Response, WebError> {
    let ask = OpenLetterFile {
        application: id_of(&id)?,
        file: FileId(file_id(&file)?),
    };
    let opened = spawned(async move { web.uses.room.open_file(&actor, ask).await }).await?;
    Ok(sealed_off(&opened.media_type, "沟通文件", opened.bytes))
}

pub(super) async fn open_enterprise(
    State(web): State<Room>,
    visit: EnterpriseVisit,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response, WebError> {
    open(web, visit.actor().clone(), id, file).await
}

pub(super) async fn open_bank(
    State(web): State<Room>,
    visit: StaffVisit,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response, WebError> {
    open(web, visit.actor().clone(), id, file).await
}
