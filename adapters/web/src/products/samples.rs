//! Every page of 产品管理 in every shape, with text that must be escaped.

use serde::Serialize;
use serde_json::Value;

use super::{
    form::FormPage,
    list::{Action, DetailPage, ListPage},
};
use crate::{
    console::{AskPage, RolelessPage, ToldPage},
    forms::{Field, FormView},
    parts::{Cell, Described, Link, Table, Tag, TagKind},
};

fn nasty() -> String {
    "<b>\"'\\&</b>长产品名称".repeat(4)
}

fn value(page: &impl Serialize) -> Value {
    serde_json::to_value(page).unwrap_or_default()
}

fn table(rows: usize) -> Table {
    let mut table = Table::new(nasty())
        .column("产品名称", "")
        .column("状态", "");
    for _ in 0..rows {
        table.push(vec![
            Cell::link(nasty(), "javascript:alert(1)").second(nasty()),
            Cell::tag(nasty(), TagKind::Info),
        ]);
    }
    table
}

fn rows() -> Vec<Described> {
    vec![Described::new("产品名称", nasty())]
}

fn crumbs() -> Vec<Link> {
    vec![
        Link::new("产品管理", "/hq/products"),
        Link::new(nasty(), ""),
    ]
}

/// All the names that the form's page prints.
const FIELDS: [&str; 34] = [
    "revision",
    "product_name",
    "financing_type",
    "guarantee",
    "amount_min",
    "amount_max",
    "term_min",
    "term_max",
    "term_unit",
    "first_loan",
    "renewal",
    "rate_term",
    "rate_type",
    "rate_min",
    "rate_max",
    "repayment",
    "fee_kind",
    "fees",
    "conditions",
    "industries",
    "rule_years",
    "rule_capital",
    "rule_regions",
    "rule_first_loan",
    "bound_revenue",
    "bound_tax",
    "branches",
    "response_days",
    "intro",
    "highlights",
    "eligibility",
    "documents",
    "collateral",
    "purposes",
];

fn form() -> FormView {
    let mut form = FormView::new("/hq/products/new").key("0123456789abcdef");
    for name in FIELDS {
        form.push(Field::text(name, nasty()).value(nasty()));
    }
    form.fail("rate_min", nasty());
    form.problem(nasty());
    form
}

fn list(rows: usize, may_save: bool) -> ListPage {
    ListPage {
        crumbs: crumbs(),
        table: table(rows),
        total: rows,
        may_save,
    }
}

fn detail(full: bool) -> DetailPage {
    let text = |there: bool| if there { nasty() } else { String::new() };
    DetailPage {
        crumbs: crumbs(),
        name: nasty(),
        tags: vec![Tag::new(nasty(), TagKind::Info)],
        returned: text(full),
        returned_by: text(full),
        in_review: full,
        off_reason: text(full),
        actions: vec![Action {
            label: "预览",
            href: "javascript:alert(1)".into(),
            kind: "line",
        }],
        changes: full.then(|| table(2)),
        unchanged: !full,
        draft: rows(),
        published_title: nasty(),
        published: rows(),
        public_href: if full {
            "/market/x".into()
        } else {
            String::new()
        },
        versions: table(usize::from(full)),
        has_versions: full,
    }
}

/// Template and content of every page.
pub fn samples() -> Vec<(&'static str, Value)> {
    let page = FormPage {
        title: nasty(),
        crumbs: crumbs(),
        form: form(),
        back: "/hq/products".into(),
    };
    let ask = |danger| AskPage {
        title: nasty(),
        lead: nasty(),
        crumbs: crumbs(),
        rows: if danger { rows() } else { Vec::new() },
        form: form(),
        yes: "下架产品",
        no: "暂不下架",
        back: "javascript:alert(1)".into(),
        danger,
    };
    let told = ToldPage {
        home: "/hq",
        home_label: "返回工作台",
        way: "查看最新内容",
        text: nasty(),
        href: "javascript:alert(1)".into(),
    };
    vec![
        (ListPage::TEMPLATE, value(&list(2, true))),
        (ListPage::TEMPLATE, value(&list(0, true))),
        (ListPage::TEMPLATE, value(&list(0, false))),
        (DetailPage::TEMPLATE, value(&detail(true))),
        (DetailPage::TEMPLATE, value(&detail(false))),
        (FormPage::TEMPLATE, value(&page)),
        (AskPage::TEMPLATE, value(&ask(true))),
        (AskPage::TEMPLATE, value(&ask(false))),
        (ToldPage::TEMPLATE, value(&told)),
        (
            RolelessPage::TEMPLATE,
            value(&RolelessPage { tenant: nasty() }),
        ),
    ]
}
