//! 数据字典 (O10): every list with its source, 行政区划 and 国民经济行业 level by level and searched, and the vocabularies of the forms.

mod industries;
mod regions;
mod samples;
mod words;

pub use samples::samples;

use std::collections::HashMap;

use application::{
    dictionaries::{DictionaryIndex, DictionaryRoom, ListAsk},
    ports::reference::{HOLIDAYS, INDUSTRIES, PublishedList, REGIONS, VOCABULARY},
    supervision::calendar::CALENDAR_PAGE,
};
use axum::{Router, extract::State, response::Response};
use serde::Serialize;

use crate::{
    doors::{self, Door, Who},
    errors::WebError,
    kit::Web,
    parts::{Cell, Link, Table},
    visit::{StaffVisit, encode, sought},
};

const PAGE: &str = "/operator/dictionaries";
const REGIONS_PAGE: &str = "/operator/dictionaries/regions";
const INDUSTRIES_PAGE: &str = "/operator/dictionaries/industries";
const WORDS_PAGE: &str = "/operator/dictionaries/words";
const TITLE: &str = "数据字典";

type Room = Web<DictionaryRoom>;

/// Every door of the room.
pub fn doors() -> Vec<Door<Room>> {
    vec![
        Door::get(PAGE, Who::Staff, index),
        Door::get(REGIONS_PAGE, Who::Staff, regions::show),
        Door::get(INDUSTRIES_PAGE, Who::Staff, industries::show),
        Door::get(WORDS_PAGE, Who::Staff, words::show),
    ]
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

/// `dictionaries/index.html`.
#[derive(Serialize)]
struct IndexPage {
    crumbs: Vec<Link>,
    table: Table,
}

impl IndexPage {
    const TEMPLATE: &'static str = "dictionaries/index.html";
}

/// `dictionaries/list.html`: one list, or what of it was asked for.
#[derive(Serialize)]
struct ListPage {
    crumbs: Vec<Link>,
    name: &'static str,
    lead: String,
    /// What is to be known beside the list, and the way to it.
    note: String,
    note_link: Option<Link>,
    /// Where a search goes; nothing: the list is short.
    search: &'static str,
    search_label: &'static str,
    keyword: String,
    /// Whose rows these are.
    here: String,
    up: Option<Link>,
    table: Table,
    nothing: &'static str,
    first: String,
    next: String,
}

impl ListPage {
    const TEMPLATE: &'static str = "dictionaries/list.html";
}

fn list_ask(asked: &HashMap<String, String>) -> ListAsk {
    let word = |name: &str| {
        asked
            .get(name)
            .map_or_else(String::new, |typed| sought(typed))
    };
    ListAsk {
        at: word("at"),
        words: word("q"),
        after: word("after"),
    }
}

/// The first page of a search, where this is a later one; and the next one.
fn beside(page: &str, asked: &ListAsk, next: Option<&str>) -> (String, String) {
    let of = format!("{page}?q={}", encode(&asked.words));
    let first = if asked.after.is_empty() {
        String::new()
    } else {
        of.clone()
    };
    let next = next.map_or_else(String::new, |code| format!("{of}&after={}", encode(code)));
    (first, next)
}

fn crumbs(here: Option<&str>) -> Vec<Link> {
    let mut links = vec![Link::new("平台工作台", "/operator"), Link::new(TITLE, PAGE)];
    links.extend(here.map(|label| Link::new(label, "")));
    links
}

/// 国家统计局…，2023 年版，共 44703 条。
fn lead(list: &PublishedList) -> String {
    format!(
        "来源：{}。版本：{}。共 {} 条。",
        list.source, list.version, list.rows
    )
}

/// What is below a region or an industry, and how one goes up again; `root` is the level above the first.
fn place(
    page: &str,
    root: (&str, &str),
    path: &[(String, String)],
    searched: bool,
) -> (String, Option<Link>) {
    let href = |code: &str| format!("{page}?at={}", encode(code));
    if searched {
        let (name, code) = root;
        let up = Link::new(format!("返回{name}"), href(code));
        return ("查询结果".to_owned(), Some(up));
    }
    let Some((_, name)) = path.last() else {
        return (root.0.to_owned(), None);
    };
    let up = match path.len().checked_sub(2).and_then(|at| path.get(at)) {
        Some((code, name)) => Link::new(format!("返回上一级：{name}"), href(code)),
        None => Link::new(format!("返回上一级：{}", root.0), href(root.1)),
    };
    (name.clone(), Some(up))
}

fn index_table(index: &DictionaryIndex) -> Table {
    let mut table = Table::new(TITLE)
        .column("字典", "nowrap")
        .column("来源", "wrap")
        .column("版本或截止日期", "wrap")
        .column("条数", "num");
    for list in &index.lists {
        let href = match list.code {
            REGIONS => Some(REGIONS_PAGE),
            INDUSTRIES => Some(INDUSTRIES_PAGE),
            VOCABULARY => Some(WORDS_PAGE),
            HOLIDAYS if index.calendar => Some(CALENDAR_PAGE),
            _ => None,
        };
        let name = match href {
            Some(href) => Cell::link(list.name, href),
            None => Cell::text(list.name),
        };
        let version = Cell::text(list.version);
        let version = if list.code == REGIONS {
            let waits = if index.powers.waits {
                "，有一项变更待复核"
            } else {
                ""
            };
            version.second(format!("另有本市变更 {} 项{waits}", index.own))
        } else {
            version
        };
        table.push(vec![
            name,
            Cell::text(list.source),
            version,
            Cell::text(list.rows.to_string()),
        ]);
    }
    table
}

async fn index(State(web): State<Room>, visit: StaffVisit) -> Result<Response, WebError> {
    let index = web.uses.index(visit.actor()).await?;
    let page = IndexPage {
        crumbs: crumbs(None),
        table: index_table(&index),
    };
    Ok(visit
        .0
        .staff_console()
        .render(IndexPage::TEMPLATE, TITLE, &page))
}
