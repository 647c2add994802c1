//! Page structs of 系统接口.

use serde::Serialize;
use serde_json::Value;

use crate::{
    forms::{Choice, Field, FormView},
    parts::{Described, Link, Tag, TagKind},
};

/// One access key with its buttons.
#[derive(Clone, Serialize)]
pub struct KeyLine {
    pub name: String,
    pub kind: Tag,
    pub id: String,
    pub status: Tag,
    pub created: String,
    pub created_at: String,
    /// Who switched it on, or off.
    pub settled: String,
    pub settled_at: String,
    pub used: String,
    pub action: String,
    pub keys: [String; 3],
    pub can_enable: bool,
    pub can_reset: bool,
    pub can_revoke: bool,
}

/// `keys/list.html`.
#[derive(Serialize)]
pub struct ListPage {
    pub crumbs: Vec<Link>,
    pub keys: Vec<KeyLine>,
    pub may_change: bool,
    /// There is a button for somebody in the list.
    pub may_act: bool,
    pub new: String,
    pub hook: Vec<Described>,
    pub hook_href: String,
}

impl ListPage {
    pub const TEMPLATE: &'static str = "keys/list.html";
}

/// `keys/new.html`.
#[derive(Serialize)]
pub struct NewPage {
    pub crumbs: Vec<Link>,
    pub form: FormView,
    pub back: String,
}

impl NewPage {
    pub const TEMPLATE: &'static str = "keys/new.html";
}

/// `keys/issued.html`: a secret, shown once.
#[derive(Serialize)]
pub struct IssuedPage {
    pub title: String,
    pub rows: Vec<Described>,
    pub secret: String,
    pub note: String,
    pub back: String,
}

impl IssuedPage {
    pub const TEMPLATE: &'static str = "keys/issued.html";
}

/// One line of 推送记录.
#[derive(Clone, Serialize)]
pub struct DeliveryLine {
    pub at: String,
    pub event: String,
    pub status: Tag,
    pub tries: String,
    pub told: String,
    pub action: String,
    /// Empty: nothing to send again.
    pub key: String,
}

/// `keys/webhook.html`.
#[derive(Serialize)]
pub struct HookPage {
    pub crumbs: Vec<Link>,
    pub rows: Vec<Described>,
    pub active: bool,
    pub may_change: bool,
    pub keys: [String; 2],
    pub form: FormView,
    pub lines: Vec<DeliveryLine>,
    pub back: String,
}

impl HookPage {
    pub const TEMPLATE: &'static str = "keys/webhook.html";
}

fn sample(template: &'static str, page: &impl Serialize) -> (&'static str, Value) {
    (template, serde_json::to_value(page).unwrap_or(Value::Null))
}

/// Every shape of every page, with text that must be escaped.
pub fn samples() -> Vec<(&'static str, Value)> {
    let nasty = "<b>\"'\\&</b>".repeat(6);
    let mut all = Vec::new();
    for full in [false, true] {
        let text = || if full { nasty.clone() } else { String::new() };
        let line = KeyLine {
            name: nasty.clone(),
            kind: Tag::new(&nasty, TagKind::Neutral),
            id: nasty.clone(),
            status: Tag::new(&nasty, TagKind::Warning),
            created: nasty.clone(),
            created_at: text(),
            settled: text(),
            settled_at: text(),
            used: text(),
            action: "/hq/keys/1".to_owned(),
            keys: ["a", "b", "c"].map(str::to_owned),
            can_enable: full,
            can_reset: full,
            can_revoke: full,
        };
        let list = ListPage {
            crumbs: vec![Link::new(&nasty, "/hq")],
            keys: full.then_some(line).into_iter().collect(),
            may_change: full,
            may_act: full,
            new: super::NEW.to_owned(),
            hook: vec![Described::new("推送地址", &nasty)],
            hook_href: super::HOOK.to_owned(),
        };
        all.push(sample(ListPage::TEMPLATE, &list));
        let mut form = FormView::new(super::NEW)
            .key("0123456789abcdef")
            .with(Field::text("key_name", "名称").value(&nasty))
            .with(Field::radio("kind", "类型").options([Choice::new("a", &nasty)]));
        if full {
            form.fail("key_name", &nasty);
        }
        let new = NewPage {
            crumbs: vec![Link::new(&nasty, "/hq")],
            form: form.clone(),
            back: super::BASE.to_owned(),
        };
        all.push(sample(NewPage::TEMPLATE, &new));
        let issued = IssuedPage {
            title: nasty.clone(),
            rows: vec![Described::new("密钥编号", &nasty)],
            secret: nasty.clone(),
            note: text(),
            back: super::BASE.to_owned(),
        };
        all.push(sample(IssuedPage::TEMPLATE, &issued));
        let delivery = |key: &str| DeliveryLine {
            at: text(),
            event: nasty.clone(),
            status: Tag::new(&nasty, TagKind::Success),
            tries: text(),
            told: nasty.clone(),
            action: "/hq/keys/webhook/1".to_owned(),
            key: key.to_owned(),
        };
        let hook = HookPage {
            crumbs: vec![Link::new(&nasty, "/hq")],
            rows: vec![Described::new("推送地址", &nasty)],
            active: full,
            may_change: full,
            keys: ["a", "b"].map(str::to_owned),
            form,
            lines: if full {
                vec![delivery("a"), delivery("")]
            } else {
                Vec::new()
            },
            back: super::BASE.to_owned(),
        };
        all.push(sample(HookPage::TEMPLATE, &hook));
    }
    all
}
