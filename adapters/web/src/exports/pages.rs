//! What the templates of 数据导出 are given, and samples of each.

use serde::Serialize;
use serde_json::Value;

use crate::{
    forms::FormView,
    parts::{Cell, Described, Link, Meter, Table, TagKind},
    two_people::withdraw_field,
};

/// `exports/list.html`.
#[derive(Serialize)]
pub struct ListPage {
    pub table: Table,
    /// Where one asks; empty for those who may not.
    pub new: String,
    pub may_check: bool,
}

impl ListPage {
    pub const TEMPLATE: &'static str = "exports/list.html";
}

/// `exports/show.html`.
#[derive(Serialize)]
pub struct ShowPage {
    pub crumbs: Vec<Link>,
    pub number: String,
    pub rows: Vec<Described>,
    pub meter: Option<Meter>,
    pub note: String,
    pub kind: &'static str,
    /// The file, for the person who asked for it.
    pub file: String,
    pub action: String,
    pub key: String,
    pub may_check: bool,
    pub may_withdraw: bool,
    /// Of 撤回.
    pub form: FormView,
    pub back: String,
}

impl ShowPage {
    pub const TEMPLATE: &'static str = "exports/show.html";
}

fn value(page: &impl Serialize) -> Value {
    serde_json::to_value(page).unwrap_or_default()
}

fn nasty() -> String {
    "<b>\"'\\&</b>长名称".repeat(6)
}

/// Every page in every shape, with text that must be escaped.
pub fn samples() -> Vec<(&'static str, Value)> {
    let mut table = Table::new(nasty())
        .column("导出编号", "nowrap")
        .column("状态", "nowrap");
    table.push(vec![
        Cell::link(nasty(), "javascript:alert(1)"),
        Cell::tag(nasty(), TagKind::Warning).second(nasty()),
    ]);
    let lists = [table, Table::new("空")].map(|table| ListPage {
        may_check: !table.rows.is_empty(),
        table,
        new: "/hq/exports/new".into(),
    });
    let shows = [true, false].map(|running| ShowPage {
        crumbs: vec![Link::new("数据导出", "/hq/exports"), Link::new(nasty(), "")],
        number: nasty(),
        rows: vec![Described::new(nasty(), nasty())],
        meter: running.then(|| Meter::new(41, 100, &nasty())),
        note: if running { String::new() } else { nasty() },
        kind: "danger",
        file: if running {
            String::new()
        } else {
            "/hq/exports/1/file".into()
        },
        action: "/hq/exports/1".into(),
        key: nasty(),
        may_check: running,
        may_withdraw: !running,
        form: {
            let mut form = FormView::new("/hq/exports/1").key("0123456789abcdef");
            form.push(withdraw_field().value(nasty()));
            form.fail("withdraw_reason", nasty());
            form
        },
        back: "/hq/exports".into(),
    });
    let mut samples = Vec::new();
    samples.extend(lists.iter().map(|page| (ListPage::TEMPLATE, value(page))));
    samples.extend(shows.iter().map(|page| (ShowPage::TEMPLATE, value(page))));
    samples
}
