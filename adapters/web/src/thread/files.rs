//! 沟通文件 that a branch sent: a picture to look at, a PDF only as a download. The bank's people come to it by a page whose link
//! is bound to them and lives a minute (S-23, S-25).

use std::collections::HashMap;

use application::{
    access::Actor,
    error::UseError,
    ports::{letters::Side, scanner::Scan},
    thread::OpenLetterFile,
};
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use domain::ids::FileId;

use super::{Room, page};
use crate::{
    branch::{LINK_SECONDS, MaterialPage, link_fits, sealed_off, signature},
    console::told,
    errors::WebError,
    financing::id_of,
    matter::crumbs,
    show,
    spawned::spawned,
    visit::{EnterpriseVisit, StaffVisit, encode, id_of as file_id},
};

const LABEL: &str = "沟通文件";
const LINK: &str = "letter-file";

fn asked(id: &str, file: &str) -> Result<OpenLetterFile, WebError> {
    Ok(OpenLetterFile {
        application: id_of(id)?,
        file: FileId(file_id(file)?),
    })
}

async fn open(web: Room, actor: Actor, ask: OpenLetterFile) -> Result<Response, WebError> {
    let opened = spawned(async move { web.uses.room.open_file(&actor, ask).await }).await?;
    Ok(sealed_off(&opened.media_type, LABEL, opened.bytes))
}

pub(super) async fn open_enterprise(
    State(web): State<Room>,
    visit: EnterpriseVisit,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response, WebError> {
    open(web, visit.actor().clone(), asked(&id, &file)?).await
}

/// The page around a file, with the link that opens it.
pub(super) async fn page_bank(
    State(web): State<Room>,
    visit: StaffVisit,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let ask = asked(&id, &file)?;
    let back = page::href(Side::Bank, ask.application);
    let (record, file) = match web.uses.room.file(visit.actor(), ask).await {
        Ok(found) => found,
        Err(error) => return told(&visit.0.staff_console(), error, &back),
    };
    let kit = &visit.0.kit;
    let until = kit.clock().now().unix_timestamp() + LINK_SECONDS;
    let sign = signature(kit, visit.actor(), LINK, ask.application, file.id.0, until);
    let at = show::minute(file.added_at);
    let page = MaterialPage {
        label: LABEL.to_owned(),
        crumbs: crumbs(&record, Some(LABEL)),
        is_picture: file.media_type == "image/jpeg",
        unscanned: file.scan == Scan::Unscanned,
        src: format!(
            "{back}/files/{}/file?until={until}&sign={}",
            file.id,
            encode(&sign)
        ),
        alt: format!("{LABEL}，{at} 发送"),
        previous: String::new(),
        next: String::new(),
        place: format!("支行 {at} 发送给企业"),
        back,
        back_label: "返回沟通记录",
    };
    let title = format!("{LABEL} {}", show::number(&record));
    let visit = visit.0.staff_console();
    Ok(visit.render(MaterialPage::TEMPLATE, &title, &page))
}

pub(super) async fn open_bank(
    State(web): State<Room>,
    visit: StaffVisit,
    Path((id, file)): Path<(String, String)>,
    Query(given): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let ask = asked(&id, &file)?;
    if !link_fits(&visit, LINK, ask.application, ask.file.0, &given) {
        return Err(WebError(UseError::not_found()));
    }
    open(web, visit.actor().clone(), ask).await
}
