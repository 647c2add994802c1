//! Every page of the room in every shape, with text that must be escaped.

use serde::Serialize;
use serde_json::Value;

use super::{
    detail::{DetailPage, Waiting},
    form::FormPage,
    list::ListPage,
    state_tag,
};
use crate::{
    forms::{Field, FormView},
    parts::{Cell, Described, Link, Table, TagKind},
};

fn nasty() -> String {
    "<b>\"'\\&</b>长机构名称".repeat(4)
}

fn value(page: &impl Serialize) -> Value {
    serde_json::to_value(page).unwrap_or_default()
}

fn table(full: bool) -> Table {
    let mut table = Table::new(nasty()).column("名称", "").column("状态", "");
    if full {
        table.push(vec![
            Cell::link(nasty(), "javascript:alert(1)").second(nasty()),
            Cell::tag(nasty(), TagKind::Danger),
        ]);
    }
    table
}

fn crumbs() -> Vec<Link> {
    vec![Link::new("平台工作台", "/operator"), Link::new(nasty(), "")]
}

fn bad(full: bool) -> String {
    if full {
        "javascript:alert(1)".to_owned()
    } else {
        String::new()
    }
}

fn list(full: bool) -> ListPage {
    ListPage {
        crumbs: crumbs(),
        new_href: bad(full),
        waiting: table(full),
        total: nasty(),
        table: table(full),
    }
}

fn detail(full: bool) -> DetailPage {
    DetailPage {
        crumbs: crumbs(),
        name: nasty(),
        tag: state_tag(full),
        edit_href: bad(full),
        suspend_href: bad(full),
        suspend_label: "申请暂停受理",
        waiting: Some(Waiting {
            title: nasty(),
            text: nasty(),
            hint: if full { String::new() } else { nasty() },
            confirm: bad(full),
            decline: bad(full),
            yes: nasty(),
            withdraw: bad(!full),
        }),
        facts: vec![Described::new("机构名称", nasty())],
        figures: vec![Described::new("支行", nasty())],
        people: table(full),
        people_href: bad(full),
        branches: table(full),
        suspensions: table(full),
    }
}

fn form(full: bool) -> FormPage {
    let mut form = FormView::new("/x")
        .with(Field::text("name", nasty()).value(nasty()))
        .with(Field::text("person", nasty()).value(nasty()));
    form.fail("name", nasty());
    FormPage {
        crumbs: crumbs(),
        title: "机构入驻",
        lead: "说明",
        form,
        yes: "办理入驻",
        back: bad(true),
        institution: vec!["name"],
        person: if full { vec!["person"] } else { Vec::new() },
    }
}

/// Template and content of every page.
pub fn samples() -> Vec<(&'static str, Value)> {
    vec![
        (ListPage::TEMPLATE, value(&list(true))),
        (ListPage::TEMPLATE, value(&list(false))),
        (DetailPage::TEMPLATE, value(&detail(true))),
        (DetailPage::TEMPLATE, value(&detail(false))),
        (FormPage::TEMPLATE, value(&form(true))),
        (FormPage::TEMPLATE, value(&form(false))),
    ]
}
