//! 整改任务 by department, overdue first.

use std::collections::HashMap;

use application::{
    ports::visits::{Repair, RepairCursor},
    visits::{RepairAsk, SeenRepairs},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::{calendar::parse_day, visit::RepairState};
use serde::Serialize;

use super::{REPAIRS, REPAIRS_TITLE as TITLE, Room, outcome, repair_tag, row_href};
use crate::{
    errors::WebError,
    operator::totals_home,
    parts::{Cell, Filter, Link, Table},
    show as shown,
    visit::{StaffVisit, asking},
};

/// `visits/repairs.html`.
#[derive(Serialize)]
pub(super) struct RepairsPage {
    pub crumbs: Vec<Link>,
    pub departments: Table,
    /// The tasks are told of.
    pub open: bool,
    pub filters: Vec<Filter>,
    pub active: Vec<Link>,
    pub table: Table,
    pub filtered: bool,
    pub next: String,
    pub first: String,
}

impl RepairsPage {
    pub const TEMPLATE: &'static str = "visits/repairs.html";
}

fn read(asked: &HashMap<String, String>) -> RepairAsk {
    let word = |name: &str| asked.get(name).map_or("", |typed| typed.trim());
    let department: String = word("department").chars().take(40).collect();
    RepairAsk {
        state: RepairState::from_code(word("state")),
        department: (!department.is_empty()).then_some(department),
        after: read_cursor(word("after")),
    }
}

fn read_cursor(text: &str) -> Option<RepairCursor> {
    let mut parts = text.splitn(3, '_');
    let done = parts.next()? == "done";
    let due_on = parse_day(parts.next()?)?;
    let id = parts.next()?.parse().ok()?;
    Some(RepairCursor { done, due_on, id })
}

fn write_cursor(repair: &Repair) -> String {
    let state = if repair.done.is_some() {
        "done"
    } else {
        "open"
    };
    format!("{state}_{}_{}", repair.due_on, repair.id)
}

fn address(ask: &RepairAsk, after: &str) -> String {
    let pairs = [
        ("state", ask.state.map_or("", RepairState::code)),
        ("department", ask.department.as_deref().unwrap_or_default()),
        ("after", after),
    ];
    asking(REPAIRS, &pairs)
}

fn departments(seen: &SeenRepairs) -> Table {
    let mut table = Table::new("各责任部门整改任务")
        .column("责任部门", "")
        .column("已逾期", "num")
        .column("未完成", "num")
        .column("已完成", "num");
    for one in &seen.counts {
        let of = |state| RepairAsk {
            state,
            department: Some(one.department.clone()),
            after: None,
        };
        let number = |count: i64, state| {
            let href = seen.open.then(|| address(&of(Some(state)), ""));
            Cell::count(count, href)
        };
        table.push(vec![
            if seen.open {
                Cell::link(&one.department, address(&of(None), ""))
            } else {
                Cell::text(&one.department)
            },
            number(one.overdue, RepairState::Overdue),
            number(one.open, RepairState::Open),
            number(one.done, RepairState::Done),
        ]);
    }
    table
}

fn table(seen: &SeenRepairs) -> Table {
    let mut table = Table::new(TITLE)
        .column("企业", "name")
        .column("责任部门", "")
        .column("整改事项", "wrap")
        .column("整改期限", "nowrap")
        .column("状态", "nowrap")
        .column("完成情况", "wrap")
        .column("操作", "nowrap");
    for repair in &seen.rows {
        let tag = repair_tag(repair, seen.today);
        let set = format!("{}，{}", repair.set_name, shown::minute(repair.set_at));
        let deed = if repair.done.is_none() && seen.may_finish {
            vec![Link::new("登记完成", format!("{REPAIRS}/{}", repair.id))]
        } else {
            Vec::new()
        };
        table.push(vec![
            Cell::link(&repair.company_name, row_href(repair.list, repair.row)),
            Cell::text(&repair.department),
            Cell::text(&repair.what).second(set),
            Cell::text(repair.due_on.to_string()),
            Cell::tag(tag.label, tag.kind),
            outcome(repair),
            Cell::links(deed),
        ]);
    }
    table
}

pub(super) fn page(seen: &SeenRepairs, ask: &RepairAsk) -> RepairsPage {
    let option = |label: &str, state: Option<RepairState>| {
        let ask = RepairAsk {
            state,
            ..ask.clone()
        };
        let href = address(&ask, "");
        (label.to_owned(), href, state)
    };
    let states = [
        option("全部", None),
        option("已逾期", Some(RepairState::Overdue)),
        option("未完成", Some(RepairState::Open)),
        option("已完成", Some(RepairState::Done)),
    ];
    let options = states
        .into_iter()
        .map(|(label, href, state)| Link::new(label, href).current(state == ask.state))
        .collect();
    let without = RepairAsk {
        department: None,
        ..ask.clone()
    };
    let active = ask.department.iter().map(|department| {
        let label = format!("责任部门：{department}");
        Link::new(label, address(&without, ""))
    });
    let last = seen.rows.last().filter(|_| seen.more);
    RepairsPage {
        crumbs: vec![
            totals_home(seen.open),
            Link::new(TITLE, REPAIRS).current(true),
        ],
        departments: departments(seen),
        open: seen.open,
        filters: vec![Filter {
            label: "状态".to_owned(),
            options,
        }],
        active: active.collect(),
        table: table(seen),
        filtered: ask.state.is_some() || ask.department.is_some(),
        next: last.map_or_else(String::new, |repair| address(ask, &write_cursor(repair))),
        first: if ask.after.is_some() {
            address(ask, "")
        } else {
            String::new()
        },
    }
}

pub(super) async fn show(
    State(web): State<Room>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let ask = read(&asked);
    let seen = web.uses.visits.repairs(visit.actor(), &ask).await?;
    let visit = visit.0.staff_console();
    Ok(visit.render(RepairsPage::TEMPLATE, TITLE, &page(&seen, &ask)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_page_is_read_back() {
        let words = [
            ("state", "overdue"),
            ("department", "市场监督管理局"),
            (
                "after",
                "open_2026-11-30_0199c1f6-7b1e-7000-8000-000000000001",
            ),
        ];
        let asked = words.map(|(name, word)| (name.to_owned(), word.to_owned()));
        let ask = read(&asked.into_iter().collect());
        assert_eq!(ask.state, Some(RepairState::Overdue));
        let cursor = ask.after.expect("a cursor");
        assert!(!cursor.done);
        assert_eq!(Some(cursor.due_on), parse_day("2026-11-30"));
        assert_eq!(read_cursor("open_gestern_1"), None);
    }
}
