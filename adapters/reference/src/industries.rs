use crate::{Reference, rows};
use application::ports::reference::{IndustryDirectory, IndustryEntry};
use std::collections::BTreeMap;
use std::sync::LazyLock;

const TEXT: &str = include_str!("../data/industries.csv");
const SECTORS: &str = include_str!("../data/industry-sectors.csv");
/// Groups 中类 have three digits and are the last select.
const LAST_SELECT: usize = 3;

static INDUSTRIES: LazyLock<BTreeMap<String, Industry>> = LazyLock::new(load);

static SECTIONS: LazyLock<Sections> = LazyLock::new(load_sections);

pub(crate) fn warm() {
    LazyLock::force(&INDUSTRIES);
    LazyLock::force(&SECTIONS);
}

pub(crate) fn rows_held() -> usize {
    standard().count()
}

struct Industry {
    name: String,
    parent: Option<String>,
}

/// The rows of the standard by code, sections first; the three sectors are none of it.
fn standard() -> impl Iterator<Item = (&'static str, &'static str)> {
    let sections = SECTIONS.names.iter();
    let sections = sections.map(|(code, name)| (code.as_str(), name.as_str()));
    let rest = INDUSTRIES.iter().filter(|(code, _)| code.len() > 1);
    sections.chain(rest.map(|(code, industry)| (code.as_str(), industry.name.as_str())))
}

/// The code right above one in the standard.
fn above(code: &str) -> Option<String> {
    match code.len() {
        0 | 1 => None,
        2 => SECTIONS.of_division.get(code).cloned(),
        longer => code.get(..longer - 1).map(str::to_owned),
    }
}

/// Of the standard: classes 小类 are the last.
fn standard_entry((code, name): (&str, &str)) -> IndustryEntry {
    IndustryEntry {
        code: code.to_owned(),
        name: name.to_owned(),
        has_children: code.len() < 4,
    }
}

/// In which order the standard is read on: letters first, then digits as text.
fn place(code: &str) -> (bool, &str) {
    (code.bytes().all(|b| b.is_ascii_digit()), code)
}

/// Sections 门类 with their names, and the section of every division.
struct Sections {
    names: BTreeMap<String, String>,
    of_division: BTreeMap<String, String>,
}

fn load_sections() -> Sections {
    let list = rows(TEXT, &["code", "parent_code", "level", "name"]);
    let pick = |level: &str, value: usize| -> BTreeMap<String, String> {
        list.iter()
            .filter(|row| row[2] == *level)
            .map(|row| (row[0].to_owned(), row[value].to_owned()))
            .collect()
    };
    Sections {
        names: pick("1", 3),
        of_division: pick("2", 1),
    }
}

/// Sectors, divisions, groups and classes; sections are left out, because three of them belong to two sectors each.
fn load() -> BTreeMap<String, Industry> {
    let mut all = BTreeMap::new();
    let mut sector_of = BTreeMap::new();
    for row in rows(
        SECTORS,
        &["code", "section_code", "name", "sector", "sector_name"],
    ) {
        all.insert(
            row[3].to_owned(),
            Industry {
                name: row[4].to_owned(),
                parent: None,
            },
        );
        sector_of.insert(row[0].to_owned(), row[3].to_owned());
    }
    for row in rows(TEXT, &["code", "parent_code", "level", "name"])
        .iter()
        .filter(|row| row[0].len() > 1)
    {
        let parent = sector_of
            .get(&row[0])
            .map_or(&row[1], String::as_str)
            .to_owned();
        assert!(
            all.contains_key(&parent),
            "an industry's parent stands before it"
        );
        let before = all.insert(
            row[0].to_owned(),
            Industry {
                name: row[3].to_owned(),
                parent: Some(parent),
            },
        );
        assert!(before.is_none(), "an industry stands in the list once");
    }
    all
}

fn has_children(code: &str) -> bool {
    code.len() < LAST_SELECT
}

fn entry(code: &str, industry: &Industry) -> IndustryEntry {
    IndustryEntry {
        code: code.to_owned(),
        name: industry.name.clone(),
        has_children: has_children(code),
    }
}

