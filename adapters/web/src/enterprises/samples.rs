//! Every page of the room in every shape, with text that must be escaped.

use serde::Serialize;
use serde_json::Value;

use super::{
    LIST,
    detail::{DetailPage, Waiting},
    full::{FullPage, ReasonPage},
    list::ListPage,
};
use crate::{
    forms::{Field, FormView},
    parts::{Cell, Described, Link, Table, Tag, TagKind},
};

fn nasty() -> String {
    "<b>\"'\\&</b>长企业名称".repeat(4)
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

fn bad(full: bool, good: &str) -> String {
    if full {
        "javascript:alert(1)".to_owned()
    } else {
        good.to_owned()
    }
}

fn list(full: bool) -> ListPage {
    let nothing = || if full { nasty() } else { String::new() };
    ListPage {
        crumbs: crumbs(),
        fields: vec![
            Field::text("q", nasty()).value(nasty()),
            Field::select("county", nasty(), nasty()).options([(nasty(), nasty())]),
        ],
        problem: nothing(),
        filtered: full,
        clear: LIST,
        total: nasty(),
        holds: table(full),
        table: table(full),
        prev: bad(full, ""),
        next: bad(full, ""),
    }
}

fn detail(full: bool) -> DetailPage {
    DetailPage {
        crumbs: crumbs(),
        name: nasty(),
        tags: vec![Tag::new(nasty(), TagKind::Danger)],
        full_href: bad(full, ""),
        hold_href: bad(full, ""),
        hold_label: "申请冻结账户",
        owner_href: bad(full, "/operator/enterprises/1/owner"),
        waiting: Some(Waiting {
            title: nasty(),
            text: nasty(),
            hint: if full { String::new() } else { nasty() },
            confirm: bad(full, ""),
            decline: bad(full, ""),
            yes: nasty(),
            withdraw: bad(!full, ""),
        }),
        facts: vec![Described::new("法定代表人", nasty())],
        standing: vec![Described::new("企业人员", nasty())],
        requests: table(full),
        more_href: bad(full, ""),
        verifications: table(full),
        holds: table(full),
    }
}

/// Template and content of every page.
pub fn samples() -> Vec<(&'static str, Value)> {
    let mut form = FormView::new("/x").with(Field::text("reason", nasty()).value(nasty()));
    form.fail("reason", nasty());
    let reason = ReasonPage {
        crumbs: crumbs(),
        name: nasty(),
        form,
        back: bad(true, ""),
    };
    let full = FullPage {
        crumbs: crumbs(),
        rows: vec![Described::new("企业名称", nasty())],
        reason: nasty(),
        back: bad(true, ""),
    };
    vec![
        (ListPage::TEMPLATE, value(&list(true))),
        (ListPage::TEMPLATE, value(&list(false))),
        (DetailPage::TEMPLATE, value(&detail(true))),
        (DetailPage::TEMPLATE, value(&detail(false))),
        (ReasonPage::TEMPLATE, value(&reason)),
        (FullPage::TEMPLATE, value(&full)),
    ]
}
