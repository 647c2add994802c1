//! 承诺时限: every clock that runs on an application, the same for the enterprise, the branch and the headquarters (W11, B3).

use domain::{
    calendar::WorkCalendar,
    financing::{ApplicationRecord, ClockKind, running_clocks},
};
use time::OffsetDateTime;

use super::clock_of;
use crate::{city::City, ports::branch_board::Urgency};

/// One promise, and how it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promise {
    pub kind: ClockKind,
    /// When, and how urgent that is; `None` when the calendar does not reach that far: nobody guesses.
    pub due: Option<(OffsetDateTime, Urgency)>,
}

/// The promises that run now, the next one first.
pub fn promises(
    city: &City,
    calendar: &WorkCalendar,
    record: &ApplicationRecord,
    now: OffsetDateTime,
) -> Vec<Promise> {
    running_clocks(record)
        .into_iter()
        .map(|clock| Promise {
            kind: clock.kind,
            due: clock.due.map(|due| {
                let which = (clock.kind, clock.kind.started(record));
                (due, clock_of(city, calendar, which, due, now))
            }),
        })
        .collect()
}
