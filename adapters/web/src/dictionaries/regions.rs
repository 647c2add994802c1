//! 行政区划: what lies below a region or fits a search, with what the city decided about its own townships.

use std::collections::HashMap;

use application::dictionaries::{ListAsk, RegionLine, RegionSheet, RegionStanding, WHOLE};
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::regions::{RegionChange, RegionDeed};

use super::{ListPage, REGIONS_PAGE, Room, beside, crumbs, lead, list_ask, place};
use crate::{
    errors::WebError,
    parts::{Cell, Link, Table, TagKind},
    rules::REGIONS_RULE,
    visit::StaffVisit,
};

const NAME: &str = "行政区划";

const fn level_zh(level: u8) -> &'static str {
    match level {
        1 => "省级",
        2 => "地级",
        3 => "县级",
        _ => "乡级",
    }
}

/// 2026-12-01 更名，原名“甲乡”.
fn told((change, into): &(RegionChange, Option<String>)) -> String {
    let mut told = format!("{} {}", change.on, change.deed.zh());
    if change.deed == RegionDeed::Rename {
        told.push_str(&format!("，原名“{}”", change.was));
    }
    if let Some(into) = into {
        told.push_str(&format!("，并入“{into}”"));
    }
    told
}

fn tag(line: &RegionLine) -> Cell {
    let cell = match line.standing {
        RegionStanding::Standing => Cell::tag("现行", TagKind::Success),
        RegionStanding::Ended => Cell::tag("已撤销", TagKind::Neutral),
        RegionStanding::Coming => Cell::tag("未生效", TagKind::Warning),
    };
    let all: Vec<String> = line.changes.iter().map(told).collect();
    cell.second(all.join("；"))
}

fn actions(line: &RegionLine) -> Cell {
    if !line.own {
        return Cell::text("-");
    }
    let link = |deed: RegionDeed| {
        let href = format!("{REGIONS_RULE}?code={}&as={}", line.entry.code, deed.code());
        Link::new(deed.zh(), href)
    };
    let deeds: &[RegionDeed] = match line.standing {
        RegionStanding::Ended => &[RegionDeed::Restore],
        _ => &[RegionDeed::Rename, RegionDeed::End],
    };
    Cell::links(deeds.iter().map(|deed| link(*deed)).collect())
}

fn table(sheet: &RegionSheet) -> Table {
    let mut table = Table::new(NAME)
        .column("代码", "nowrap")
        .column("名称", "")
        .column("级别", "nowrap")
        .column("状态", "wrap");
    if sheet.powers.propose {
        table = table.column("操作", "nowrap");
    }
    for line in &sheet.rows {
        let entry = &line.entry;
        let name = if entry.has_children {
            Cell::link(&entry.name, format!("{REGIONS_PAGE}?at={}", entry.code))
        } else {
            Cell::text(&entry.name)
        };
        let mut cells = vec![
            Cell::text(&entry.code),
            name,
            Cell::text(level_zh(entry.level)),
            tag(line),
        ];
        if sheet.powers.propose {
            cells.push(actions(line));
        }
        table.push(cells);
    }
    table
}

pub(super) fn page(sheet: &RegionSheet, asked: &ListAsk) -> ListPage {
    let searched = !asked.words.is_empty();
    let path: Vec<(String, String)> = sheet
        .path
        .iter()
        .map(|step| (step.code.clone(), step.name.clone()))
        .collect();
    let (here, up) = place(REGIONS_PAGE, ("全国", WHOLE), &path, searched);
    let (first, next) = beside(REGIONS_PAGE, asked, sheet.next.as_deref());
    let note = if sheet.powers.waits {
        "区划表截止日期之后，本市乡镇、街道的新设、更名和撤销由两位平台运营人员提出和复核。有一项变更待复核，复核前仍按现行区划选择。"
    } else {
        "区划表截止日期之后，本市乡镇、街道的新设、更名和撤销由两位平台运营人员提出和复核。已撤销的不能再选择，此前填写的仍显示原名称。"
    };
    let label = if sheet.powers.propose {
        "提出区划变更"
    } else {
        "查看区划变更"
    };
    ListPage {
        crumbs: crumbs(Some(NAME)),
        name: NAME,
        lead: lead(&sheet.list),
        note: note.to_owned(),
        note_link: sheet.powers.see.then(|| Link::new(label, REGIONS_RULE)),
        search: REGIONS_PAGE,
        search_label: "名称或代码",
        keyword: asked.words.clone(),
        here,
        up,
        table: table(sheet),
        nothing: if searched {
            "没有符合条件的区划。"
        } else {
            "没有下级区划。"
        },
        first,
        next,
    }
}

pub(super) async fn show(
    State(web): State<Room>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let asked = list_ask(&asked);
    let sheet = web.uses.regions(visit.actor(), &asked).await?;
    let page = page(&sheet, &asked);
    let visit = visit.0.staff_console();
    Ok(visit.render(ListPage::TEMPLATE, NAME, &page))
}
