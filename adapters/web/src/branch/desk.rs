//! 工作台 and the lists.

use std::collections::HashMap;

use application::{
    access::{Action, Room},
    desk::{Board, DeskCounts, DeskRow, ListAsk, ListKind},
    ports::{
        branch_board::{BoardOrder, COUNT_CAP, Cursor, Leaf},
        letters::OpenCall,
        supervision::Side,
    },
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::{
    financing::Stage,
    ids::{ProductId, TenantId},
    tenant::TenantKind,
};
use serde::Serialize;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Branch, show, supervised};
use crate::{
    errors::WebError,
    kit::Web,
    parts::{Cell, Figure, Filter, Link, Table},
    visit::{StaffVisit, encode},
};

type Asked = Query<HashMap<String, String>>;

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

fn detail_href(row: &DeskRow) -> String {
    format!("/branch/applications/{}", row.row.id)
}

fn calls_table(calls: &[OpenCall]) -> Table {
    let mut table = Table::new("待回电")
        .column("申请编号", "nowrap")
        .column("企业名称", "")
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
        .column("企业名称", "")
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
    /// Only on 全部融资需求.
    pub filters: Vec<Filter>,
    pub active: Vec<Link>,
    pub clear: &'static str,
    pub search: Option<Search>,
    /// The way to an export of what is shown; empty for those who may not.
    pub export: String,
}

impl ListPage {
    pub const TEMPLATE: &'static str = "branch/list.html";
}

#[derive(Serialize)]
pub(super) struct Search {
    pub action: &'static str,
    pub value: String,
    pub hidden: Vec<Pair>,
}

#[derive(Serialize)]
pub(super) struct Pair {
    pub name: &'static str,
    pub value: String,
}

/// The filters of an address, each a plain word; the cursor is left out of links that start anew.
#[derive(Clone, Default)]
struct Filters {
    stage: String,
    due: String,
    decided: String,
    product: String,
    q: String,
    branch: String,
    mine: bool,
}

impl Filters {
    fn read(asked: &HashMap<String, String>) -> Self {
        let word = |name: &str| asked.get(name).cloned().unwrap_or_default();
        Self {
            stage: word("stage"),
            due: word("due"),
            decided: word("decided"),
            product: word("product"),
            q: word("q")
                .chars()
                .take(50)
                .collect::<String>()
                .trim()
                .to_owned(),
            branch: word("branch"),
            mine: word("mine") == "1",
        }
    }

    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mine = if self.mine { "1" } else { "" };
        [
            ("stage", self.stage.clone()),
            ("due", self.due.clone()),
            ("decided", self.decided.clone()),
            ("product", self.product.clone()),
            ("q", self.q.clone()),
            ("branch", self.branch.clone()),
            ("mine", mine.to_owned()),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect()
    }

    fn href(&self, base: &str, more: &[(&str, String)]) -> String {
        let mut parts: Vec<String> = self
            .pairs()
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        parts.extend(
            more.iter()
                .map(|(name, value)| format!("{name}={}", encode(value))),
        );
        if parts.is_empty() {
            base.to_owned()
        } else {
            format!("{base}?{}", parts.join("&"))
        }
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut other = self.clone();
        change(&mut other);
        other
    }
}

pub(crate) fn leaf(asked: &HashMap<String, String>) -> Leaf {
    let cursor = |name: &str| asked.get(name).and_then(|text| read_cursor(text));
    if let Some(after) = cursor("after") {
        return Leaf::After(after);
    }
    cursor("before").map_or(Leaf::First, Leaf::Before)
}

fn read_cursor(text: &str) -> Option<Cursor> {
    let (at, id) = text.split_once('_')?;
    let id = Uuid::try_parse(id).ok()?;
    if at == "n" {
        return Some(Cursor { at: None, id });
    }
    let micros: i64 = at.parse().ok()?;
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000).ok()?;
    Some(Cursor { at: Some(at), id })
}

pub(crate) fn write_cursor(cursor: Cursor) -> String {
    let at = cursor.at.map_or_else(
        || "n".to_owned(),
        |at| (at.unix_timestamp_nanos() / 1_000).to_string(),
    );
    format!("{at}_{}", cursor.id)
}

fn cursor_of(row: &DeskRow, order: BoardOrder) -> Cursor {
    let at = match order {
        BoardOrder::Due => row.row.due_at,
        BoardOrder::Newest => Some(row.row.submitted_at),
    };
    Cursor {
        at,
        id: row.row.id.0,
    }
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
        holder: filters.mine.then_some(visit.actor().user),
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
        .render(ListPage::TEMPLATE, kind.title, &page))
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
            Vec::new()
        },
        active: active(kind.base, filters, board),
        clear: kind.base,
        search: is_all.then(|| search(kind.base, filters)),
        export: String::new(),
    }
}

/// Words that only the links of a headquarters' desk use.
const NARROW_GROUPS: [(&str, &str); 4] = [
    ("submitted", "待接单"),
    ("returned", "待改派"),
    ("in_approval", "审批中"),
    ("to_draw", "待放款"),
];
const GROUPS: [(&str, &str); 8] = [
    ("", "全部"),
    ("waiting", "待接单"),
    ("working", "办理中"),
    ("supplement", "退回补充"),
    ("approved", "通过"),
    ("rejected", "不通过"),
    ("withdrawn", "已撤回"),
    ("expired", "已失效"),
];
const DUE: [(&str, &str); 3] = [("", "不限"), ("overdue", "已超时"), ("today", "今日到期")];

