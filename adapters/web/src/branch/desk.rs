//! 工作台: counts that open their rows, and what is due first.

use application::{
    desk::{DeskCounts, DeskRow},
    ports::{branch_board::COUNT_CAP, letters::OpenCall, supervision::Side},
};
use axum::{extract::State, response::Response};
use domain::tenant::TenantKind;
use serde::Serialize;

use super::{Branch, show, supervised};
use crate::{
    console::roleless,
    errors::WebError,
    kit::Web,
    parts::{Cell, Figure, Table},
    visit::StaffVisit,
};

/// 工作台.
#[derive(Serialize)]
pub(super) struct DeskPage {
    pub lead: String,
    pub stats: Vec<Figure>,
    pub table: Table,
    pub empty: bool,
    /// 平台督办 that nobody here has read yet.
    pub supervised: Table,
    /// 请求回电 that nobody has answered.
    pub calls: Table,
}

impl DeskPage {
    pub const TEMPLATE: &'static str = "branch/desk.html";
}

/// `300+` instead of an exact number on big lists.
pub(crate) fn capped(count: i64) -> String {
    if count > COUNT_CAP {
        format!("{COUNT_CAP}+")
    } else {
        count.to_string()
    }
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

fn stats(counts: DeskCounts) -> Vec<Figure> {
    vec![
        figure("待接单", counts.waiting, "/branch/queue", "warning"),
        figure(
            "今日到期",
            counts.due_today,
            "/branch/applications?due=today",
            "warning",
        ),
        figure(
            "已超时",
            counts.overdue,
            "/branch/applications?due=overdue",
            "danger",
        ),
        figure("办理中", counts.working, "/branch/accepted", ""),
        figure(
            "待企业补充",
            counts.supplement,
            "/branch/applications?stage=supplement",
            "",
        ),
        figure(
            "待放款",
            counts.to_draw,
            "/branch/applications?stage=to_draw",
            "",
        ),
        figure(
            "本周通过",
            counts.approved_this_week,
            "/branch/applications?stage=approved&decided=week",
            "",
        ),
        figure(
            "本周不通过",
            counts.rejected_this_week,
            "/branch/applications?stage=rejected&decided=week",
            "",
        ),
    ]
}

pub(super) async fn overview(
    State(web): State<Web<Branch>>,
    visit: StaffVisit,
) -> Result<Response, WebError> {
    if visit.actor().roles.is_empty() {
        return Ok(roleless(visit.0));
    }
    // A headquarters has a desk of its own.
    if visit.actor().tenant_kind == TenantKind::Bank {
        return Ok(visit.0.redirect("/hq", None));
    }
    let overview = web.uses.desk.overview(visit.actor()).await?;
    let notices = web.uses.supervision.unread(visit.actor()).await?;
    let page = DeskPage {
        supervised: supervised::table(&notices, Side::Branch),
        calls: calls_table(&overview.calls),
        lead: format!(
            "{}，{}。已超时和今日到期的融资需求排在最前。",
            visit.actor().tenant_name,
            visit.actor().name
        ),
        stats: stats(overview.counts),
        empty: overview.urgent.is_empty(),
        table: urgent_table(&overview.urgent),
    };
    Ok(visit
        .0
        .staff_console()
        .render(DeskPage::TEMPLATE, "工作台", &page))
}

pub(super) fn detail_href(row: &DeskRow) -> String {
    format!("/branch/applications/{}", row.row.id)
}

fn calls_table(calls: &[OpenCall]) -> Table {
    let mut table = Table::new("待回电")
        .column("申请编号", "nowrap")
        .column("企业名称", "name")
        .column("方便接听的时间和事项", "wrap")
        .column("客户经理", "nowrap")
        .column("提出时间", "nowrap");
    for call in calls {
        let href = format!("/branch/applications/{}/thread", call.application);
        let or_none = |text: &str| if text.is_empty() { "-" } else { text }.to_owned();
        table.push(vec![
            Cell::link(&call.number, href),
            Cell::text(&call.enterprise_name),
            Cell::text(or_none(&call.body)),
            Cell::text(or_none(&call.holder_name)),
            Cell::text(crate::show::minute(call.at)),
        ]);
    }
    table
}

fn urgent_table(rows: &[DeskRow]) -> Table {
    let mut table = Table::new("已超时和今日到期的融资需求")
        .column("申请编号", "nowrap")
        .column("企业名称", "name")
        .column("融资金额（万元）", "num")
        .column("待办事项", "nowrap")
        .column("剩余时间", "");
    for row in rows {
        table.push(vec![
            Cell::link(&row.row.number, detail_href(row)),
            Cell::text(&row.row.enterprise_name).second(&row.row.product_name),
            Cell::text(row.row.amount.format_wan()),
            Cell::text(show::clock_name(row.row.stage)),
            show::urgency_cell(row.row.stage, row.urgency, row.row.due_at),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_big_count_is_said_to_be_more() {
        assert_eq!(
            (capped(COUNT_CAP), capped(COUNT_CAP + 1)),
            ("300".into(), "300+".into())
        );
    }
}
