//! 全省统计 (T6): the people of a province read sums of its cities, from a read model of their own; whatever rests on too few enterprises
//! is kept back. See docs/decisions/0028.

mod gather;
mod shown;
mod take;

use std::sync::Arc;

use domain::{
    calendar::local_date, ids::TenantId, product::GuaranteeType, size_class::SizeClass,
    tenant::TenantKind,
};
use time::{Date, Duration, OffsetDateTime};

pub use gather::Gatherer;
pub use shown::{Amount, Figure, Shown};
pub use take::KEPT;

use crate::{
    access::{Action, Actor, Room},
    audit::Watch,
    city::City,
    error::{UseError, UseResult},
    ports::{
        provincial::{TOLD_BY, ToldCity, WHOLE},
        reference::{IndustryDirectory, RegionDirectory},
        statistics::{Dimension, Span, TermBand},
        store::Store,
        workbooks::Workbooks,
    },
    statistics::{MOST_MONTHS, month_end, month_of, word_of},
};
use shown::Month;

/// Months of the trend, the one that is looked at among them.
const TREND: i32 = 12;

/// The room.
pub struct ProvincialRoom {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub regions: Arc<dyn RegionDirectory>,
    pub industries: Arc<dyn IndustryDirectory>,
    pub workbooks: Arc<dyn Workbooks>,
}

/// What is looked at; whatever there is not becomes the nearest that there is.
#[derive(Clone, Debug, Default)]
pub struct SheetAsk {
    pub month: Option<Date>,
    pub by: Option<Dimension>,
    /// The groups of one city instead of those of the province.
    pub city: Option<String>,
}

/// A city of the province.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CityLine {
    pub slug: String,
    /// As the list of regions names it.
    pub name: String,
    pub platform: String,
    pub told_at: OffsetDateTime,
    pub shown: Shown,
}

/// A value of the dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartLine {
    pub label: String,
    pub shown: Shown,
}

/// 全省统计 of a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvinceSheet {
    pub month: Date,
    /// The newest month that is over.
    pub newest: Date,
    pub by: Dimension,
    /// Slug of the city whose groups these are; none: the province.
    pub of: Option<String>,
    pub total: Shown,
    pub cities: Vec<CityLine>,
    pub parts: Vec<PartLine>,
    /// The province month by month, the oldest first.
    pub trend: Vec<(Date, Shown)>,
}

impl ProvinceSheet {
    /// No figure is newer than that, and some may be; `None` before any city has told anything.
    pub fn told_at(&self) -> Option<OffsetDateTime> {
        self.cities.iter().map(|city| city.told_at).min()
    }
}

/// The first day of the month so many before.
fn months_before(month: Date, many: i32) -> Date {
    (0..many).fold(month_of(month), |month, _| {
        month_of(month - Duration::days(1))
    })
}

/// The newest month that is over: one that is under way would tell each enterprise that comes.
fn newest(today: Date) -> Date {
    months_before(today, 1)
}

/// The months that are told of, as their days.
fn told_span(today: Date) -> Span {
    let newest = newest(today);
    Span {
        from: months_before(newest, MOST_MONTHS - 1),
        to: month_end(newest),
    }
}

/// True when this city belongs to that province, by the codes of their regions.
pub fn belongs(city: &City, province: &City) -> bool {
    city.kind == TenantKind::City
        && province.kind == TenantKind::Province
        && city.default_province == province.default_province
}

/// What nobody filled in stands last, bands in their order, everything else by its code.
fn place_of(dimension: Dimension, value: &str) -> usize {
    let known = match dimension {
        Dimension::Size => SizeClass::ALL.iter().position(|c| c.as_str() == value),
        Dimension::Term => TermBand::ALL.iter().position(|b| b.code() == value),
        Dimension::Guarantee => GuaranteeType::ALL.iter().position(|g| g.code() == value),
        _ if value.is_empty() => None,
        _ => Some(0),
    };
    known.unwrap_or(usize::MAX)
}

