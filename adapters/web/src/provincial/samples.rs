//! The page in every shape, for the test that draws it.

use application::{
    ports::{provincial::Carried, statistics::Dimension},
    provincial::{CityLine, PartLine, ProvinceSheet, Shown},
};
use serde_json::Value;
use time::{Date, OffsetDateTime};

use super::{SheetPage, page};
use crate::{financing::ODD, operator::read_month};

fn sheet(full: bool) -> ProvinceSheet {
    let month = read_month("2026-10").unwrap_or(Date::MIN);
    let sums = Carried {
        asked: 41,
        asked_cents: 98_500_000_000,
        accepted: 38,
        approved: 22,
        approved_cents: 40_100_000_000,
        rejected: 6,
        draws: 19,
        drawn_cents: 31_250_000_000,
        rate_weight: 312_500_000 * 378,
        homes: 15,
    };
    let whole = Shown::new(sums, [false; 6]);
    let some = Shown::new(sums, [false, false, false, true, true, true]);
    let city = CityLine {
        slug: "qinghe".to_owned(),
        name: ODD.to_owned(),
        platform: ODD.to_owned(),
        told_at: OffsetDateTime::UNIX_EPOCH,
        shown: some,
    };
    let part = PartLine {
        label: ODD.to_owned(),
        shown: some,
    };
    ProvinceSheet {
        month,
        newest: month,
        by: Dimension::Industry,
        of: full.then(|| city.slug.clone()),
        total: if full { whole } else { Shown::default() },
        cities: if full { vec![city] } else { Vec::new() },
        parts: if full { vec![part] } else { Vec::new() },
        trend: if full {
            vec![(month, whole), (month, some)]
        } else {
            Vec::new()
        },
    }
}

/// Templates with their samples.
#[doc(hidden)]
pub fn samples() -> Vec<(&'static str, Value)> {
    [true, false]
        .into_iter()
        .map(|full| {
            let drawn = serde_json::to_value(page(&sheet(full)));
            (SheetPage::TEMPLATE, drawn.unwrap_or_default())
        })
        .collect()
}
