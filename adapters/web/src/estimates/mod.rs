//! 额度试算 (W4): on a product before anybody applies, and 我的试算 of the enterprise centre. A visitor is told and nothing stays.

mod answer;
mod form;
mod own;
mod samples;

use application::estimates::EstimateRoom;
use axum::Router;
use domain::{ids::ProductId, values::Cents};
use uuid::Uuid;

pub use samples::samples;

use crate::{
    doors::{self, Door, Who},
    kit::Web,
};

type Room = Web<EstimateRoom>;

/// 我的试算.
pub const PATH: &str = "/enterprise/estimates";
const TITLE: &str = "额度试算";
const LIST: &str = "我的试算";

pub fn doors() -> Vec<Door<Room>> {
    let own = Who::Enterprise;
    vec![
        Door::get("/market/{id}/estimate", Who::Public, form::ask),
        Door::post("/market/{id}/estimate", Who::Public, form::send),
        Door::get("/enterprise/estimates", own, own::list),
        Door::get("/enterprise/estimates/{id}", own, own::one),
        Door::get("/enterprise/estimates/{id}/delete", own, own::ask_delete),
        Door::post("/enterprise/estimates/{id}/delete", own, own::delete),
    ]
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

/// Where a product is tried.
pub(crate) fn href(product: ProductId) -> String {
    format!("/market/{product}/estimate")
}

fn own_href(id: Uuid) -> String {
    format!("{PATH}/{id}")
}

/// Stored cents in 万元; empty when they are none.
fn wan(cents: Option<i64>) -> String {
    cents
        .and_then(|cents| Cents::new(cents).ok())
        .map_or_else(String::new, |c| format!("{} 万元", c.format_wan_brief()))
}

/// `1–300 万元`; empty: it comes to less than the product lends.
fn amounts(low: Option<i64>, high: Option<i64>) -> String {
    let brief = |cents: Option<i64>| Cents::new(cents?).ok().map(Cents::format_wan_brief);
    match (brief(low), brief(high)) {
        (Some(low), Some(high)) if low == high => format!("{high} 万元"),
        (Some(low), Some(high)) => format!("{low}–{high} 万元"),
        _ => String::new(),
    }
}
