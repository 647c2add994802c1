//! 投诉汇总: a month by institution for whoever reads statistics, 监管人员 among them, with a word where complaints are late.

use std::collections::HashMap;

use application::{
    complaints::{ComplaintRoom, SeenTotals},
    ports::complaints::{ComplaintList, ComplaintTotals},
    statistics::month_of,
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::calendar::local_date;
use serde::Serialize;
use time::{Date, Duration};

use super::list::of_list;
use crate::{
    errors::WebError,
    kit::Web,
    operator::{month_words, read_month, totals_home, write_month},
    parts::{Cell, Filter, Link, Table, TagKind},
    visit::StaffVisit,
};

pub(super) const PAGE: &str = "/operator/complaints/totals";
const TITLE: &str = "投诉汇总";
/// Months that the page leads to.
const MONTHS: usize = 12;

/// `complaints/totals.html`.
#[derive(Serialize)]
pub(super) struct TotalsPage {
    pub crumbs: Vec<Link>,
    pub lead: String,
    /// Complaints that are late beyond the promise; empty: none.
    pub late: String,
    pub filters: Vec<Filter>,
    pub table: Table,
}

impl TotalsPage {
    pub const TEMPLATE: &'static str = "complaints/totals.html";
}

fn count(seen: &SeenTotals, one: &ComplaintTotals, number: i64, list: ComplaintList) -> Cell {
    let href = seen.open.then(|| of_list(list, one.bank, seen.month));
    Cell::count(number, href)
}

fn table(seen: &SeenTotals) -> Table {
    let mut table = Table::new(format!("{}投诉汇总", month_words(seen.month)))
        .column("机构", "")
        .column("收到", "num")
        .column("按时答复", "num")
        .column("逾期答复", "num")
        .column("待答复", "num")
        .column("其中已超时", "num");
    for one in &seen.rows {
        let overdue = if one.overdue > 0 && !seen.open {
            Cell::tag(one.overdue.to_string(), TagKind::Danger)
        } else {
            count(seen, one, one.overdue, ComplaintList::Overdue)
        };
        table.push(vec![
            Cell::text(&one.bank_name),
            count(seen, one, one.received, ComplaintList::All),
            Cell::text(one.on_time.to_string()),
            Cell::text(one.late.to_string()),
            count(seen, one, one.open, ComplaintList::Owed),
            overdue,
        ]);
    }
    table
}

fn months(chosen: Date, today: Date) -> Filter {
    let mut all = vec![month_of(today)];
    while let Some(last) = all.last().filter(|_| all.len() < MONTHS) {
        let before = month_of(*last - Duration::days(1));
        all.push(before);
    }
    if !all.contains(&chosen) {
        all.push(chosen);
    }
    let option = |month: Date| {
        let href = format!("{PAGE}?month={}", write_month(month));
        Link::new(month_words(month), href).current(month == chosen)
    };
    Filter {
        label: "月份".to_owned(),
        options: all.into_iter().map(option).collect(),
    }
}

pub(super) fn page(seen: &SeenTotals) -> TotalsPage {
    TotalsPage {
        crumbs: vec![totals_home(seen.open), Link::new(TITLE, PAGE).current(true)],
        lead: format!(
            "{}收到的投诉，按被投诉的机构汇总，只含件数，不含企业名称。",
            month_words(seen.month)
        ),
        late: if seen.late > 0 {
            format!(
                "有 {} 件投诉超过答复时限已满一个工作日，平台还没有答复。",
                seen.late
            )
        } else {
            String::new()
        },
        filters: vec![months(seen.month, local_date(seen.now))],
        table: table(seen),
    }
}

pub(super) async fn show(
    State(web): State<Web<ComplaintRoom>>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let month = asked.get("month").and_then(|text| read_month(text));
    let seen = web.uses.totals(visit.actor(), month).await?;
    let visit = visit.0.staff_console();
    Ok(visit.render(TotalsPage::TEMPLATE, TITLE, &page(&seen)))
}
