//! 行政区划, level by level and searched: the list of the nation with the city's own changes in it, ended and coming ones too.

use domain::{
    calendar::local_date,
    regions::{OwnRegions, RegionChange},
};

use super::{DictionaryRoom, ListAsk, PAGE, RegionPowers};
use crate::{
    access::Actor,
    error::UseResult,
    ports::reference::{PublishedList, REGIONS, RegionDirectory, RegionEntry},
    regions::{OverlaidRegions, county_of},
    rules::region_parents,
};

/// Asks for the provinces.
pub const WHOLE: &str = "all";
const TOWNSHIP: u8 = 4;

/// How a region stands today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegionStanding {
    Standing,
    /// 已撤销.
    Ended,
    /// 未生效: added from a day on that has not come.
    Coming,
}

/// One region of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionLine {
    pub entry: RegionEntry,
    pub standing: RegionStanding,
    /// What the city decided about it, the oldest first; what it became part of, by name.
    pub changes: Vec<(RegionChange, Option<String>)>,
    /// A township of the city itself: 区划变更 may be about it.
    pub own: bool,
}

/// The page.
#[derive(Clone, Debug)]
pub struct RegionSheet {
    pub list: PublishedList,
    /// From the province down to the region whose regions these are; empty: the provinces, or a search.
    pub path: Vec<RegionEntry>,
    pub rows: Vec<RegionLine>,
    /// The search goes on behind this code.
    pub next: Option<String>,
    pub powers: RegionPowers,
}

impl DictionaryRoom {
    /// What lies below a region, or what fits the words.
    pub async fn regions(&self, actor: &Actor, ask: &ListAsk) -> UseResult<RegionSheet> {
        let permit = self.permit(actor, REGIONS).await?;
        let own = self.own(actor, &permit).await?;
        let today = local_date(self.watch.clock.now());
        let overlaid = OverlaidRegions {
            published: self.regions.clone(),
            own: own.regions.clone(),
            today,
        };
        let parents = region_parents(&*self.regions, &own.city);
        let words = ask.words.trim();
        let (path, entries, next) = if words.is_empty() {
            let at = match ask.at.as_str() {
                WHOLE => None,
                code if overlaid.find(code).is_some() => Some(code),
                _ => Some(own.city.default_city.as_str()),
            };
            let path = at.map_or_else(Vec::new, |code| overlaid.path(code));
            (path, below(&overlaid, at), None)
        } else {
            let mut found = overlaid.search(words, &ask.after, PAGE + 1);
            let more = found.len() > PAGE;
            found.truncate(PAGE);
            let last = found.last().filter(|_| more);
            let next = last.map(|entry| entry.code.clone());
            (Vec::new(), found, next)
        };
        let line = |entry: RegionEntry| RegionLine {
            standing: standing(&overlaid, &entry.code),
            changes: changes(&overlaid, &own.regions, &entry.code),
            own: entry.level == TOWNSHIP
                && parents.iter().any(|one| one.code == county_of(&entry.code)),
            entry,
        };
        Ok(RegionSheet {
            list: self.list(REGIONS)?,
            path,
            rows: entries.into_iter().map(line).collect(),
            next,
            powers: own.powers,
        })
    }
}

/// What may be chosen below a region, and what the city ended there or is to add.
fn below(overlaid: &OverlaidRegions, at: Option<&str>) -> Vec<RegionEntry> {
    let mut entries = overlaid.children(at);
    let Some(at) = at else {
        return entries;
    };
    for (code, changes) in overlaid.own.below(at) {
        if county_of(code) != at || entries.iter().any(|one| one.code == code) {
            continue;
        }
        // One that has ended is found by its name; one that is to come nowhere else.
        let entry = overlaid.find(code).or_else(|| {
            let first = changes.first()?;
            Some(RegionEntry {
                code: code.to_owned(),
                name: first.name.clone(),
                level: TOWNSHIP,
                has_children: false,
            })
        });
        entries.extend(entry);
    }
    entries.sort_by(|one, other| one.code.cmp(&other.code));
    entries
}

fn standing(overlaid: &OverlaidRegions, code: &str) -> RegionStanding {
    if overlaid.ended(code).is_some() {
        RegionStanding::Ended
    } else if overlaid.find(code).is_none() {
        RegionStanding::Coming
    } else {
        RegionStanding::Standing
    }
}

fn changes(
    overlaid: &OverlaidRegions,
    own: &OwnRegions,
    code: &str,
) -> Vec<(RegionChange, Option<String>)> {
    let each = own.of(code).iter().map(|change| {
        let into = change.successor.as_ref();
        let into = into.map(|code| {
            let known = overlaid.find(code.as_str()).map(|region| region.name);
            // What it is to become part of may begin on the same day.
            let coming = || own.of(code.as_str()).first().map(|one| one.name.clone());
            known.or_else(coming).unwrap_or_else(|| code.to_string())
        });
        (change.clone(), into)
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::{regions::RegionDeed, values::RegionCode};
    use time::macros::date;

    use super::*;
    use crate::regions::tests::Small;

    fn change(deed: RegionDeed, name: &str, into: &str) -> RegionChange {
        RegionChange {
            deed,
            on: date!(2026 - 12 - 01),
            name: name.to_owned(),
            was: String::new(),
            successor: RegionCode::parse(into).ok(),
        }
    }

    #[test]
    fn what_ended_and_what_is_to_come_stand_below_their_county() {
        let code = |text: &str| RegionCode::parse(text).expect("a code");
        let own = OwnRegions::default()
            .with(&code("130903002"), change(RegionDeed::Add, "丙街道", ""))
            .with(
                &code("130903100"),
                change(RegionDeed::End, "乙镇", "130903002"),
            );
        let on = |today| OverlaidRegions {
            published: Arc::new(Small),
            own: Arc::new(own.clone()),
            today,
        };
        let told = |regions: &OverlaidRegions| -> Vec<(String, RegionStanding)> {
            let rows = below(regions, Some("130903")).into_iter();
            rows.map(|row| (row.name, standing(regions, &row.code)))
                .collect()
        };
        let row = |name: &str, standing| (name.to_owned(), standing);
        let before = on(date!(2026 - 11 - 30));
        assert_eq!(
            told(&before),
            [
                row("甲街道", RegionStanding::Standing),
                row("丙街道", RegionStanding::Coming),
                row("乙镇", RegionStanding::Standing),
            ]
        );
        let into = changes(&before, &own, "130903100");
        assert_eq!(into[0].1.as_deref(), Some("丙街道"));
        assert_eq!(
            told(&on(date!(2026 - 12 - 01))),
            [
                row("甲街道", RegionStanding::Standing),
                row("丙街道", RegionStanding::Standing),
                row("乙镇", RegionStanding::Ended),
            ]
        );
    }
}