impl ProvincialRoom {
    /// Totals of a month, city by city and by one dimension, and the months before it.
    pub async fn sheet(&self, actor: &Actor, ask: &SheetAsk) -> UseResult<ProvinceSheet> {
        let permit = self
            .watch
            .permit(actor, Room::Provincial, Action::View, actor.tenant)
            .await?;
        let span = told_span(local_date(self.watch.clock.now()));
        let newest = month_of(span.to);
        let month = ask.month.map_or(newest, month_of).clamp(span.from, newest);
        let by = ask.by.filter(|by| TOLD_BY.contains(by));
        let by = by.unwrap_or(Dimension::Industry);
        let lately = Span {
            from: months_before(month, TREND - 1).max(span.from),
            to: month_end(month),
        };
        let this = Span {
            from: month,
            to: month_end(month),
        };
        let mut work = self.store.begin(&permit).await?;
        let cities = work.provincial().cities().await?;
        let wholes = work.provincial().cells(lately, WHOLE).await?;
        let cells = work.provincial().cells(this, by.code()).await?;
        drop(work);
        let ids: Vec<TenantId> = cities.iter().map(|city| city.city).collect();
        let at = match &ask.city {
            None => None,
            Some(slug) => {
                let found = cities.iter().position(|city| city.slug == *slug);
                Some(found.ok_or_else(UseError::not_found)?)
            }
        };
        let mut made = Month::of(&ids, month, &wholes);
        made.break_down(&ids, &cells, |value| place_of(by, value));
        let part = |(value, shown): (String, Shown)| PartLine {
            label: word_of(&*self.regions, &*self.industries, by, &value),
            shown,
        };
        let mut months: Vec<Date> = wholes.iter().map(|(_, cell)| cell.at.month).collect();
        months.sort_unstable();
        months.dedup();
        let total_of = |month: Date| (month, Month::of(&ids, month, &wholes).total());
        let lines = cities.iter().enumerate();
        let lines = lines.map(|(n, city)| self.line(city, made.city(n)));
        Ok(ProvinceSheet {
            month,
            newest,
            by,
            of: at.map(|at| cities[at].slug.clone()),
            total: made.total(),
            parts: made.parts(at).into_iter().map(part).collect(),
            cities: lines.collect(),
            trend: months.into_iter().map(total_of).collect(),
        })
    }

    fn line(&self, city: &ToldCity, shown: Shown) -> CityLine {
        let region = self.regions.find(&city.region_code);
        CityLine {
            slug: city.slug.clone(),
            name: region.map_or_else(|| city.platform.clone(), |region| region.name),
            platform: city.platform.clone(),
            told_at: city.told_at,
            shown,
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn only_months_that_are_over_are_told_of() {
        assert_eq!(newest(date!(2026 - 12 - 01)), date!(2026 - 11 - 01));
        assert_eq!(newest(date!(2026 - 11 - 30)), date!(2026 - 10 - 01));
        let span = told_span(date!(2026 - 11 - 30));
        assert_eq!(
            (span.from, span.to),
            (date!(2021 - 11 - 01), date!(2026 - 10 - 31))
        );
    }

    #[test]
    fn a_city_belongs_by_the_code_of_its_province() {
        let of = |kind, province: &str| City {
            kind,
            default_province: province.to_owned(),
            ..crate::city::blank()
        };
        let hebei = of(TenantKind::Province, "130000");
        assert!(belongs(&of(TenantKind::City, "130000"), &hebei));
        assert!(!belongs(&of(TenantKind::City, "330000"), &hebei));
        assert!(!belongs(&hebei, &hebei));
    }

    #[test]
    fn bands_stand_in_their_order_and_what_nobody_filled_in_stands_last() {
        let mut terms = ["", "more", "to_12", "to_6"];
        terms.sort_by_key(|value| place_of(Dimension::Term, value));
        assert_eq!(terms, ["to_6", "to_12", "more", ""]);
    }
}
