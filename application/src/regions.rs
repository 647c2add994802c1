//! Regions 行政区划 as each city has them. The list of the nation is held once; beside it each city has nothing but its own changes
//! (区划变更), which are laid over the list when somebody asks.

use std::sync::Arc;

use domain::{
    calendar::local_date,
    ids::TenantId,
    regions::{OwnRegions, RegionChange},
};
use time::Date;

use crate::{
    city::Cities,
    ports::{
        clock::Clock,
        reference::{EndedRegion, RegionDirectory, RegionEntry, Regions},
    },
};

/// Level of a township 乡级.
const TOWNSHIP: u8 = 4;
/// Digits of what a township lies in.
const COUNTY_DIGITS: usize = 6;

/// The list of the nation and the cities that change it.
pub struct CityRegions {
    pub published: Arc<dyn RegionDirectory>,
    pub cities: Arc<dyn Cities>,
    pub clock: Arc<dyn Clock>,
}

impl Regions for CityRegions {
    fn of(&self, city: TenantId) -> Arc<dyn RegionDirectory> {
        match self.cities.by_id(city) {
            Some(city) if !city.own_regions.is_empty() => Arc::new(OverlaidRegions {
                published: self.published.clone(),
                own: city.own_regions.clone(),
                today: local_date(self.clock.now()),
            }),
            _ => self.published.clone(),
        }
    }
}

/// The list of the nation as the changes of one city leave it on a day.
pub struct OverlaidRegions {
    pub published: Arc<dyn RegionDirectory>,
    pub own: Arc<OwnRegions>,
    pub today: Date,
}

/// What the code of a township begins with: the county that it lies in, or the prefecture where there is no county.
pub fn county_of(township: &str) -> &str {
    township.get(..COUNTY_DIGITS).unwrap_or(township)
}

impl OverlaidRegions {
    /// A township that the city changed, with how it is today; `None`: as the list of the nation has it.
    fn changed(&self, code: &str) -> Option<(String, Option<&RegionChange>)> {
        if let Some(state) = self.own.on(code, self.today) {
            return Some((state.name.to_owned(), state.ended));
        }
        // A later list of the nation may have dropped what the city is still to change.
        if self.published.find(code).is_some() {
            return None;
        }
        let name = self.own.name_before(code)?;
        Some((name.to_owned(), None))
    }

    fn township(code: &str, name: String) -> RegionEntry {
        RegionEntry {
            code: code.to_owned(),
            name,
            level: TOWNSHIP,
            has_children: false,
        }
    }

    /// Townships of a county that the city added, which are there today.
    fn added<'a>(&'a self, county: &'a str) -> impl Iterator<Item = RegionEntry> + 'a {
        let own = self.own.below(county).map(|(code, _)| code);
        let own =
            own.filter(move |code| self.own.is_own(code) && self.published.find(code).is_none());
        own.filter_map(move |code| {
            let (name, ended) = self.changed(code)?;
            ended.is_none().then(|| Self::township(code, name))
        })
    }

    /// A region of the list, with whether something lies below it today.
    fn seen(&self, mut entry: RegionEntry) -> RegionEntry {
        if entry.code.len() == COUNTY_DIGITS && self.own.below(&entry.code).next().is_some() {
            entry.has_children = !self.children(Some(&entry.code)).is_empty();
        }
        entry
    }
}

impl RegionDirectory for OverlaidRegions {
    fn children(&self, parent: Option<&str>) -> Vec<RegionEntry> {
        let published = self.published.children(parent);
        let Some(parent) = parent else {
            return published;
        };
        let mut children = Vec::with_capacity(published.len());
        for entry in published {
            match self.changed(&entry.code) {
                Some((_, Some(_))) => {}
                Some((name, None)) => children.push(Self::township(&entry.code, name)),
                None => children.push(self.seen(entry)),
            }
        }
        // Only what has a place on the list of the nation has townships.
        if parent.len() == COUNTY_DIGITS && self.published.find(parent).is_some() {
            children.extend(self.added(parent));
            children.sort_by(|one, other| one.code.cmp(&other.code));
        }
        children
    }

    fn path(&self, code: &str) -> Vec<RegionEntry> {
        let Some((name, _)) = self.changed(code) else {
            let path = self.published.path(code);
            return path.into_iter().map(|step| self.seen(step)).collect();
        };
        let above = self.published.path(county_of(code));
        let mut path: Vec<RegionEntry> = above.into_iter().map(|step| self.seen(step)).collect();
        path.push(Self::township(code, name));
        path
    }

    fn find(&self, code: &str) -> Option<RegionEntry> {
        match self.changed(code) {
            Some((name, _)) => Some(Self::township(code, name)),
            None => self.published.find(code).map(|entry| self.seen(entry)),
        }
    }

    fn search(&self, words: &str, after: &str, most: usize) -> Vec<RegionEntry> {
        let is_code = words.bytes().all(|b| b.is_ascii_digit());
        let own = self.own.all().filter_map(|(code, _)| {
            let (name, _) = self.changed(code)?;
            let fits = if is_code {
                code.starts_with(words)
            } else {
                name.contains(words)
            };
            (fits && code > after).then(|| Self::township(code, name))
        });
        let mut found: Vec<RegionEntry> = own.collect();
        // What the city calls otherwise makes room.
        let published = self.published.search(words, after, most + self.own.len());
        let as_published = published
            .into_iter()
            .filter(|entry| self.changed(&entry.code).is_none());
        found.extend(as_published.map(|entry| self.seen(entry)));
        found.sort_by(|one, other| one.code.cmp(&other.code));
        found.truncate(most);
        found
    }

    fn as_of(&self) -> Date {
        self.published.as_of()
    }

    fn ended(&self, code: &str) -> Option<EndedRegion> {
        let (name, ended) = self.changed(code)?;
        let successor = ended?.successor.as_ref();
        Some(EndedRegion {
            name,
            successor: successor.and_then(|code| self.find(code.as_str())),
        })
    }

    fn full_name(&self, code: &str) -> Option<String> {
        let Some((name, _)) = self.changed(code) else {
            return self.published.full_name(code);
        };
        let county = self.published.full_name(county_of(code));
        Some(county.unwrap_or_default() + &name)
    }

    fn county_name(&self, code: &str) -> Option<String> {
        if self.changed(code).is_some() {
            return self.published.county_name(county_of(code));
        }
        self.published.county_name(code)
    }
}

#[cfg(test)]
pub(crate) mod tests;
