//! 区划变更: two operators add, rename, end or restore a township of their own prefecture, from a day on. The list of the nation stays as it
//! is; what is stored is what differs from it, and it is stored for good: addresses of enterprises are filed under codes.

use std::collections::BTreeMap;

use domain::{
    calendar::{local_date, parse_day},
    regions::{Latest, OwnRegions, RegionChange, RegionDeed, RegionFault},
    values::{RegionCode, RegionLevel, half_width},
};
use serde_json::{Map, Value, json};
use time::{Date, OffsetDateTime};

use super::{CityRule, MOST_AHEAD, ProposeRule};
use crate::{
    city::City,
    error::{Checks, FieldError},
    ports::reference::{RegionDirectory, RegionEntry},
    regions::county_of,
};

/// Signs of a township's name: the longest of the list of the nation has 24.
pub const MOST_NAME: usize = 30;
/// Changes that a city keeps: many times what a prefecture sees in a generation.
const MOST_CHANGES: usize = 500;
const LEAST_NAME: usize = 2;

/// A change as the form says it; each deed reads its own fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedRegion {
    /// Code of a [`RegionDeed`].
    pub deed: String,
    /// Of a new one: the county that it lies in.
    pub county: String,
    pub code: String,
    /// Of a new or a renamed one.
    pub name: String,
    /// Of one that ends: code of what it becomes part of; empty: nothing is named.
    pub successor: String,
}

impl TypedRegion {
    /// Nothing is filled in.
    pub const fn empty() -> Self {
        Self {
            deed: String::new(),
            county: String::new(),
            code: String::new(),
            name: String::new(),
            successor: String::new(),
        }
    }
}

/// What a change is read against.
pub(super) struct Ground<'a> {
    pub city: &'a City,
    pub own: &'a OwnRegions,
    /// The list of the nation.
    pub published: &'a dyn RegionDirectory,
    pub now: OffsetDateTime,
}

/// Where townships of a city may lie 所属县（市、区）: its counties, or the prefecture itself where it has none.
pub fn parents(published: &dyn RegionDirectory, city: &City) -> Vec<RegionEntry> {
    let below = published.children(Some(&city.default_city));
    let mut parents: Vec<RegionEntry> = below.iter().filter(|r| r.level == 3).cloned().collect();
    // 东莞, 中山 and 儋州 have townships right below the prefecture.
    if below.iter().any(|r| r.level > 3) {
        parents.extend(published.find(&city.default_city));
    }
    parents
}

