#![doc = include_str!("../README.md")]

mod calendar;
mod industries;
mod lists;
mod prime_rates;
mod regions;
mod size_rules;
mod vocabulary;

/// Reference data 基础数据 that travels inside the program; every port of public lists. Costs nothing to copy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reference;

impl Reference {
    /// Reads everything now, so that the first visitor does not wait and a damaged list stops the start.
    pub fn warm() -> Self {
        regions::warm();
        industries::warm();
        calendar::warm();
        prime_rates::warm();
        size_rules::warm();
        vocabulary::warm();
        Self
    }
}

/// Rows of an embedded list without its head, which must be as expected.
fn rows(text: &'static str, head: &[&str]) -> Vec<csv::StringRecord> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(
        reader.headers().expect("an embedded list has a head"),
        head,
        "head of an embedded list"
    );
    reader
        .records()
        .map(|row| row.expect("an embedded list is well-formed"))
        .collect()
}

/// A day of an embedded list, `2026-01-31`.
fn date(text: &str) -> time::Date {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    time::Date::parse(text, format).expect("a day of an embedded list")
}
