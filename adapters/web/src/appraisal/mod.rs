//! 机构考评 (O3): a month of the city with its definitions, the two people who publish it, and an institution's own months.

mod deeds;
mod month;
mod samples;

pub use samples::samples;

use application::appraisal::AppraisalRoom;
use axum::Router;
use time::Date;

use crate::{
    doors::{self, Door, Who},
    kit::Web,
};

type Room = Web<AppraisalRoom>;

const CITY: &str = "/operator/appraisal";
const OWN: &str = "/hq/appraisal";
const TITLE: &str = "机构考评";

/// Every door of both sides.
pub fn doors() -> Vec<Door<Room>> {
    let who = Who::Staff;
    vec![
        Door::get(CITY, who, month::city),
        Door::get("/operator/appraisal/{month}/submit", who, deeds::ask_submit),
        Door::post("/operator/appraisal/{month}/submit", who, deeds::submit),
        Door::get(
            "/operator/appraisal/{month}/publish",
            who,
            deeds::ask_publish,
        ),
        Door::post("/operator/appraisal/{month}/publish", who, deeds::publish),
        Door::get(
            "/operator/appraisal/{month}/withdraw",
            who,
            deeds::ask_withdraw,
        ),
        Door::post("/operator/appraisal/{month}/withdraw", who, deeds::withdraw),
        Door::get(OWN, who, month::own),
    ]
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

fn href(month: Date) -> String {
    format!("{CITY}?month={}", crate::operator::write_month(month))
}
