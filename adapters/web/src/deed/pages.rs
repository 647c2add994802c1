//! The two pages of every deed, and their samples.

use serde::Serialize;
use serde_json::Value;

use crate::{
    forms::{Field, FormView},
    parts::{Cell, Described, Link},
};

/// A form about one application, with what was asked beside it.
#[derive(Serialize)]
pub(crate) struct FormPage {
    pub title: &'static str,
    pub lead: String,
    pub crumbs: Vec<Link>,
    /// What the form starts with and why; empty: nothing to say.
    pub told: String,
    pub form: FormView,
    pub other_way: Option<Link>,
    pub back: String,
    pub asked: Vec<Described>,
}

impl FormPage {
    pub const TEMPLATE: &'static str = "deed/form.html";
}

/// 核对: what will be done, said once more.
#[derive(Serialize)]
pub(crate) struct CheckPage {
    pub title: &'static str,
    pub text: &'static str,
    /// What does not forbid it and should be seen first; empty: nothing.
    pub warned: String,
    pub crumbs: Vec<Link>,
    pub rows: Vec<Described>,
    pub action: String,
    pub key: String,
    pub hidden: Vec<Hidden>,
    pub yes: &'static str,
    pub no: &'static str,
    pub back: String,
    pub danger: bool,
    pub editable: bool,
}

impl CheckPage {
    pub const TEMPLATE: &'static str = "deed/check.html";
}

#[derive(Serialize)]
pub(crate) struct Hidden {
    pub name: String,
    pub value: String,
}

fn nasty() -> String {
    "<b>\"'\\&</b>长企业名称".repeat(6)
}

fn crumbs() -> Vec<Link> {
    vec![Link::new("支行工作台", "/branch"), Link::new(nasty(), "")]
}

fn rows() -> Vec<Described> {
    vec![
        Described::new("企业名称", nasty()),
        Described::cell("材料", Cell::link(nasty(), "javascript:alert(1)")),
    ]
}

fn form(other_way: bool) -> FormPage {
    let mut form = FormView::new("/branch")
        .key("0123456789abcdef")
        .with(Field::hidden("version", nasty()))
        .with(Field::number("approved_amount", "批准金额", "万元").value(nasty()))
        .with(Field::checks("reasons", "不通过原因").options([("a", nasty())]))
        .with(Field::radio("branch", "转至支行").options([("1", nasty())]))
        .with(Field::textarea("opinion", "审核意见").value(nasty()));
    form.fail("opinion", nasty());
    form.problem(nasty());
    FormPage {
        title: "审核通过",
        lead: nasty(),
        crumbs: crumbs(),
        told: if other_way { nasty() } else { String::new() },
        form,
        other_way: other_way.then(|| Link::new("按规则派单", "javascript:alert(1)")),
        back: "/branch".into(),
        asked: rows(),
    }
}

fn check(editable: bool) -> CheckPage {
    CheckPage {
        title: "要通过这笔融资需求吗？",
        text: "通过后企业会看到批准的条件和审核意见。",
        warned: if editable { nasty() } else { String::new() },
        crumbs: crumbs(),
        rows: rows(),
        action: "javascript:alert(1)".into(),
        key: "0123456789abcdef".into(),
        hidden: vec![Hidden {
            name: nasty(),
            value: nasty(),
        }],
        yes: "审核通过",
        no: "返回修改",
        back: "/branch".into(),
        danger: editable,
        editable,
    }
}

/// Templates with contents.
pub fn samples() -> Vec<(&'static str, Value)> {
    let value = |page| serde_json::to_value(page).unwrap_or_default();
    let check = |editable| serde_json::to_value(check(editable)).unwrap_or_default();
    vec![
        (FormPage::TEMPLATE, value(form(true))),
        (FormPage::TEMPLATE, value(form(false))),
        (CheckPage::TEMPLATE, check(false)),
        (CheckPage::TEMPLATE, check(true)),
    ]
}
