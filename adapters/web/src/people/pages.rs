//! What the templates of 人员与角色 are given, and samples of each.

use serde::Serialize;
use serde_json::Value;

use crate::{
    forms::{Field, FormView},
    parts::{Cell, Described, Link, Table},
};

/// `people/list.html`.
#[derive(Serialize)]
pub struct ListPage {
    pub base: String,
    pub invite: String,
    pub grants: Vec<GrantLine>,
    pub nodes: Vec<Link>,
    pub words: String,
    pub hidden: Vec<Hidden>,
    pub table: Table,
    /// There may be more people than are shown.
    pub more: bool,
}

impl ListPage {
    pub const TEMPLATE: &'static str = "people/list.html";
}

/// Roles that wait for a second person.
#[derive(Serialize)]
pub struct GrantLine {
    pub name: String,
    pub node: String,
    pub roles: String,
    pub asked_by: String,
    pub asked_at: String,
    /// Somebody else settles it.
    pub own: bool,
    /// Asked for by whoever looks: theirs to take back.
    pub asked: bool,
    pub action: String,
    pub key: String,
}

/// A hidden field of the search.
#[derive(Serialize)]
pub struct Hidden {
    pub name: String,
    pub value: String,
}

/// `people/invite.html`, of staff and of an enterprise's people alike.
#[derive(Serialize)]
pub struct InvitePage {
    pub crumbs: Vec<Link>,
    pub lead: &'static str,
    pub yes: &'static str,
    pub form: FormView,
    pub back: String,
}

impl InvitePage {
    pub const TEMPLATE: &'static str = "people/invite.html";
}

/// `people/issued.html`: a link, shown once.
#[derive(Serialize)]
pub struct IssuedPage {
    pub title: String,
    pub name: String,
    pub account: String,
    pub sent: String,
    pub link: String,
    pub waiting: String,
    pub back: String,
    pub back_label: &'static str,
}

impl IssuedPage {
    pub const TEMPLATE: &'static str = "people/issued.html";
}

/// `people/person.html`.
#[derive(Serialize)]
pub struct PersonPage {
    pub crumbs: Vec<Link>,
    pub name: String,
    pub rows: Vec<Described>,
    pub note: String,
    pub form: FormView,
    pub can_change: bool,
    /// Heading of the link that may be issued; empty when none.
    pub link: String,
    pub link_text: String,
    pub link_key: String,
    pub can_dismiss: bool,
    pub dismiss_key: String,
    pub action: String,
}

impl PersonPage {
    pub const TEMPLATE: &'static str = "people/person.html";
}

/// Every shape of every page, with text that must be escaped.
pub fn samples() -> Vec<(&'static str, Value)> {
    let nasty = "<b>\"'\\&</b>".repeat(8);
    let mut all = Vec::new();
    for full in [false, true] {
        let text = || if full { nasty.clone() } else { String::new() };
        let mut form = FormView::new("/hq/people/invite")
            .key("0123456789abcdef")
            .with(Field::text("name", "姓名").value(&nasty))
            .with(Field::checks("roles", "角色"));
        if full {
            form.fail("name", &nasty);
        }
        let mut table = Table::new("人员").column("姓名", "");
        if full {
            table.push(vec![Cell::link(&nasty, "/hq/people/1")]);
        }
        let grants = full
            .then(|| {
                [false, true].map(|own| GrantLine {
                    name: text(),
                    node: text(),
                    roles: text(),
                    asked_by: text(),
                    asked_at: text(),
                    own,
                    asked: own,
                    action: "/hq/people/grants/1".to_owned(),
                    key: text(),
                })
            })
            .into_iter()
            .flatten()
            .collect();
        let list = ListPage {
            base: "/hq/people".to_owned(),
            invite: "/hq/people/invite".to_owned(),
            grants,
            nodes: vec![Link::new(&nasty, "/hq/people")],
            words: text(),
            hidden: vec![Hidden {
                name: "node".to_owned(),
                value: text(),
            }],
            table,
            more: full,
        };
        all.push(sample(ListPage::TEMPLATE, &list));
        let person = PersonPage {
            crumbs: vec![Link::new(&nasty, "/hq/people")],
            name: nasty.clone(),
            rows: vec![Described::new("账号", &nasty)],
            note: text(),
            form: form.clone(),
            can_change: full,
            link: text(),
            link_text: text(),
            link_key: text(),
            can_dismiss: full,
            dismiss_key: text(),
            action: "/hq/people/1".to_owned(),
        };
        all.push(sample(PersonPage::TEMPLATE, &person));
        let invite = InvitePage {
            crumbs: vec![Link::new(&nasty, "/hq/people")],
            lead: "系统会生成一次性链接，24 小时内有效。",
            yes: "发出邀请",
            form,
            back: "/hq/people".to_owned(),
        };
        all.push(sample(InvitePage::TEMPLATE, &invite));
        let issued = IssuedPage {
            title: nasty.clone(),
            name: nasty.clone(),
            account: nasty.clone(),
            sent: text(),
            link: nasty.clone(),
            waiting: text(),
            back: "/hq/people".to_owned(),
            back_label: "返回人员与角色",
        };
        all.push(sample(IssuedPage::TEMPLATE, &issued));
    }
    all
}

fn sample(template: &'static str, page: &impl Serialize) -> (&'static str, Value) {
    (template, serde_json::to_value(page).unwrap_or(Value::Null))
}
