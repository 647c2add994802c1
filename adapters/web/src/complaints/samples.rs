//! Every page of the room in every shape, for the test that draws them.

use application::{complaints::SeenTotals, ports::complaints::ComplaintTotals};
use domain::ids::TenantId;
use serde::Serialize;
use serde_json::Value;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::{
    detail::DetailPage,
    file::FilePage,
    list::{Kept, ListPage},
    totals::{self, TotalsPage},
};
use crate::{
    financing::ODD,
    forms::{Field, FormView},
    parts::{Cell, Deed, Described, Event, Filter, Link, Pager, Table, Tag, TagKind},
};

fn sample(template: &'static str, page: &impl Serialize) -> (&'static str, Value) {
    (template, serde_json::to_value(page).unwrap_or_default())
}

fn list(full: bool) -> ListPage {
    let mut table = Table::new("投诉").column("投诉编号", "nowrap");
    if full {
        table.push(vec![Cell::link(ODD, "javascript:alert(1)").second(ODD)]);
    }
    ListPage {
        crumbs: vec![Link::new(ODD, "/x")],
        title: "投诉处理",
        lead: "先到期的在前。",
        file: if full {
            "/enterprise/complaints/new"
        } else {
            ""
        },
        here: "/operator/complaints",
        filters: vec![Filter {
            label: "范围".to_owned(),
            options: vec![Link::new(ODD, "/x").current(true)],
        }],
        searches: full,
        search: ODD.to_owned(),
        keeps: vec![Kept {
            name: "list",
            value: ODD.to_owned(),
        }],
        table,
        pager: Pager::new(if full { 41 } else { 0 }, 1, 20, |page| {
            format!("?page={page}")
        }),
        filtered: !full,
        empty: "没有待处理的投诉。",
    }
}

fn detail(full: bool) -> DetailPage {
    let odd = |there: bool| if there { ODD.to_owned() } else { String::new() };
    DetailPage {
        crumbs: vec![Link::new(ODD, "/x")],
        number: ODD.to_owned(),
        tags: vec![Tag::new(ODD, TagKind::Warning)],
        facts: vec![Described::new("企业名称", ODD)],
        body: ODD.to_owned(),
        answer: odd(full),
        next: odd(full),
        actions: full
            .then(|| Deed {
                label: "受理",
                href: "javascript:alert(1)".to_owned(),
                kind: "primary",
            })
            .into_iter()
            .collect(),
        timeline: vec![Event {
            event: ODD.to_owned(),
            note: ODD.to_owned(),
            actor: ODD.to_owned(),
            ..Event::default()
        }],
    }
}

fn totals(full: bool) -> TotalsPage {
    let one = ComplaintTotals {
        bank: TenantId(Uuid::nil()),
        bank_name: ODD.to_owned(),
        received: 6,
        on_time: 2,
        late: 1,
        open: 3,
        overdue: 1,
    };
    totals::page(&SeenTotals {
        month: Date::MIN,
        now: OffsetDateTime::UNIX_EPOCH,
        rows: if full { vec![one] } else { Vec::new() },
        late: i64::from(full),
        open: full,
    })
}

/// Templates with their samples.
#[doc(hidden)]
pub fn samples() -> Vec<(&'static str, Value)> {
    let form =
        FormView::new("/x").with(Field::textarea("complaint_body", ODD).value(ODD).error(ODD));
    let mut empty = list(false);
    empty.filtered = false;
    vec![
        sample(ListPage::TEMPLATE, &list(true)),
        sample(ListPage::TEMPLATE, &list(false)),
        sample(ListPage::TEMPLATE, &empty),
        sample(TotalsPage::TEMPLATE, &totals(true)),
        sample(TotalsPage::TEMPLATE, &totals(false)),
        sample(DetailPage::TEMPLATE, &detail(true)),
        sample(DetailPage::TEMPLATE, &detail(false)),
        sample(
            FilePage::TEMPLATE,
            &FilePage {
                crumbs: vec![Link::new(ODD, "/x")],
                form,
            },
        ),
    ]
}
