//! 业务代码: the vocabularies that forms choose from, and the words of one of them.

use std::collections::HashMap;

use application::{dictionaries::WordList, ports::reference::PublishedList};
use axum::{
    extract::{Query, State},
    response::Response,
};

use super::{ListPage, Room, WORDS_PAGE, crumbs, lead};
use crate::{
    errors::WebError,
    parts::{Cell, Link, Table},
    visit::StaffVisit,
};

const NAME: &str = "业务代码";

fn lists(all: &[WordList]) -> Table {
    let mut table = Table::new(NAME)
        .column("名称", "nowrap")
        .column("用在", "wrap")
        .column("条数", "num");
    for list in all {
        table.push(vec![
            Cell::link(list.name, format!("{WORDS_PAGE}?of={}", list.code)),
            Cell::text(list.used),
            Cell::text(list.words.len().to_string()),
        ]);
    }
    table
}

fn words(list: &WordList) -> Table {
    let mut table = Table::new(list.name)
        .column("代码", "nowrap")
        .column("名称", "");
    for word in &list.words {
        table.push(vec![Cell::text(&word.code), Cell::text(&word.label)]);
    }
    table
}

pub(super) fn page(facts: &PublishedList, all: &[WordList], of: &str) -> ListPage {
    let one = all.iter().find(|list| list.code == of);
    let lead = match one {
        Some(list) => format!("用在：{}。共 {} 条。", list.used, list.words.len()),
        None => lead(facts),
    };
    ListPage {
        crumbs: crumbs(Some(NAME)),
        name: NAME,
        lead,
        note: "代码由平台统一维护，随版本更新；已经用过的代码不改变含义。".to_owned(),
        note_link: None,
        search: "",
        search_label: "",
        keyword: String::new(),
        here: one.map_or("表单使用的代码", |list| list.name).to_owned(),
        up: one.map(|_| Link::new("返回全部业务代码", WORDS_PAGE)),
        table: one.map_or_else(|| lists(all), words),
        nothing: "没有内容。",
        first: String::new(),
        next: String::new(),
    }
}

pub(super) async fn show(
    State(web): State<Room>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let (facts, all) = web.uses.words(visit.actor()).await?;
    let of = asked.get("of").map_or("", String::as_str);
    let page = page(&facts, &all, of);
    let visit = visit.0.staff_console();
    Ok(visit.render(ListPage::TEMPLATE, NAME, &page))
}
