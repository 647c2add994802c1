//! Agreements of a city's file: which there are, where they are shown, and their texts.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    path::Path,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use time::{Date, macros::format_description};

use super::{Common, Found, TO_FILL, document::Node, sense::inside};

/// Screens that show agreements.
const SCREENS: [&str; 4] = ["register", "apply", "face", "foot"];
/// Screens on which a box must be ticked, so that what follows has a consent.
const CONSENTING: [&str; 3] = ["register", "apply", "face"];
/// Agreements that the program knows: it asks for all but the last, the terms of a request, which it shows beside them.
const KNOWN: [&str; 7] = [
    "register",
    "enterprise_credit",
    "personal_credit",
    "face",
    "face_review",
    "privacy",
    "application_terms",
];

/// The texts that are there go to `bodies`, by the names of their files.
pub(super) fn check(
    (folder, common): (&Path, &Common),
    root: &Node,
    bodies: &mut HashMap<String, Arc<str>>,
    found: &mut Found<'_>,
) {
    let Some(list) = root.get("agreements") else {
        return;
    };
    let mut codes = BTreeSet::new();
    for item in list.items() {
        let code = item.text_of("code");
        if !code.is_empty() && !codes.insert(code) {
            found.add(
                item.line_of("code"),
                format!("the agreement {code} stands twice"),
            );
        }
        if !code.is_empty() && !KNOWN.contains(&code) {
            found.add(item.line_of("code"), unknown_agreement(code));
        }
        agreement(item, code, found);
        if let Some(name) = item.get("file").and_then(Node::text)
            && let Some(body) = body((folder, common), item, name, found)
        {
            bodies.insert(name.to_owned(), body);
        }
    }
    let needed = KNOWN[..KNOWN.len() - 1].iter();
    for code in needed.filter(|code| !codes.contains(*code)) {
        found.add(
            root.line_of("agreements"),
            format!("the agreement {code} is missing"),
        );
    }
    for screen in CONSENTING {
        let ticked = |item: &Node| {
            let boxes = item.get("ticked").map(Node::items).unwrap_or_default();
            boxes.iter().any(|name| name.text() == Some(screen))
        };
        if !list.items().iter().any(ticked) {
            found.add(
                root.line_of("agreements"),
                format!("no agreement is ticked on the screen {screen}"),
            );
        }
    }
}

fn unknown_agreement(code: &str) -> String {
    let nearest = KNOWN
        .iter()
        .map(|known| (strsim::damerau_levenshtein(code, known), *known))
        .filter(|(steps, known)| *steps <= 1 + known.len() / 4)
        .min();
    let hint = nearest.map_or(String::new(), |(_, known)| {
        format!(" (did you mean {known}?)")
    });
    format!(
        "the program knows no agreement {code}{hint}; there are {}",
        KNOWN.join(", ")
    )
}

fn agreement(item: &Node, code: &str, found: &mut Found<'_>) {
    let version = item.text_of("version");
    let form = version.split_once('.').is_some_and(|(year, n)| {
        year.len() == 4 && !n.is_empty() && format!("{year}{n}").bytes().all(|b| b.is_ascii_digit())
    });
    if item.get("version").is_some() && !form {
        found.add(
            item.line_of("version"),
            format!("{code}: version is a year and a number, such as 2026.1"),
        );
    }
    let day = item.text_of("effective");
    if item.get("effective").is_some()
        && Date::parse(day, format_description!("[year]-[month]-[day]")).is_err()
    {
        found.add(
            item.line_of("effective"),
            format!("{code}: {day} is no day, such as 2026-01-31"),
        );
    }
    for key in ["shown", "ticked"] {
        for name in item.get(key).map(Node::items).unwrap_or_default() {
            let screen = name.text().unwrap_or_default();
            if !SCREENS.contains(&screen) {
                let all = SCREENS.join(", ");
                found.add(
                    name.line,
                    format!("{code}: there is no screen {screen}; there are {all}"),
                );
            }
        }
    }
}

/// The text of an agreement: `# title`, `## heading`, paragraphs parted by an empty line.
pub(super) struct Text {
    first_line: String,
    /// Line and words of what is wrong in it, whoever names it.
    faults: Vec<(usize, String)>,
    /// Without its title.
    body: Arc<str>,
}

impl Text {
    fn of(text: &str) -> Self {
        let mut faults = Vec::new();
        if text.lines().skip(1).all(|line| line.trim().is_empty()) {
            faults.push((1, "holds a title and no text".to_owned()));
        }
        // Nearly no text has any of this, and every start reads every text.
        let suspect = text.contains(TO_FILL) || text.contains("](") || text.contains('<');
        for (number, line) in (1..).zip(text.lines()) {
            if !suspect && !line.starts_with('#') {
                continue;
            }
            if line.contains(TO_FILL) {
                let begin = line.chars().take(60).collect::<String>();
                faults.push((number, format!("still to be written: {begin}")));
            }
            let heading = line.starts_with("## ") || (number == 1 && line.starts_with("# "));
            if (line.starts_with('#') && !heading) || line.contains("](") || line.contains('<') {
                let what = "only \"## heading\" lines and plain paragraphs are shown as written";
                faults.push((number, what.to_owned()));
            }
        }
        let body = text.lines().skip(1).collect::<Vec<_>>().join("\n");
        Self {
            first_line: text.lines().next().unwrap_or_default().to_owned(),
            faults,
            body: shared(body.trim()),
        }
    }
}

/// Cities made from one template have most of their texts in common: each is held once, as long as some city has it.
fn shared(text: &str) -> Arc<str> {
    static TEXTS: LazyLock<Mutex<HashSet<Arc<str>>>> = LazyLock::new(Mutex::default);
    let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    texts.retain(|text| Arc::strong_count(text) > 1);
    if let Some(known) = texts.get(text) {
        return known.clone();
    }
    let text: Arc<str> = text.into();
    texts.insert(text.clone());
    text
}

fn body(
    (folder, common): (&Path, &Common),
    item: &Node,
    name: &str,
    found: &mut Found<'_>,
) -> Option<Arc<str>> {
    let file = folder.join(name);
    let read = || Some(Arc::new(Text::of(&std::fs::read_to_string(&file).ok()?)));
    let text = inside(name).then(|| common.agreements.get_or(file.clone(), read));
    let Some(text) = text.flatten() else {
        found.add(item.line_of("file"), format!("there is no file {name}"));
        return None;
    };
    let found = &mut Found {
        file: &file,
        faults: found.faults,
    };
    let title = item.text_of("title");
    if text.first_line != format!("# {title}") {
        found.add(
            1,
            format!("the first line is not \"# {title}\", the title in the city's file"),
        );
    }
    for (line, what) in &text.faults {
        found.add(*line, what.clone());
    }
    Some(text.body.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_two_cities_have_is_held_once() {
        let [one, two, other] = ["一样的正文", "一样的正文", "另一个正文"].map(shared);
        assert!(Arc::ptr_eq(&one, &two));
        assert!(!Arc::ptr_eq(&one, &other));
    }
}