impl IndustryDirectory for Reference {
    fn children(&self, parent: Option<&str>) -> Vec<IndustryEntry> {
        if parent.is_some_and(|code| !has_children(code)) {
            return Vec::new();
        }
        INDUSTRIES
            .iter()
            .filter(|(_, industry)| industry.parent.as_deref() == parent)
            .map(|(code, industry)| entry(code, industry))
            .collect()
    }

    fn path(&self, code: &str) -> Vec<IndustryEntry> {
        let step = |code: &str| INDUSTRIES.get_key_value(code);
        let mut path: Vec<_> = std::iter::successors(step(code), |(_, industry)| {
            step(industry.parent.as_deref()?)
        })
        .filter(|(code, _)| code.len() <= LAST_SELECT)
        .map(|(code, industry)| entry(code, industry))
        .collect();
        path.reverse();
        path
    }

    fn find(&self, code: &str) -> Option<IndustryEntry> {
        INDUSTRIES
            .get_key_value(code)
            .map(|(code, industry)| entry(code, industry))
    }

    fn full_name(&self, code: &str) -> Option<String> {
        let names: Vec<_> = IndustryDirectory::path(self, code)
            .into_iter()
            .map(|entry| entry.name)
            .collect();
        (!names.is_empty()).then(|| names.join(" / "))
    }

    fn sections(&self) -> Vec<IndustryEntry> {
        let entry = |(code, name): (&String, &String)| IndustryEntry {
            code: code.clone(),
            name: name.clone(),
            has_children: true,
        };
        SECTIONS.names.iter().map(entry).collect()
    }

    fn section_of(&self, code: &str) -> Option<String> {
        SECTIONS.of_division.get(code.get(..2)?).cloned()
    }

    fn below(&self, parent: Option<&str>) -> Vec<IndustryEntry> {
        standard()
            .filter(|(code, _)| above(code).as_deref() == parent)
            .map(standard_entry)
            .collect()
    }

    fn standing(&self, code: &str) -> Vec<IndustryEntry> {
        let known = |code: &str| standard().find(|(known, _)| *known == code);
        let mut path: Vec<IndustryEntry> =
            std::iter::successors(known(code), |(code, _)| known(&above(code)?))
                .map(standard_entry)
                .collect();
        path.reverse();
        path
    }

