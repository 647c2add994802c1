//! Which months are due, and the report of a month once it is over.

use domain::calendar::local_date;
use time::{Date, Duration};

use super::{
    Reporter,
    paper::{Facts, Paper},
};
use crate::{
    access::Permit,
    city::City,
    error::{UseError, UseResult},
    ports::{
        province::{InstitutionKind, ProvinceReport, ReportState, Schedule},
        statistics::{Dimension, Span, Sums},
        store::UnitOfWork,
    },
    statistics::{month_end, month_of},
};

/// Months that one round makes up for after a pause.
const MOST_MONTHS: usize = 24;
/// Changes of the statistics that are counted at a time before the figures are read.
const BATCH: i64 = 1_000;

fn month_before(day: Date) -> Date {
    month_of(month_of(day) - Duration::days(1))
}

fn month_after(day: Date) -> Date {
    month_end(day) + Duration::days(1)
}

/// Months to report: those after the newest one; where there is none, from the first that is to be told.
fn due_months(today: Date, schedule: Schedule, newest: Option<Date>) -> Vec<Date> {
    // Before its day the last month is not told yet.
    let over = month_before(today);
    let is_its_day = today.day() >= schedule.day;
    let last = if is_its_day { over } else { month_before(over) };
    let first = match (newest, schedule.from) {
        (Some(newest), _) => month_after(newest),
        (None, Some(from)) => month_of(from),
        // Nobody asked for the past.
        (None, None) => over,
    };
    let mut months = Vec::new();
    let mut month = first;
    while month <= last && months.len() < MOST_MONTHS {
        months.push(month);
        month = month_after(month);
    }
    months
}

impl Reporter {
    /// Makes what is due; answers how many reports there are more.
    pub(super) async fn make(&self, permit: &Permit, schedule: Schedule) -> UseResult<usize> {
        let city = self.cities.by_id(permit.city());
        let city = city.ok_or_else(UseError::not_found)?;
        let today = local_date(self.clock.now());
        let mut work = self.store.begin(permit).await?;
        let newest = work.province_reports().newest_month().await?;
        let mut months = work.province_reports().replaced_months().await?;
        months.extend(due_months(today, schedule, newest));
        if months.is_empty() {
            return Ok(0);
        }
        // Exactly what 统计分析 shows, with nothing left to be counted and nobody counting.
        work.statistics().alone().await?;
        while work.statistics().count_due(BATCH).await? > 0 {}
        let kinds = work.province_reports().institution_kinds().await?;
        let mut made = 0;
        for month in months {
            let report = self.report(&mut *work, &city, month, &kinds).await?;
            made += usize::from(work.province_reports().add_report(&report).await?);
        }
        work.commit().await?;
        Ok(made)
    }

    async fn report(
        &self,
        work: &mut dyn UnitOfWork,
        city: &City,
        month: Date,
        kinds: &[InstitutionKind],
    ) -> UseResult<ProvinceReport> {
        let span = Span {
            from: month,
            to: month_end(month),
        };
        let months = work.statistics().months(span).await?;
        let districts = work.statistics().parts(Dimension::Region, span).await?;
        let institutions = work.statistics().parts(Dimension::Bank, span).await?;
        let (id, at) = (self.clock.new_id(), self.clock.now());
        let facts = Facts {
            id,
            city,
            month,
            made_at: at,
            total: months
                .iter()
                .fold(Sums::default(), |all, (_, sums)| all.and(sums)),
            districts: &districts,
            institutions: &institutions,
            kinds,
        };
        let paper = Paper::new(&facts, &*self.regions);
        Ok(ProvinceReport {
            id,
            month,
            body: serde_json::to_string(&paper).map_err(UseError::bug)?,
            made_at: at,
            state: ReportState::Waiting,
            tries: 0,
            since: at,
            next_at: Some(at),
            silence: None,
            reason: String::new(),
            receipt: String::new(),
            settled_at: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    const ONLY_THE_LAST: Schedule = Schedule { day: 5, from: None };

    #[test]
    fn a_month_is_due_from_its_day_on_and_none_is_left_out_after_a_pause() {
        let due = |today, newest| due_months(today, ONLY_THE_LAST, newest);
        assert_eq!(due(date!(2026 - 11 - 04), None), []);
        assert_eq!(due(date!(2026 - 11 - 05), None), [date!(2026 - 10 - 01)]);
        let newest = Some(date!(2026 - 10 - 01));
        assert_eq!(due(date!(2026 - 11 - 30), newest), []);
        assert_eq!(due(date!(2026 - 12 - 04), newest), []);
        assert_eq!(due(date!(2026 - 12 - 05), newest), [date!(2026 - 11 - 01)]);
        assert_eq!(
            due(date!(2027 - 02 - 04), newest),
            [date!(2026 - 11 - 01), date!(2026 - 12 - 01)]
        );
    }

    #[test]
    fn a_city_may_tell_of_earlier_months_once() {
        let schedule = Schedule {
            day: 5,
            from: Some(date!(2026 - 08 - 17)),
        };
        let due = |today, newest| due_months(today, schedule, newest);
        assert_eq!(
            due(date!(2026 - 11 - 01), None),
            [date!(2026 - 08 - 01), date!(2026 - 09 - 01)]
        );
        assert_eq!(due(date!(2026 - 08 - 20), None), []);
        let newest = Some(date!(2026 - 09 - 01));
        assert_eq!(due(date!(2026 - 11 - 05), newest), [date!(2026 - 10 - 01)]);
        let long = due(date!(2031 - 01 - 05), None);
        assert_eq!(long.len(), MOST_MONTHS, "a round is not endless");
    }
}
