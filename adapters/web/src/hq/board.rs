//! 时效看板: branches and people beside each other, with bars for the eye and a table for the rest.

use std::collections::BTreeMap;

use application::{
    headquarters::{Board, Feedback, Placed, RATE_DAYS},
    ports::institution_board::Standing,
};
use axum::{extract::State, response::Response};
use domain::financing::REPORT_DAYS;
use serde::Serialize;
use uuid::Uuid;

use super::{Hq, crumbs};
use crate::{
    charts::Bars,
    errors::WebError,
    kit::Web,
    parts::{Cell, Link, Table, TagKind},
    show,
    visit::StaffVisit,
};

/// Bars of one drawing at most; the table has everybody.
const MOST_BARS: usize = 20;

#[derive(Serialize)]
pub(super) struct BoardPage {
    pub lead: String,
    pub crumbs: Vec<Link>,
    pub load: Bars,
    pub speed: Bars,
    pub branches: Table,
    pub people: Table,
    pub rule: String,
}

impl BoardPage {
    pub const TEMPLATE: &'static str = "hq/board.html";
}

pub(super) async fn show(
    State(web): State<Web<Hq>>,
    visit: StaffVisit,
) -> Result<Response, WebError> {
    let board = web.uses.headquarters.board(visit.actor()).await?;
    let page = page(&board, &visit.actor().tenant_name);
    Ok(visit
        .0
        .staff_console()
        .render(BoardPage::TEMPLATE, "时效看板", &page))
}

fn page(board: &Board, institution: &str) -> BoardPage {
    BoardPage {
        lead: format!(
            "{institution}各支行和经办人截至 {} 的办理情况。",
            show::minute(board.at)
        ),
        crumbs: crumbs("时效看板"),
        load: load(&board.branches),
        speed: speed(&board.branches),
        branches: table("各支行办理情况", &board.branches, Some(&board.feedback)),
        people: table("各经办人办理情况", &board.people, None),
        rule: format!(
            "接单用时和通过率按最近 {RATE_DAYS} 天计算，接单用时为自然小时的中位数。名次只在本机构内比较：先看已超时笔数，再看接单用时，最后看通过率；企业放弃的不计入通过率。放还款迟报为最近 {RATE_DAYS} 天登记的放款和还款中，晚于发生日后 {REPORT_DAYS} 个工作日登记的笔数，不计入名次。"
        ),
    }
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

fn load(branches: &[Placed]) -> Bars {
    let mut rows: Vec<&Standing> = branches.iter().map(|b| &b.standing).collect();
    rows.sort_by_key(|s| std::cmp::Reverse(s.waiting + s.working));
    let rows = rows
        .into_iter()
        .take(MOST_BARS)
        .map(|s| {
            let all = s.waiting + s.working;
            let words = if s.overdue > 0 {
                format!("{all} 笔；已超时 {} 笔", s.overdue)
            } else {
                format!("{all} 笔")
            };
            let kind = if s.overdue > 0 { "danger" } else { "" };
            (s.name.clone(), unsigned(all), words, kind)
        })
        .collect();
    Bars::new(
        "load",
        "各支行待办笔数",
        "每个支行待接单和办理中的融资需求笔数；有已超时的（包括通过后超时未放款的）以红色表示并注明笔数。",
        rows,
    )
}

fn speed(branches: &[Placed]) -> Bars {
    let mut rows: Vec<(&Standing, f64)> = branches
        .iter()
        .filter_map(|b| b.standing.median_hours.map(|hours| (&b.standing, hours)))
        .collect();
    rows.sort_by(|a, b| a.1.total_cmp(&b.1));
    let rows = rows
        .into_iter()
        .take(MOST_BARS)
        .map(|(s, hours)| (s.name.clone(), tenths(hours), hours_text(hours), ""))
        .collect();
    Bars::new(
        "speed",
        "各支行接单用时",
        "最近 30 天每个支行从收到融资需求到接单所用小时数的中位数，用时短的在前。",
        rows,
    )
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a bar's length, cut to a range first"
)]
fn tenths(hours: f64) -> u64 {
    (hours.clamp(0.0, 1e6) * 10.0).round() as u64
}

pub(super) fn hours_text(hours: f64) -> String {
    format!("{hours:.1} 小时")
}

/// The rows of one branch or one person behind a number.
pub(super) fn rows_of(of: &str, rest: &str) -> String {
    let joined = if of.is_empty() || rest.is_empty() {
        ""
    } else {
        "&"
    };
    format!("/branch/applications?{of}{joined}{rest}")
}

pub(super) fn rate(standing: &Standing, of: &str) -> Cell {
    if standing.decided == 0 {
        return Cell::text("-");
    }
    let percent = (standing.approved * 100 + standing.decided / 2) / standing.decided;
    Cell::link(
        format!("{percent}%"),
        rows_of(of, "stage=decided&decided=recent"),
    )
    .second(format!("{} / {}", standing.approved, standing.decided))
}

/// How fast 接单 was; what it was measured by stands behind it.
pub(super) fn response(standing: &Standing, of: &str) -> Cell {
    match standing.median_hours {
        Some(hours) => Cell::link(hours_text(hours), rows_of(of, "accepted=recent")),
        None => Cell::text("-"),
    }
}

/// A number with its rows; what is late or due stands out.
pub(super) fn count(number: i64, kind: TagKind, href: String) -> Cell {
    match (number, kind) {
        (0, _) => Cell::text("0"),
        (_, TagKind::Neutral) => Cell::link(number.to_string(), href),
        _ => Cell {
            href,
            ..Cell::tag(number.to_string(), kind)
        },
    }
}

/// 迟报 beside all that was told; who told of nothing was not late either.
fn late(told: Option<&Feedback>) -> Cell {
    match told {
        Some(one) if one.late > 0 => {
            Cell::tag(one.late.to_string(), TagKind::Warning).second(format!("共 {} 笔", one.told))
        }
        Some(one) => Cell::text("0").second(format!("共 {} 笔", one.told)),
        None => Cell::text("-"),
    }
}

/// Of branches with what they told of, of people without.
fn table(caption: &str, rows: &[Placed], feedback: Option<&BTreeMap<Uuid, Feedback>>) -> Table {
    let branches = feedback.is_some();
    let mut table = Table::new(caption).column("名次", "num");
    table = if branches {
        table.column("支行", "").column("待接单", "num")
    } else {
        table.column("经办人", "")
    };
    table = table
        .column("办理中", "num")
        .column("今日到期", "num")
        .column("已超时", "num")
        .column("接单用时", "num")
        .column("通过率", "num");
    if branches {
        table = table.column("放还款迟报", "num");
    }
    for row in rows {
        let s = &row.standing;
        let place = row.place.map_or("-".to_owned(), |p| p.to_string());
        let mut cells = vec![Cell::text(place)];
        let whose = if branches { "branch" } else { "holder" };
        let of = format!("{whose}={}", s.id);
        cells.push(Cell::link(&s.name, rows_of(&of, "")).second(&s.branch));
        if branches {
            cells.push(count(
                s.waiting,
                TagKind::Neutral,
                rows_of(&of, "stage=submitted"),
            ));
        }
        cells.extend([
            count(s.working, TagKind::Neutral, rows_of(&of, "stage=working")),
            count(s.due_today, TagKind::Warning, rows_of(&of, "due=today")),
            count(s.overdue, TagKind::Danger, rows_of(&of, "due=overdue")),
            response(s, &of),
            rate(s, &of),
        ]);
        if let Some(feedback) = feedback {
            cells.push(late(feedback.get(&s.id)));
        }
        table.push(cells);
    }
    table
}
