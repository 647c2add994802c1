//! Headquarters console 机构工作台: the whole institution at a glance, and what only headquarters decides.

mod appeals;
mod board;
mod desk;
mod dispatch;
mod rules;
mod samples;
mod second_look;
mod send;
mod settings;

pub use samples::samples;

use application::{
    appeal::AppealRoom, dispatch::Dispatch, headquarters::Headquarters, settings::SettingsRoom,
};
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
    pub appeals: AppealRoom,
    pub settings: SettingsRoom,
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
        Door::get(
            "/branch/applications/{id}/confirm-decline",
            who,
            send::refuse_form,
        ),
        Door::post(
            "/branch/applications/{id}/confirm-decline",
            who,
            send::refuse,
        ),
        Door::get("/hq/appeals", who, appeals::list),
        Door::get("/hq/appeals/{id}", who, second_look::appeal_form),
        Door::post("/hq/appeals/{id}", who, second_look::appeal),
        Door::get(
            "/branch/applications/{id}/correct",
            who,
            second_look::correct_form,
        ),
        Door::post(
            "/branch/applications/{id}/correct",
            who,
            second_look::correct,
        ),
        Door::get("/hq/corrections/{id}", who, second_look::confirm_form),
        Door::post("/hq/corrections/{id}", who, second_look::confirm),
        Door::get("/hq/rules", who, rules::show),
        Door::post("/hq/rules", who, rules::add),
        Door::post("/hq/rules/{id}", who, rules::change),
        Door::get("/hq/settings", who, settings::show),
        Door::post("/hq/settings", who, settings::post),
    ]
}

pub fn routes(web: Web<Hq>) -> Router {
    doors::router(doors(), web)
}

fn crumbs(here: &str) -> Vec<Link> {
    vec![Link::new("机构工作台", "/hq"), Link::new(here, "")]
}
