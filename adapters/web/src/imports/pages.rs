//! What the templates of 批量导入 are given, and samples of each.

use serde::Serialize;
use serde_json::Value;

use crate::{
    forms::{Field, FormView},
    parts::{Cell, Described, Link, Meter, Table},
};

/// `imports/list.html`.
#[derive(Serialize)]
pub struct ListPage {
    pub templates: Vec<Link>,
    pub form: FormView,
    pub table: Table,
    pub running: bool,
}

impl ListPage {
    pub const TEMPLATE: &'static str = "imports/list.html";
}

/// `imports/show.html`.
#[derive(Serialize)]
pub struct ShowPage {
    pub crumbs: Vec<Link>,
    pub rows: Vec<Described>,
    pub meter: Option<Meter>,
    pub note: String,
    pub table: Table,
    /// There are more bad rows than are shown.
    pub more: bool,
    /// The bad rows as a file.
    pub file: String,
    pub all_kept: bool,
    pub back: String,
}

impl ShowPage {
    pub const TEMPLATE: &'static str = "imports/show.html";
}

fn nasty() -> String {
    "<b>\"'\\&</b>长名称".repeat(6)
}

fn value(page: &impl Serialize) -> Value {
    serde_json::to_value(page).unwrap_or_default()
}

/// Every page in every shape, with text that must be escaped.
pub fn samples() -> Vec<(&'static str, Value)> {
    let mut table = Table::new(nasty()).column("行号", "num");
    table.push(vec![Cell::text(nasty())]);
    let mut samples = Vec::new();
    for full in [true, false] {
        let form = FormView::new("/hq/imports").key("k").with(
            Field::file("file", nasty(), ".xlsx").error(if full { nasty() } else { String::new() }),
        );
        let table = if full {
            table.clone()
        } else {
            Table::new("空")
        };
        let list = ListPage {
            templates: vec![Link::new(nasty(), "/hq/imports/template/draws")],
            form,
            table: table.clone(),
            running: full,
        };
        let show = ShowPage {
            crumbs: vec![Link::new(nasty(), "/hq/imports")],
            rows: vec![Described::new(nasty(), nasty())],
            meter: full.then(|| Meter::new(1, 2, &nasty())),
            note: if full { nasty() } else { String::new() },
            table,
            more: full,
            file: if full {
                "/hq/imports/1/bad".into()
            } else {
                String::new()
            },
            all_kept: !full,
            back: "/hq/imports".into(),
        };
        samples.push((ListPage::TEMPLATE, value(&list)));
        samples.push((ShowPage::TEMPLATE, value(&show)));
    }
    samples.sort_by_key(|(template, _)| *template);
    samples
}
