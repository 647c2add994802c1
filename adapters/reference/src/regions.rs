//! Regions: the text stays where the program was loaded; beside it four numbers for each row.

use crate::{Reference, rows};
use application::ports::reference::{RegionDirectory, RegionEntry};
use std::collections::HashSet;
use std::sync::LazyLock;
use time::{Date, macros::date};

const TEXT: &str = include_str!("../data/regions.csv");
const NOTES: &str = include_str!("../data/regions-notes.csv");
const NO_PARENT: u32 = u32::MAX;
/// 截止日期 of the published list.
const AS_OF: Date = date!(2023 - 06 - 30);

static REGIONS: LazyLock<Regions> = LazyLock::new(Regions::load);

pub(crate) fn warm() {
    LazyLock::force(&REGIONS);
}

pub(crate) fn rows_held() -> usize {
    REGIONS.rows.len()
}

/// One row: where its code and name stand in the text, and the row of its parent.
struct Row {
    key: u32,
    parent: u32,
    at: u32,
    name_at: u8,
    name_len: u8,
    level: u8,
}

/// Rows in the order of their codes as text, so a parent stands right before its first child.
struct Regions {
    rows: Vec<Row>,
    provinces: Vec<u32>,
    placeholders: HashSet<u32>,
}

/// A number in which six-digit codes and nine-digit codes sort as their texts do.
fn key_of(code: &str) -> Option<u32> {
    let number: u32 = code.parse().ok()?;
    match code.len() {
        6 => number.checked_mul(2000),
        9 => number.checked_mul(2).map(|key| key + 1),
        _ => None,
    }
}

impl Regions {
    fn load() -> Self {
        let mut regions = Self {
            rows: Vec::with_capacity(45_000),
            provinces: Vec::new(),
            placeholders: HashSet::new(),
        };
        let mut at = TEXT.find('\n').expect("the list of regions has a head") + 1;
        for line in TEXT[at..].lines() {
            regions.add(line, at);
            at += line.len() + 1;
        }
        regions.rows.shrink_to_fit();
        for row in rows(NOTES, &["code", "kind", "note"]) {
            let index = regions
                .index(&row[0])
                .expect("a note is about a region of the list");
            if &row[1] == "placeholder" {
                regions.placeholders.insert(index);
            }
        }
        regions
    }

    fn add(&mut self, line: &'static str, at: usize) {
        let mut fields = line.split(',');
        let mut field = || fields.next().expect("a region has four fields");
        let (code, parent, level, name) = (field(), field(), field(), field());
        let key = key_of(code).expect("a region's code has six or nine digits");
        assert!(
            self.rows.last().is_none_or(|before| before.key < key),
            "regions are sorted and unique"
        );
        let index = u32::try_from(self.rows.len()).expect("few regions");
        let parent = if parent.is_empty() {
            self.provinces.push(index);
            NO_PARENT
        } else {
            self.index(parent)
                .expect("a region's parent stands before it")
        };
        let name_at = line.len() - name.len();
        self.rows.push(Row {
            key,
            parent,
            at: u32::try_from(at).expect("a small text"),
            name_at: u8::try_from(name_at).expect("short fields"),
            name_len: u8::try_from(name.len()).expect("a short name"),
            level: level.parse().expect("a level is a number"),
        });
    }

    fn index(&self, code: &str) -> Option<u32> {
        let key = key_of(code)?;
        let index = self.rows.binary_search_by_key(&key, |row| row.key).ok()?;
        u32::try_from(index).ok()
    }

    fn row(&self, index: u32) -> &Row {
        &self.rows[index as usize]
    }

