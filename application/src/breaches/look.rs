//! A week: totals for everybody who reads statistics, and the requests behind them for those who may see requests.

use domain::calendar::{SHANGHAI, local_date};
use time::{Date, Duration, OffsetDateTime};

use super::{BreachRoom, SeenBreach};
use crate::{
    access::{Action, Actor, Room},
    error::UseResult,
    leaf,
    ports::breaches::{BreachAsk, BreachWeek, Missed},
};

/// Rows of one page at most.
pub(super) const ROWS: i64 = 200;
/// Weeks that count for repetition, the named one included.
const REPEATED: i64 = 4;

/// What the address asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WeekAsk {
    /// A day of the week; `None`: the last week that is over.
    pub day: Option<Date>,
    pub narrow: BreachAsk,
}

/// 超时通报 of a week.
#[derive(Clone, Debug)]
pub struct SeenWeek {
    /// Its first day.
    pub monday: Date,
    pub now: OffsetDateTime,
    /// Whoever was late in the most weeks comes first, then whoever was late most often.
    pub missed: Vec<Missed>,
    /// The requests of one institution; empty where no institution is named, and for those who see totals only.
    pub rows: Vec<SeenBreach>,
    /// There are more of them than a page shows.
    pub more: bool,
    /// This person may see requests.
    pub open: bool,
}

/// The Monday of a day's week.
pub fn monday_of(day: Date) -> Date {
    day - Duration::days(i64::from(day.weekday().number_days_from_monday()))
}

/// 通报编号: the week of the year in which it lies.
pub fn number_of(monday: Date) -> String {
    let (year, week, _) = monday.to_iso_week_date();
    format!("超时通报〔{year}〕{week} 号")
}

/// The named week, never one that has not begun.
fn week_of(day: Option<Date>, today: Date) -> Date {
    let this = monday_of(today);
    day.map_or(this - Duration::weeks(1), monday_of).min(this)
}

pub(super) fn span(monday: Date) -> BreachWeek {
    let midnight = |day: Date| day.midnight().assume_offset(SHANGHAI);
    BreachWeek {
        from: midnight(monday),
        until: midnight(monday + Duration::weeks(1)),
        since: midnight(monday - Duration::weeks(REPEATED - 1)),
    }
}

impl BreachRoom {
    pub async fn week(&self, actor: &Actor, ask: WeekAsk) -> UseResult<SeenWeek> {
        self.look(actor, ask, ROWS).await
    }

    pub(super) async fn look(&self, actor: &Actor, ask: WeekAsk, most: i64) -> UseResult<SeenWeek> {
        let permit = self
            .watch
            .permit(actor, Room::Statistics, Action::View, "breaches")
            .await?;
        let guard = &self.watch.guard;
        let open = guard.may(actor, Room::Supervision, Action::View).await;
        let now = self.watch.clock.now();
        let monday = week_of(ask.day, local_date(now));
        let mut work = self.store.begin(&permit).await?;
        let week = span(monday);
        let missed = work.breaches().missed(week, ask.narrow.bank).await?;
        let mut rows = if open && ask.narrow.bank.is_some() {
            work.breaches()
                .breaches(week, ask.narrow, most.saturating_add(1))
                .await?
        } else {
            Vec::new()
        };
        drop(work);
        let more = leaf::cut(&mut rows, most);
        Ok(SeenWeek {
            monday,
            now,
            missed,
            rows: self.measured(actor, rows, now)?,
            more,
            open,
        })
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_week_begins_on_monday_and_is_the_last_one_that_is_over_unless_another_is_named() {
        let today = date!(2026 - 11 - 27);
        assert_eq!(week_of(None, today), date!(2026 - 11 - 16));
        assert_eq!(
            week_of(Some(date!(2026 - 11 - 29)), today),
            date!(2026 - 11 - 23)
        );
        assert_eq!(
            week_of(Some(date!(2027 - 03 - 01)), today),
            date!(2026 - 11 - 23),
            "no week of the future"
        );
    }

    #[test]
    fn a_bulletin_is_numbered_by_the_week_of_its_year() {
        assert_eq!(number_of(date!(2026 - 11 - 16)), "超时通报〔2026〕47 号");
        assert_eq!(number_of(date!(2026 - 12 - 28)), "超时通报〔2026〕53 号");
    }
}
