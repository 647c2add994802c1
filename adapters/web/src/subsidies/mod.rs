//! 贴息补贴 (W20, G5): 可享政策 beside a loan, 申请贴息 and one's own claims; 贴息申请 and 免申即享名单 of the city; 政策成效.

mod apply;
mod beside;
mod deeds;
mod detail;
mod effects;
mod fitting;
mod list;
mod samples;
mod words;

pub(crate) use beside::{LoanLine, lines};
pub use samples::samples;
pub(crate) use words::{loans, standard};

use application::subsidies::SubsidyRoom;
use axum::Router;
use uuid::Uuid;

use crate::{
    doors::{self, Door, Who},
    kit::Web,
    parts::Link,
};

type Room = Web<SubsidyRoom>;

const OWN: &str = "/enterprise/subsidies";
const CITY: &str = "/operator/subsidies";
const EFFECTS: &str = "/operator/policies";
const OWN_TITLE: &str = "贴息申请";
const CITY_TITLE: &str = "贴息申请";
const EFFECTS_TITLE: &str = "政策成效";

/// Every door of both sides.
pub fn doors() -> Vec<Door<Room>> {
    let (own, staff) = (Who::Enterprise, Who::Staff);
    vec![
        Door::get(OWN, own, list::own),
        Door::get("/enterprise/subsidies/{id}", own, detail::own),
        Door::get(
            "/enterprise/applications/{id}/loan/{draw}/subsidies/{policy}",
            own,
            apply::form,
        ),
        Door::post(
            "/enterprise/applications/{id}/loan/{draw}/subsidies/{policy}",
            own,
            apply::send,
        ),
        Door::get(CITY, staff, list::city),
        Door::get("/operator/subsidies/{id}", staff, detail::city),
        Door::post("/operator/subsidies/{id}/account", staff, detail::account),
        Door::get(
            "/operator/subsidies/{id}/propose",
            staff,
            deeds::ask_propose,
        ),
        Door::post("/operator/subsidies/{id}/propose", staff, deeds::propose),
        Door::get(
            "/operator/subsidies/{id}/approve",
            staff,
            deeds::ask_approve,
        ),
        Door::post("/operator/subsidies/{id}/approve", staff, deeds::approve),
        Door::get("/operator/subsidies/{id}/refuse", staff, deeds::ask_refuse),
        Door::post("/operator/subsidies/{id}/refuse", staff, deeds::refuse),
        Door::get("/operator/subsidies/{id}/pay", staff, deeds::ask_pay),
        Door::post("/operator/subsidies/{id}/pay", staff, deeds::pay),
        Door::get(EFFECTS, staff, effects::show),
        Door::get("/operator/policies/workbook", staff, effects::take),
        Door::get("/operator/policies/{policy}/loans", staff, fitting::list),
        Door::get(
            "/operator/policies/{policy}/loans/{draw}",
            staff,
            fitting::ask,
        ),
        Door::post(
            "/operator/policies/{policy}/loans/{draw}",
            staff,
            fitting::enlist,
        ),
    ]
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

fn own_href(id: Uuid) -> String {
    format!("{OWN}/{id}")
}

fn city_href(id: Uuid) -> String {
    format!("{CITY}/{id}")
}

fn loans_href(policy: Uuid) -> String {
    format!("{EFFECTS}/{policy}/loans")
}

fn own_crumbs(here: &[Link]) -> Vec<Link> {
    let home = Link::new("企业管理", "/enterprise");
    Link::trail([home, Link::new(OWN_TITLE, OWN)], here)
}

fn city_crumbs(here: &[Link]) -> Vec<Link> {
    let home = Link::new("平台工作台", "/operator");
    Link::trail([home, Link::new(CITY_TITLE, CITY)], here)
}

fn effect_crumbs(here: &[Link]) -> Vec<Link> {
    let home = Link::new("平台工作台", "/operator");
    Link::trail([home, Link::new(EFFECTS_TITLE, EFFECTS)], here)
}
