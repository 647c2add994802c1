//! 区划变更: townships that a city adds, renames, ends or restores ahead of the list of the whole nation. Changes are kept for good and in
//! order, so that a township that is no more keeps its name where something was filed under it.

use std::collections::BTreeMap;

use thiserror::Error;
use time::Date;

use crate::{values::RegionCode, vocabulary};

vocabulary! {
    /// 变更类型: what becomes of a township.
    RegionDeed {
        Add = "add" / "新设",
        Rename = "rename" / "更名",
        End = "end" / "撤销",
        Restore = "restore" / "恢复",
    }
}

/// One change of one township.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionChange {
    pub deed: RegionDeed,
    /// 生效日期.
    pub on: Date,
    /// What it is called from then on; of one that ends, what it was called to the end.
    pub name: String,
    /// Of a renamed one: what it was called before; else empty.
    pub was: String,
    /// Of one that ends: what it became part of, where there is such.
    pub successor: Option<RegionCode>,
}

impl RegionChange {
    /// What the township was called until this change; `None`: it was none.
    fn before(&self) -> Option<&str> {
        match self.deed {
            RegionDeed::Add => None,
            RegionDeed::Rename => Some(&self.was),
            RegionDeed::End | RegionDeed::Restore => Some(&self.name),
        }
    }
}

/// A township as a city's own changes leave it on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnState<'a> {
    pub name: &'a str,
    /// 已撤销: by which change.
    pub ended: Option<&'a RegionChange>,
}

/// How a township stands once everything that was decided has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Latest {
    Unknown,
    Standing(String),
    Ended(String),
}

/// Why a township cannot be changed so.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RegionFault {
    #[error("the code is that of {0}")]
    Taken(String),
    #[error("the code was that of {0}, which has ended")]
    WasEnded(String),
    #[error("no township has this code")]
    Unknown,
    #[error("{0} has ended already")]
    Ended(String),
    #[error("{0} has not ended")]
    Stands(String),
    #[error("the township changes later, on {0}")]
    BeforeAnother(Date),
}

/// 本市区划变更: everything that a city has decided, township by township, each in the order of the decisions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnRegions(BTreeMap<String, Vec<RegionChange>>);

impl OwnRegions {
    /// As it was stored; `None` for a township without a change, or one whose changes go back in time.
    pub fn restore(all: BTreeMap<String, Vec<RegionChange>>) -> Option<Self> {
        let sound = all.values().all(|changes| {
            !changes.is_empty() && changes.is_sorted_by(|one, next| one.on <= next.on)
        });
        sound.then_some(Self(all))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Changes of all townships.
    pub fn len(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// Every township that was changed, by its code, with its changes.
    pub fn all(&self) -> impl Iterator<Item = (&str, &[RegionChange])> {
        let all = self.0.iter();
        all.map(|(code, changes)| (code.as_str(), changes.as_slice()))
    }

    /// The changes of one township, the oldest first.
    pub fn of(&self, code: &str) -> &[RegionChange] {
        self.0.get(code).map_or(&[], Vec::as_slice)
    }

    /// Townships of a county that were changed: their codes begin with the county's.
    pub fn below<'a>(
        &'a self,
        county: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a [RegionChange])> {
        self.all()
            .filter(move |(code, _)| code.starts_with(county) && code.len() > county.len())
    }

    /// How the changes that have come leave it; `None` before the first of them.
    pub fn on(&self, code: &str, day: Date) -> Option<OwnState<'_>> {
        let last = self.of(code).iter().rev().find(|one| one.on <= day)?;
        Some(OwnState {
            name: &last.name,
            ended: (last.deed == RegionDeed::End).then_some(last),
        })
    }

    /// What it was called before its first change; `None`: there was none, or nothing changed.
    pub fn name_before(&self, code: &str) -> Option<&str> {
        self.of(code).first()?.before()
    }

    /// Added by the city; else it changed what is on the list of the nation.
    pub fn is_own(&self, code: &str) -> bool {
        let first = self.of(code).first();
        first.is_some_and(|one| one.deed == RegionDeed::Add)
    }

    /// How it stands once everything has come; `published` is what the list of the nation calls it.
    pub fn latest(&self, code: &str, published: Option<&str>) -> Latest {
        match (self.of(code).last(), published) {
            (Some(last), _) if last.deed == RegionDeed::End => Latest::Ended(last.name.clone()),
            (Some(last), _) => Latest::Standing(last.name.clone()),
            (None, Some(name)) => Latest::Standing(name.to_owned()),
            (None, None) => Latest::Unknown,
        }
    }

    /// Whether this may become of it on that day; answers what it is called until then, nothing for a new one.
    pub fn check(
        &self,
        code: &str,
        published: Option<&str>,
        deed: RegionDeed,
        on: Date,
    ) -> Result<String, RegionFault> {
        let name = match (deed, self.latest(code, published)) {
            (RegionDeed::Add, Latest::Unknown) => String::new(),
            (RegionDeed::Add, Latest::Standing(name)) => return Err(RegionFault::Taken(name)),
            (RegionDeed::Add, Latest::Ended(name)) => return Err(RegionFault::WasEnded(name)),
            (_, Latest::Unknown) => return Err(RegionFault::Unknown),
            (RegionDeed::Restore, Latest::Ended(name)) => name,
            (RegionDeed::Restore, Latest::Standing(name)) => {
                return Err(RegionFault::Stands(name));
            }
            (_, Latest::Standing(name)) => name,
            (_, Latest::Ended(name)) => return Err(RegionFault::Ended(name)),
        };
        match self.of(code).last() {
            Some(last) if on < last.on => Err(RegionFault::BeforeAnother(last.on)),
            _ => Ok(name),
        }
    }

