//! What the keys alone do not tell: hosts, numbers, dates, agreements, files beside the city's own.

use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
    sync::Arc,
};

use application::{city::Keeping, outbox::QuietHours};

use super::{Beside, Common, Fault, Found, TO_FILL, agreements, document::Node, keys, logo};

/// Names that are shown everywhere, in messages and documents too.
const NAMES: [&str; 5] = [
    "name",
    "second_name",
    "mini_program_name",
    "tagline",
    "hotline_hours",
];
/// Most and least of each limit: beyond them a page, a form or a person cannot follow.
const LIMITS: [(&str, i64, i64); 8] = [
    ("sms_per_day", 0, 1_000_000),
    ("sms_quiet_from", 0, 23),
    ("sms_quiet_until", 0, 23),
    ("uploads_per_hour", 1, 1_000),
    ("files_per_enterprise", 1, 1_000),
    ("megabytes_per_enterprise", 1, 100),
    ("face_failures_per_day", 1, 20),
    ("single_step_up_to_wan", 1, 1_000_000),
];

/// Answers the reasons, which stand in a file of their own; the agreements' texts go to `bodies`.
pub fn check(
    (folder, common): (&Path, &Common),
    file: &Path,
    root: &Node,
    bodies: &mut HashMap<String, Arc<str>>,
    faults: &mut Vec<Fault>,
) -> Option<Arc<Beside>> {
    let found = &mut Found { file, faults };
    names(file, root, found);
    hosts(root, found);
    theme(folder, root, found);
    regions(root, found);
    limits(root, found);
    clocks(root, found);
    to_fill(root, found);
    agreements::check((folder, common), root, bodies, found);
    let mut reasons = None;
    for (key, keys) in [("about_file", keys::ABOUT), ("reasons_file", keys::REASONS)] {
        let Some(name) = root.get(key).and_then(Node::text) else {
            continue;
        };
        let beside = folder.join(name);
        if !inside(name) || !beside.is_file() {
            found.add(root.line_of(key), format!("{key}: there is no file {name}"));
            continue;
        }
        let node = common.read(&beside, (key, keys), found);
        reasons = (key == "reasons_file").then_some(node);
    }
    reasons
}

/// Nothing outside of the catalogue is read.
pub(super) fn inside(name: &str) -> bool {
    let path = Path::new(name);
    path.is_relative() && !path.components().any(|c| c.as_os_str() == "..")
}

pub(super) fn to_fill(root: &Node, found: &mut Found<'_>) {
    for (line, text) in root.texts() {
        // One sign is looked for faster than the words that it begins.
        if text.contains('【') && text.contains(TO_FILL) {
            found.add(line, format!("still to be written: {text}"));
        }
    }
}

/// A city's short name: 2 to 31 small letters, digits and hyphens, a letter first.
pub fn is_slug(slug: &str) -> bool {
    (2..=31).contains(&slug.len())
        && slug.starts_with(|c: char| c.is_ascii_lowercase())
        && slug
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Nothing that a page, a message or a document could take for more than a word.
pub fn is_plain(text: &str) -> bool {
    !text
        .chars()
        .any(|c| c.is_control() || ['<', '>', '&', '"', '\''].contains(&c))
}

fn names(file: &Path, root: &Node, found: &mut Found<'_>) {
    let slug = root.text_of("slug");
    let form = is_slug(slug);
    if root.get("slug").is_some() && !form {
        found.add(
            root.line_of("slug"),
            "slug is 2 to 31 small letters, digits and hyphens",
        );
    } else if form && file.file_stem().is_some_and(|stem| stem != slug) {
        found.add(
            root.line_of("slug"),
            format!("slug is {slug}, but the file is named otherwise"),
        );
    }
    if root.get("kind").is_some() && root.text_of("kind") != "city" {
        found.add(root.line_of("kind"), "kind is \"city\"");
    }
    for (key, most) in [
        ("name", 60),
        ("second_name", 30),
        ("mini_program_name", 30),
        ("tagline", 40),
        ("hotline", 20),
        ("hotline_hours", 60),
        ("icp", 40),
    ] {
        let Some(text) = root.get(key).and_then(Node::text) else {
            continue;
        };
        let signs = text.chars().count();
        if !(1..=most).contains(&signs) || (key == "name" && signs < 2) {
            found.add(
                root.line_of(key),
                format!("{key} has {signs} characters, 1 to {most} are shown"),
            );
        }
    }
    let operator = root.get("operator");
    let shown = NAMES
        .iter()
        .filter_map(|key| Some((*key, root.get(key)?)))
        .chain(operator.and_then(|part| Some(("operator.name", part.get("name")?))))
        .chain(operator.and_then(|part| Some(("operator.address", part.get("address")?))));
    for (key, node) in shown {
        if node.text().is_some_and(|text| !is_plain(text)) {
            found.add(
                root.line_of(key),
                format!("{key} holds one of < > & \" ' or a control sign: only words are shown"),
            );
        }
    }
    let hotline = root.text_of("hotline");
    let dialled = |c: char| c.is_ascii_digit() || c == '-';
    if !hotline.is_empty() && !hotline.contains(TO_FILL) && !hotline.chars().all(dialled) {
        found.add(
            root.line_of("hotline"),
            "hotline is digits and hyphens: people tap on it to call",
        );
    }
    let site = root.text_of("public_site");
    if !site.is_empty() && !site.contains(TO_FILL) {
        let host = site.strip_prefix("https://").unwrap_or_default();
        if !is_host(host.trim_end_matches('/')) {
            found.add(
                root.line_of("public_site"),
                "public_site is https:// and a host name",
            );
        }
    }
}

/// A host name without port: small letters, digits, hyphens and dots.
pub fn is_host(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 253
        && name.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        })
}

