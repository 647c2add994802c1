//! 待改派: what branches gave back, and what enterprises are asked about moving.

use std::collections::HashMap;

use application::{
    city::City,
    dispatch::{DispatchList, ReturnedRow},
    ports::{
        branch_board::Cursor,
        dispatch_board::{Returned, RunningMove},
        moves::MoveStatus,
    },
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Serialize;

use super::{Hq, crumbs};
use crate::{
    branch::{capped, leaf, urgency_cell, write_cursor},
    errors::WebError,
    kit::Web,
    matter::base,
    parts::{Cell, Link, Table, Tag, TagKind},
    show,
    visit::StaffVisit,
};

#[derive(Serialize)]
pub(super) struct DispatchPage {
    pub crumbs: Vec<Link>,
    pub table: Table,
    pub total: String,
    pub prev: String,
    pub next: String,
    pub running: Table,
}

impl DispatchPage {
    pub const TEMPLATE: &'static str = "hq/dispatch.html";
}

pub(super) async fn list(
    State(web): State<Web<Hq>>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let list = web.uses.dispatch.list(visit.actor(), leaf(&asked)).await?;
    let page = page(&visit.0.city, &list);
    Ok(visit
        .0
        .staff_console()
        .render(DispatchPage::TEMPLATE, "待改派", &page))
}

fn page(city: &City, list: &DispatchList) -> DispatchPage {
    let beside = |name: &str, row: Option<&ReturnedRow>, there: bool| match row {
        Some(row) if there => {
            let cursor = Cursor {
                at: row.desk.row.due_at,
                id: row.desk.row.id.0,
            };
            format!("/hq/dispatch?{name}={}", write_cursor(cursor))
        }
        _ => String::new(),
    };
    DispatchPage {
        crumbs: crumbs("待改派"),
        table: table(city, list),
        total: capped(list.total),
        prev: beside("before", list.rows.first(), list.before),
        next: beside("after", list.rows.last(), list.after),
        running: running(&list.running),
    }
}

fn table(city: &City, list: &DispatchList) -> Table {
    let mut table = Table::new("待改派的融资需求")
        .column("申请编号", "nowrap")
        .column("企业名称", "name")
        .column("融资金额（万元）", "num")
        .column("退回支行", "")
        .column("退回原因", "wrap")
        .column("剩余时间", "")
        .column("操作", "nowrap");
    for row in &list.rows {
        let r = &row.desk.row;
        let href = base(r.id);
        table.push(vec![
            Cell::link(&r.number, &href),
            Cell::text(&r.enterprise_name).second(&r.product_name),
            Cell::text(r.amount.format_wan()),
            Cell::text(&r.handler_name),
            Cell::text(because(city, &row.returned)).second(&row.returned.by),
            urgency_cell(r.stage, row.desk.urgency, r.due_at),
            Cell::links(if list.may_assign {
                vec![
                    Link::new("改派", format!("{href}/dispatch")),
                    Link::new("确认拒单", format!("{href}/confirm-decline")),
                ]
            } else {
                vec![Link::new("查看", href.clone())]
            }),
        ]);
    }
    table
}

/// Why it came back, in words.
pub(super) fn because(city: &City, returned: &Returned) -> String {
    if returned.is_timeout() {
        return "超时未接单".to_owned();
    }
    let mut parts = Vec::new();
    if !returned.reason_codes.is_empty() {
        parts.push(show::reasons(city, &returned.reason_codes));
    }
    if !returned.note.is_empty() {
        parts.push(returned.note.clone());
    }
    parts.join("。")
}

/// The tag of a question to the enterprise.
pub(super) fn move_tag(status: MoveStatus) -> Tag {
    let kind = match status {
        MoveStatus::Open => TagKind::Warning,
        MoveStatus::Agreed => TagKind::Success,
        MoveStatus::Declined => TagKind::Danger,
        MoveStatus::Done => TagKind::Info,
        MoveStatus::Cancelled => TagKind::Neutral,
    };
    Tag::new(status.zh(), kind)
}

fn running(rows: &[RunningMove]) -> Table {
    let mut table = Table::new("跨支行转派征询")
        .column("申请编号", "nowrap")
        .column("企业名称", "name")
        .column("现受理支行", "")
        .column("拟转至", "")
        .column("征询时间", "nowrap")
        .column("状态", "nowrap");
    for row in rows {
        let tag = move_tag(row.request.status);
        table.push(vec![
            Cell::link(
                &row.number,
                format!("{}/move", base(row.request.application)),
            ),
            Cell::text(&row.enterprise_name),
            Cell::text(&row.handler_name),
            Cell::text(&row.request.to_branch_name),
            Cell::text(show::minute(row.request.asked_at)).second(&row.request.asked_name),
            Cell::tag(tag.label, tag.kind),
        ]);
    }
    table
}
