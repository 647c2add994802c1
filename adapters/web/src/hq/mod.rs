//! Headquarters console 机构工作台: the whole institution at a glance, and what only headquarters decides.

mod board;
mod desk;
mod samples;

pub use samples::samples;

use application::headquarters::Headquarters;
use axum::Router;

use crate::{
    doors::{self, Door, Who},
    kit::Web,
    parts::Link,
};

/// Use cases of the console.
pub struct Hq {
    pub headquarters: Headquarters,
}

/// Every door of the console.
pub fn doors() -> Vec<Door<Web<Hq>>> {
    let who = Who::Staff;
    vec![
        Door::get("/hq", who, desk::overview),
        Door::get("/hq/board", who, board::show),
    ]
}

pub fn routes(web: Web<Hq>) -> Router {
    doors::router(doors(), web)
}

fn crumbs(here: &str) -> Vec<Link> {
    vec![Link::new("机构工作台", "/hq"), Link::new(here, "")]
}
