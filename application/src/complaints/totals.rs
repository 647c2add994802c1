//! 投诉汇总 (W21, last step): what the regulator reads of complaints, by institution and in numbers alone, and how many are late beyond
//! what was promised.

use domain::calendar::local_date;
use time::{Date, OffsetDateTime};

use super::ComplaintRoom;
use crate::{
    access::{Action, Actor, Room},
    error::UseResult,
    ports::complaints::ComplaintTotals,
    statistics::month_of,
};

/// A month by institution.
#[derive(Clone, Debug)]
pub struct SeenTotals {
    /// Its first day.
    pub month: Date,
    pub now: OffsetDateTime,
    pub rows: Vec<ComplaintTotals>,
    /// Complaints of any month that still wait, a working day and more after they were due.
    pub late: i64,
    /// This person may read the complaints themselves.
    pub open: bool,
}

impl ComplaintRoom {
    /// For whoever reads statistics; no complaint and no enterprise is in it.
    pub async fn totals(&self, actor: &Actor, month: Option<Date>) -> UseResult<SeenTotals> {
        let permit = self
            .watch
            .permit(actor, Room::Statistics, Action::View, "complaints")
            .await?;
        let guard = &self.watch.guard;
        let open = guard.may(actor, Room::Complaints, Action::View).await;
        let now = self.watch.clock.now();
        let this = month_of(local_date(now));
        let month = month.map_or(this, month_of).min(this);
        let mut work = self.store.begin(&permit).await?;
        let rows = work.complaints().complaint_totals(month, now).await?;
        let late = work.complaints().late_complaints().await?;
        Ok(SeenTotals {
            month,
            now,
            rows,
            late,
            open,
        })
    }
}
