//! Headquarters console 机构工作台: the whole institution at a glance, and what only headquarters decides.

mod appeal;
mod appeals;
mod assign;
mod board;
mod correction;
mod desk;
mod dispatch;
mod moving;
mod refuse;
mod results;
mod rules;
mod samples;
mod second_look;
mod sending;
mod settings;

pub use samples::samples;

use application::{
    appeal::AppealRoom, dispatch::Dispatch, headquarters::Headquarters, settings::SettingsRoom,
};
use axum::Router;

use crate::{
    deed::{self, Deed as _, both},
    doors::{self, Door, Who},
    kit::Web,
    parts::Link,
};

/// Use cases of the console.
pub struct Hq {
    pub headquarters: Headquarters,
    pub dispatch: Dispatch,
    pub appeals: AppealRoom,
    pub settings: SettingsRoom,
}

/// Every door of the console.
pub fn doors() -> Vec<Door<Web<Hq>>> {
    let who = Who::Staff;
    let mut doors = vec![
        Door::get("/hq", who, desk::overview),
        Door::get("/hq/board", who, board::show),
        Door::get("/branch/results", who, results::show),
        Door::get("/hq/dispatch", who, dispatch::list),
        Door::get(assign::Assign::PATH, who, assign::form),
        Door::post(assign::Assign::PATH, who, deed::post::<assign::Assign>),
        Door::get(moving::Move::PATH, who, moving::form),
        Door::post(moving::Move::PATH, who, moving::post),
        Door::get("/hq/appeals", who, appeals::list),
        Door::get("/hq/rules", who, rules::show),
        Door::post("/hq/rules", who, rules::add),
        Door::post("/hq/rules/{id}", who, rules::change),
        Door::get("/hq/settings", who, settings::show),
        Door::post("/hq/settings", who, settings::post),
    ];
    doors.extend(both::<refuse::Refuse>());
    doors.extend(both::<appeal::Settle>());
    doors.extend(both::<correction::Ask>());
    doors.extend(both::<correction::Confirm>());
    doors.extend(both::<correction::TakeBack>());
    doors
}

pub fn routes(web: Web<Hq>) -> Router {
    doors::router(doors(), web)
}

fn crumbs(here: &str) -> Vec<Link> {
    vec![Link::new("机构工作台", "/hq"), Link::new(here, "")]
}
