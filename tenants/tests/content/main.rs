//! The catalogue and the demonstration data: whatever is wrong in them is found here, not by a visitor.

mod catalogue;
mod market;
mod people;
mod schema;
mod words;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

const REFERENCE: &str = "../adapters/reference/data";

fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

fn text(relative: &str) -> String {
    fs::read_to_string(path(relative)).unwrap_or_else(|error| panic!("{relative}: {error}"))
}

fn read<T: for<'de> Deserialize<'de>>(relative: &str) -> T {
    toml::from_str(&text(relative)).unwrap_or_else(|error| panic!("{relative}: {error}"))
}

/// One column of a reference file whose quoted fields never stand before it.
fn column(file: &str, number: usize) -> BTreeSet<String> {
    text(&format!("{REFERENCE}/{file}"))
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').nth(number))
        .map(str::to_owned)
        .collect()
}

fn vocabulary(domain: &str) -> BTreeSet<String> {
    text(&format!("{REFERENCE}/vocabulary.csv"))
        .lines()
        .filter_map(|line| line.strip_prefix(&format!("{domain},")))
        .filter_map(|rest| rest.split(',').next())
        .map(str::to_owned)
        .collect()
}

fn assert_unique<'a>(what: &str, names: impl IntoIterator<Item = &'a str>) {
    let mut seen = BTreeSet::new();
    for name in names {
        assert!(seen.insert(name), "{what} stands twice: {name}");
    }
}

fn assert_day(what: &str, day: &str) {
    let form = day.len() == 10 && day.as_bytes()[4] == b'-' && day.as_bytes()[7] == b'-';
    assert!(form, "{what}: {day} is no day");
}