    fn code(&self, index: u32) -> &'static str {
        let row = self.row(index);
        let length = if row.key % 2 == 1 { 9 } else { 6 };
        &TEXT[row.at as usize..row.at as usize + length]
    }

    fn name(&self, index: u32) -> &'static str {
        let row = self.row(index);
        let start = row.at as usize + usize::from(row.name_at);
        &TEXT[start..start + usize::from(row.name_len)]
    }

    fn has_children(&self, index: u32) -> bool {
        self.rows
            .get(index as usize + 1)
            .is_some_and(|next| next.parent == index)
    }

    fn entry(&self, index: u32) -> RegionEntry {
        RegionEntry {
            code: self.code(index).to_owned(),
            name: self.name(index).to_owned(),
            level: self.row(index).level,
            has_children: self.has_children(index),
        }
    }

    /// What lies below a row follows it, until a row that is not deeper.
    fn children(&self, index: u32) -> impl Iterator<Item = u32> {
        let level = self.row(index).level;
        (index + 1..)
            .take_while(move |next| {
                self.rows
                    .get(*next as usize)
                    .is_some_and(|row| row.level > level)
            })
            .filter(move |next| self.row(*next).parent == index)
    }

    fn path(&self, code: &str) -> Vec<u32> {
        let mut path: Vec<u32> = std::iter::successors(self.index(code), |index| {
            Some(self.row(*index).parent).filter(|up| *up != NO_PARENT)
        })
        .collect();
        path.reverse();
        path
    }

    fn joined(&self, code: &str, deepest: u8) -> Option<String> {
        let path = self.path(code);
        let name = path
            .iter()
            .filter(|index| {
                self.row(**index).level <= deepest && !self.placeholders.contains(index)
            })
            .map(|index| self.name(*index))
            .collect();
        (!path.is_empty()).then_some(name)
    }
}

impl RegionDirectory for Reference {
    fn children(&self, parent: Option<&str>) -> Vec<RegionEntry> {
        match parent {
            None => REGIONS
                .provinces
                .iter()
                .map(|index| REGIONS.entry(*index))
                .collect(),
            Some(code) => REGIONS
                .index(code)
                .map(|index| {
                    REGIONS
                        .children(index)
                        .map(|child| REGIONS.entry(child))
                        .collect()
                })
                .unwrap_or_default(),
        }
    }

    fn path(&self, code: &str) -> Vec<RegionEntry> {
        REGIONS
            .path(code)
            .into_iter()
            .map(|index| REGIONS.entry(index))
            .collect()
    }

    fn find(&self, code: &str) -> Option<RegionEntry> {
        REGIONS.index(code).map(|index| REGIONS.entry(index))
    }

    fn search(&self, words: &str, after: &str, most: usize) -> Vec<RegionEntry> {
        let is_code = words.bytes().all(|b| b.is_ascii_digit());
        let from = key_of(after).unwrap_or_default();
        let first = REGIONS.rows.partition_point(|row| row.key <= from);
        let fits = |index: &u32| {
            if is_code {
                REGIONS.code(*index).starts_with(words)
            } else {
                REGIONS.name(*index).contains(words)
            }
        };
        let all = u32::try_from(REGIONS.rows.len()).expect("few regions");
        let first = u32::try_from(first).expect("few regions");
        let found = (first..all).filter(fits).take(most);
        found.map(|index| REGIONS.entry(index)).collect()
    }

    fn as_of(&self) -> Date {
        AS_OF
    }

    fn full_name(&self, code: &str) -> Option<String> {
        REGIONS.joined(code, 4)
    }

    fn county_name(&self, code: &str) -> Option<String> {
        REGIONS.joined(code, 3)
    }
}

#[cfg(test)]
mod tests {
    use super::{REGIONS, RegionDirectory, Row};
    use crate::Reference;
    use application::ports::reference::{RegionChoiceError as Refused, RegionEntry};
    use domain::values::{RegionCode, RegionLevel};

    fn children(code: &str) -> Vec<RegionEntry> {
        RegionDirectory::children(&Reference, Some(code))
    }

    fn full_name(code: &str) -> Option<String> {
        RegionDirectory::full_name(&Reference, code)
    }

    fn choose(selects: &[&str]) -> Result<String, Refused> {
        RegionDirectory::choose(&Reference, selects).map(|code| code.to_string())
    }

    #[test]
    fn the_levels_have_the_counts_of_the_published_list() {
        let count = |level| REGIONS.rows.iter().filter(|row| row.level == level).count();
        assert_eq!(
            [count(1), count(2), count(3), count(4)],
            [34, 342, 2975, 41_352]
        );
        assert_eq!(RegionDirectory::children(&Reference, None).len(), 34);
    }

    #[test]
    fn cangzhou_has_two_districts_four_cities_ten_counties_and_three_zones() {
        let counties = children("130900");
        let among = |codes: &[u32]| {
            counties
                .iter()
                .filter(|entry| codes.contains(&entry.code.parse().expect("digits")))
                .count()
        };
        assert_eq!(among(&[130_902, 130_903]), 2);
        assert_eq!(among(&[130_981, 130_982, 130_983, 130_984]), 4);
        assert_eq!(among(&(130_921..=130_930).collect::<Vec<_>>()), 10);
        assert_eq!(among(&[130_971, 130_972, 130_973]), 3);
        assert_eq!(counties.len(), 19);
        let townships: usize = counties
            .iter()
            .map(|county| children(&county.code).len())
            .sum();
        assert_eq!(townships, 209);
        assert_eq!(children("130903").len(), 8);
        assert_eq!(children("130984").len(), 21);
    }

