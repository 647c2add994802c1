//! 国民经济行业: 门类, 大类, 中类, 小类, level by level and searched.

use std::collections::HashMap;

use application::dictionaries::{IndustrySheet, ListAsk};
use axum::{
    extract::{Query, State},
    response::Response,
};

use super::{INDUSTRIES_PAGE, ListPage, Room, beside, crumbs, lead, list_ask, place};
use crate::{
    errors::WebError,
    parts::{Cell, Table},
    show::or_dash,
    visit::StaffVisit,
};

const NAME: &str = "国民经济行业";

const fn level_zh(digits: usize) -> &'static str {
    match digits {
        0 | 1 => "门类",
        2 => "大类",
        3 => "中类",
        _ => "小类",
    }
}

fn table(sheet: &IndustrySheet) -> Table {
    let mut table = Table::new(NAME)
        .column("代码", "nowrap")
        .column("名称", "")
        .column("级别", "nowrap")
        .column("三次产业", "nowrap");
    for line in &sheet.rows {
        let entry = &line.entry;
        let name = if entry.has_children {
            Cell::link(&entry.name, format!("{INDUSTRIES_PAGE}?at={}", entry.code))
        } else {
            Cell::text(&entry.name)
        };
        table.push(vec![
            Cell::text(&entry.code),
            name,
            Cell::text(level_zh(entry.code.len())),
            Cell::text(or_dash(&line.sector)),
        ]);
    }
    table
}

pub(super) fn page(sheet: &IndustrySheet, asked: &ListAsk) -> ListPage {
    let path: Vec<(String, String)> = sheet
        .path
        .iter()
        .map(|step| (step.code.clone(), step.name.clone()))
        .collect();
    let searched = !asked.words.is_empty();
    let (here, up) = place(INDUSTRIES_PAGE, ("全部门类", ""), &path, searched);
    let (first, next) = beside(INDUSTRIES_PAGE, asked, sheet.next.as_deref());
    ListPage {
        crumbs: crumbs(Some(NAME)),
        name: NAME,
        lead: lead(&sheet.list),
        note: "企业填写所属行业时依次选择产业、大类和中类；产品和政策按门类限定行业。".to_owned(),
        note_link: None,
        search: INDUSTRIES_PAGE,
        search_label: "名称或代码",
        keyword: asked.words.clone(),
        here,
        up,
        table: table(sheet),
        nothing: if searched {
            "没有符合条件的行业。"
        } else {
            "没有下级行业。"
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
    let sheet = web.uses.industries(visit.actor(), &asked).await?;
    let page = page(&sheet, &asked);
    let visit = visit.0.staff_console();
    Ok(visit.render(ListPage::TEMPLATE, NAME, &page))
}
