//! Headquarters console 机构工作台: the whole institution at a glance, and what only headquarters decides.

mod board;
mod desk;
mod dispatch;
mod samples;
mod send;

pub use samples::samples;

use application::{dispatch::Dispatch, headquarters::Headquarters};
use axum::Router;

use crate::{
    doors::{self, Door, Who},
    kit::Web,
    parts::Link,
};

/// Use cases of the console.
pub struct Hq {
    pub headquarters: Headquarters,
    pub dispatch: Dispatch,
}

/// Every door of the console.
pub fn doors() -> Vec<Door<Web<Hq>>> {
    let who = Who::Staff;
    vec![
        Door::get("/hq", who, desk::overview),
        Door::get("/hq/board", who, board::show),
        Door::get("/hq/dispatch", who, dispatch::list),
        Door::get("/branch/applications/{id}/dispatch", who, send::assign_form),
        Door::post("/branch/applications/{id}/dispatch", who, send::assign),
        Door::get("/branch/applications/{id}/move", who, send::move_form),
        Door::post("/branch/applications/{id}/move", who, send::moving),
        Door::get("/branch/applications/{id}/refuse", who, send::refuse_form),
        Door::post("/branch/applications/{id}/refuse", who, send::refuse),
    ]
}

pub fn routes(web: Web<Hq>) -> Router {
    doors::router(doors(), web)
}

fn crumbs(here: &str) -> Vec<Link> {
    vec![Link::new("机构工作台", "/hq"), Link::new(here, "")]
}
