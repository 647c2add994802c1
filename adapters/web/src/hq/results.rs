//! 办理成效 of a branch and of whoever looks, beside the middle of the institution; every number opens its rows.

use application::{
    headquarters::{Measured, RATE_DAYS, Results},
    ports::institution_board::Medians,
};
use axum::{extract::State, response::Response};
use domain::rating::average_tenths;
use serde::Serialize;

use super::{
    Hq,
    board::{count, hours_text, rate, response, rows_of},
};
use crate::{
    errors::WebError,
    kit::Web,
    parts::{Cell, Link, Table, TagKind},
    show,
    visit::StaffVisit,
};

const TITLE: &str = "办理成效";

#[derive(Serialize)]
pub(super) struct ResultsPage {
    pub lead: String,
    pub crumbs: Vec<Link>,
    /// Response, acceptance, approval, rating.
    pub measures: Table,
    /// What waits now.
    pub load: Table,
    pub rule: String,
}

impl ResultsPage {
    pub const TEMPLATE: &'static str = "hq/results.html";
}

pub(super) async fn show(
    State(web): State<Web<Hq>>,
    visit: StaffVisit,
) -> Result<Response, WebError> {
    let results = web.uses.headquarters.results(visit.actor()).await?;
    let page = page(&results, &visit.actor().tenant_name, &visit.actor().name);
    Ok(visit
        .0
        .staff_console()
        .render(ResultsPage::TEMPLATE, TITLE, &page))
}

fn page(results: &Results, branch: &str, person: &str) -> ResultsPage {
    let mut measures = Table::new("办理成效")
        .column("范围", "")
        .column("接单用时", "num")
        .column("接单笔数", "num")
        .column("通过率", "num")
        .column("企业评价", "num");
    measures.push(measured(branch, &results.branch, ""));
    measures.push(measured(
        &format!("本人（{person}）"),
        &results.own,
        "mine=1",
    ));
    measures.push(middle(results.medians));
    let mut load = Table::new("待办情况")
        .column("范围", "")
        .column("待接单", "num")
        .column("办理中", "num")
        .column("今日到期", "num")
        .column("已超时", "num");
    load.push(waiting(branch, &results.branch, ""));
    load.push(waiting(
        &format!("本人（{person}）"),
        &results.own,
        "mine=1",
    ));
    ResultsPage {
        lead: format!(
            "{branch}和您本人截至 {} 的办理情况。",
            show::minute(results.at)
        ),
        crumbs: vec![Link::new("支行工作台", "/branch"), Link::new(TITLE, "")],
        measures,
        load,
        rule: format!(
            "接单用时、接单笔数和通过率按最近 {RATE_DAYS} 天计算，接单用时为自然小时的中位数；评价为全部评价的平均星级，不足 3 条不计算。本行中位数取本机构各支行的中间值，每小时更新；可比支行不足 3 个的不显示。"
        ),
    }
}

fn measured(name: &str, one: &Measured, of: &str) -> Vec<Cell> {
    let s = &one.standing;
    vec![
        Cell::text(name),
        response(s, of),
        count(s.accepted, TagKind::Neutral, rows_of(of, "accepted=recent")),
        rate(s, of),
        stars(one, of.is_empty()),
    ]
}

/// The list of ratings is the whole branch's: what one person was given has no rows of its own.
fn stars(one: &Measured, of_branch: bool) -> Cell {
    let Some(tenths) = average_tenths(one.stars.ratings, one.stars.stars, 3) else {
        return Cell::text("-");
    };
    let words = format!("{}.{} 星", tenths / 10, tenths % 10);
    let cell = if of_branch {
        Cell::link(words, "/branch/ratings")
    } else {
        Cell::text(words)
    };
    cell.second(format!("{} 条评价", one.stars.ratings))
}

fn or_dash(value: Option<f64>, words: fn(f64) -> String) -> Cell {
    Cell::text(value.map_or_else(|| "-".to_owned(), words))
}

fn middle(medians: Medians) -> Vec<Cell> {
    vec![
        Cell::text("本行各支行中位数"),
        or_dash(medians.hours, hours_text),
        or_dash(medians.accepted, |n| format!("{n:.0}")),
        or_dash(medians.approved_percent, |n| format!("{n:.0}%")),
        or_dash(medians.stars, |n| format!("{n:.1} 星")),
    ]
}

fn waiting(name: &str, one: &Measured, of: &str) -> Vec<Cell> {
    let s = &one.standing;
    vec![
        Cell::text(name),
        count(s.waiting, TagKind::Neutral, rows_of(of, "stage=submitted")),
        count(s.working, TagKind::Neutral, rows_of(of, "stage=working")),
        count(s.due_today, TagKind::Warning, rows_of(of, "due=today")),
        count(s.overdue, TagKind::Danger, rows_of(of, "due=overdue")),
    ]
}
