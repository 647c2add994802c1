//! 待接单, 已接单, 全部融资需求.

use std::collections::HashMap;

use application::{
    access::{Action, Room},
    desk::{Board, DeskRow, ListAsk, ListKind},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::{
    calendar::parse_day,
    financing::Stage,
    ids::{ProductId, TenantId, UserId},
    tenant::TenantKind,
};
use serde::Serialize;
use uuid::Uuid;

use super::{
    Branch,
    cursor::{cursor_of, leaf, write_cursor},
    desk::{capped, detail_href},
    filters::{Filters, Search, active, by_kind, days, filter_rows, search},
    show,
};
use crate::{
    errors::WebError,
    forms::FormView,
    kit::Web,
    parts::{Cell, Filter, Link, Table},
    visit::StaffVisit,
};

type Asked = Query<HashMap<String, String>>;

/// A list of the console.
#[derive(Serialize)]
pub(super) struct ListPage {
    pub title: &'static str,
    pub lead: &'static str,
    pub crumbs: Vec<Link>,
    pub table: Table,
    /// The desk of the console.
    pub home: &'static str,
    /// Nothing at all, or nothing under these filters.
    pub empty: &'static str,
    pub filtered: bool,
    pub total: String,
    pub prev: String,
    pub next: String,
    /// Everything on 全部融资需求, 续贷 or not on the others.
    pub filters: Vec<Filter>,
    pub active: Vec<Link>,
    pub clear: &'static str,
    pub search: Option<Search>,
    pub days: Option<FormView>,
    /// The way to an export of what is shown; empty for those who may not.
    pub export: String,
}

impl ListPage {
    pub const TEMPLATE: &'static str = "branch/list.html";
}

/// What is the same on all three lists.
struct Kind {
    list: ListKind,
    title: &'static str,
    lead: &'static str,
    base: &'static str,
    empty: &'static str,
}

const QUEUE: Kind = Kind {
    list: ListKind::Queue,
    title: "待接单",
    lead: "按截止时间排列，先到期的在前。接单后由您负责联系企业。",
    base: "/branch/queue",
    empty: "现在没有等待接单的融资需求。",
};

const ACCEPTED: Kind = Kind {
    list: ListKind::Accepted,
    title: "已接单",
    lead: "已接单、尚未审核的融资需求，先到期的在前。",
    base: "/branch/accepted",
    empty: "现在没有办理中的融资需求。",
};

const ALL: Kind = Kind {
    list: ListKind::All,
    title: "全部融资需求",
    lead: "提交到本支行的全部融资需求。",
    base: "/branch/applications",
    empty: "还没有企业向本支行提交融资需求。",
};

pub(super) async fn queue(
    State(web): State<Web<Branch>>,
    visit: StaffVisit,
    Query(asked): Asked,
) -> Result<Response, WebError> {
    list(&web, visit, &asked, &QUEUE).await
}

pub(super) async fn accepted(
    State(web): State<Web<Branch>>,
    visit: StaffVisit,
    Query(asked): Asked,
) -> Result<Response, WebError> {
    list(&web, visit, &asked, &ACCEPTED).await
}

pub(super) async fn all(
    State(web): State<Web<Branch>>,
    visit: StaffVisit,
    Query(asked): Asked,
) -> Result<Response, WebError> {
    list(&web, visit, &asked, &ALL).await
}

async fn list(
    web: &Web<Branch>,
    visit: StaffVisit,
    asked: &HashMap<String, String>,
    kind: &Kind,
) -> Result<Response, WebError> {
    let filters = Filters::read(asked);
    let ask = ListAsk {
        kind: kind.list,
        group: filters.stage.clone(),
        keyword: filters.q.clone(),
        product: Uuid::try_parse(&filters.product).ok().map(ProductId),
        branch: Uuid::try_parse(&filters.branch).ok().map(TenantId),
        due: filters.due.clone(),
        decided: filters.decided.clone(),
        accepted: filters.accepted.clone(),
        from: parse_day(&filters.from),
        until: parse_day(&filters.until),
        holder: if filters.mine {
            Some(visit.actor().user)
        } else {
            Uuid::try_parse(&filters.holder).ok().map(UserId)
        },
        renewals: filters.renewals,
        leaf: leaf(asked),
    };
    let board = web.uses.desk.list(visit.actor(), ask).await?;
    let for_bank = visit.actor().tenant_kind == TenantKind::Bank;
    let mut page = list_page(kind, &filters, &board, for_bank);
    let guard = web.kit.guard();
    if kind.list == ListKind::All
        && guard
            .may(visit.actor(), Room::Exports, Action::Export)
            .await
    {
        let new = if for_bank {
            "/hq/exports/new"
        } else {
            "/branch/exports/new"
        };
        page.export = filters.href(new, &[]);
    }
    Ok(visit
        .0
        .staff_console()
        .render_kept(ListPage::TEMPLATE, kind.title, &page, || &page))
}

fn list_page(kind: &Kind, filters: &Filters, board: &Board, for_bank: bool) -> ListPage {
    let beside = |name: &'static str, row: Option<&DeskRow>, there: bool| match row {
        Some(row) if there => {
            let cursor = write_cursor(cursor_of(row, board.order));
            filters.href(kind.base, &[(name, cursor)])
        }
        _ => String::new(),
    };
    let is_all = kind.list == ListKind::All;
    let (console, home, lead, empty) = if for_bank {
        (
            "机构工作台",
            "/hq",
            "提交到本机构各支行的全部融资需求。",
            "还没有企业向本机构提交融资需求。",
        )
    } else {
        ("支行工作台", "/branch", kind.lead, kind.empty)
    };
    ListPage {
        title: kind.title,
        lead,
        crumbs: vec![Link::new(console, home), Link::new(kind.title, kind.base)],
        table: table(kind, board, for_bank),
        home,
        empty,
        filtered: !filters.pairs().is_empty(),
        total: capped(board.total),
        prev: beside("before", board.rows.first(), board.before),
        next: beside("after", board.rows.last(), board.after),
        filters: if is_all {
            filter_rows(kind.base, filters, board)
        } else {
            vec![by_kind(kind.base, filters)]
        },
        active: active(kind.base, filters, board),
        clear: kind.base,
        search: is_all.then(|| search(kind.base, filters)),
        days: is_all.then(|| days(kind.base, filters)),
        export: String::new(),
    }
}