fn hosts(root: &Node, found: &mut Found<'_>) {
    let Some(list) = root.get("hosts") else {
        return;
    };
    if list.items().is_empty() {
        found.add(
            root.line_of("hosts"),
            "hosts is empty: nobody finds the city",
        );
    }
    let mut known = BTreeSet::new();
    for (line, host) in list
        .items()
        .iter()
        .filter_map(|h| Some((h.line, h.text()?)))
    {
        if host.contains(TO_FILL) {
            continue;
        }
        if !is_host(host) {
            found.add(
                line,
                format!("{host} is no host name: small letters, digits, hyphens and dots, no port"),
            );
        } else if !known.insert(host) {
            found.add(line, format!("{host} stands twice"));
        }
    }
}

/// `#RRGGBB`.
pub fn is_colour(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or_default();
    digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

fn theme(folder: &Path, root: &Node, found: &mut Found<'_>) {
    let Some(theme) = root.get("theme") else {
        return;
    };
    for key in ["brand", "accent"] {
        let colour = theme.text_of(key);
        if theme.get(key).is_some() && !is_colour(colour) && !colour.contains(TO_FILL) {
            found.add(
                theme.line_of(key),
                format!("theme.{key} is a colour: \"#RRGGBB\""),
            );
        }
    }
    let sign = theme.text_of("logo_char");
    let one = sign.chars().count() == 1 && sign.chars().all(char::is_alphanumeric);
    if theme.get("logo_char").is_some() && !one && !sign.contains(TO_FILL) {
        found.add(
            theme.line_of("logo_char"),
            "theme.logo_char is one letter or character",
        );
    }
    let Some(name) = theme.get("logo_file").and_then(Node::text) else {
        return;
    };
    let line = theme.line_of("logo_file");
    match std::fs::read(folder.join(name)) {
        _ if !inside(name) => found.add(
            line,
            format!("logo_file: {name} is outside of the catalogue"),
        ),
        Err(error) => found.add(line, format!("logo_file: {name} cannot be read: {error}")),
        Ok(bytes) => {
            if let Err(what) = logo::format_of(&bytes) {
                found.add(line, format!("logo_file: {name} {what}"));
            }
        }
    }
}

fn regions(root: &Node, found: &mut Found<'_>) {
    let Some(region) = root.get("region") else {
        return;
    };
    for key in ["province", "city"] {
        let code = region.text_of(key);
        let form = code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit());
        if region.get(key).is_some() && !form && !code.contains(TO_FILL) {
            found.add(
                region.line_of(key),
                format!("region.{key} is a code of six digits"),
            );
        }
    }
}

fn limits(root: &Node, found: &mut Found<'_>) {
    let Some(limits) = root.get("limits") else {
        return;
    };
    for entry in limits.entries() {
        let known = LIMITS.iter().find(|(name, ..)| *name == entry.key);
        let Some((_, least, most)) = known else {
            continue;
        };
        if entry
            .node
            .whole()
            .is_some_and(|n| !(*least..=*most).contains(&n))
        {
            found.add(
                entry.line,
                format!("limits.{} is from {least} to {most}", entry.key),
            );
        }
    }
    let hour = |key: &str| limits.get(key).and_then(Node::whole);
    let both = match (hour("sms_quiet_from"), hour("sms_quiet_until")) {
        (None, None) => true,
        (Some(from), Some(until)) => QuietHours::new(from, until).is_some(),
        _ => false,
    };
    if !both {
        let line = limits
            .line_of("sms_quiet_from")
            .max(limits.line_of("sms_quiet_until"));
        found.add(
            line,
            "sms_quiet_from and sms_quiet_until are two different hours from 0 to 23",
        );
    }
    let least = Keeping::LEAST;
    for (key, least) in [
        ("draft_retention_days", least.unsent_days),
        ("log_retention_days", least.log_days),
        ("consent_retention_days", least.consent_days),
    ] {
        let days = limits.get(key).and_then(Node::whole);
        if days.is_some_and(|days| days < least.into() || days > u16::MAX.into()) {
            found.add(
                limits.line_of(key),
                format!("{key} is at least {least} days, and at most {}", u16::MAX),
            );
        }
    }
}

fn clocks(root: &Node, found: &mut Found<'_>) {
    let Some(clocks) = root.get("clocks") else {
        return;
    };
    for entry in clocks.entries() {
        if entry.node.whole().is_some_and(|n| !(1..=365).contains(&n)) {
            found.add(
                entry.line,
                format!("clocks.{} is from 1 to 365 days", entry.key),
            );
        }
    }
    for (sooner, later) in [
        ("supplement_warning_days", "supplement_days"),
        ("unaccepted_notice_days", "unaccepted_expiry_days"),
    ] {
        let days = |key: &str| clocks.get(key).and_then(Node::whole);
        if let (Some(first), Some(last)) = (days(sooner), days(later))
            && first >= last
        {
            found.add(
                clocks.line_of(sooner),
                format!("{sooner} comes before {later}"),
            );
        }
    }
}
