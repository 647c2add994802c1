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

/// A city of the catalogue, with what its files must at least hold.
struct City {
    slug: &'static str,
    /// Area code of its telephone numbers, and the beginning of its region codes.
    area: &'static str,
    region: &'static str,
    hotline: &'static str,
    institutions: usize,
    products: usize,
    articles: usize,
}

const CANGZHOU: City = City {
    slug: "cangzhou",
    area: "0317",
    region: "1309",
    hotline: "0317-5669898",
    institutions: 7,
    products: 42,
    articles: 14,
};

/// The second city is small.
const YUNLAN: City = City {
    slug: "yunlan",
    area: "0578",
    region: "3311",
    hotline: "0578-1200800",
    institutions: 3,
    products: 9,
    articles: 3,
};

const CITIES: [City; 2] = [CANGZHOU, YUNLAN];

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
