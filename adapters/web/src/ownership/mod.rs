//! 企业管理员 (W26): the owner hands over and somebody accepts; where the owner is gone, two operators of the city change it.

mod deeds;
mod handover;
mod owner;
mod samples;

use application::ownership::OwnershipRoom;
use axum::Router;

pub use samples::samples;

use crate::{
    doors::{self, Door, Who},
    kit::Web,
    two_people,
};

type Room = Web<OwnershipRoom>;

/// What waits in one's own enterprise.
const OWN: &str = "/enterprise/handover";

/// Every door of the room.
pub fn doors() -> Vec<Door<Room>> {
    let who = Who::Enterprise;
    let mut doors = vec![
        Door::get("/enterprise/people/{id}/handover", who, handover::ask),
        Door::post("/enterprise/people/{id}/handover", who, handover::asked),
        Door::get(OWN, who, handover::own),
        Door::post("/enterprise/handover/{id}", who, handover::answer),
        Door::get("/operator/enterprises/{id}/owner", Who::Staff, owner::owner),
        Door::post(
            "/operator/enterprises/{id}/owner/again",
            Who::Staff,
            owner::again,
        ),
    ];
    doors.extend(two_people::doors());
    doors
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}
