//! 投诉 (W21): the enterprise's own, 投诉处理 of the city, and 投诉说明 of the node that was asked.

mod deeds;
mod detail;
mod file;
mod list;
mod samples;
mod totals;

pub(crate) use list::filed_in;
pub use samples::samples;

use application::complaints::{ComplaintRoom, Side};
use axum::Router;
use uuid::Uuid;

use crate::{
    doors::{self, Door, Who},
    kit::Web,
    parts::Link,
};

type Room = Web<ComplaintRoom>;

/// Every door of the three sides.
pub fn doors() -> Vec<Door<Room>> {
    let (own, staff) = (Who::Enterprise, Who::Staff);
    vec![
        Door::get("/enterprise/complaints", own, list::own),
        Door::get("/enterprise/complaints/new", own, file::form_door),
        Door::post("/enterprise/complaints/new", own, file::send),
        Door::get("/enterprise/complaints/{id}", own, detail::own),
        Door::get("/enterprise/complaints/{id}/again", own, deeds::ask_again),
        Door::post("/enterprise/complaints/{id}/again", own, deeds::again),
        Door::get("/enterprise/complaints/{id}/close", own, deeds::ask_close),
        Door::post("/enterprise/complaints/{id}/close", own, deeds::close),
        Door::get("/operator/complaints", staff, list::city),
        Door::get(totals::PAGE, staff, totals::show),
        Door::get("/operator/complaints/{id}", staff, detail::city),
        Door::get("/operator/complaints/{id}/take", staff, deeds::ask_take),
        Door::post("/operator/complaints/{id}/take", staff, deeds::take),
        Door::get("/operator/complaints/{id}/note", staff, deeds::ask_note),
        Door::post("/operator/complaints/{id}/note", staff, deeds::note),
        Door::get(
            "/operator/complaints/{id}/statement",
            staff,
            deeds::ask_question,
        ),
        Door::post(
            "/operator/complaints/{id}/statement",
            staff,
            deeds::question,
        ),
        Door::get("/operator/complaints/{id}/answer", staff, deeds::ask_answer),
        Door::post("/operator/complaints/{id}/answer", staff, deeds::answer),
        Door::get("/branch/complaints", staff, list::bank),
        Door::get("/branch/complaints/{id}", staff, detail::bank),
        Door::get("/branch/complaints/{id}/state", staff, deeds::ask_state),
        Door::post("/branch/complaints/{id}/state", staff, deeds::state),
    ]
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

/// Where the complaints of a side are.
const fn base(side: Side) -> &'static str {
    match side {
        Side::Enterprise => "/enterprise/complaints",
        Side::City => "/operator/complaints",
        Side::Bank => "/branch/complaints",
    }
}

fn href(side: Side, id: Uuid) -> String {
    format!("{}/{id}", base(side))
}

/// What each side calls the room.
const fn title(side: Side) -> &'static str {
    match side {
        Side::Enterprise => "投诉",
        Side::City => "投诉处理",
        Side::Bank => "投诉说明",
    }
}

fn crumbs(side: Side, here: &[Link]) -> Vec<Link> {
    let home = match side {
        Side::Enterprise => Link::new("企业管理", "/enterprise"),
        Side::City => Link::new("平台工作台", "/operator"),
        Side::Bank => Link::new("工作台", "/branch"),
    };
    Link::trail([home, Link::new(title(side), base(side))], here)
}

/// The pages of one side are nobody's else: there they do not exist.
fn of_side(
    actor: &application::access::Actor,
    side: Side,
) -> Result<(), application::error::UseError> {
    if application::complaints::side_of(actor) == side {
        return Ok(());
    }
    Err(application::error::UseError::not_found())
}
