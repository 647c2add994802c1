//! Every page of the console in every shape, with text that must be escaped.

use serde::Serialize;
use serde_json::Value;

use super::{
    applications::{self, Waiting},
    audit, deliveries,
    home::HomePage,
    oversight,
    products::{DetailPage, ListPage},
    providers, province, screen, sms_log, statistics,
};
use crate::forms::{Field, FormView};
use crate::parts::{
    Cell, Deed, Described, Event, Figure, Filter, Link, Pager, Table, Tag, TagKind,
};

fn nasty() -> String {
    "<b>\"'\\&</b>长企业名称".repeat(4)
}

fn value(page: &impl Serialize) -> Value {
    serde_json::to_value(page).unwrap_or_default()
}

fn table(rows: usize) -> Table {
    let mut table = Table::new(nasty()).column("名称", "").column("状态", "");
    for _ in 0..rows {
        table.push(vec![
            Cell::link(nasty(), "javascript:alert(1)").second(nasty()),
            Cell::tag(nasty(), TagKind::Danger),
        ]);
    }
    table
}

fn rows() -> Vec<Described> {
    vec![Described::new("产品名称", nasty())]
}

fn crumbs() -> Vec<Link> {
    vec![Link::new("平台工作台", "/operator"), Link::new(nasty(), "")]
}

fn product(is_new: bool, changed: usize) -> DetailPage {
    DetailPage {
        crumbs: crumbs(),
        name: nasty(),
        lead: nasty(),
        may_check: !is_new,
        settled: if is_new { nasty() } else { String::new() },
        publish_href: "javascript:alert(1)".into(),
        return_href: "/operator/products/x/return".into(),
        is_new,
        changes: table(changed),
        content: rows(),
        public_href: if is_new {
            String::new()
        } else {
            "/market/x".into()
        },
    }
}

fn home(full: bool) -> HomePage {
    HomePage {
        lead: nasty(),
        stats: vec![Figure {
            label: nasty(),
            value: "12".into(),
            unit: "笔".into(),
            href: "/operator/applications".into(),
            kind: "danger".into(),
            ..Figure::default()
        }],
        waiting: if full {
            vec![Figure {
                label: nasty(),
                value: "3".into(),
                unit: "件".into(),
                href: "/operator/complaints?list=overdue".into(),
                kind: "danger".into(),
                ..Figure::default()
            }]
        } else {
            Vec::new()
        },
        holds: table(usize::from(full)),
        overdue: table(usize::from(full)),
        reviews: full,
        drafts: table(usize::from(full)),
    }
}

fn requests(rows: usize) -> applications::ListPage {
    applications::ListPage {
        crumbs: crumbs(),
        filters: vec![Filter {
            label: nasty(),
            options: vec![Link::new(nasty(), "javascript:alert(1)").current(true)],
        }],
        active: vec![Link::new(nasty(), "javascript:alert(1)")],
        lead: "先到期的在前。",
        search: nasty(),
        clear: applications::LIST,
        table: table(rows),
        empty: nasty(),
        prev: String::new(),
        next: if rows > 0 {
            "javascript:alert(1)".into()
        } else {
            String::new()
        },
    }
}

fn request(full: bool) -> applications::DetailPage {
    applications::DetailPage {
        crumbs: crumbs(),
        number: nasty(),
        tags: vec![Tag::new(nasty(), TagKind::Danger)],
        clock: full.then(|| Tag::new(nasty(), TagKind::Danger)),
        clock_text: if full { nasty() } else { String::new() },
        facts: rows(),
        waiting: Some(Waiting {
            title: nasty(),
            text: nasty(),
            hint: if full { String::new() } else { nasty() },
            confirm: if full {
                "javascript:alert(1)".into()
            } else {
                String::new()
            },
            decline: "javascript:alert(1)".into(),
            yes: nasty(),
            withdraw: if full {
                String::new()
            } else {
                "javascript:alert(1)".into()
            },
        }),
        actions: vec![Deed {
            label: "申请冻结",
            href: "javascript:alert(1)".into(),
            kind: "danger",
        }],
        holds: table(usize::from(full)),
        complaints: if full {
            vec![Link::new(nasty(), "/operator/complaints/x")]
        } else {
            Vec::new()
        },
        has_holds: full,
        notices: table(usize::from(full)),
        has_notices: full,
        timeline: vec![Event {
            event: nasty(),
            note: nasty(),
            actor: nasty(),
            ..Event::default()
        }],
    }
}

fn logged(n: usize) -> sms_log::LogPage {
    sms_log::LogPage {
        crumbs: crumbs(),
        filters: vec![Filter {
            label: nasty(),
            options: vec![Link::new(nasty(), "/operator/deliveries/log").current(true)],
        }],
        fields: vec![
            Field::select("template", nasty(), nasty()).options([(nasty(), nasty())]),
            Field::text("from", nasty()).value(nasty()),
        ],
        state: if n > 0 { "refused" } else { "" },
        problem: if n > 0 { nasty() } else { String::new() },
        filtered: n > 0,
        clear: "/operator/deliveries/log",
        month_href: "/operator/deliveries/log/month",
        table: table(n),
        pager: Pager::new(120, 2, 50, |page| format!("?page={page}")),
    }
}

