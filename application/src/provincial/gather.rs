//! The duty behind 全省统计: what a city has counted of months that are over moves into the read model of its province. Both sides have a
//! unit of work of their own: the city may live in another database, and neither sees the other's tables.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use domain::calendar::local_date;
use time::Date;

use super::told_span;
use crate::{
    access::Permit,
    city::City,
    error::UseResult,
    ports::{
        clock::Clock,
        provincial::{Carried, CellAt, ToldCell, ToldCity},
        statistics::Span,
        store::Store,
    },
    statistics::month_end,
};

/// Keeps the read models of the provinces of a platform.
pub struct Gatherer {
    /// The platform's own database.
    pub home: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
}

type Months = BTreeMap<Date, BTreeMap<CellAt, Carried>>;

/// Cells without anything are as good as none.
fn by_month(cells: Vec<(CellAt, Carried)>) -> Months {
    let mut months = Months::new();
    for (at, sums) in cells {
        if sums != Carried::default() {
            months.entry(at.month).or_default().insert(at, sums);
        }
    }
    months
}

/// The months that the city tells otherwise than it did.
fn changed(now: &Months, told: &Months) -> Vec<Date> {
    let all: BTreeSet<&Date> = now.keys().chain(told.keys()).collect();
    let differs = |month: &&Date| now.get(*month) != told.get(*month);
    all.into_iter().filter(differs).copied().collect()
}

impl Gatherer {
    /// Brings what the province knows of a city up to date; answers how many months were told anew. Enterprises are counted for those
    /// months alone. One that changes in between differs at the next round.
    pub async fn bring(
        &self,
        city: &City,
        from: &dyn Store,
        of_city: &Permit,
        of_province: &Permit,
    ) -> UseResult<usize> {
        let at = self.clock.now();
        let span = told_span(local_date(at));
        let mut work = from.begin(of_city).await?;
        let now = by_month(work.provincial().counted(span).await?);
        drop(work);
        let mut work = self.home.begin(of_province).await?;
        let told = by_month(work.provincial().told(city.id).await?);
        drop(work);
        let months = changed(&now, &told);
        let mut cells = Vec::new();
        for month in &months {
            let Some(sums) = now.get(month) else { continue };
            let span = Span {
                from: *month,
                to: month_end(*month),
            };
            let mut work = from.begin(of_city).await?;
            let behind = work.provincial().behind(span).await?;
            drop(work);
            let behind: BTreeMap<CellAt, _> = behind.into_iter().collect();
            cells.extend(sums.iter().map(|(at, sums)| ToldCell {
                at: at.clone(),
                sums: *sums,
                firms: behind.get(at).copied().unwrap_or_default(),
            }));
        }
        let city = ToldCity {
            city: city.id,
            slug: city.slug.clone(),
            region_code: city.default_city.clone(),
            platform: city.name.clone(),
            told_at: at,
        };
        let mut work = self.home.begin(of_province).await?;
        work.provincial().tell(&city, &months, &cells).await?;
        work.commit().await?;
        Ok(months.len())
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_month_is_told_anew_when_it_differs_and_when_it_is_gone() {
        let cell = |month, asked| {
            let at = CellAt {
                month,
                dimension: "all".to_owned(),
                value: String::new(),
            };
            let sums = Carried {
                asked,
                ..Carried::default()
            };
            (at, sums)
        };
        let [august, september, october] = [8, 9, 10].map(|month| {
            date!(2026 - 01 - 01)
                .replace_month(time::Month::try_from(month).expect("a month"))
                .expect("a day")
        });
        let now = by_month(vec![cell(september, 3), cell(october, 4), cell(august, 0)]);
        let told = by_month(vec![cell(august, 1), cell(september, 3), cell(october, 5)]);
        assert_eq!(changed(&now, &told), [august, october]);
        assert!(changed(&now, &now).is_empty());
    }
}
