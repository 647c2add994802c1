//! Every page of the room in every shape, for the test that draws them.

use serde::Serialize;
use serde_json::Value;

use super::{
    draw::DrawPage,
    list::{ListPage, OnePage},
};
use crate::{
    financing::ODD,
    forms::{Field, FormView},
    parts::{Cell, Described, Event, Filter, Link, Pager, Table, Tag, TagKind},
};

fn sample(template: &'static str, page: &impl Serialize) -> (&'static str, Value) {
    (template, serde_json::to_value(page).unwrap_or_default())
}

fn table(full: bool) -> Table {
    let mut table = Table::new("回访工单").column("融资需求", "nowrap");
    if full {
        table.push(vec![Cell::link(ODD, "javascript:alert(1)").second(ODD)]);
    }
    table
}

fn list(full: bool, filtered: bool) -> ListPage {
    ListPage {
        crumbs: vec![Link::new(ODD, "/x")],
        may_draw: full,
        filters: vec![Filter {
            label: "状态".to_owned(),
            options: vec![Link::new(ODD, "/x")],
        }],
        table: table(full),
        pager: Pager::new(u64::from(full), 1, 20, |page| format!("?page={page}")),
        filtered,
        draws: table(full),
    }
}

fn one(full: bool) -> OnePage {
    let odd = |there: bool| if there { ODD.to_owned() } else { String::new() };
    OnePage {
        crumbs: vec![Link::new(ODD, "/x")],
        number: ODD.to_owned(),
        tag: Tag::new(ODD, TagKind::Info),
        lead: odd(full),
        facts: vec![Described::new("企业", ODD)],
        phone: odd(!full),
        phone_action: if full { "/x/phone" } else { "" }.to_owned(),
        call: if full { "/x/call" } else { "" }.to_owned(),
        complain: if full { "/x/complaint" } else { "" }.to_owned(),
        calls: full
            .then(|| Event {
                event: ODD.to_owned(),
                note: ODD.to_owned(),
                ..Event::default()
            })
            .into_iter()
            .collect(),
    }
}

/// Templates with their samples.
#[doc(hidden)]
pub fn samples() -> Vec<(&'static str, Value)> {
    let form = FormView::new("/x").with(Field::text("amount", ODD).value(ODD).error(ODD));
    let draw = DrawPage {
        crumbs: vec![Link::new(ODD, "/x")],
        form,
    };
    vec![
        sample(ListPage::TEMPLATE, &list(true, true)),
        sample(ListPage::TEMPLATE, &list(false, true)),
        sample(ListPage::TEMPLATE, &list(false, false)),
        sample(OnePage::TEMPLATE, &one(true)),
        sample(OnePage::TEMPLATE, &one(false)),
        sample(DrawPage::TEMPLATE, &draw),
    ]
}