fn month(n: usize) -> sms_log::MonthPage {
    sms_log::MonthPage {
        crumbs: crumbs(),
        lead: nasty(),
        table: table(n),
        prev: "/operator/deliveries/log/month?month=2026-10".to_owned(),
        next: if n > 0 { nasty() } else { String::new() },
    }
}

fn examined(may: bool) -> providers::ProvidersPage {
    providers::ProvidersPage {
        crumbs: crumbs(),
        table: table(2),
        failures: table(if may { 2 } else { 0 }),
        may,
        check: "/operator/providers/check".to_owned(),
        key: "k".to_owned(),
        live: may,
    }
}

fn parked(n: usize) -> deliveries::ListPage {
    deliveries::ListPage {
        crumbs: crumbs(),
        table: table(n),
    }
}

fn one_parked(may: bool) -> deliveries::OnePage {
    let mut form = FormView::new("/operator/deliveries/x/drop")
        .with(Field::textarea("drop_reason", nasty()).value(nasty()));
    form.fail("drop_reason", nasty());
    deliveries::OnePage {
        crumbs: crumbs(),
        rows: rows(),
        may,
        again: "/operator/deliveries/x/again".to_owned(),
        key: "k".to_owned(),
        form,
    }
}

/// Template and content of every page.
pub fn samples() -> Vec<(&'static str, Value)> {
    let list = |n| ListPage {
        crumbs: crumbs(),
        table: table(n),
    };
    vec![
        (HomePage::TEMPLATE, value(&home(true))),
        (HomePage::TEMPLATE, value(&home(false))),
        (applications::ListPage::TEMPLATE, value(&requests(2))),
        (applications::ListPage::TEMPLATE, value(&requests(0))),
        (applications::DetailPage::TEMPLATE, value(&request(true))),
        (applications::DetailPage::TEMPLATE, value(&request(false))),
        (ListPage::TEMPLATE, value(&list(2))),
        (ListPage::TEMPLATE, value(&list(0))),
        (DetailPage::TEMPLATE, value(&product(true, 0))),
        (DetailPage::TEMPLATE, value(&product(false, 2))),
        (DetailPage::TEMPLATE, value(&product(false, 0))),
        (sms_log::LogPage::TEMPLATE, value(&logged(2))),
        (sms_log::LogPage::TEMPLATE, value(&logged(0))),
        (sms_log::MonthPage::TEMPLATE, value(&month(2))),
        (sms_log::MonthPage::TEMPLATE, value(&month(0))),
        (providers::ProvidersPage::TEMPLATE, value(&examined(true))),
        (providers::ProvidersPage::TEMPLATE, value(&examined(false))),
        (deliveries::ListPage::TEMPLATE, value(&parked(2))),
        (deliveries::ListPage::TEMPLATE, value(&parked(0))),
        (deliveries::OnePage::TEMPLATE, value(&one_parked(true))),
        (deliveries::OnePage::TEMPLATE, value(&one_parked(false))),
        (
            province::ListPage::TEMPLATE,
            value(&province::list_sample(true, &nasty())),
        ),
        (
            province::ListPage::TEMPLATE,
            value(&province::list_sample(false, &nasty())),
        ),
        (
            province::OnePage::TEMPLATE,
            value(&province::one_sample(true, &nasty())),
        ),
        (
            province::OnePage::TEMPLATE,
            value(&province::one_sample(false, &nasty())),
        ),
        (
            statistics::StatisticsPage::TEMPLATE,
            value(&statistics::sample(true, &nasty())),
        ),
        (
            statistics::StatisticsPage::TEMPLATE,
            value(&statistics::sample(false, &nasty())),
        ),
        (screen::TEMPLATE, value(&screen::sample(true, &nasty()))),
        (screen::TEMPLATE, value(&screen::sample(false, &nasty()))),
        (screen::WALL, value(&screen::sample(true, &nasty()))),
        (
            oversight::AskPage::TEMPLATE,
            value(&oversight::ask_sample(&nasty())),
        ),
        (
            oversight::OpenedPage::TEMPLATE,
            value(&oversight::opened_sample(true, &nasty())),
        ),
        (
            oversight::OpenedPage::TEMPLATE,
            value(&oversight::opened_sample(false, &nasty())),
        ),
        (
            audit::AuditPage::TEMPLATE,
            value(&audit::sample(true, &nasty())),
        ),
        (
            audit::AuditPage::TEMPLATE,
            value(&audit::sample(false, &nasty())),
        ),
    ]
}
