//! Operator console 平台工作台: 产品审核, 融资需求总览, 冻结 and 督办. Nobody here moves an application.

mod applications;
mod audit;
mod counted;
mod deliveries;
mod hold;
mod home;
mod oversight;
mod products;
mod providers;
mod province;
mod samples;
mod screen;
mod sms_log;
mod statistics;
mod urge;

pub(crate) use applications::receipt;
pub(crate) use audit::midnight;
pub(crate) use counted::{
    href as counted_href, month_words, read_month, read_span, span_words, write_month, write_span,
};
pub(crate) use home::capped;
pub use samples::samples;
pub(crate) use statistics::percent;

use application::{
    audit::look::AuditRoom,
    deliveries::Deliveries,
    products::Products,
    province::ProvinceRoom,
    statistics::{Oversight, Statistics},
    supervision::Supervision,
};
use axum::Router;

use crate::{
    doors::{self, Door, Who},
    kit::Web,
    parts::Link,
    two_people,
};

/// Use cases of the city's console.
pub struct OperatorDesk {
    pub products: Products,
    pub supervision: Supervision,
    pub deliveries: Deliveries,
    pub province: ProvinceRoom,
    pub statistics: Statistics,
    pub oversight: Oversight,
    pub audit: AuditRoom,
}

/// Every door of the console.
pub fn doors() -> Vec<Door<Web<OperatorDesk>>> {
    let who = Who::Staff;
    let mut doors = vec![
        Door::get("/operator", who, home::overview),
        Door::get("/operator/products", who, products::list),
        Door::get("/operator/products/{id}", who, products::detail),
        Door::get(
            "/operator/products/{id}/publish",
            who,
            products::ask_publish,
        ),
        Door::post("/operator/products/{id}/publish", who, products::publish),
        Door::get("/operator/products/{id}/return", who, products::ask_return),
        Door::post("/operator/products/{id}/return", who, products::send_back),
        Door::get("/operator/deliveries", who, deliveries::list),
        Door::get("/operator/deliveries/log", who, sms_log::list),
        Door::get("/operator/deliveries/log/month", who, sms_log::month),
        Door::get("/operator/deliveries/{id}", who, deliveries::one),
        Door::post("/operator/deliveries/{id}/again", who, deliveries::again),
        Door::post("/operator/deliveries/{id}/drop", who, deliveries::give_up),
        Door::get("/operator/province", who, province::list),
        Door::get("/operator/province/{id}", who, province::one),
        Door::post("/operator/province/{id}/again", who, province::again),
        Door::post("/operator/province/{id}/anew", who, province::anew),
        Door::get("/operator/providers", who, providers::show),
        Door::post("/operator/providers/check", who, providers::check),
        Door::get("/operator/statistics", who, statistics::show),
        Door::get("/operator/statistics/workbook", who, statistics::take),
        Door::get("/screen", who, screen::show),
        Door::get("/screen/data", who, screen::data),
        Door::get("/operator/oversight", who, oversight::ask),
        Door::post("/operator/oversight", who, oversight::open),
        Door::get("/operator/audit", who, audit::list),
        Door::get("/operator/applications", who, applications::list),
        Door::get("/operator/applications/{id}", who, applications::detail),
        Door::get("/operator/applications/{id}/supervise", who, urge::ask),
        Door::post("/operator/applications/{id}/supervise", who, urge::send),
    ];
    doors.extend(two_people::doors());
    doors
}

pub fn routes(web: Web<OperatorDesk>) -> Router {
    doors::router(doors(), web)
}

/// Where totals are reached from: the console, or 统计分析 for whoever may see no rows.
pub(crate) fn totals_home(open: bool) -> Link {
    if open {
        Link::new("平台工作台", "/operator")
    } else {
        Link::new("统计分析", "/operator/statistics")
    }
}

fn crumbs(section: Link, here: Option<&str>) -> Vec<Link> {
    let mut links = vec![Link::new("平台工作台", "/operator"), section];
    links.extend(here.map(|label| Link::new(label, "")));
    links
}
