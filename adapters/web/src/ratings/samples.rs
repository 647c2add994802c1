//! Every page of the room in every shape, for the test that draws them.

use serde::Serialize;
use serde_json::Value;

use super::{
    list::{ListPage, OnePage},
    own::OwnPage,
};
use crate::{
    financing::ODD,
    forms::{Field, FormView},
    parts::{Cell, Deed, Described, Filter, Link, Pager, Table},
};

fn sample(template: &'static str, page: &impl Serialize) -> (&'static str, Value) {
    (template, serde_json::to_value(page).unwrap_or_default())
}

fn odd(there: bool) -> String {
    if there { ODD.to_owned() } else { String::new() }
}

fn list(full: bool) -> ListPage {
    let mut table = Table::new("企业评价").column("评价企业", "");
    if full {
        table.push(vec![Cell::link(ODD, "javascript:alert(1)").second(ODD)]);
    }
    ListPage {
        crumbs: vec![Link::new(ODD, "/x")],
        lead: "最近的在前。",
        filters: vec![Filter {
            label: "范围".to_owned(),
            options: vec![Link::new(ODD, "/x")],
        }],
        table,
        pager: Pager::new(u64::from(full), 1, 20, |page| format!("?page={page}")),
        empty: "没有企业评价。",
    }
}

fn one(full: bool) -> OnePage {
    let deed = || Deed {
        label: "回复",
        href: "javascript:alert(1)".to_owned(),
        kind: "primary",
    };
    OnePage {
        crumbs: vec![Link::new(ODD, "/x")],
        facts: vec![Described::new("评价企业", ODD)],
        words: odd(full),
        reply: odd(full),
        hidden: odd(full),
        actions: full.then(deed).into_iter().collect(),
    }
}

fn own(rated: bool, may_rate: bool) -> OwnPage {
    OwnPage {
        crumbs: vec![Link::new(ODD, "/x")],
        lead: ODD.to_owned(),
        may_rate,
        rated,
        form: FormView::new("/x").with(Field::textarea("rating_words", ODD).error(ODD)),
        facts: vec![Described::new("评价", ODD)],
        words: odd(rated),
        reply: odd(rated),
        hidden: odd(rated),
        back: "/x".to_owned(),
    }
}

/// Templates with their samples.
#[doc(hidden)]
pub fn samples() -> Vec<(&'static str, Value)> {
    vec![
        sample(ListPage::TEMPLATE, &list(true)),
        sample(ListPage::TEMPLATE, &list(false)),
        sample(OnePage::TEMPLATE, &one(true)),
        sample(OnePage::TEMPLATE, &one(false)),
        sample(OwnPage::TEMPLATE, &own(true, false)),
        sample(OwnPage::TEMPLATE, &own(false, true)),
        sample(OwnPage::TEMPLATE, &own(false, false)),
    ]
}
