//! 企业管理: the city's enterprises looked up, one of them with masked facts, full values for a reason, and its account held by two people.

mod deeds;
mod detail;
mod full;
mod list;
mod samples;

pub use samples::samples;

use application::enterprises::EnterpriseRoom;
use axum::Router;
use domain::ids::EnterpriseId;

use crate::{
    doors::{self, Door, Who},
    kit::Web,
    parts::Link,
    two_people,
};

const LIST: &str = "/operator/enterprises";
const TITLE: &str = "企业管理";

type Room = Web<EnterpriseRoom>;

/// Every door of the room.
pub fn doors() -> Vec<Door<Room>> {
    let who = Who::Staff;
    let mut doors = vec![
        Door::get(LIST, who, list::list),
        Door::get("/operator/enterprises/{id}", who, detail::detail),
        Door::get("/operator/enterprises/{id}/full", who, full::ask),
        Door::post("/operator/enterprises/{id}/full", who, full::open),
    ];
    doors.extend(two_people::doors());
    doors
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

/// What tells two enterprises of one name apart.
fn code_words(credit_code: &str) -> &str {
    if credit_code.is_empty() {
        "未填写信用代码"
    } else {
        credit_code
    }
}

fn base(id: EnterpriseId) -> String {
    format!("{LIST}/{id}")
}

fn crumbs(more: &[(&str, &str)]) -> Vec<Link> {
    let mut links = vec![Link::new("平台工作台", "/operator"), Link::new(TITLE, LIST)];
    links.extend(more.iter().map(|(label, href)| Link::new(*label, *href)));
    links
}
