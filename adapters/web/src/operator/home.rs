//! 平台工作台: counts that open their rows, what is late, and what waits for a second person or for review.

use application::{
    access::{Action, Room},
    ports::{
        branch_board::COUNT_CAP,
        supervision::{HoldRequest, Waiting},
    },
};
use axum::{extract::State, response::Response};
use serde::Serialize;

use super::{OperatorDesk, applications, products};
use crate::{
    console::roleless,
    errors::WebError,
    kit::Web,
    parts::{Cell, Figure, Table},
    show,
    visit::StaffVisit,
};

/// 平台工作台.
#[derive(Serialize)]
pub(super) struct HomePage {
    pub lead: String,
    pub stats: Vec<Figure>,
    /// What waits in the other rooms of this person; nothing: nothing does.
    pub waiting: Vec<Figure>,
    pub holds: Table,
    pub overdue: Table,
    /// Only for those who review products.
    pub reviews: bool,
    pub drafts: Table,
}

impl HomePage {
    pub const TEMPLATE: &'static str = "operator/home.html";
}

/// `300+` instead of an exact number on big lists.
pub(crate) fn capped(count: i64) -> String {
    if count > COUNT_CAP {
        format!("{COUNT_CAP}+")
    } else {
        count.to_string()
    }
}

fn figure(label: &str, count: i64, unit: &str, href: &str, kind: &str) -> Figure {
    Figure {
        label: label.to_owned(),
        value: capped(count),
        unit: unit.to_owned(),
        href: href.to_owned(),
        kind: if count > 0 { kind } else { "" }.to_owned(),
        ..Figure::default()
    }
}

/// Where that which waits is dealt with.
const fn place_of(what: Waiting) -> &'static str {
    match what {
        Waiting::LateComplaints => "/operator/complaints?list=overdue",
        Waiting::Complaints => "/operator/complaints?list=owed",
        Waiting::AccountHolds => "/operator/enterprises",
        Waiting::Suspensions => "/operator/institutions",
        Waiting::Grants => "/operator/people",
        Waiting::Codes => "/operator/codes",
        Waiting::Faces => "/operator/faces",
        Waiting::Content => "/operator/content",
        Waiting::Rules => "/operator/settings",
        Waiting::Days => "/operator/settings/work_days",
        Waiting::Texts => "/operator/settings/texts",
    }
}

fn waiting(all: &[(Waiting, i64)]) -> Vec<Figure> {
    all.iter()
        .filter(|(_, count)| *count > 0)
        .map(|(what, count)| {
            let kind = match what {
                Waiting::LateComplaints => "danger",
                _ => "warning",
            };
            figure(what.zh(), *count, "件", place_of(*what), kind)
        })
        .collect()
}

fn holds(rows: &[HoldRequest]) -> Table {
    let mut table = Table::new("等待第二人确认的冻结申请")
        .column("申请编号", "nowrap")
        .column("企业名称", "name")
        .column("事项", "nowrap")
        .column("申请人", "nowrap")
        .column("原因", "wrap");
    for hold in rows {
        table.push(vec![
            Cell::link(&hold.number, applications::base(hold.application)),
            Cell::text(&hold.enterprise_name),
            Cell::text(hold.kind.zh()),
            Cell::text(&hold.asked_name).second(show::minute(hold.asked_at)),
            Cell::text(&hold.reason),
        ]);
    }
    table
}

pub(super) async fn overview(
    State(web): State<Web<OperatorDesk>>,
    visit: StaffVisit,
) -> Result<Response, WebError> {
    if visit.actor().roles.is_empty() {
        return Ok(roleless(visit.0));
    }
    let actor = visit.actor();
    let guard = visit.0.kit.guard();
    // 监管人员 arrive where their figures are.
    if !guard.may(actor, Room::Supervision, Action::View).await
        && guard.may(actor, Room::Statistics, Action::View).await
    {
        return Ok(visit.0.redirect(super::statistics::PAGE, None));
    }
    let desk = web.uses.supervision.desk(actor).await?;
    let reviews = guard.may(actor, Room::Products, Action::View).await;
    let drafts = if reviews {
        web.uses.products.waiting(actor).await?
    } else {
        Vec::new()
    };
    let counts = desk.counts;
    let mut stats = vec![
        figure(
            "已超时",
            counts.overdue,
            "笔",
            "/operator/applications?list=overdue",
            "danger",
        ),
        figure("办理中", counts.open, "笔", "/operator/applications", ""),
        figure(
            "已冻结",
            counts.frozen,
            "笔",
            "/operator/applications?list=frozen",
            "warning",
        ),
    ];
    if reviews {
        let count = i64::try_from(drafts.len()).unwrap_or(i64::MAX);
        stats.push(figure(
            "待审核产品",
            count,
            "款",
            "/operator/products",
            "warning",
        ));
    }
    let page = HomePage {
        lead: format!("{}，{}", actor.tenant_name, actor.name),
        stats,
        waiting: waiting(&desk.waiting),
        holds: holds(&desk.holds),
        overdue: applications::table("已超时的融资需求", &desk.overdue),
        reviews,
        drafts: products::waiting_table(&drafts),
    };
    Ok(visit
        .0
        .staff_console()
        .render(HomePage::TEMPLATE, "平台工作台", &page))
}
