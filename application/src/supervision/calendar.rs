//! 工作日历 as the city sees it: how far it reaches, which year is missing, and what waits for that.

use std::{collections::BTreeMap, sync::Arc};

use domain::calendar::{DayKind, WorkCalendar, local_date};
use time::{Date, Month, OffsetDateTime};

use crate::{
    access::{Action, Actor, Room},
    audit::Watch,
    city::Cities,
    error::{UseError, UseResult},
    ports::{
        city_rules::{CityRuleChange, Redating},
        reference::{NamedDay, WorkCalendarSource},
        settings_changes::ChangeStatus,
        store::Store,
    },
    rules::{CityRule, RuleKind},
};

/// Where the page is.
pub const CALENDAR_PAGE: &str = "/operator/calendar";
/// With fewer days than these ahead, the next year's notice should be asked for.
pub const ENOUGH_DAYS: i64 = 60;
/// Changes in which the page looks for who declared a day.
const MOST_CHANGES: i64 = 500;
/// Changes of which the page says what they moved.
const MOST_REDATINGS: i64 = 5;

/// The room.
#[derive(Clone)]
pub struct CalendarRoom {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub cities: Arc<dyn Cities>,
    pub calendar: Arc<dyn WorkCalendarSource>,
}

/// One year that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownYear {
    pub year: i32,
    pub workdays: usize,
}

/// 本市调整: who declared a day, when it was let through, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnDay {
    pub asked_name: String,
    pub settled_name: String,
    pub settled_at: Option<OffsetDateTime>,
    pub reason: String,
}

/// One day of a year that is not as its weekday says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarDay {
    pub date: Date,
    pub kind: DayKind,
    /// What the State Council published of it, with the holiday's name.
    pub published: Option<(DayKind, String)>,
    pub own: Option<OwnDay>,
    /// Nothing is changed of a day that has come.
    pub past: bool,
}

/// What the page says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarSheet {
    pub years: Vec<KnownYear>,
    /// The year that is shown, with its days.
    pub year: i32,
    pub days: Vec<CalendarDay>,
    pub missing: i32,
    /// Days from today to the end of the calendar, today not counted; negative when it has ended.
    pub days_left: i64,
    /// Open requests whose promise has no date because of that.
    pub undated: i64,
    /// A change waits for a second person.
    pub waits: bool,
    pub may_propose: bool,
    /// What the newest changes did to due times, with the first day that each changed.
    pub redatings: Vec<Redating>,
}

/// Days of the calendar that lie ahead.
pub fn days_left(calendar: &WorkCalendar, today: Date) -> i64 {
    let end = Date::from_calendar_date(*calendar.years().end(), Month::December, 31);
    end.map_or(0, |end| (end - today).whole_days())
}

impl CalendarRoom {
    /// One year, this one unless another known one is asked for.
    pub async fn view(&self, actor: &Actor, year: Option<i32>) -> UseResult<CalendarSheet> {
        let permit = self
            .watch
            .permit(actor, Room::Supervision, Action::View, "calendar")
            .await?;
        let city = self.cities.by_id(actor.city);
        let mut city = (*city.ok_or_else(UseError::not_found)?).clone();
        let mut work = self.store.begin(&permit).await?;
        let undated = work.reminders().undated().await?;
        // Who has just changed it sees the change, whatever this process has heard of yet.
        if let Some(days) = work
            .city_rules()
            .city_rule(&RuleKind::WorkDays.into())
            .await?
        {
            days.apply(&mut city);
        }
        let changes = work
            .city_rules()
            .rule_changes(&RuleKind::WorkDays.into(), MOST_CHANGES)
            .await?;
        let redatings = work.city_rules().redatings(MOST_REDATINGS).await?;
        drop(work);
        let calendar = city.work_calendar(&*self.calendar);
        let today = local_date(self.watch.clock.now());
        let known = calendar.years();
        let year = year.filter(|year| known.contains(year));
        let year = year.unwrap_or_else(|| today.year().clamp(*known.start(), *known.end()));
        let guard = &self.watch.guard;
        let waits = changes.iter().any(|c| c.status == ChangeStatus::Open);
        Ok(CalendarSheet {
            years: known
                .clone()
                .map(|year| known_year(&calendar, year))
                .collect(),
            year,
            days: days_of(
                year,
                today,
                self.calendar.named_days(),
                &city.own_days,
                &changes,
            ),
            missing: known.end() + 1,
            days_left: days_left(&calendar, today),
            undated,
            may_propose: !waits && guard.may(actor, Room::Settings, Action::Save).await,
            waits,
            redatings,
        })
    }
}

fn days_of(
    year: i32,
    today: Date,
    published: &[NamedDay],
    own: &BTreeMap<Date, DayKind>,
    changes: &[CityRuleChange],
) -> Vec<CalendarDay> {
    let mut days: BTreeMap<Date, CalendarDay> = BTreeMap::new();
    for day in published.iter().filter(|day| day.date.year() == year) {
        let one = CalendarDay {
            date: day.date,
            kind: day.kind,
            published: Some((day.kind, day.name.clone())),
            own: None,
            past: day.date <= today,
        };
        days.insert(day.date, one);
    }
    for (date, kind) in own.iter().filter(|(date, _)| date.year() == year) {
        let one = days.entry(*date).or_insert_with(|| CalendarDay {
            date: *date,
            kind: *kind,
            published: None,
            own: None,
            past: *date <= today,
        });
        one.kind = *kind;
        one.own = Some(declared(*date, changes));
    }
    days.into_values().collect()
}

/// By the newest change that was let through and changed the day.
fn declared(day: Date, changes: &[CityRuleChange]) -> OwnDay {
    let found = changes.iter().find(|change| {
        let (CityRule::WorkDays(before), CityRule::WorkDays(after)) =
            (&change.before, &change.rule)
        else {
            return false;
        };
        change.status == ChangeStatus::Confirmed && before.get(&day) != after.get(&day)
    });
    OwnDay {
        asked_name: found.map_or_else(String::new, |c| c.asked_name.clone()),
        settled_name: found.map_or_else(String::new, |c| c.settled_name.clone()),
        settled_at: found.and_then(|c| c.settled_at),
        reason: found.map_or_else(String::new, |c| c.reason.clone()),
    }
}

fn known_year(calendar: &WorkCalendar, year: i32) -> KnownYear {
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
