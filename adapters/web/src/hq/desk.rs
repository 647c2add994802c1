//! 机构工作台: what is late and due first, then what waits at every step.

use application::{desk::DeskRow, headquarters::HqCounts, ports::supervision::Side};
use axum::{extract::State, response::Response};
use serde::Serialize;

use super::Hq;
use crate::{
    branch::{capped, clock_name, unread_notices, urgency_cell},
    console::roleless,
    errors::WebError,
    kit::Web,
    parts::{Cell, Figure, Table},
    visit::StaffVisit,
};

#[derive(Serialize)]
pub(super) struct DeskPage {
    pub lead: String,
    pub stats: Vec<Figure>,
    /// 平台督办 that nobody here has read yet.
    pub supervised: Table,
    pub table: Table,
    pub empty: bool,
}

impl DeskPage {
    pub const TEMPLATE: &'static str = "hq/desk.html";
}

fn figure(label: &str, count: i64, href: &str, kind: &str) -> Figure {
    Figure {
        label: label.to_owned(),
        value: capped(count),
        href: href.to_owned(),
        kind: if count > 0 { kind } else { "" }.to_owned(),
        unit: "笔".to_owned(),
        ..Figure::default()
    }
}

fn stats(counts: HqCounts) -> Vec<Figure> {
    let list = |query: &str| format!("/branch/applications?{query}");
    vec![
        figure("已超时", counts.overdue, &list("due=overdue"), "danger"),
        figure("今日到期", counts.due_today, &list("due=today"), "warning"),
        figure("待改派", counts.returned, "/hq/dispatch", "warning"),
        figure("待接单", counts.waiting, &list("stage=submitted"), ""),
        figure("审批中", counts.in_approval, &list("stage=in_approval"), ""),
        figure("待放款", counts.to_draw, &list("stage=to_draw"), ""),
        figure("复议申请", counts.appeals, "/hq/appeals", "warning"),
    ]
}

pub(super) async fn overview(
    State(web): State<Web<Hq>>,
    visit: StaffVisit,
) -> Result<Response, WebError> {
    if visit.actor().roles.is_empty() {
        return Ok(roleless(visit.0));
    }
    let overview = web.uses.headquarters.overview(visit.actor()).await?;
    let page = DeskPage {
        lead: format!(
            "{}，{}。已超时和今日到期的融资需求排在最前。",
            visit.actor().tenant_name,
            visit.actor().name
        ),
        stats: stats(overview.counts),
        supervised: unread_notices(&overview.supervised, Side::Bank),
        empty: overview.urgent.is_empty(),
        table: urgent(&overview.urgent),
    };
    Ok(visit
        .0
        .staff_console()
        .render(DeskPage::TEMPLATE, "工作台", &page))
}

fn urgent(rows: &[DeskRow]) -> Table {
    let mut table = Table::new("已超时和今日到期的融资需求")
        .column("申请编号", "nowrap")
        .column("企业名称", "name")
        .column("受理支行", "")
        .column("融资金额（万元）", "num")
        .column("待办事项", "nowrap")
        .column("剩余时间", "");
    for row in rows {
        table.push(vec![
            Cell::link(
                &row.row.number,
                format!("/branch/applications/{}", row.row.id),
            ),
            Cell::text(&row.row.enterprise_name).second(&row.row.product_name),
            Cell::text(&row.row.handler_name).second(&row.row.holder_name),
            Cell::text(row.row.amount.format_wan()),
            Cell::text(clock_name(row.row.stage)),
            urgency_cell(row.row.stage, row.urgency, row.row.due_at),
        ]);
    }
    table
}
