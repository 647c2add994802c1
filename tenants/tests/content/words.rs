//! Policies, news, and the copy rules over every file.

use std::collections::BTreeSet;
use std::fs;

use toml::{Table, Value};

use super::{CITIES, City, assert_unique, path, read, text, vocabulary};

const FIRST_DAY: &str = "2025-11-25";

const LAST_DAY: &str = "2026-11-25";

/// Every file that a reader of the portal sees words of.
fn files_with_words() -> Vec<String> {
    CITIES.iter().flat_map(files_of).collect()
}

fn files_of(city: &City) -> Vec<String> {
    let slug = city.slug;
    let mut files = vec![format!("catalog/{slug}.toml")];
    for folder in [
        format!("catalog/{slug}"),
        format!("catalog/{slug}/agreements"),
        format!("demo/{slug}"),
    ] {
        for entry in fs::read_dir(path(&folder)).expect("folder is there") {
            let entry = entry.expect("entry is readable");
            if entry.file_type().expect("kind is known").is_file() {
                files.push(format!("{folder}/{}", entry.file_name().to_string_lossy()));
            }
        }
    }
    files
}

#[test]
fn policies_and_news_are_of_the_last_year_newest_first_and_long_enough_to_read() {
    CITIES.iter().for_each(readable);
}

/// Fields of 贴息补贴.
const SUBSIDY: [&str; 11] = [
    "kind",
    "rate",
    "months_most",
    "fixed",
    "cap",
    "guarantees",
    "months_min",
    "months_max",
    "amount_max",
    "from",
    "until",
];

fn readable(city: &City) {
    let policies = city.policies();
    let news = city.news();
    assert!(policies.len() >= city.articles && news.len() >= city.articles);
    assert_unique("policy key", policies.iter().map(|p| &*p.key));
    assert_unique("policy title", policies.iter().map(|p| &*p.title));
    assert_unique("document number", policies.iter().map(|p| &*p.doc_no));
    assert_unique("news key", news.iter().map(|n| &*n.key));
    assert_unique("news title", news.iter().map(|n| &*n.title));
    let dates: [Vec<&str>; 2] = [
        policies.iter().map(|p| &*p.published).collect(),
        news.iter().map(|n| &*n.published).collect(),
    ];
    for days in dates {
        assert!(days.is_sorted_by(|newer, older| newer > older), "{days:?}");
        assert!(
            days.iter().all(|day| (FIRST_DAY..LAST_DAY).contains(day)),
            "{days:?}"
        );
    }
    let goods: BTreeSet<_> = city.products().into_iter().map(|p| p.key).collect();
    for policy in &policies {
        let key = &policy.key;
        assert!(
            ["免申即享", "快申快享", "申报"].contains(&&*policy.delivery),
            "{key}"
        );
        assert!(
            policy.related_products.iter().all(|p| goods.contains(p)),
            "{key}"
        );
        assert!(
            policy
                .deadline
                .as_ref()
                .is_none_or(|day| *day > policy.published),
            "{key}"
        );
        assert!(
            !policy.tags.is_empty() && !policy.category.is_empty(),
            "{key}"
        );
        assert!(
            !policy.audience.is_empty() && !policy.issuer.is_empty(),
            "{key}"
        );
        let section = |code: &String| code.len() == 1 && code.as_str() <= "T";
        assert!(policy.industries.iter().all(section), "{key}");
        let county = |code: &String| code.len() == 6 && code.starts_with(city.region);
        assert!(policy.regions.iter().all(county), "{key}");
        let known = |name: &String| SUBSIDY.contains(&name.as_str());
        assert!(policy.subsidy.keys().all(known), "{key}");
        assert!(policy.body.concat().chars().count() >= 150, "{key}");
        assert!(
            (20..=120).contains(&policy.summary.chars().count()),
            "{key}"
        );
    }
    let aimed = |p: &&super::schema::Policy| p.first_loan || !p.industries.is_empty();
    assert!(policies.iter().filter(aimed).count() >= (city.articles / 4).max(1));
    for item in &news {
        let key = &item.key;
        assert!(item.body.concat().chars().count() >= 80, "{key}");
        assert!((15..=120).contains(&item.summary.chars().count()), "{key}");
        assert!(
            !item.source.is_empty() && !item.category.is_empty(),
            "{key}"
        );
    }
    assert!(news.iter().any(|n| n.pinned));
}

#[test]
fn there_are_words_for_every_decision_an_officer_may_take() {
    CITIES.iter().for_each(worded);
}

fn worded(city: &City) {
    let phrases: Table = read(&format!("demo/{}/phrases.toml", city.slug));
    let lines = |value: &Value| value.as_array().expect("list").len();
    let rejected = phrases["rejected"].as_table().expect("section");
    let codes: BTreeSet<_> = rejected.keys().cloned().collect();
    assert_eq!(codes, vocabulary("rejection_reason"));
    assert!(rejected.values().all(|list| lines(list) > 0));
    for (name, least) in [
        ("approved", 5),
        ("withdrawn", 3),
        ("supplement_notes", 3),
        ("supplement_answers", 2),
        ("contact_notes", 2),
    ] {
        assert!(lines(&phrases[name]) >= least, "{name}");
    }
}

#[test]
fn no_text_promises_begs_or_speaks_the_language_of_machines() {
    let forbidden = [
        "秒批",
        "低息",
        "100%",
        "系统异常",
        "非法",
        "工单",
        "字段",
        "null",
        "OCR",
        "您好",
        "!",
        "核实",
        "TODO",
        "示例",
    ];
    for file in files_with_words() {
        for (number, line) in (1..).zip(text(&file).lines()) {
            if line.starts_with('#') && !file.contains("/agreements/") {
                continue;
            }
            for word in forbidden {
                assert!(!line.contains(word), "{file}:{number}: {word} in {line}");
            }
            let cries = line.replace("“！”", "").contains('！');
            assert!(!cries, "{file}:{number}: an exclamation mark in {line}");
        }
    }
}

#[test]
fn only_the_hotline_of_the_platform_can_be_called() {
    for city in &CITIES {
        let (area, invented) = (format!("{}-", city.area), format!("{}-1", city.area));
        for file in files_of(city) {
            let text = text(&file);
            for (at, _) in text.match_indices(&area) {
                let number: String = text[at..].chars().take(12).collect();
                assert!(
                    number == city.hotline || number.starts_with(&invented),
                    "{file}: somebody may own {number}"
                );
            }
        }
    }
}