    #[test]
    fn every_row_is_found_knows_its_level_and_is_a_child_of_its_parent() {
        let mut below = 0;
        for (index, row) in (0u32..).zip(&REGIONS.rows) {
            let code = REGIONS.code(index);
            assert_eq!(REGIONS.index(code), Some(index));
            let level = RegionCode::parse(code).expect(code).level() as u8 + 1;
            assert_eq!(level, row.level, "{code}");
            assert_eq!(
                REGIONS.has_children(index),
                REGIONS.children(index).next().is_some(),
                "{code}"
            );
            below += REGIONS.children(index).count();
        }
        assert_eq!(below + REGIONS.provinces.len(), REGIONS.rows.len());
    }

    #[test]
    fn a_full_name_runs_from_the_province_to_the_township_without_grouping_rows() {
        let township = &children("130903")[0];
        assert_eq!(
            full_name(&township.code),
            Some(format!("河北省沧州市运河区{}", township.name))
        );
        assert_eq!(
            full_name("110101001").as_deref(),
            Some("北京市东城区东华门街道")
        );
        assert_eq!(full_name("469001").as_deref(), Some("海南省五指山市"));
        assert_eq!(full_name("710000").as_deref(), Some("台湾省"));
        assert_eq!(full_name("999999"), None);
        assert_eq!(
            RegionDirectory::county_name(&Reference, &township.code).as_deref(),
            Some("河北省沧州市运河区")
        );
    }

    #[test]
    fn a_path_keeps_every_step_that_a_select_shows() {
        let path = RegionDirectory::path(&Reference, "110101001");
        let codes: Vec<_> = path.iter().map(|entry| entry.code.as_str()).collect();
        assert_eq!(codes, ["110000", "110100", "110101", "110101001"]);
        assert!(RegionDirectory::path(&Reference, "nonsense").is_empty());
    }

    #[test]
    fn a_place_has_nothing_below_it() {
        assert_eq!(
            choose(&["130000", "130900", "130903", "130903001"]).as_deref(),
            Ok("130903001")
        );
        assert_eq!(choose(&["710000", "", "", ""]).as_deref(), Ok("710000"));
        assert_eq!(
            choose(&["440000", "441900", "", "441900003"]).as_deref(),
            Ok("441900003")
        );
        for (selects, missing) in [
            (["", "", "", ""], RegionLevel::Province),
            (["130000", "", "", ""], RegionLevel::Prefecture),
            (["130000", "130900", "", ""], RegionLevel::County),
            (["130000", "130900", "130903", ""], RegionLevel::Township),
            (["440000", "441900", "", ""], RegionLevel::Township),
        ] {
            assert_eq!(
                choose(&selects),
                Err(Refused::Incomplete(missing)),
                "{selects:?}"
            );
        }
    }

    #[test]
    fn selects_that_do_not_fit_are_refused() {
        assert_eq!(
            choose(&["110000", "130900", "130903", "130903001"]),
            Err(Refused::Mismatch)
        );
        assert_eq!(
            choose(&["130000", "130900", "130902", "130903001"]),
            Err(Refused::Mismatch)
        );
        assert_eq!(
            choose(&["130000", "130900", "130903", "130903999"]),
            Err(Refused::Unknown)
        );
        assert_eq!(
            choose(&["x", "130900", "130903", "130903001"]),
            Err(Refused::Unknown)
        );
    }

    #[test]
    fn a_search_goes_on_behind_a_code_by_name_or_by_code() {
        let search = |words: &str, after: &str, most| {
            let found = RegionDirectory::search(&Reference, words, after, most);
            found.into_iter().map(|one| one.code).collect::<Vec<_>>()
        };
        let all = search("130903", "", 50);
        assert_eq!((all.len(), all[0].as_str()), (9, "130903"));
        assert_eq!(search("130903", "", 2), all[..2]);
        assert_eq!(search("130903", &all[1], 50), all[2..]);
        assert_eq!(search("运河区", "", 1), ["130903"]);
        assert!(search("没有这个地方", "", 50).is_empty());
    }

    #[test]
    fn the_index_stays_under_a_megabyte() {
        assert!(REGIONS.rows.capacity() * size_of::<Row>() < 1_000_000);
    }
}
