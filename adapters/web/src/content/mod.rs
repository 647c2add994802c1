//! 内容管理 and 协议管理 (O5, O7): the city's texts, drafts, a second person, files, preview, history.

mod agreements;
mod deeds;
mod facts;
mod files;
mod form;
mod list;
mod look;
pub(crate) mod paste;
mod samples;
mod settle;
mod subsidy;

pub(crate) use files::jpeg;
pub use samples::samples;

use application::{
    catalogue::Showcase,
    content::{ContentPapers, ContentRoom},
    ports::{content::ContentKind, product_shelf::DraftStatus},
};
use axum::Router;
use uuid::Uuid;

use crate::{
    doors::{self, Door, ONE_UPLOAD, Who},
    kit::Web,
    parts::{Link, Tag, TagKind},
};

/// Use cases of the room, and the public lists that its forms offer.
pub struct ContentDesk {
    pub room: ContentRoom,
    pub papers: ContentPapers,
    pub show: Showcase,
}

/// Every door of the room.
pub fn doors() -> Vec<Door<Web<ContentDesk>>> {
    let who = Who::Staff;
    vec![
        Door::get("/operator/content", who, list::list),
        Door::get("/operator/content/new", who, form::blank),
        Door::post("/operator/content/new", who, form::create),
        Door::get("/operator/content/{id}", who, look::detail),
        Door::get("/operator/content/{id}/edit", who, form::edit),
        Door::post("/operator/content/{id}/edit", who, form::save),
        Door::get("/operator/content/{id}/files", who, files::page),
        Door::post("/operator/content/{id}/files", who, files::add).body(ONE_UPLOAD),
        Door::get("/operator/content/{id}/files/{file}", who, files::fetch),
        Door::post(
            "/operator/content/{id}/files/{file}/remove",
            who,
            files::remove,
        ),
        Door::get("/operator/content/{id}/picture", who, files::picture),
        Door::get("/operator/content/{id}/preview", who, look::preview),
        Door::get("/operator/content/{id}/submit", who, deeds::ask_submit),
        Door::post("/operator/content/{id}/submit", who, deeds::submit),
        Door::get("/operator/content/{id}/take-back", who, deeds::ask_back),
        Door::post("/operator/content/{id}/take-back", who, deeds::take_back),
        Door::get("/operator/content/{id}/withdraw", who, deeds::ask_withdraw),
        Door::post("/operator/content/{id}/withdraw", who, deeds::withdraw),
        Door::get("/operator/content/{id}/publish", who, settle::ask_publish),
        Door::post("/operator/content/{id}/publish", who, settle::publish),
        Door::get("/operator/content/{id}/return", who, settle::ask_return),
        Door::post("/operator/content/{id}/return", who, settle::send_back),
        Door::get(
            "/operator/content/{id}/versions/{version}",
            who,
            look::version,
        ),
        Door::post(
            "/operator/content/{id}/versions/{version}/restore",
            who,
            deeds::restore,
        ),
        Door::get("/operator/agreements", who, agreements::list),
        Door::post("/operator/agreements/{code}/draft", who, agreements::start),
    ]
}

pub fn routes(web: Web<ContentDesk>) -> Router {
    doors::router(doors(), web)
}

const LIST: &str = "/operator/content";
const AGREEMENTS: &str = "/operator/agreements";

fn base(id: Uuid) -> String {
    format!("{LIST}/{id}")
}

/// Where a kind of text is listed.
fn home(kind: ContentKind) -> &'static str {
    if kind == ContentKind::Agreement {
        AGREEMENTS
    } else {
        LIST
    }
}

fn crumbs(kind: ContentKind, text: Option<(Uuid, &str)>, here: Option<&str>) -> Vec<Link> {
    let section = if kind == ContentKind::Agreement {
        Link::new("协议管理", AGREEMENTS)
    } else {
        Link::new("内容管理", LIST)
    };
    let mut links = vec![Link::new("平台工作台", "/operator"), section];
    links.extend(text.map(|(id, title)| Link::new(title, base(id))));
    links.extend(here.map(|label| Link::new(label, "")));
    links
}

fn draft_tag(status: DraftStatus) -> Tag {
    let (label, kind) = match status {
        DraftStatus::Draft => ("草稿", TagKind::Neutral),
        DraftStatus::InReview => ("待复核", TagKind::Info),
        DraftStatus::Returned => ("已退回", TagKind::Warning),
        DraftStatus::Published => ("已发布", TagKind::Success),
    };
    Tag::new(label, kind)
}
