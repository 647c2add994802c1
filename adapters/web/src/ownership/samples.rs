//! Every page of the room in every shape, with text that must be escaped.

use serde::Serialize;
use serde_json::Value;

use super::{
    handover::{Card, OwnPage},
    owner::{OwnerPage, Waiting},
};
use crate::parts::{Cell, Described, Link, Table};

fn nasty() -> String {
    "<b>\"'\\&</b>长企业名称".repeat(4)
}

fn sample(template: &'static str, page: &impl Serialize) -> (&'static str, Value) {
    (template, serde_json::to_value(page).unwrap_or_default())
}

fn bad(full: bool) -> String {
    if full {
        "javascript:alert(1)".to_owned()
    } else {
        String::new()
    }
}

fn card(full: bool) -> Card {
    Card {
        title: nasty(),
        rows: vec![Described::new(nasty(), nasty())],
        hint: "由当事人办理，您无需操作。",
        action: "/enterprise/handover/1".to_owned(),
        accept: full,
        decline: full,
        withdraw: full,
        object: full,
        key_yes: "0123456789abcdef".to_owned(),
        key_no: "0123456789abcdef".to_owned(),
    }
}

fn owner(full: bool) -> OwnerPage {
    let mut table = Table::new(nasty()).column("姓名", "").column("原因", "");
    if full {
        table.push(vec![
            Cell::text(nasty()),
            Cell::text(nasty()).second(nasty()),
        ]);
    }
    OwnerPage {
        crumbs: vec![Link::new(nasty(), "/operator")],
        lead: nasty(),
        ask_href: bad(full),
        waiting: Some(Waiting {
            title: nasty(),
            lines: vec![nasty(), nasty()],
            confirm: bad(full),
            decline: bad(full),
            withdraw: bad(full),
        }),
        again: bad(full),
        key: "0123456789abcdef".to_owned(),
        people: table.clone(),
        changes: table,
    }
}

pub fn samples() -> Vec<(&'static str, Value)> {
    let mut all = Vec::new();
    for full in [false, true] {
        let own = OwnPage {
            crumbs: vec![Link::new(nasty(), "/enterprise")],
            cards: if full {
                vec![card(false), card(true)]
            } else {
                Vec::new()
            },
        };
        all.push(sample(OwnPage::TEMPLATE, &own));
        all.push(sample(OwnerPage::TEMPLATE, &owner(full)));
    }
    let unasked = OwnerPage {
        waiting: None,
        ..owner(false)
    };
    all.push(sample(OwnerPage::TEMPLATE, &unasked));
    all
}
