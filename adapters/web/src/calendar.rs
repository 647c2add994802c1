//! 工作日历 of the city: how far the promises can be counted, and which year is missing.

use application::supervision::calendar::{CALENDAR_PAGE, CalendarRoom, CalendarSheet, ENOUGH_DAYS};
use axum::{Router, extract::State, response::Response};
use serde::Serialize;

use crate::{
    doors::{self, Door, Who},
    errors::WebError,
    kit::Web,
    parts::{Cell, Link, Table},
    visit::StaffVisit,
};

const TEMPLATE: &str = "operator/calendar.html";

pub fn doors() -> Vec<Door<Web<CalendarRoom>>> {
    vec![Door::get(CALENDAR_PAGE, Who::Staff, show)]
}

pub fn routes(web: Web<CalendarRoom>) -> Router {
    doors::router(doors(), web)
}

#[derive(Serialize)]
struct CalendarPage {
    crumbs: Vec<Link>,
    years: Table,
    missing: i32,
    days: i64,
    ended: bool,
    soon: bool,
    undated: i64,
}

async fn show(
    State(web): State<Web<CalendarRoom>>,
    visit: StaffVisit,
) -> Result<Response, WebError> {
    let sheet = web.uses.view(visit.actor()).await?;
    let visit = visit.0.staff_console();
    Ok(visit.render(TEMPLATE, "工作日历", &page(&sheet)))
}

fn page(sheet: &CalendarSheet) -> CalendarPage {
    let mut years = Table::new("已有的工作日历")
        .column("年份", "nowrap")
        .column("工作日", "num");
    for known in &sheet.years {
        years.push(vec![
            Cell::text(format!("{} 年", known.year)),
            Cell::text(format!("{} 天", known.workdays)),
        ]);
    }
    CalendarPage {
        crumbs: vec![
            Link::new("平台工作台", "/operator"),
            Link::new("工作日历", "").current(true),
        ],
        years,
        missing: sheet.missing,
        days: sheet.days_left.max(0),
        ended: sheet.days_left < 0,
        soon: sheet.days_left < ENOUGH_DAYS,
        undated: sheet.undated,
    }
}

/// The page in every shape, for the test that draws it.
#[doc(hidden)]
pub fn samples() -> Vec<(&'static str, serde_json::Value)> {
    [(400, 0), (36, 3), (-2, 12)]
        .into_iter()
        .map(|(days_left, undated)| {
            let sheet = CalendarSheet {
                years: Vec::new(),
                missing: 2027,
                days_left,
                undated,
            };
            let page = serde_json::to_value(page(&sheet)).unwrap_or_default();
            (TEMPLATE, page)
        })
        .collect()
}