    fn search(&self, words: &str, after: &str, most: usize) -> Vec<IndustryEntry> {
        let typed = words.to_ascii_uppercase();
        let is_code = typed.bytes().all(|b| b.is_ascii_alphanumeric());
        let behind = |code: &str| after.is_empty() || place(code) > place(after);
        standard()
            .filter(|(code, name)| {
                let fits = if is_code {
                    code.starts_with(&typed)
                } else {
                    name.contains(words)
                };
                fits && behind(code)
            })
            .take(most)
            .map(standard_entry)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::INDUSTRIES;
    use crate::Reference;
    use application::ports::reference::{
        IndustryChoiceError as Refused, IndustryDirectory, IndustryEntry,
    };

    fn children(code: &str) -> Vec<IndustryEntry> {
        IndustryDirectory::children(&Reference, Some(code))
    }

    fn choose(sector: &str, division: &str, group: &str) -> Result<String, Refused> {
        IndustryDirectory::choose(&Reference, sector, division, group).map(|code| code.to_string())
    }

    #[test]
    fn three_sectors_hold_ninety_seven_divisions_and_four_hundred_seventy_three_groups() {
        let sectors = IndustryDirectory::children(&Reference, None);
        let names: Vec<_> = sectors.iter().map(|sector| sector.name.as_str()).collect();
        assert_eq!(names, ["第一产业", "第二产业", "第三产业"]);
        let divisions: Vec<_> = sectors
            .iter()
            .map(|sector| children(&sector.code))
            .collect();
        assert_eq!(
            divisions.iter().map(Vec::len).collect::<Vec<_>>(),
            [4, 43, 50]
        );
        let groups: Vec<_> = divisions
            .iter()
            .flatten()
            .map(|division| children(&division.code))
            .collect();
        assert!(groups.iter().all(|groups| !groups.is_empty()));
        assert_eq!(groups.iter().map(Vec::len).sum::<usize>(), 473);
        assert!(
            groups
                .iter()
                .flatten()
                .all(|group| !group.has_children && children(&group.code).is_empty())
        );
        assert_eq!(
            INDUSTRIES.keys().filter(|code| code.len() == 4).count(),
            1382
        );
    }

    #[test]
    fn services_of_farming_are_tertiary_though_their_section_is_farming() {
        assert_eq!(IndustryDirectory::path(&Reference, "05")[0].code, "3");
        assert_eq!(IndustryDirectory::path(&Reference, "01")[0].code, "1");
        assert_eq!(IndustryDirectory::path(&Reference, "43")[0].code, "3");
    }

    #[test]
    fn a_path_leads_from_the_sector_to_the_group_even_from_a_class() {
        let path = IndustryDirectory::path(&Reference, "0111");
        let codes: Vec<_> = path.iter().map(|entry| entry.code.as_str()).collect();
        assert_eq!(codes, ["1", "01", "011"]);
        let name = IndustryDirectory::full_name(&Reference, "011");
        assert_eq!(name.as_deref(), Some("第一产业 / 农业 / 谷物种植"));
        assert_eq!(IndustryDirectory::full_name(&Reference, "A"), None);
    }

    #[test]
    fn the_amendment_of_2019_is_in() {
        let name = |code| IndustryDirectory::find(&Reference, code).map(|entry| entry.name);
        assert_eq!(
            name("923").as_deref(),
            Some("监察委员会、人民法院和人民检察院")
        );
        assert!(name("9233").is_some());
    }

    #[test]
    fn twenty_sections_hold_every_division() {
        assert_eq!(Reference.sections().len(), 20);
        assert_eq!(Reference.section_of("313").as_deref(), Some("C"));
        assert_eq!(Reference.section_of("05").as_deref(), Some("A"));
        assert_eq!(Reference.section_of("C"), None);
    }

    #[test]
    fn the_standard_is_read_level_by_level_and_searched_by_name_or_code() {
        let codes = |found: Vec<IndustryEntry>| -> Vec<String> {
            found.into_iter().map(|one| one.code).collect()
        };
        assert_eq!(super::rows_held(), 1972);
        assert_eq!(Reference.below(None).len(), 20);
        assert_eq!(
            codes(Reference.below(Some("A"))),
            ["01", "02", "03", "04", "05"]
        );
        assert_eq!(codes(Reference.below(Some("011")))[0], "0111");
        assert!(Reference.below(Some("0111")).is_empty());
        assert_eq!(
            codes(Reference.standing("0111")),
            ["A", "01", "011", "0111"]
        );
        assert!(Reference.standing("1").is_empty(), "a sector is none of it");
        let search = |words: &str, after: &str, most| {
            codes(IndustryDirectory::search(&Reference, words, after, most))
        };
        let all = search("谷物", "", 50);
        assert!(all.contains(&"011".to_owned()));
        assert_eq!(search("谷物", &all[0], 50), all[1..]);
        assert_eq!(search("c", "", 50), ["C"]);
        assert_eq!(search("011", "", 1), ["011"]);
    }

    #[test]
    fn three_selects_name_a_group() {
        assert_eq!(choose("1", "01", "011").as_deref(), Ok("011"));
        assert_eq!(choose("", "", ""), Err(Refused::SectorMissing));
        assert_eq!(choose("1", "", ""), Err(Refused::DivisionMissing));
        assert_eq!(choose("1", "01", " "), Err(Refused::GroupMissing));
        assert_eq!(choose("2", "01", "011"), Err(Refused::Mismatch));
        assert_eq!(choose("1", "02", "011"), Err(Refused::Mismatch));
        assert_eq!(choose("1", "01", "0111"), Err(Refused::Mismatch));
        assert_eq!(choose("1", "01", "999"), Err(Refused::Unknown));
    }
}
