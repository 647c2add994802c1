//! The page of the room in every shape, for the test that draws it.

use serde_json::Value;

use super::month::MonthPage;
use crate::{
    financing::ODD,
    parts::{Cell, Deed, Filter, Link, Table, Tag, TagKind},
};

fn page(full: bool) -> MonthPage {
    let mut table = Table::new("机构考评").column("机构", "");
    if full {
        table.push(vec![Cell::link(ODD, "javascript:alert(1)").second(ODD)]);
    }
    let deed = || Deed {
        label: "发布",
        href: "javascript:alert(1)".to_owned(),
        kind: "primary",
    };
    MonthPage {
        crumbs: vec![Link::new(ODD, "/x")],
        title: ODD.to_owned(),
        tag: full.then(|| Tag::new(ODD, TagKind::Info)),
        signed: if full { ODD.to_owned() } else { String::new() },
        filters: vec![Filter {
            label: "月份".to_owned(),
            options: vec![Link::new(ODD, "/x")],
        }],
        table,
        empty: "还没有入驻的机构。",
        definitions: vec![ODD.to_owned()],
        actions: full.then(deed).into_iter().collect(),
    }
}

/// Templates with their samples.
#[doc(hidden)]
pub fn samples() -> Vec<(&'static str, Value)> {
    [true, false]
        .map(|full| {
            let page = serde_json::to_value(page(full)).unwrap_or_default();
            (MonthPage::TEMPLATE, page)
        })
        .to_vec()
}
