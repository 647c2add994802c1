//! A small list of the nation, and what the changes of one city make of it.

use domain::{
    regions::{OwnRegions, RegionChange, RegionDeed},
    values::{RegionCode, RegionLevel},
};
use time::{Date, macros::date};

use super::*;
use crate::ports::reference::RegionChoiceError;

/// Province 130000, prefecture 130900, county 130903 with two townships, county 130921 with one.
static LIST: [(&str, &str, &str, u8); 7] = [
    ("130000", "", "河北省", 1),
    ("130900", "130000", "沧州市", 2),
    ("130903", "130900", "运河区", 3),
    ("130903001", "130903", "甲街道", 4),
    ("130903100", "130903", "乙镇", 4),
    ("130921", "130900", "沧县", 3),
    ("130921100", "130921", "丁乡", 4),
];

/// The list above as a directory.
pub(crate) struct Small;

fn entry(row: &(&str, &str, &str, u8)) -> RegionEntry {
    RegionEntry {
        code: row.0.to_owned(),
        name: row.2.to_owned(),
        level: row.3,
        has_children: LIST.iter().any(|below| below.1 == row.0),
    }
}

impl RegionDirectory for Small {
    fn children(&self, parent: Option<&str>) -> Vec<RegionEntry> {
        let parent = parent.unwrap_or_default();
        let below = LIST.iter().filter(|row| row.1 == parent);
        below.map(entry).collect()
    }

    fn path(&self, code: &str) -> Vec<RegionEntry> {
        let row = |code: &str| LIST.iter().find(|row| row.0 == code);
        let mut path: Vec<RegionEntry> = std::iter::successors(row(code), |one| row(one.1))
            .map(entry)
            .collect();
        path.reverse();
        path
    }

    fn find(&self, code: &str) -> Option<RegionEntry> {
        LIST.iter().find(|row| row.0 == code).map(entry)
    }

    fn search(&self, words: &str, after: &str, most: usize) -> Vec<RegionEntry> {
        let fits = LIST
            .iter()
            .filter(|row| row.0 > after && (row.2.contains(words) || row.0.starts_with(words)));
        fits.take(most).map(entry).collect()
    }

    fn as_of(&self) -> Date {
        date!(2023 - 06 - 30)
    }

    fn full_name(&self, code: &str) -> Option<String> {
        let path = self.path(code);
        let name: String = path.iter().map(|step| step.name.as_str()).collect();
        (!path.is_empty()).then_some(name)
    }

    fn county_name(&self, code: &str) -> Option<String> {
        self.full_name(county_of(code))
    }
}

const FROM: Date = date!(2026 - 12 - 01);

fn change(deed: RegionDeed, name: &str, was: &str, successor: &str) -> RegionChange {
    RegionChange {
        deed,
        on: FROM,
        name: name.to_owned(),
        was: was.to_owned(),
        successor: RegionCode::parse(successor).ok(),
    }
}

/// 乙镇 becomes a part of the new 丙街道, 丁乡 is called 丁镇, and all of it begins on the first of December.
fn own() -> OwnRegions {
    let code = |text: &str| RegionCode::parse(text).expect("a code");
    OwnRegions::default()
        .with(
            &code("130903002"),
            change(RegionDeed::Add, "丙街道", "", ""),
        )
        .with(
            &code("130903100"),
            change(RegionDeed::End, "乙镇", "", "130903002"),
        )
        .with(
            &code("130921100"),
            change(RegionDeed::Rename, "丁镇", "丁乡", ""),
        )
}

fn on(today: Date) -> OverlaidRegions {
    OverlaidRegions {
        published: Arc::new(Small),
        own: Arc::new(own()),
        today,
    }
}

fn names(entries: &[RegionEntry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.name.as_str()).collect()
}

fn choose(regions: &OverlaidRegions, township: &str) -> Result<String, RegionChoiceError> {
    let selects = ["130000", "130900", county_of(township), township];
    regions.choose(&selects).map(|code| code.to_string())
}

#[test]
fn before_their_day_changes_are_not_there() {
    let regions = on(FROM.previous_day().expect("a day"));
    assert_eq!(names(&regions.children(Some("130903"))), ["甲街道", "乙镇"]);
    assert!(choose(&regions, "130903100").is_ok());
    assert_eq!(
        choose(&regions, "130903002"),
        Err(RegionChoiceError::Unknown)
    );
    assert_eq!(
        regions.full_name("130921100").as_deref(),
        Some("河北省沧州市沧县丁乡")
    );
    assert_eq!(regions.ended("130903100"), None);
}

#[test]
fn what_is_chosen_is_what_stands_and_what_ended_keeps_its_name() {
    let regions = on(FROM);
    assert_eq!(
        names(&regions.children(Some("130903"))),
        ["甲街道", "丙街道"]
    );
    assert_eq!(names(&regions.children(Some("130921"))), ["丁镇"]);
    assert_eq!(choose(&regions, "130903002").as_deref(), Ok("130903002"));
    assert_eq!(choose(&regions, "130903100"), Err(RegionChoiceError::Ended));
    assert_eq!(
        regions.full_name("130903100").as_deref(),
        Some("河北省沧州市运河区乙镇")
    );
    assert_eq!(
        regions.full_name("130903002").as_deref(),
        Some("河北省沧州市运河区丙街道")
    );
    assert_eq!(
        regions.county_name("130903002").as_deref(),
        Some("河北省沧州市运河区")
    );
    assert_eq!(
        regions.full_name("130921100").as_deref(),
        Some("河北省沧州市沧县丁镇")
    );
    let ended = regions.ended("130903100").expect("it is no more");
    assert_eq!(ended.name, "乙镇");
    assert_eq!(ended.successor.expect("it is named").name, "丙街道");
    let path = regions.path("130903002");
    assert_eq!(names(&path), ["河北省", "沧州市", "运河区", "丙街道"]);
    assert_eq!(regions.path("130903999"), Vec::new());
}

#[test]
fn a_county_whose_last_township_ended_is_a_place_itself() {
    let code = RegionCode::parse("130921100").expect("a code");
    let own = OwnRegions::default().with(&code, change(RegionDeed::End, "丁乡", "", ""));
    let regions = OverlaidRegions {
        published: Arc::new(Small),
        own: Arc::new(own),
        today: FROM,
    };
    let county = regions.find("130921").expect("it is there");
    assert!(!county.has_children);
    let chosen = regions.choose(&["130000", "130900", "130921", ""]);
    let chosen = chosen.expect("a place");
    assert_eq!(chosen.level(), RegionLevel::County);
}

#[test]
fn a_search_finds_what_a_township_is_called_now_page_by_page() {
    let regions = on(FROM);
    assert_eq!(names(&regions.search("丁镇", "", 9)), ["丁镇"]);
    assert!(regions.search("丁乡", "", 9).is_empty());
    let all = regions.search("130903", "", 9);
    assert_eq!(names(&all), ["运河区", "甲街道", "丙街道", "乙镇"]);
    assert_eq!(regions.search("130903", "", 2), all[..2]);
    assert_eq!(regions.search("130903", &all[1].code, 9), all[2..]);
}
