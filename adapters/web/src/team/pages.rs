//! Page structs of 企业人员.

use serde::Serialize;
use serde_json::Value;

use crate::{
    forms::{Choice, Field, FormView},
    parts::{Cell, Described, Link, Table},
};

/// `team/list.html`.
#[derive(Serialize)]
pub struct ListPage {
    pub crumbs: Vec<Link>,
    pub invite: String,
    pub table: Table,
    /// Nobody but the owner yet.
    pub alone: bool,
}

impl ListPage {
    pub const TEMPLATE: &'static str = "team/list.html";
}

/// `team/person.html`.
#[derive(Serialize)]
pub struct PersonPage {
    pub crumbs: Vec<Link>,
    pub name: String,
    pub rows: Vec<Described>,
    pub form: FormView,
    /// The invitation was not followed yet.
    pub waits: bool,
    pub may_change: bool,
    /// Where the owner hands over to this person; empty: cannot be.
    pub hand_over: String,
    pub keys: [String; 2],
}

impl PersonPage {
    pub const TEMPLATE: &'static str = "team/person.html";
}

fn sample(template: &'static str, page: &impl Serialize) -> (&'static str, Value) {
    (template, serde_json::to_value(page).unwrap_or(Value::Null))
}

/// Every shape of every page, with text that must be escaped.
pub fn samples() -> Vec<(&'static str, Value)> {
    let nasty = "<b>\"'\\&</b>".repeat(6);
    let crumbs = || vec![Link::new(&nasty, "/enterprise")];
    let mut all = Vec::new();
    for full in [false, true] {
        let mut table = Table::new("企业人员").column("姓名", "");
        if full {
            table.push(vec![Cell::link(&nasty, "/enterprise/people/1")]);
        }
        let list = ListPage {
            crumbs: crumbs(),
            invite: "/enterprise/people/invite".to_owned(),
            table,
            alone: !full,
        };
        all.push(sample(ListPage::TEMPLATE, &list));
        let mut form = FormView::new("/enterprise/people/invite")
            .key("0123456789abcdef")
            .with(Field::text("member_name", "姓名").value(&nasty))
            .with(Field::radio("right", "权限").options([Choice::new("eu", &nasty)]));
        if full {
            form.fail("member_name", &nasty);
        }
        let person = PersonPage {
            crumbs: crumbs(),
            name: nasty.clone(),
            rows: vec![Described::new("手机号", &nasty)],
            form,
            waits: full,
            may_change: full,
            hand_over: if full {
                "/enterprise/people/1/handover".to_owned()
            } else {
                String::new()
            },
            keys: ["a", "b"].map(str::to_owned),
        };
        all.push(sample(PersonPage::TEMPLATE, &person));
    }
    all
}
