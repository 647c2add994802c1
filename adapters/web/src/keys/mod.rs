//! System interface 系统接口: access keys of the institution, and where its own system hears of what happened.

mod hook;
mod list;
mod pages;

use application::{
    access::{Action, Actor, Room as Chamber},
    bank_api::KeyRoom,
};
use axum::{Router, response::Response};

pub use pages::samples;

use crate::{
    doors::{self, Door, Who},
    kit::Web,
    parts::Link,
    proof,
    visit::Visit,
};

type Room = Web<KeyRoom>;

const BASE: &str = "/hq/keys";
const NEW: &str = "/hq/keys/new";
const HOOK: &str = "/hq/keys/webhook";

/// Every door of the room.
pub fn doors() -> Vec<Door<Room>> {
    let who = Who::Staff;
    vec![
        Door::get(BASE, who, list::show),
        Door::get(NEW, who, list::new_form),
        Door::post(NEW, who, list::create),
        Door::post("/hq/keys/{id}", who, list::act),
        Door::get(HOOK, who, hook::show),
        Door::post(HOOK, who, hook::set),
        Door::post("/hq/keys/webhook/{id}", who, hook::send_again),
    ]
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

fn crumbs(here: &str) -> Vec<Link> {
    if here.is_empty() {
        return vec![Link::new("机构工作台", "/hq"), Link::new("系统接口", "")];
    }
    vec![Link::new("系统接口", BASE), Link::new(here, "")]
}

/// Keys weigh (S-41): the form travels through the proof; whoever may not do it anyway is told so instead.
async fn to_proof(visit: &Visit, actor: &Actor, action: Action) -> Option<Response> {
    let may = visit.kit.guard().may(actor, Chamber::Keys, action).await;
    if may { proof::carry(visit) } else { None }
}
