//! Which keys a city's files may hold, and what stands under each.

use super::{
    Found,
    document::{Node, Value},
};

/// What stands under a key.
#[derive(Clone, Copy)]
pub enum Kind {
    Text,
    Texts,
    Whole,
    Flag,
    Table(&'static [Key]),
    Tables(&'static [Key]),
    /// The section of a provider: it names its kind, the rest is the provider's.
    Plug,
}

use Kind::{Flag, Plug, Table, Tables, Text, Texts, Whole};

/// Name, what stands there, whether it must.
pub type Key = (&'static str, Kind, bool);

pub const CITY: &[Key] = &[
    ("slug", Text, true),
    ("kind", Text, true),
    ("name", Text, true),
    ("second_name", Text, true),
    ("mini_program_name", Text, true),
    ("tagline", Text, true),
    ("hosts", Texts, true),
    ("public_site", Text, true),
    ("hotline", Text, true),
    ("hotline_hours", Text, true),
    ("icp", Text, true),
    ("public_security_record", Text, false),
    ("database", Text, false),
    ("database_owner", Text, false),
    ("about_file", Text, true),
    ("reasons_file", Text, true),
    ("operator", Table(OPERATOR), true),
    ("theme", Table(THEME), true),
    ("region", Table(REGION), true),
    ("limits", Table(LIMITS), true),
    ("clocks", Table(CLOCKS), true),
    ("agreements", Tables(AGREEMENT), true),
    ("sms", Plug, true),
    ("face", Plug, true),
    ("wechat", Plug, true),
    ("recognition", Plug, false),
    ("province", Plug, false),
];

const OPERATOR: &[Key] = &[
    ("name", Text, true),
    ("short_name", Text, false),
    ("address", Text, true),
    ("postcode", Text, false),
    ("office_hours", Text, false),
    ("email", Text, false),
];

const THEME: &[Key] = &[
    ("brand", Text, true),
    ("accent", Text, true),
    ("logo_char", Text, true),
    ("logo_file", Text, false),
];

const REGION: &[Key] = &[
    ("province", Text, true),
    ("city", Text, true),
    ("fixed", Flag, false),
];

pub(super) const LIMITS: &[Key] = &[
    ("sms_per_day", Whole, false),
    ("sms_quiet_from", Whole, false),
    ("sms_quiet_until", Whole, false),
    ("uploads_per_hour", Whole, false),
    ("files_per_enterprise", Whole, false),
    ("megabytes_per_enterprise", Whole, false),
    ("megabytes_per_file", Whole, false),
    ("face_failures_per_day", Whole, false),
    ("banks_per_dossier", Whole, false),
    ("supplement_rounds", Whole, false),
    ("single_step_up_to_wan", Whole, false),
    ("page_size", Whole, false),
    ("draft_retention_days", Whole, false),
    ("log_retention_days", Whole, false),
    ("consent_retention_days", Whole, false),
];

const CLOCKS: &[Key] = &[
    ("accept_working_days", Whole, false),
    ("contact_working_days", Whole, false),
    ("decision_working_days", Whole, false),
    ("disburse_working_days", Whole, false),
    ("complaint_working_days", Whole, false),
    ("supplement_days", Whole, false),
    ("supplement_warning_days", Whole, false),
    ("unaccepted_notice_days", Whole, false),
    ("unaccepted_expiry_days", Whole, false),
];

const AGREEMENT: &[Key] = &[
    ("code", Text, true),
    ("title", Text, true),
    ("short_title", Text, true),
    ("version", Text, true),
    ("effective", Text, true),
    ("file", Text, true),
    ("shown", Texts, true),
    ("ticked", Texts, true),
];

pub const ABOUT: &[Key] = &[
    ("title", Text, true),
    ("lead", Text, true),
    (
        "sections",
        Tables(&[
            ("anchor", Text, false),
            ("heading", Text, true),
            ("paragraphs", Texts, true),
        ]),
        true,
    ),
    (
        "steps",
        Tables(&[("title", Text, true), ("text", Text, true)]),
        true,
    ),
    (
        "questions",
        Tables(&[("ask", Text, true), ("answer", Text, true)]),
        true,
    ),
    (
        "contact",
        Table(&[(
            "lines",
            Tables(&[("label", Text, true), ("value", Text, true)]),
            true,
        )]),
        true,
    ),
];

pub const REASONS: &[Key] = &[
    (
        "rejections",
        Tables(&[
            ("code", Text, true),
            ("label", Text, true),
            ("repairable", Flag, true),
            ("repair_tip", Text, true),
            ("reapply_days", Whole, true),
        ]),
        true,
    ),
    (
        "intake_refusals",
        Tables(&[
            ("code", Text, true),
            ("label", Text, true),
            ("tip", Text, true),
        ]),
        true,
    ),
    (
        "supplement_items",
        Tables(&[
            ("code", Text, true),
            ("label", Text, true),
            ("hint", Text, true),
            ("material", Text, true),
            ("required", Flag, true),
        ]),
        true,
    ),
];

/// The sections of providers that a city's file may have.
pub fn plugs() -> impl Iterator<Item = &'static str> {
    let plug = |(name, kind, _): &Key| matches!(kind, Plug).then_some(*name);
    CITY.iter().filter_map(plug)
}

/// Tells of every key that is not known, missing, or holds something else. `at` is where the table stands: "" or "theme".
pub fn check(node: &Node, keys: &[Key], at: &str, found: &mut Found<'_>) {
    for entry in node.entries() {
        if !keys.iter().any(|(name, ..)| *name == entry.key) {
            let hint = nearest(&entry.key, keys)
                .map_or(String::new(), |name| format!("; did you mean {name}?"));
            found.add(
                entry.line,
                format!("unknown key {}{hint}", path(at, &entry.key)),
            );
        }
    }
    for (name, kind, must) in keys {
        match node.get(name) {
            Some(value) => check_value(value, *kind, (at, name), found),
            None if *must => found.add(node.line, format!("{} is missing", path(at, name))),
            None => {}
        }
    }
}

/// `at` and `name` are put together only where somebody reads them: every start comes through here with every key of every city.
fn check_value(node: &Node, kind: Kind, (at, name): (&str, &str), found: &mut Found<'_>) {
    let mut wants = |what: &str| found.add(node.line, format!("{} is {what}", path(at, name)));
    match (kind, &node.value) {
        (Whole, Value::Whole(_)) | (Flag, Value::Flag(_)) => {}
        (Text, Value::Text(text)) => {
            if text.trim() != text {
                wants("text without spaces at its ends");
            }
        }
        (Text, _) => wants("text between quotation marks"),
        (Whole, _) => wants("a whole number"),
        (Flag, _) => wants("true or false"),
        (Texts, Value::List(items)) => {
            if items.iter().any(|item| item.text().is_none()) {
                wants("a list of texts");
            }
        }
        (Texts, _) => wants("a list of texts: [\"…\", \"…\"]"),
        (Table(keys), Value::Table(_)) => check(node, keys, &path(at, name), found),
        (Table(_), _) => wants("a section: its own heading in square brackets"),
        (Tables(keys), Value::List(items)) => {
            let at = path(at, name);
            for item in items {
                check(item, keys, &at, found);
            }
        }
        (Tables(_), _) => wants("a list of sections: headings in double square brackets"),
        (Plug, Value::Table(_)) => {
            if node.get("kind").and_then(Node::text).is_none() {
                wants("a section with a kind: the name of the provider");
            }
        }
        (Plug, _) => wants("a section: its own heading in square brackets"),
    }
}

fn path(at: &str, name: &str) -> String {
    if at.is_empty() {
        name.to_owned()
    } else {
        format!("{at}.{name}")
    }
}

fn nearest(wrong: &str, keys: &[Key]) -> Option<&'static str> {
    keys.iter()
        .map(|(name, ..)| (strsim::damerau_levenshtein(wrong, name), *name))
        .filter(|(steps, name)| *steps <= 1 + name.len() / 4)
        .min()
        .map(|(_, name)| name)
}
