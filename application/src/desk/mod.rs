//! Desk 工作台: what waits at a branch, what is due, what is late, and the lists behind the counts.

pub(crate) mod list;
mod overview;
mod promises;

use std::sync::Arc;

use domain::{
    calendar::{SHANGHAI, WorkCalendar, local_date},
    financing::{ClockKind, Clocks},
};
use time::{Duration, OffsetDateTime};

pub use list::{Board, ListAsk, ListKind};
pub use overview::{DeskCounts, Overview};
pub(crate) use overview::{due_today, overdue, owed};
pub use promises::{Promise, promises};

use crate::{
    access::Actor,
    audit::Watch,
    city::{Cities, City},
    error::{UseError, UseResult},
    ports::{
        branch_board::{BoardRow, BranchQueue, Urgency},
        reference::WorkCalendarSource,
        store::Store,
    },
};

/// The room of the lists.
pub struct Desk {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub queue: Arc<dyn BranchQueue>,
    pub cities: Arc<dyn Cities>,
    pub calendar: Arc<dyn WorkCalendarSource>,
}

/// A row with its clock read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskRow {
    pub row: BoardRow,
    /// `None` when no clock runs.
    pub urgency: Option<Urgency>,
}

impl Desk {
    fn city(&self, actor: &Actor) -> UseResult<Arc<City>> {
        self.cities
            .by_id(actor.city)
            .ok_or_else(UseError::not_found)
    }

    fn read(&self, city: &City, rows: Vec<BoardRow>, now: OffsetDateTime) -> Vec<DeskRow> {
        let calendar = city.work_calendar(&*self.calendar);
        rows.into_iter()
            .map(|row| DeskRow {
                urgency: urgency(city, &calendar, &row, now),
                row,
            })
            .collect()
    }
}

/// How a row's clock stands; a hold stops it.
pub fn urgency(
    city: &City,
    calendar: &WorkCalendar,
    row: &BoardRow,
    now: OffsetDateTime,
) -> Option<Urgency> {
    let kind = ClockKind::of_stage(row.stage).filter(|_| !row.frozen)?;
    let since = row.due_since;
    Some(clock_of(city, calendar, (kind, since), row.due_at?, now))
}

/// The branch's clocks run on working time, the enterprise's own on calendar days (section 4); a clock is read by the limits under
/// which it started, and where nothing says when that was, by those of now.
pub(crate) fn clock_of(
    city: &City,
    calendar: &WorkCalendar,
    (kind, since): (ClockKind, Option<OffsetDateTime>),
    due: OffsetDateTime,
    now: OffsetDateTime,
) -> Urgency {
    let clocks = Clocks {
        eras: &city.clocks,
        calendar,
        pauses: &city.pauses,
    };
    let standing = clocks.read(kind, since.unwrap_or(now), due, now);
    Urgency {
        level: standing.level,
        left: standing.left,
        working: kind.is_working(),
    }
}

/// Midnight in Shanghai at the end of an instant's day.
pub(crate) fn end_of_day(now: OffsetDateTime) -> OffsetDateTime {
    local_date(now)
        .next_day()
        .map_or(now, |day| day.midnight().assume_offset(SHANGHAI))
}

/// Midnight in Shanghai at the start of an instant's week (Monday).
pub(crate) fn start_of_week(now: OffsetDateTime) -> OffsetDateTime {
    let day = local_date(now);
    let back = Duration::days(i64::from(day.weekday().number_days_from_monday()));
    (day - back).midnight().assume_offset(SHANGHAI)
}
