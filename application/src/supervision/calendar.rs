//! 工作日历 as the city sees it: how far it reaches, which year is missing, and what waits for that.

use std::sync::Arc;

use domain::calendar::{WorkCalendar, local_date};
use time::{Date, Month};

use crate::{
    access::{Action, Actor, Room},
    audit::Watch,
    error::UseResult,
    ports::{reference::WorkCalendarSource, store::Store},
};

/// Where the page is.
pub const CALENDAR_PAGE: &str = "/operator/calendar";
/// With fewer days than these ahead, the next year's notice should be asked for.
pub const ENOUGH_DAYS: i64 = 60;

/// The room.
#[derive(Clone)]
pub struct CalendarRoom {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub calendar: Arc<dyn WorkCalendarSource>,
}

/// One year that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownYear {
    pub year: i32,
    pub workdays: usize,
}

/// What the page says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarSheet {
    pub years: Vec<KnownYear>,
    pub missing: i32,
    /// Days from today to the end of the calendar, today not counted; negative when it has ended.
    pub days_left: i64,
    /// Open requests whose promise has no date because of that.
    pub undated: i64,
}

/// Days of the calendar that lie ahead.
pub fn days_left(calendar: &WorkCalendar, today: Date) -> i64 {
    let end = Date::from_calendar_date(*calendar.years().end(), Month::December, 31);
    end.map_or(0, |end| (end - today).whole_days())
}

impl CalendarRoom {
    pub async fn view(&self, actor: &Actor) -> UseResult<CalendarSheet> {
        let permit = self
            .watch
            .permit(actor, Room::Supervision, Action::View, "calendar")
            .await?;
        let calendar = self.calendar.work_calendar();
        let mut work = self.store.begin(&permit).await?;
        let undated = work.reminders().undated().await?;
        Ok(CalendarSheet {
            years: calendar
                .years()
                .map(|year| known(&calendar, year))
                .collect(),
            missing: calendar.years().end() + 1,
            days_left: days_left(&calendar, local_date(self.watch.clock.now())),
            undated,
        })
    }
}

fn known(calendar: &WorkCalendar, year: i32) -> KnownYear {
    let first = Date::from_ordinal_date(year, 1).ok();
    let days = std::iter::successors(first, |day| day.next_day());
    KnownYear {
        year,
        workdays: days
            .take_while(|day| day.year() == year)
            .filter(|day| calendar.is_workday(*day) == Ok(true))
            .count(),
    }
}
