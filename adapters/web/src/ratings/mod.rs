//! 评价 (W22): of an own request, 企业评价 of bank and city, and what an institution's public page shows.

mod deeds;
mod list;
mod own;
mod samples;

pub use samples::samples;

use application::ratings::RatingRoom;
use axum::Router;
use domain::rating::{Stars, average_tenths};

use crate::{
    doors::{self, Door, Who},
    kit::Web,
};

type Room = Web<RatingRoom>;

/// Every door of the three sides.
pub fn doors() -> Vec<Door<Room>> {
    let (own, staff) = (Who::Enterprise, Who::Staff);
    vec![
        Door::get("/enterprise/applications/{id}/rating", own, own::show),
        Door::post("/enterprise/applications/{id}/rating", own, own::rate),
        Door::get("/branch/ratings", staff, list::bank),
        Door::get("/branch/ratings/{id}", staff, list::bank_one),
        Door::get("/branch/ratings/{id}/reply", staff, deeds::ask_reply),
        Door::post("/branch/ratings/{id}/reply", staff, deeds::reply),
        Door::get("/operator/ratings", staff, list::city),
        Door::get("/operator/ratings/{id}", staff, list::city_one),
        Door::get("/operator/ratings/{id}/hide", staff, deeds::ask_hide),
        Door::post("/operator/ratings/{id}/hide", staff, deeds::hide),
        Door::get("/operator/ratings/{id}/show", staff, deeds::ask_show),
        Door::post("/operator/ratings/{id}/show", staff, deeds::show),
    ]
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

/// The three things that are rated, as every page names them.
pub(crate) const THINGS: [(&str, &str); 3] = [
    ("speed", "办理效率"),
    ("service", "服务态度"),
    ("openness", "费用与条件透明"),
];

/// 办理效率 5 星，服务态度 4 星 …: words, for those who do not see signs.
pub(crate) fn said(stars: Stars) -> String {
    [stars.speed, stars.service, stars.openness]
        .iter()
        .zip(THINGS)
        .map(|(given, (_, label))| format!("{label} {given} 星"))
        .collect::<Vec<_>>()
        .join("，")
}

/// 4.3, or nothing while there are too few.
pub(crate) fn average(ratings: i64, stars: i64, each: i64) -> Option<String> {
    average_tenths(ratings, stars, each).map(|tenths| format!("{}.{}", tenths / 10, tenths % 10))
}