impl Ground<'_> {
    fn published_name(&self, code: &str) -> Option<String> {
        self.published.find(code).map(|region| region.name)
    }

    /// A code of nine digits within the city's own prefecture.
    fn code(
        &self,
        checks: &mut Checks,
        field: &'static str,
        typed: &str,
        missing: &'static str,
    ) -> Option<RegionCode> {
        let code = RegionCode::parse(typed).ok();
        let code = code.filter(|code| code.level() == RegionLevel::Township);
        let Some(code) = code else {
            checks.push(FieldError::new(field, missing));
            return None;
        };
        let county = county_of(code.as_str());
        let parents = parents(self.published, self.city);
        if parents.iter().any(|parent| parent.code == county) {
            return Some(code);
        }
        checks.push(FieldError::new(field, "city_rule.region_outside"));
        None
    }

    /// 所属县（市、区）, which the code begins with.
    fn county(&self, checks: &mut Checks, typed: &str, code: Option<&RegionCode>) {
        const FIELD: &str = "region_county";
        let typed = half_width(typed.trim());
        let parents = parents(self.published, self.city);
        let parent = parents.iter().find(|parent| parent.code == typed);
        match parent {
            None if typed.is_empty() => {
                checks.push(FieldError::new(FIELD, "city_rule.region_county_missing"));
            }
            None => checks.push(FieldError::new(FIELD, "city_rule.region_county")),
            Some(parent) => {
                if let Some(code) = code.filter(|code| county_of(code.as_str()) != parent.code) {
                    let error = FieldError::new("region_code", "city_rule.region_below");
                    let error = error.with("code", code).with("name", &parent.name);
                    checks.push(error.with("county", &parent.code));
                }
            }
        }
    }

    /// A name as it stands on signs: Chinese, and no other township of the county has it.
    fn name(&self, checks: &mut Checks, typed: &str, code: Option<&RegionCode>) -> Option<String> {
        let name: String = typed.split_whitespace().collect();
        let name = name.replace('(', "（").replace(')', "）");
        let length = name.chars().count();
        let fault = if length == 0 {
            Some("city_rule.region_name_missing")
        } else if !(LEAST_NAME..=MOST_NAME).contains(&length) {
            Some("city_rule.region_name_length")
        } else if !name.chars().all(is_of_a_name) {
            Some("city_rule.region_name_signs")
        } else {
            None
        };
        if let Some(fault) = fault {
            let error = FieldError::new("region_name", fault);
            checks.push(error.with("least", LEAST_NAME).with("most", MOST_NAME));
            return None;
        }
        let code = code?;
        if let Some(other) = self.namesake(code, &name) {
            let error = FieldError::new("region_name", "city_rule.region_name_taken");
            checks.push(error.with("name", &name).with("code", other));
            return None;
        }
        Some(name)
    }

    /// Another township of the county that is called so, now or once everything has come.
    fn namesake(&self, code: &RegionCode, name: &str) -> Option<String> {
        let county = county_of(code.as_str());
        let listed = self.published.children(Some(county)).into_iter();
        let own = self.own.below(county).map(|(code, _)| code.to_owned());
        let mut others = listed.map(|region| region.code).chain(own);
        others.find(|other| {
            let published = self.published_name(other);
            let latest = self.own.latest(other, published.as_deref());
            other != code.as_str() && latest == Latest::Standing(name.to_owned())
        })
    }

    /// 生效日期: the administrative one, which may have come; today without one.
    fn day(&self, checks: &mut Checks, typed: &str) -> Option<Date> {
        let today = local_date(self.now);
        if typed.trim().is_empty() {
            return Some(today);
        }
        let Some(day) = parse_day(typed) else {
            checks.push(FieldError::new("valid_from", "city_rule.from_day"));
            return None;
        };
        if day <= self.published.as_of() {
            let error = FieldError::new("valid_from", "city_rule.region_day_early");
            checks.push(error.with("day", self.published.as_of()));
            return None;
        }
        if (day - today).whole_days() > MOST_AHEAD {
            let error = FieldError::new("valid_from", "city_rule.from_far");
            checks.push(error.with("most", MOST_AHEAD));
            return None;
        }
        Some(day)
    }

    /// 并入何处: another township of the city that stands on that day and does not end later.
    fn successor(
        &self,
        checks: &mut Checks,
        typed: &str,
        code: Option<&RegionCode>,
        on: Option<Date>,
    ) -> Option<RegionCode> {
        const FIELD: &str = "region_successor";
        if typed.trim().is_empty() {
            return None;
        }
        let into = self.code(checks, FIELD, typed, "city_rule.region_successor")?;
        if Some(&into) == code {
            checks.push(FieldError::new(FIELD, "city_rule.region_successor_self"));
            return None;
        }
        let published = self.published_name(into.as_str());
        let fault = match self.own.latest(into.as_str(), published.as_deref()) {
            Latest::Unknown => Some(("city_rule.region_successor_unknown", String::new())),
            Latest::Ended(name) => Some(("city_rule.region_successor_ended", name)),
            Latest::Standing(name) => {
                let begun = published.is_some()
                    || on.is_none_or(|on| self.own.on(into.as_str(), on).is_some());
                (!begun).then_some(("city_rule.region_successor_later", name))
            }
        };
        if let Some((fault, name)) = fault {
            let error = FieldError::new(FIELD, fault).with("code", &into);
            checks.push(error.with("name", name));
            return None;
        }
        Some(into)
    }
}

fn is_of_a_name(sign: char) -> bool {
    let han = matches!(sign, '\u{3007}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{20000}'..='\u{323AF}');
    han || "（）、·".contains(sign)
}

fn fault(error: &RegionFault, code: &RegionCode) -> FieldError {
    let (told, name) = match error {
        RegionFault::Taken(name) => ("city_rule.region_taken", name.as_str()),
        RegionFault::WasEnded(name) => ("city_rule.region_was_ended", name.as_str()),
        RegionFault::Unknown => ("city_rule.region_unknown", ""),
        RegionFault::Ended(name) => ("city_rule.region_ended", name.as_str()),
        RegionFault::Stands(name) => ("city_rule.region_stands", name.as_str()),
        RegionFault::BeforeAnother(day) => {
            return FieldError::new("valid_from", "city_rule.region_day_order").with("day", day);
        }
    };
    FieldError::new("region_code", told)
        .with("code", code)
        .with("name", name)
}