fn table(kind: &Kind, board: &Board, for_bank: bool) -> Table {
    let mut table = Table::new(kind.title)
        .column("申请编号", "nowrap")
        .column("企业名称", "name")
        .column("融资金额（万元）", "num")
        .column("期限", "nowrap");
    table = match kind.list {
        ListKind::Queue => table
            .column("提交时间", "nowrap")
            .column("剩余时间", "")
            .column("操作", "nowrap"),
        ListKind::Accepted => table
            .column("经办人", "nowrap")
            .column("待办事项", "nowrap")
            .column("剩余时间", ""),
        ListKind::All => table
            .column(
                if for_bank {
                    "受理支行"
                } else {
                    "提交时间"
                },
                // A branch's name is long; the enterprise's must not suffer for it.
                if for_bank { "" } else { "nowrap" },
            )
            .column("经办人", "nowrap")
            .column("剩余时间", "")
            .column("接单状态", "nowrap")
            .column("审核状态", "nowrap"),
    };
    for row in &board.rows {
        let mut cells = vec![
            Cell::link(&row.row.number, detail_href(row)),
            Cell::text(&row.row.enterprise_name).second(product(row)),
            Cell::text(row.row.amount.format_wan()),
            Cell::text(show::term(row.row.term)),
        ];
        cells.extend(rest(kind.list, board.may_accept, for_bank, row));
        table.push(cells);
    }
    table
}

/// The product, and that it is a renewal.
fn product(row: &DeskRow) -> String {
    if row.row.renewal {
        format!("续贷 · {}", row.row.product_name)
    } else {
        row.row.product_name.clone()
    }
}

fn rest(list: ListKind, may_accept: bool, for_bank: bool, row: &DeskRow) -> Vec<Cell> {
    let submitted = Cell::text(show::minute(row.row.submitted_at));
    let holder = Cell::text(if row.row.holder_name.is_empty() {
        "-"
    } else {
        row.row.holder_name.as_str()
    });
    let left = match list {
        ListKind::All => show::promise_cell(row.row.stage, row.urgency, row.row.due_at),
        _ => show::urgency_cell(row.row.stage, row.urgency, row.row.due_at),
    };
    match list {
        ListKind::Queue => {
            let mut links = Vec::new();
            if may_accept && row.row.stage == Stage::Submitted && !row.row.frozen {
                links.push(Link::new("接单", format!("{}/accept", detail_href(row))));
            }
            links.push(Link::new("查看", detail_href(row)));
            vec![submitted, left, Cell::links(links)]
        }
        ListKind::Accepted => vec![holder, Cell::text(show::clock_name(row.row.stage)), left],
        ListKind::All => {
            let [intake, review] = show::state_cells(row.row.stage, row.row.ever_accepted);
            // A headquarters asks first where it is, then since when.
            let place = if for_bank {
                Cell::text(&row.row.handler_name).second(show::minute(row.row.submitted_at))
            } else {
                submitted
            };
            vec![place, holder, left, intake, review]
        }
    }
}
