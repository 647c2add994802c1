//! 走访清单 (O11) and 整改任务 (G6) on the operator's console: lists with their numbers, the files they come from, whom the enterprises are
//! given to, the enterprises themselves and what departments do about refusals.

mod assign;
mod deeds;
mod files;
mod list;
mod lists;
mod repairs;
mod row;
mod rows;
mod samples;
mod task;

pub use samples::samples;

use application::{
    city::City,
    imports::Imports,
    ports::visits::{Repair, VisitRow},
    visits::{VisitBook, VisitRoom},
};
use axum::Router;
use domain::{
    referral::Refusal,
    visit::{RepairState, VisitStage},
};
use time::Date;
use uuid::Uuid;

use crate::{
    doors::{self, Door, Who},
    kit::Web,
    operator::totals_home,
    parts::{Cell, Link, Tag, TagKind},
    show,
    visit::asking,
};

/// Use cases of the pages.
pub struct VisitDesk {
    pub visits: VisitRoom,
    pub book: VisitBook,
    pub imports: Imports,
}

type Room = Web<VisitDesk>;

const LISTS: &str = "/operator/visits";
const TITLE: &str = "走访清单";
const REPAIRS: &str = "/operator/visits/repairs";
const REPAIRS_TITLE: &str = "整改任务";
const FILES: &str = "/operator/visits/imports";
/// A file of 5 MB in its form.
const BODY: usize = 6 * 1024 * 1024;

/// Every door of the room.
pub fn doors() -> Vec<Door<Room>> {
    let who = Who::Staff;
    vec![
        Door::get(LISTS, who, lists::show),
        Door::get("/operator/visits/new", who, lists::form),
        Door::post("/operator/visits/new", who, lists::make),
        Door::get("/operator/visits/template", who, files::template),
        Door::get("/operator/visits/imports/{id}", who, files::show),
        Door::get("/operator/visits/imports/{id}/bad", who, files::bad),
        Door::get(REPAIRS, who, repairs::show),
        Door::get("/operator/visits/repairs/{id}", who, task::form),
        Door::post("/operator/visits/repairs/{id}", who, task::finish),
        Door::get("/operator/visits/{id}", who, list::show),
        Door::get("/operator/visits/{id}/workbook", who, list::take),
        Door::get("/operator/visits/{id}/import", who, files::form),
        Door::post("/operator/visits/{id}/import", who, files::send).body(BODY),
        Door::get("/operator/visits/{id}/assign", who, assign::form),
        Door::post("/operator/visits/{id}/assign", who, assign::give),
        Door::get("/operator/visits/{id}/send", who, deeds::ask_send),
        Door::post("/operator/visits/{id}/send", who, deeds::send),
        Door::get("/operator/visits/{id}/close", who, deeds::ask_close),
        Door::post("/operator/visits/{id}/close", who, deeds::close),
        Door::get("/operator/visits/{id}/rows", who, rows::show),
        Door::get("/operator/visits/{id}/rows/{row}", who, row::show),
        Door::post("/operator/visits/{id}/rows/{row}", who, row::act),
        Door::get("/operator/visits/{id}/rows/{row}/repair", who, task::ask),
        Door::post("/operator/visits/{id}/rows/{row}/repair", who, task::set),
    ]
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

/// From the console of this person down to here; whoever reads totals only begins at the totals.
fn crumbs(open: bool, here: &[Link]) -> Vec<Link> {
    Link::trail([totals_home(open), Link::new(TITLE, LISTS)], here)
}

fn list_href(list: Uuid) -> String {
    format!("{LISTS}/{list}")
}

fn row_href(list: Uuid, row: Uuid) -> String {
    format!("{LISTS}/{list}/rows/{row}")
}

/// The rows behind a number.
fn rows_href(list: Uuid, pairs: &[(&str, &str)]) -> String {
    asking(&format!("{LISTS}/{list}/rows"), pairs)
}

fn stage_tag(stage: VisitStage) -> Tag {
    let kind = match stage {
        VisitStage::Unassigned | VisitStage::Assigned => TagKind::Warning,
        VisitStage::Sent
        | VisitStage::Contacted
        | VisitStage::Visited
        | VisitStage::Demand
        | VisitStage::Applied => TagKind::Info,
        VisitStage::Granted => TagKind::Success,
        VisitStage::Declined => TagKind::Neutral,
    };
    Tag::new(stage.zh(), kind)
}

fn repair_tag(repair: &Repair, today: Date) -> Tag {
    let state = RepairState::of(repair.due_on, repair.done.is_some(), today);
    let kind = match state {
        RepairState::Overdue => TagKind::Danger,
        RepairState::Open => TagKind::Info,
        RepairState::Done => TagKind::Success,
    };
    Tag::new(state.zh(), kind)
}

/// 完成情况: how a task was ended, by whom and when.
fn outcome(repair: &Repair) -> Cell {
    match &repair.done {
        Some(done) => {
            let who = format!("{}，{}", done.by_name, show::minute(done.at));
            Cell::text(&done.note).second(who)
        }
        None => Cell::text("-"),
    }
}

/// 未授信原因: the institution's own words with the code beside them, or what a request was refused for.
fn reason(city: &City, row: &VisitRow) -> Cell {
    if row.progress.stage() != VisitStage::Declined {
        return Cell::text("-");
    }
    if let Some(refusal) = row.refusal {
        let code = if refusal.zh() == row.reason {
            ""
        } else {
            Refusal::zh(refusal)
        };
        return Cell::text(&row.reason).second(code);
    }
    if !row.reason.is_empty() {
        return Cell::text(&row.reason);
    }
    Cell::text(show::or_dash(&show::reasons(city, &row.refused_codes))).second("融资需求未通过")
}
