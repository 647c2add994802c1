//! 机构管理: the city's institutions, one taken in with its first administrator, its public facts, and its pause by two people.

mod deeds;
mod detail;
mod form;
mod list;
mod samples;

pub use samples::samples;

use application::institutions::InstitutionRoom;
use axum::Router;
use domain::ids::TenantId;

use crate::{
    doors::{self, Door, Who},
    kit::Web,
    parts::{Cell, Link, Tag, TagKind},
    two_people,
};

const LIST: &str = "/operator/institutions";
const TITLE: &str = "机构管理";

type Room = Web<InstitutionRoom>;

/// Every door of the room.
pub fn doors() -> Vec<Door<Room>> {
    let who = Who::Staff;
    let mut doors = vec![
        Door::get(LIST, who, list::list),
        Door::get("/operator/institutions/new", who, form::ask_open),
        Door::post("/operator/institutions/new", who, form::open),
        Door::get("/operator/institutions/{id}", who, detail::detail),
        Door::get("/operator/institutions/{id}/edit", who, form::ask_change),
        Door::post("/operator/institutions/{id}/edit", who, form::change),
    ];
    doors.extend(two_people::doors());
    doors
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

fn base(id: TenantId) -> String {
    format!("{LIST}/{id}")
}

/// 办理中 of an institution (`bank`) or a branch (`branch`), with the way to exactly these requests.
fn open_cell(by: &str, id: TenantId, open: i64) -> Cell {
    let words = format!("{open} 笔");
    if open == 0 {
        return Cell::text(words);
    }
    Cell::link(words, format!("/operator/applications?list=open&{by}={id}"))
}

fn crumbs(more: &[(&str, &str)]) -> Vec<Link> {
    let mut links = vec![Link::new("平台工作台", "/operator"), Link::new(TITLE, LIST)];
    links.extend(more.iter().map(|(label, href)| Link::new(*label, *href)));
    links
}

fn state_tag(suspended: bool) -> Tag {
    if suspended {
        Tag::new("已暂停受理", TagKind::Danger)
    } else {
        Tag::new("正常受理", TagKind::Success)
    }
}
