//! One list: its numbers as a whole, by institution and by district, each leading to its rows where they may be seen; and the same as a
//! workbook.

use application::visits::{Coverage, SeenList};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::visit::VisitStage;
use serde::Serialize;
use uuid::Uuid;

use super::{Room, TITLE, crumbs, list_href, rows_href};
use crate::{
    errors::WebError,
    exports::workbook,
    operator::percent,
    parts::{Cell, Figure, Link, Table},
    show as shown,
    spawned::spawned,
    visit::{StaffVisit, id_of},
};

/// `visits/list.html`.
#[derive(Serialize)]
pub(super) struct ListPage {
    pub crumbs: Vec<Link>,
    pub title: String,
    pub lead: String,
    /// The next thing to do comes first and is marked.
    pub deeds: Vec<Link>,
    /// Where the list is closed; empty: not by this person, or it is.
    pub close: String,
    pub workbook: String,
    pub stats: Vec<Figure>,
    pub banks: Table,
    pub districts: Table,
    pub definitions: [&'static str; 5],
}

impl ListPage {
    pub const TEMPLATE: &'static str = "visits/list.html";
}

const DEFINITIONS: [&str; 5] = [
    "各项为累计户数：已授信的企业同时计入之前已登记的各步。率以已下发户数为分母。",
    "已联系、已走访以机构在推荐清单中的登记为准；有需求为机构登记有融资需求或者已申请的企业。",
    "已申请为下发后通过本平台向该机构提交融资需求的企业；已授信为机构登记已授信或者该机构审核通过的企业。",
    "未授信为机构登记未授信，或者向该机构的融资需求未通过且没有在办的企业；已授信的不再计入未授信。",
    "已注册为统一社会信用代码已在本平台登记的企业。清单关闭后各项保持关闭时的结果。",
];

/// What a table of parts counts; each but the first two with its share of what was sent.
const COUNTED: [VisitStage; 7] = VisitStage::REACHED;

/// The numbers of a part; `narrow` names the part in the address of its rows.
fn numbers(list: Uuid, sums: &Coverage, open: bool, narrow: (&'static str, &str)) -> Vec<Cell> {
    let count = |number: i64, stage: &str| {
        let href = open.then(|| rows_href(list, &[narrow, ("stage", stage)]));
        Cell::count(number, href)
    };
    let mut cells = vec![count(sums.all, "")];
    let sent = sums.of(VisitStage::Sent);
    cells.extend(COUNTED.map(|stage| {
        let number = sums.of(stage);
        let cell = count(number, stage.code());
        if stage == VisitStage::Sent || sent == 0 {
            cell
        } else {
            cell.second(percent(number, sent))
        }
    }));
    cells
}

fn table(caption: &str, first: &str) -> Table {
    let table = Table::new(caption).column(first, "").column("户数", "num");
    COUNTED
        .iter()
        .fold(table, |table, stage| table.column(stage.zh(), "num"))
}

fn banks(seen: &SeenList) -> Table {
    let mut table = table("各机构走访进展", "机构");
    for part in &seen.banks {
        let id = part.bank.map(|bank| bank.to_string());
        let (name, narrow) = match &id {
            Some(id) => (part.name.as_str(), ("bank", id.as_str())),
            None => ("待分配", ("stage", VisitStage::Unassigned.code())),
        };
        let mut cells = vec![Cell::text(name)];
        cells.extend(numbers(seen.list.id, &part.sums, seen.open, narrow));
        table.push(cells);
    }
    table
}

fn districts(seen: &SeenList) -> Table {
    let mut table = table("各区县走访进展", "区县");
    for part in &seen.districts {
        let mut cells = vec![Cell::text(&part.name)];
        let narrow = ("district", part.code.as_str());
        cells.extend(numbers(seen.list.id, &part.sums, seen.open, narrow));
        table.push(cells);
    }
    table
}

fn stats(seen: &SeenList) -> Vec<Figure> {
    let (list, sums) = (seen.list.id, &seen.sums);
    let sent = sums.of(VisitStage::Sent);
    let figure = |label: &str, number: i64, narrow: &[(&str, &str)], note: String| Figure {
        label: label.to_owned(),
        value: number.to_string(),
        unit: "户".to_owned(),
        href: if seen.open && number > 0 {
            rows_href(list, narrow)
        } else {
            String::new()
        },
        note,
        ..Figure::default()
    };
    let of = |stage: VisitStage, share: bool| {
        let number = sums.of(stage);
        let note = if share && sent > 0 {
            format!("占已下发 {}", percent(number, sent))
        } else {
            String::new()
        };
        figure(stage.zh(), number, &[("stage", stage.code())], note)
    };
    let mut stats = vec![figure("清单企业", sums.all, &[], String::new())];
    stats.extend([VisitStage::Unassigned, VisitStage::Assigned].map(|stage| of(stage, false)));
    stats.push(of(VisitStage::Sent, false));
    let registered = [("registered", "1")];
    stats.push(figure(
        "已注册",
        sums.registered,
        &registered,
        String::new(),
    ));
    let beyond = COUNTED.iter().filter(|stage| **stage != VisitStage::Sent);
    stats.extend(beyond.map(|stage| of(*stage, true)));
    stats
}

pub(super) fn page(seen: &SeenList) -> ListPage {
    let (list, rights) = (&seen.list, seen.rights);
    let here = list_href(list.id);
    let mut deeds = Vec::new();
    let mut offer = |there: bool, label: &str, path: &str| {
        if there {
            deeds.push(Link::new(label, format!("{here}/{path}")));
        }
    };
    let unsent = seen.sums.all - seen.sums.of(VisitStage::Sent);
    let waits = seen.sums.of(VisitStage::Assigned) > 0;
    offer(rights.send && waits, "下发", "send");
    offer(rights.assign && unsent > 0, "批量分配机构", "assign");
    offer(rights.import, "导入企业", "import");
    offer(seen.open && seen.sums.all > 0, "查看企业", "rows");
    if let Some(first) = deeds.first_mut() {
        first.current = true;
    }
    let end = match list.closed_at {
        Some(at) => format!("{}已于 {} 关闭清单。", list.closed_name, shown::minute(at)),
        None => String::new(),
    };
    ListPage {
        crumbs: crumbs(seen.open, &[Link::new(&list.name, "")]),
        title: list.name.clone(),
        lead: format!(
            "提供单位：{}。走访截止 {}。截至 {}。{end}",
            list.source,
            list.due_on,
            shown::minute(seen.now)
        ),
        deeds,
        close: if rights.close {
            format!("{here}/close")
        } else {
            String::new()
        },
        workbook: format!("{here}/workbook"),
        stats: stats(seen),
        banks: banks(seen),
        districts: districts(seen),
        definitions: DEFINITIONS,
    }
}

pub(super) async fn show(
    State(web): State<Room>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let seen = web.uses.visits.list(visit.actor(), id_of(&id)?).await?;
    let visit = visit.0.staff_console();
    Ok(visit.render(ListPage::TEMPLATE, TITLE, &page(&seen)))
}

pub(super) async fn take(
    State(web): State<Room>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = id_of(&id)?;
    let (uses, by) = (web.uses.clone(), visit.actor().clone());
    let bytes = spawned(async move { uses.book.take(&by, id).await }).await?;
    let day = domain::calendar::local_date(visit.0.kit.clock().now());
    Ok(workbook(&format!("visits-{day}"), bytes))
}
