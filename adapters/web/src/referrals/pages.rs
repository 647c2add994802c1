//! What the templates of 推荐清单 are given, and samples of each.

use serde::Serialize;
use serde_json::Value;

use crate::{
    forms::{Field, FormView},
    parts::{Cell, Described, Event, Figure, Filter, Link, Pager, Table},
};

/// `referrals/list.html`.
#[derive(Serialize)]
pub struct ListPage {
    pub lead: &'static str,
    pub stats: Vec<Figure>,
    pub filters: Vec<Filter>,
    pub base: String,
    pub status: String,
    pub keyword: String,
    pub filtered: bool,
    pub table: Table,
    pub pager: Pager,
    /// Where a list is sent; empty for those who may not.
    pub import: String,
}

impl ListPage {
    pub const TEMPLATE: &'static str = "referrals/list.html";
}

/// `referrals/import.html`.
#[derive(Serialize)]
pub struct ImportPage {
    pub crumbs: Vec<Link>,
    pub form: FormView,
    pub table: Table,
}

impl ImportPage {
    pub const TEMPLATE: &'static str = "referrals/import.html";
}

/// `referrals/show.html`.
#[derive(Serialize)]
pub struct ShowPage {
    pub crumbs: Vec<Link>,
    pub title: String,
    pub rows: Vec<Described>,
    pub may_unmask: bool,
    pub action: String,
    pub may_follow: bool,
    pub form: FormView,
    pub may_assign: bool,
    pub assign: FormView,
    pub steps: Vec<Event>,
    pub back: String,
}

impl ShowPage {
    pub const TEMPLATE: &'static str = "referrals/show.html";
}

fn nasty() -> String {
    "<b>\"'\\&</b>长名称".repeat(6)
}

fn value(page: &impl Serialize) -> Value {
    serde_json::to_value(page).unwrap_or_default()
}

fn form() -> FormView {
    FormView::new("/hq/referrals/1")
        .key("k")
        .with(Field::text("to", nasty()).value(nasty()).error(nasty()))
}

/// Every page in every shape, with text that must be escaped.
pub fn samples() -> Vec<(&'static str, Value)> {
    let mut table = Table::new(nasty()).column("企业名称", "name");
    table.push(vec![
        Cell::link(nasty(), "javascript:alert(1)").second(nasty()),
    ]);
    let mut samples = Vec::new();
    for full in [true, false] {
        let table = if full {
            table.clone()
        } else {
            Table::new("空")
        };
        let list = ListPage {
            lead: "说明",
            stats: vec![Figure {
                label: nasty(),
                value: nasty(),
                ..Figure::default()
            }],
            filters: vec![Filter {
                label: nasty(),
                options: vec![Link::new(nasty(), "/hq/referrals")],
            }],
            base: "/hq/referrals".into(),
            status: nasty(),
            keyword: nasty(),
            filtered: full,
            table: table.clone(),
            pager: Pager::new(41, 2, 20, |page| format!("?page={page}")),
            import: if full {
                "/hq/referrals/import".into()
            } else {
                String::new()
            },
        };
        samples.push((ListPage::TEMPLATE, value(&list)));
        let import = ImportPage {
            crumbs: vec![Link::new(nasty(), "/hq/referrals")],
            form: form(),
            table,
        };
        samples.push((ImportPage::TEMPLATE, value(&import)));
        let show = ShowPage {
            crumbs: vec![Link::new(nasty(), "/hq/referrals")],
            title: nasty(),
            rows: vec![Described::new(nasty(), nasty())],
            may_unmask: full,
            action: "/hq/referrals/1".into(),
            may_follow: full,
            form: form(),
            may_assign: full,
            assign: form(),
            steps: vec![Event {
                event: nasty(),
                note: nasty(),
                ..Event::default()
            }],
            back: "/hq/referrals".into(),
        };
        samples.push((ShowPage::TEMPLATE, value(&show)));
    }
    samples.sort_by_key(|(template, _)| *template);
    samples
}
