use crate::{Reference, date, rows};
use application::ports::reference::{LoanPrimeRate, LoanPrimeRates};
use domain::values::Rate;
use std::sync::LazyLock;
use time::Date;

const TEXT: &str = include_str!("../data/lpr.csv");

static RATES: LazyLock<Vec<LoanPrimeRate>> = LazyLock::new(load);

pub(crate) fn warm() {
    LazyLock::force(&RATES);
}

pub(crate) fn rows_held() -> usize {
    RATES.len()
}

fn load() -> Vec<LoanPrimeRate> {
    let rate = |text: &str| Rate::parse(text).expect("a rate of an embedded list");
    let rates: Vec<_> = rows(TEXT, &["date", "lpr_1y_pct", "lpr_5y_pct", "status"])
        .iter()
        .map(|row| LoanPrimeRate {
            published: date(&row[0]),
            one_year: rate(&row[1]),
            over_five_years: rate(&row[2]),
        })
        .collect();
    assert!(
        rates.is_sorted_by(|a, b| a.published < b.published),
        "prime rates are sorted by day"
    );
    rates
}

impl LoanPrimeRates for Reference {
    fn prime_rate_on(&self, day: Date) -> Option<LoanPrimeRate> {
        RATES
            .iter()
            .rev()
            .find(|rate| rate.published <= day)
            .copied()
    }
}

#[cfg(test)]
mod tests {
    use crate::Reference;
    use application::ports::reference::LoanPrimeRates;
    use time::{Date, macros::date};

    #[test]
    fn the_rate_in_force_is_the_last_one_published() {
        let on = |day: Date| {
            Reference
                .prime_rate_on(day)
                .map(|rate| (rate.one_year.percent(), rate.over_five_years.percent()))
        };
        let pair = |one: &str, five: &str| Some((one.to_owned(), five.to_owned()));
        assert_eq!(on(date!(2024 - 10 - 20)), pair("3.35", "3.85"));
        assert_eq!(on(date!(2024 - 10 - 21)), pair("3.10", "3.60"));
        assert_eq!(on(date!(2026 - 11 - 25)), pair("3.00", "3.50"));
        assert_eq!(on(date!(2021 - 12 - 19)), None);
    }
}