fn filter_rows(base: &str, filters: &Filters, board: &Board) -> Vec<Filter> {
    let by_stage = GROUPS.map(|(value, label)| {
        let other = filters.with(|f| {
            f.stage = value.to_owned();
            f.due.clear();
            f.decided.clear();
        });
        Link::new(label, other.href(base, &[]))
            .current(filters.due.is_empty() && filters.stage == value)
    });
    let by_due = DUE.map(|(value, label)| {
        let other = filters.with(|f| {
            f.due = value.to_owned();
            f.stage.clear();
            f.decided.clear();
        });
        Link::new(label, other.href(base, &[])).current(filters.due == value)
    });
    let of_product = |id: String, label: &str| {
        let other = filters.with(|f| f.product.clone_from(&id));
        Link::new(label, other.href(base, &[])).current(filters.product == id)
    };
    let mut by_product = vec![of_product(String::new(), "全部")];
    by_product.extend(
        board
            .products
            .iter()
            .map(|p| of_product(p.id.0.to_string(), &p.name)),
    );
    let row = |label: &str, options: Vec<Link>| Filter {
        label: label.to_owned(),
        options,
    };
    let mut rows = vec![
        row("状态", by_stage.to_vec()),
        row("时限", by_due.to_vec()),
        row("产品", by_product),
    ];
    if !board.branches.is_empty() {
        rows.push(row("受理支行", by_branch(base, filters, board)));
    }
    rows
}

fn by_branch(base: &str, filters: &Filters, board: &Board) -> Vec<Link> {
    let of_branch = |id: String, label: &str| {
        let other = filters.with(|f| f.branch.clone_from(&id));
        Link::new(label, other.href(base, &[])).current(filters.branch == id)
    };
    let mut links = vec![of_branch(String::new(), "全部")];
    links.extend(
        board
            .branches
            .iter()
            .map(|b| of_branch(b.id.0.to_string(), &b.name)),
    );
    links
}

fn active(base: &str, filters: &Filters, board: &Board) -> Vec<Link> {
    let mut links = Vec::new();
    let mut add = |there: bool, label: String, without: Filters| {
        if there {
            links.push(Link::new(label, without.href(base, &[])));
        }
    };
    let word = |list: &[(&str, &str)], value: &str| {
        list.iter()
            .find(|(v, _)| *v == value && !v.is_empty())
            .map(|(_, label)| (*label).to_owned())
    };
    if let Some(label) =
        word(&GROUPS, &filters.stage).or_else(|| word(&NARROW_GROUPS, &filters.stage))
    {
        add(true, label, filters.with(|f| f.stage.clear()));
    }
    if let Some(label) = word(&DUE, &filters.due) {
        add(true, label, filters.with(|f| f.due.clear()));
    }
    add(
        filters.decided == "week",
        "本周审核".to_owned(),
        filters.with(|f| f.decided.clear()),
    );
    let product = board
        .products
        .iter()
        .find(|p| p.id.0.to_string() == filters.product);
    if let Some(product) = product {
        add(
            true,
            product.name.clone(),
            filters.with(|f| f.product.clear()),
        );
    }
    let branch = board
        .branches
        .iter()
        .find(|b| b.id.0.to_string() == filters.branch);
    if let Some(branch) = branch {
        add(
            true,
            branch.name.clone(),
            filters.with(|f| f.branch.clear()),
        );
    }
    add(
        !filters.q.is_empty(),
        format!("“{}”", filters.q),
        filters.with(|f| f.q.clear()),
    );
    links
}

fn search(action: &'static str, filters: &Filters) -> Search {
    let hidden = filters
        .pairs()
        .into_iter()
        .filter(|(name, _)| *name != "q")
        .map(|(name, value)| Pair { name, value })
        .collect();
    Search {
        action,
        value: filters.q.clone(),
        hidden,
    }
}

fn table(kind: &Kind, board: &Board, for_bank: bool) -> Table {
    let mut table = Table::new(kind.title)
        .column("申请编号", "nowrap")
        .column("企业名称", "")
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
            Cell::text(&row.row.enterprise_name).second(&row.row.product_name),
            Cell::text(row.row.amount.format_wan()),
            Cell::text(show::term(row.row.term)),
        ];
        cells.extend(rest(kind.list, board.may_accept, for_bank, row));
        table.push(cells);
    }
    table
}

fn rest(list: ListKind, may_accept: bool, for_bank: bool, row: &DeskRow) -> Vec<Cell> {
    let submitted = Cell::text(show::minute(row.row.submitted_at));
    let holder = Cell::text(if row.row.holder_name.is_empty() {
        "-"
    } else {
        row.row.holder_name.as_str()
    });
    let left = show::urgency_cell(row.row.stage, row.urgency, row.row.due_at);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_as_it_was_written() {
        for at in [
            None,
            Some(time::macros::datetime!(2026-03-05 09:30:00.123456 +8)),
        ] {
            let cursor = Cursor {
                at,
                id: Uuid::from_u128(7),
            };
            assert_eq!(read_cursor(&write_cursor(cursor)), Some(cursor));
        }
        for bad in ["", "x_y", "1_2", "99999999999999999999_0", "n"] {
            assert_eq!(read_cursor(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_big_count_is_said_to_be_more() {
        assert_eq!(
            (capped(COUNT_CAP), capped(COUNT_CAP + 1)),
            ("300".into(), "300+".into())
        );
    }

    #[test]
    fn a_filter_link_keeps_the_other_filters_and_encodes_them() {
        let filters = Filters {
            q: "管道&装备".into(),
            stage: "waiting".into(),
            ..Filters::default()
        };
        assert_eq!(
            filters.href("/branch/applications", &[]),
            format!(
                "/branch/applications?stage=waiting&q={}",
                encode("管道&装备")
            )
        );
    }
}
