use crate::{Reference, date, rows};
use application::ports::reference::{NamedDay, WorkCalendarSource};
use domain::calendar::{DayKind, WorkCalendar};
use std::sync::{Arc, LazyLock};
use time::Date;

const TEXT: &str = include_str!("../data/holidays.csv");

static DAYS: LazyLock<Vec<NamedDay>> = LazyLock::new(named);
static CALENDAR: LazyLock<Arc<WorkCalendar>> = LazyLock::new(|| Arc::new(load()));

pub(crate) fn warm() {
    LazyLock::force(&CALENDAR);
}

pub(crate) fn rows_held() -> usize {
    DAYS.len()
}

fn named() -> Vec<NamedDay> {
    let mut days: Vec<_> = rows(TEXT, &["date", "kind", "name"])
        .iter()
        .map(|row| NamedDay {
            date: date(&row[0]),
            kind: match &row[1] {
                "off" => DayKind::Off,
                "work" => DayKind::Worked,
                other => panic!("no such kind of day: {other}"),
            },
            name: row[2].to_owned(),
        })
        .collect();
    days.sort_by_key(|day| day.date);
    days
}

fn load() -> WorkCalendar {
    over(DAYS.iter().map(|day| (day.date, day.kind)).collect())
}

/// The years covered are those with at least one row: the notice of a year always has New Year's Day. A year left out in between
/// would look like one without holidays, so it stops the start.
fn over(days: Vec<(Date, DayKind)>) -> WorkCalendar {
    let years = days.iter().map(|(date, _)| date.year());
    let first = years.clone().min().expect("the list of days is not empty");
    let last = years.max().expect("the list of days is not empty");
    for year in first..=last {
        let known = days
            .iter()
            .any(|(date, _)| date.year() == year && date.ordinal() == 1);
        assert!(known, "the notice of {year} is missing");
    }
    WorkCalendar::new(first..=last, days)
}

impl WorkCalendarSource for Reference {
    fn published_calendar(&self) -> Arc<WorkCalendar> {
        Arc::clone(&CALENDAR)
    }

    fn named_days(&self) -> &[NamedDay] {
        &DAYS
    }
}

#[cfg(test)]
mod tests {
    use crate::Reference;
    use application::ports::reference::WorkCalendarSource;
    use domain::calendar::DayKind;
    use time::macros::{date, datetime};

    #[test]
    fn three_years_are_known_and_the_fourth_is_not_guessed() {
        let calendar = Reference.published_calendar();
        assert_eq!(calendar.years(), 2024..=2026);
        assert_eq!(
            calendar.is_workday(date!(2024 - 02 - 04)),
            Ok(true),
            "a worked Sunday before Spring Festival"
        );
        assert_eq!(calendar.is_workday(date!(2026 - 01 - 01)), Ok(false));
        assert_eq!(calendar.is_workday(date!(2026 - 11 - 25)), Ok(true));
        assert_eq!(
            calendar
                .is_workday(date!(2027 - 01 - 04))
                .map_err(|ends| ends.year()),
            Err(2027)
        );
    }

    #[test]
    #[should_panic(expected = "the notice of 2025 is missing")]
    fn a_year_that_is_missing_in_between_is_not_guessed() {
        super::over(vec![
            (date!(2024 - 01 - 01), DayKind::Off),
            (date!(2026 - 01 - 01), DayKind::Off),
        ]);
    }

    #[test]
    fn spring_festival_stops_the_clock() {
        let due = Reference
            .published_calendar()
            .add_working_days(datetime!(2024-02-09 09:30 +8), 1);
        assert_eq!(due, Ok(datetime!(2024-02-18 09:30 +8)));
    }

    #[test]
    fn working_days_of_a_year_are_as_many_as_the_notices_leave() {
        let calendar = Reference.published_calendar();
        let worked = |year: i32| {
            let first = time::Date::from_ordinal_date(year, 1).expect("a year");
            std::iter::successors(Some(first), |day| day.next_day())
                .take_while(|day| day.year() == year)
                .filter(|day| calendar.is_workday(*day) == Ok(true))
                .count()
        };
        assert_eq!([worked(2024), worked(2025), worked(2026)], [251, 248, 248]);
    }
}