/// The change as the form wants it, behind those that were decided.
pub(super) fn read(
    checks: &mut Checks,
    ask: &ProposeRule,
    ground: &Ground<'_>,
) -> Option<CityRule> {
    let typed = &ask.region;
    let deed = RegionDeed::from_code(&typed.deed);
    if deed.is_none() {
        checks.push(FieldError::new("region_deed", "city_rule.region_deed"));
    }
    let code = ground.code(checks, "region_code", &typed.code, "city_rule.region_code");
    let on = ground.day(checks, &ask.valid_from);
    if deed == Some(RegionDeed::Add) {
        ground.county(checks, &typed.county, code.as_ref());
    }
    let named = matches!(deed, Some(RegionDeed::Add | RegionDeed::Rename));
    let name = named
        .then(|| ground.name(checks, &typed.name, code.as_ref()))
        .flatten();
    let successor = if deed == Some(RegionDeed::End) {
        ground.successor(checks, &typed.successor, code.as_ref(), on)
    } else {
        None
    };
    let (deed, code, on) = (deed?, code?, on?);
    let published = ground.published_name(code.as_str());
    let was = match ground
        .own
        .check(code.as_str(), published.as_deref(), deed, on)
    {
        Ok(was) => was,
        Err(error) => {
            checks.push(fault(&error, &code));
            return None;
        }
    };
    if deed == RegionDeed::Restore
        && let Some(other) = ground.namesake(&code, &was)
    {
        let error = FieldError::new("region_code", "city_rule.region_restored_twice");
        checks.push(error.with("name", &was).with("code", other));
    }
    if deed == RegionDeed::Rename && name.as_ref() == Some(&was) {
        let error = FieldError::new("region_name", "city_rule.region_same_name");
        checks.push(error.with("name", &was));
    }
    if ground.own.len() >= MOST_CHANGES {
        let error = FieldError::new("region_code", "city_rule.regions_full");
        checks.push(error.with("most", MOST_CHANGES));
    }
    if !checks.is_empty() {
        return None;
    }
    let change = RegionChange {
        deed,
        on,
        was: if deed == RegionDeed::Rename {
            was.clone()
        } else {
            String::new()
        },
        name: if named { name? } else { was },
        successor,
    };
    Some(CityRule::Regions(ground.own.with(&code, change)))
}

/// What a change adds to what was decided before; nothing for a change of another rule.
pub fn added<'a>(before: &'a CityRule, after: &'a CityRule) -> Option<(&'a str, &'a RegionChange)> {
    let (CityRule::Regions(before), CityRule::Regions(after)) = (before, after) else {
        return None;
    };
    before.missing(after).into_iter().next()
}

/// For the log: what is added, and none of what stood before.
pub(super) fn noted(before: &CityRule, after: &CityRule) -> Option<Value> {
    let (code, change) = added(before, after)?;
    let mut told = change_value(change);
    told["region"] = json!(code);
    told["deed"] = json!(change.deed.zh());
    Some(told)
}

fn change_value(change: &RegionChange) -> Value {
    let mut said = json!({
        "deed": change.deed.code(), "on": change.on.to_string(), "name": change.name,
    });
    if !change.was.is_empty() {
        said["was"] = json!(change.was);
    }
    if let Some(into) = &change.successor {
        said["successor"] = json!(into.as_str());
    }
    said
}

/// As it is stored: by code, each township's changes in order.
pub(super) fn value(own: &OwnRegions) -> Value {
    let each = own.all().map(|(code, changes)| {
        let changes: Vec<Value> = changes.iter().map(change_value).collect();
        (code.to_owned(), Value::Array(changes))
    });
    Value::Object(each.collect::<Map<String, Value>>())
}

fn stored_change(said: &Value) -> Option<RegionChange> {
    let text = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
    let deed = RegionDeed::from_code(said["deed"].as_str()?)?;
    let successor = match said["successor"].as_str() {
        None => None,
        Some(code) => Some(RegionCode::parse(code).ok()?),
    };
    Some(RegionChange {
        deed,
        on: parse_day(said["on"].as_str()?)?,
        name: said["name"].as_str()?.to_owned(),
        was: text("was"),
        successor,
    })
}

/// A stored value; `None` for what this program does not know.
pub(super) fn stored(value: &Value) -> Option<OwnRegions> {
    let each = value.as_object()?.iter().map(|(code, changes)| {
        RegionCode::parse(code).ok()?;
        let changes = changes.as_array()?.iter().map(stored_change);
        Some((code.clone(), changes.collect::<Option<Vec<_>>>()?))
    });
    OwnRegions::restore(each.collect::<Option<BTreeMap<_, _>>>()?)
}

#[cfg(test)]
mod tests;