    /// With one change more.
    #[must_use]
    pub fn with(&self, code: &RegionCode, change: RegionChange) -> Self {
        let mut all = self.0.clone();
        all.entry(code.as_str().to_owned())
            .or_default()
            .push(change);
        Self(all)
    }

    /// What another state has and this one has not.
    pub fn missing<'a>(&'a self, later: &'a Self) -> Vec<(&'a str, &'a RegionChange)> {
        let more = later.all().flat_map(|(code, changes)| {
            let known = self.of(code).len().min(changes.len());
            changes[known..].iter().map(move |change| (code, change))
        });
        more.collect()
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    const MAY: Date = date!(2026 - 05 - 01);
    const JUNE: Date = date!(2026 - 06 - 01);
    const OLD: &str = "130903100";
    const NEW: &str = "130903101";

    fn code(text: &str) -> RegionCode {
        RegionCode::parse(text).expect("a code")
    }

    fn change(deed: RegionDeed, on: Date, name: &str, was: &str) -> RegionChange {
        RegionChange {
            deed,
            on,
            name: name.to_owned(),
            was: was.to_owned(),
            successor: None,
        }
    }

    #[test]
    fn a_township_is_what_the_changes_that_have_come_make_of_it() {
        let own = OwnRegions::default()
            .with(&code(OLD), change(RegionDeed::Rename, MAY, "乙镇", "甲乡"))
            .with(&code(OLD), change(RegionDeed::End, JUNE, "乙镇", ""))
            .with(&code(NEW), change(RegionDeed::Add, JUNE, "丙街道", ""));
        let april = date!(2026 - 04 - 30);
        assert_eq!(own.on(OLD, april), None);
        assert_eq!(own.name_before(OLD), Some("甲乡"));
        let named = |day| own.on(OLD, day).map(|state| state.name);
        assert_eq!(named(MAY), Some("乙镇"));
        assert!(own.on(OLD, MAY).expect("it stands").ended.is_none());
        assert_eq!(named(JUNE), Some("乙镇"), "it keeps its name");
        assert!(own.on(OLD, JUNE).expect("it is told").ended.is_some());
        assert_eq!((own.on(NEW, MAY), own.name_before(NEW)), (None, None));
        assert!(own.is_own(NEW) && !own.is_own(OLD));
        assert_eq!(own.below("130903").count(), 2);
        assert_eq!(own.below("130902").count(), 0);
        let restored = own.with(&code(OLD), change(RegionDeed::Restore, JUNE, "乙镇", ""));
        assert!(restored.on(OLD, JUNE).expect("it stands").ended.is_none());
        let more = own.missing(&restored);
        assert_eq!(more.len(), 1);
        assert_eq!((more[0].0, more[0].1.deed), (OLD, RegionDeed::Restore));
    }

    #[test]
    fn what_cannot_become_of_a_township_is_said() {
        use RegionDeed::{Add, End, Rename, Restore};
        let ended = OwnRegions::default().with(&code(OLD), change(End, JUNE, "甲乡", ""));
        let none = OwnRegions::default();
        let name = || "甲乡".to_owned();
        for (own, published, deed, on, verdict) in [
            (&none, None, Add, MAY, Ok(String::new())),
            (
                &none,
                Some("甲乡"),
                Add,
                MAY,
                Err(RegionFault::Taken(name())),
            ),
            (
                &ended,
                Some("甲乡"),
                Add,
                JUNE,
                Err(RegionFault::WasEnded(name())),
            ),
            (&none, None, Rename, MAY, Err(RegionFault::Unknown)),
            (&none, Some("甲乡"), Rename, MAY, Ok(name())),
            (&none, Some("甲乡"), End, MAY, Ok(name())),
            (
                &ended,
                Some("甲乡"),
                End,
                JUNE,
                Err(RegionFault::Ended(name())),
            ),
            (&ended, None, Restore, JUNE, Ok(name())),
            (
                &ended,
                None,
                Restore,
                MAY,
                Err(RegionFault::BeforeAnother(JUNE)),
            ),
            (
                &none,
                Some("甲乡"),
                Restore,
                MAY,
                Err(RegionFault::Stands(name())),
            ),
        ] {
            let told = own.check(OLD, published, deed, on);
            assert_eq!(told, verdict, "{deed:?}");
        }
    }

    #[test]
    fn changes_that_go_back_in_time_are_no_history() {
        let changes = vec![
            change(RegionDeed::Add, JUNE, "丙街道", ""),
            change(RegionDeed::End, MAY, "丙街道", ""),
        ];
        let all = |changes| BTreeMap::from([(NEW.to_owned(), changes)]);
        assert_eq!(OwnRegions::restore(all(changes)), None);
        assert_eq!(OwnRegions::restore(all(Vec::new())), None);
        assert_eq!(
            OwnRegions::restore(BTreeMap::new()),
            Some(OwnRegions::default())
        );
    }
}
