//! Breaches 超时通报 (G2): what institutions and branches let pass in a week, for the city and its regulator; and 超时原因, which a branch
//! gives. Whoever sees totals only finds no request here.

mod cause;
mod look;
mod take;

use std::sync::Arc;

pub use cause::{GiveCause, OWN_DAYS, OwnBreaches};
pub use look::{SeenWeek, WeekAsk, monday_of, number_of};

use domain::financing::Clocks;
use time::{Duration, OffsetDateTime};

use crate::{
    access::Actor,
    audit::Watch,
    city::Cities,
    error::{UseError, UseResult},
    ports::{breaches::Breach, reference::WorkCalendarSource, store::Store, workbooks::Workbooks},
};

/// The room.
#[derive(Clone)]
pub struct BreachRoom {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub cities: Arc<dyn Cities>,
    pub calendar: Arc<dyn WorkCalendarSource>,
    pub workbooks: Arc<dyn Workbooks>,
}

/// A breach with the working time that it lasted, until now where the step is still owed.
#[derive(Clone, Debug)]
pub struct SeenBreach {
    pub breach: Breach,
    /// `None`: the calendar does not reach that far.
    pub over: Option<Duration>,
}

impl BreachRoom {
    fn measured(
        &self,
        actor: &Actor,
        rows: Vec<Breach>,
        now: OffsetDateTime,
    ) -> UseResult<Vec<SeenBreach>> {
        let city = self.cities.by_id(actor.city);
        let city = city.ok_or_else(UseError::not_found)?;
        let calendar = city.work_calendar(&*self.calendar);
        let clocks = Clocks {
            eras: &city.clocks,
            calendar: &calendar,
            pauses: &city.pauses,
        };
        let seen = rows.into_iter().map(|breach| SeenBreach {
            over: clocks.taken(breach.due_at, breach.ended_at.unwrap_or(now)),
            breach,
        });
        Ok(seen.collect())
    }
}
