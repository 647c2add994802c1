//! When a city reports: two keys that every kind of node has.

use application::ports::province::Schedule;
use time::{Date, Month};

pub(crate) const fn usual_day() -> u8 {
    5
}

/// What the settings say, or what is wrong with them.
pub(crate) fn read(day: u8, from: Option<&str>) -> Result<Schedule, String> {
    if !(1..=28).contains(&day) {
        return Err("day is one of 1 to 28".to_owned());
    }
    Ok(Schedule {
        day,
        from: from.map(month).transpose()?,
    })
}

/// `2026-05` as the first day of it.
pub(crate) fn month(text: &str) -> Result<Date, String> {
    first_day(text).ok_or_else(|| format!("{text} is not a month: YYYY-MM"))
}

fn first_day(text: &str) -> Option<Date> {
    let (year, month) = text.split_once('-')?;
    let digits = |text: &str, n| text.len() == n && text.chars().all(|c| c.is_ascii_digit());
    if !digits(year, 4) || !digits(month, 2) {
        return None;
    }
    let year = year.parse().ok().filter(|y| (2000..=2200).contains(y))?;
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year, month, 1).ok()
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_day_that_every_month_has_and_a_month_are_read() {
        let fine = read(5, Some("2026-05")).expect("a schedule");
        assert_eq!((fine.day, fine.from), (5, Some(date!(2026 - 05 - 01))));
        for (day, from) in [
            (0, None),
            (29, None),
            (5, Some("2026-5")),
            (5, Some("2026-13")),
            (5, Some("1026-05")),
            (5, Some("2026-05-01")),
            (5, Some("")),
        ] {
            assert!(read(day, from).is_err(), "{day} {from:?}");
        }
    }
}
