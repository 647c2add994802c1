//! 回访工单 (O2): the samples that were drawn, the work orders in them, and the calls.

mod calls;
mod deeds;
mod draw;
mod list;
mod samples;

pub use samples::samples;

use application::callbacks::CallbackRoom;
use axum::Router;

use crate::{
    doors::{self, Door, Who},
    kit::Web,
    parts::Link,
};

type Room = Web<CallbackRoom>;

const LIST: &str = "/operator/callbacks";
const TITLE: &str = "回访工单";

/// Every door of the room.
pub fn doors() -> Vec<Door<Room>> {
    let who = Who::Staff;
    vec![
        Door::get(LIST, who, list::list),
        Door::get("/operator/callbacks/draw", who, draw::form),
        Door::post("/operator/callbacks/draw", who, draw::draw),
        Door::get("/operator/callbacks/{id}", who, list::detail),
        Door::post("/operator/callbacks/{id}/phone", who, calls::phone),
        Door::get("/operator/callbacks/{id}/call", who, calls::form),
        Door::post("/operator/callbacks/{id}/call", who, calls::record),
        Door::get("/operator/callbacks/{id}/complaint", who, deeds::form),
        Door::post("/operator/callbacks/{id}/complaint", who, deeds::complain),
    ]
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

fn crumbs(here: &[Link]) -> Vec<Link> {
    let home = Link::new("平台工作台", "/operator");
    Link::trail([home, Link::new(TITLE, LIST)], here)
}
